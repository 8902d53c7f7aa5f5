"""The pages and their order: what `app.py` runs for each visitor.

Streamlit puts this script's folder in front of the path of imports, so no file here may be called as a package is:
beside `ui/shell/bank.py`, `import bank` would find that.
"""

import streamlit as st

from ui.shell import links
from ui.shell.browser import on_phone
from ui.shell.look import dress
from ui.shell.preparation import prepare
from ui.widgets import reading

# First, or browsers would fetch the page's symbol as the tab's icon, from a server that is not ours.
st.set_page_config(page_title="LensLock", page_icon="assets/icon.png", layout="wide")

page = st.navigation(
    {
        "Start": [
            st.Page(links.START, title="Start", icon=":material/home:", default=True),
            st.Page(links.SAMPLE, title="Sample check", icon=":material/science:"),
        ],
        "Verify": [
            st.Page(links.REGISTER_LIVE, title="Register live", icon=":material/videocam:"),
            st.Page(links.REGISTER, title="Register from photos", icon=":material/add_a_photo:"),
            st.Page(links.VERIFY, title="Verify a selfie", icon=":material/verified_user:"),
            st.Page(links.CHECK, title="Check a photo", icon=":material/frame_inspect:"),
        ],
        "Attack": [
            st.Page(links.ATTACK_LAB, title="Attack lab", icon=":material/bolt:"),
        ],
        "Inspect": [
            st.Page(links.MATCH_VIEW, title="Match view", icon=":material/landscape_2:"),
            st.Page(links.LIVENESS_VIDEO, title="Liveness on a video", icon=":material/visibility:"),
            st.Page(links.CUSTOMERS, title="Customers", icon=":material/groups:"),
            st.Page(links.AUDIT_LOG, title="Audit log", icon=":material/history:"),
        ],
        "Learn": [
            st.Page(links.LEARN, title="How it works", icon=":material/school:"),
            st.Page(links.SETTINGS, title="Settings", icon=":material/settings:"),
            st.Page(links.CONTINUE, title="Continue on the phone", url_path="continue", visibility="hidden"),
        ],
    }
)
name = "LensLock" if page.url_path == "" else f"{page.title} · LensLock"
st.set_page_config(
    page_title=name,
    page_icon="assets/icon.png",
    layout="wide",
    initial_sidebar_state="collapsed" if on_phone() else "auto",  # on its side, a phone has no room for both
)
dress()
reading.mount()
page.run()
if st.runtime.exists():
    prepare()
