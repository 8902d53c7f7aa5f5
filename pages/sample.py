"""Sample check: the live check with somebody who is not there, for whoever has no camera at hand."""

import streamlit as st

from ui.sample import check
from ui.shell.bank import bank_errors_told
from ui.widgets import cards

st.title("Sample check")
with bank_errors_told():
    if check.RUN.running:
        check.RUN.show()
        check.choose_again()
    else:
        st.markdown(
            "No camera is needed: a portrait that can move plays the person, simulated sensors play the cameras. "
            "Everything else is the real check, the same code that judges you on **Verify a selfie**. It takes about "
            "ten seconds."
        )
        cards.simulated_badge()
        check.choose()
