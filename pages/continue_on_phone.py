"""Continue on the phone: a check that began on another screen goes on with this phone's camera."""

import streamlit as st

from ui import pairing

st.title("Your phone as the camera")
found = pairing.arrived()
if found:
    pairing.go_on(*found)
else:
    pairing.scan()
