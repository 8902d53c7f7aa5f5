"""The pages and their order: what `app.py` runs for each visitor."""

import streamlit as st

from ui import routes

st.set_page_config(page_title="LensLock", page_icon="assets/icon.png", layout="wide")

page = st.navigation(
    {
        "Start": [
            st.Page(routes.START, title="Start", icon=":material/home:", default=True),
        ],
        "Verify": [
            st.Page(routes.REGISTER_LIVE, title="Register live", icon=":material/videocam:"),
            st.Page(routes.REGISTER, title="Register from photos", icon=":material/add_a_photo:"),
            st.Page(routes.VERIFY, title="Verify a selfie", icon=":material/verified_user:"),
            st.Page(routes.CHECK, title="Check a photo", icon=":material/frame_inspect:"),
        ],
        "Attack": [
            st.Page(routes.ATTACK_LAB, title="Attack lab", icon=":material/bolt:"),
            st.Page(routes.SAMPLE, title="Sample check", icon=":material/science:"),
        ],
        "Inspect": [
            st.Page(routes.MATCH_VIEW, title="Match view", icon=":material/landscape_2:"),
            st.Page(routes.LIVENESS_VIDEO, title="Liveness on a video", icon=":material/visibility:"),
            st.Page(routes.CUSTOMERS, title="Customers", icon=":material/groups:"),
            st.Page(routes.AUDIT_LOG, title="Audit log", icon=":material/history:"),
        ],
        "Learn": [
            st.Page(routes.LEARN, title="How it works", icon=":material/school:"),
            st.Page(routes.SETTINGS, title="Settings", icon=":material/settings:"),
            st.Page(routes.CONTINUE, title="Continue on the phone", url_path="continue", visibility="hidden"),
        ],
    }
)
page.run()
