"""Settings: by which rules live checks are decided, what this installation is, and what a browser can do."""

import streamlit as st

from ui import house, settings

st.title("Settings")
st.subheader("Check my browser")
settings.check_browser()

with house.errors_told():
    st.subheader("Rules of the live check")
    settings.choose_profile()
    settings.show_thresholds()
    st.subheader("This installation")
    settings.show_installation()
