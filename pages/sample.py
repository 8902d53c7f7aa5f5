"""Sample check: the live check with somebody who is not there, for whoever has no camera at hand."""

import streamlit as st

from ui import cards, house, sample_check

st.title("Sample check")
st.markdown(
    "No camera is needed: a portrait that can move plays the person, simulated sensors play the cameras. Everything "
    "else is the real check, the same code that judges you on **Verify a selfie**. It takes about ten seconds."
)
cards.simulated_badge()
with house.errors_told():
    if sample_check.running():
        sample_check.choose_again()
        sample_check.show()
    else:
        sample_check.choose()
