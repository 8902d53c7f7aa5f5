"""Register live: the camera from a sheet of paper before its lens, the face from a few looks into it."""

import streamlit as st

from ui.register import live
from ui.shell.bank import bank_errors_told, the_bank

st.title("Register live")
with bank_errors_told():
    the_bank()  # or say what is wrong before anybody opens a camera
    if live.RUN.running:
        live.RUN.show()
    else:
        st.markdown(
            "A minute with the camera that you will use later: **hold a white sheet of paper close before the lens** "
            "until its fingerprint is clear enough, then **look into it** for your face. Pictures stay on the machine "
            "that runs this app, and are not kept."
        )
        live.ask()
