"""Continue on the phone: a check that began on another screen goes on with this phone's camera."""

import streamlit as st

from ui.phone import handover

st.title("Your phone as the camera")
found = handover.arrived()
if found:
    handover.go_on(*found)
else:
    handover.scan()
