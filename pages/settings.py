"""Settings: by which rules live checks are decided, what this installation is, and what a browser can do."""

import streamlit as st

from ui.settings import overview
from ui.shell.bank import bank_errors_told

st.title("Settings")
st.subheader("Check my browser")
overview.check_browser()

with bank_errors_told():
    st.subheader("Rules of the live check")
    overview.choose_profile()
    overview.show_thresholds()
    st.subheader("This installation")
    overview.show_installation()
