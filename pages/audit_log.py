"""Audit log: everything that the bank did and decided, and proof that nobody changed the record."""

import streamlit as st

from ui.audit_log import trail
from ui.shell import links
from ui.shell.bank import bank_errors_told
from ui.shell.visit import at_this_computer

st.title("Audit log")
st.markdown(
    "Every registration, verification, export and deletion, with each score, threshold and reason. Entries are only "
    "ever added, and hold ids and figures: **no names, no pictures, no templates**."
)
with bank_errors_told():
    status = trail.show_chain()
    if status is None:
        also = ": on the pages, and on the command line (`python -m bank --help`)" if at_this_computer() else ""
        st.info(
            f"Nothing is written down yet. Whoever is registered, verified, exported or deleted is noted here{also}.",
            icon=":material/history:",
        )
        with st.container(horizontal=True):
            st.page_link(links.REGISTER_LIVE, label="Register live", icon=":material/videocam:")
            st.page_link(links.VERIFY, label="Verify a selfie", icon=":material/verified_user:")
        st.stop()
    st.subheader("Entries")
    trail.browse(trail.names(), status)
