"""Register live: the camera from a sheet of paper before its lens, the face from a few looks into it."""

import streamlit as st

from ui import house, registering_live

st.title("Register live")
with house.errors_told():
    house.opened()  # or say what is wrong before anybody opens a camera
    if registering_live.running():
        registering_live.show()
    else:
        st.markdown(
            "A minute with the camera that you will use later: **hold a white sheet of paper close before the lens** "
            "until its fingerprint is clear enough, then **look into it** for your face. Pictures stay on the machine "
            "that runs this app, and are not kept."
        )
        registering_live.ask()
