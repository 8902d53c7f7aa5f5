"""Verify a selfie: an enrolled person, live, with an enrolled camera."""

import streamlit as st

from ui.shell.bank import bank_errors_told, the_bank
from ui.verify import live
from ui.widgets import cards

st.title("Verify a selfie")
with bank_errors_told():
    customers = the_bank().customers()
    if live.RUN.running:
        live.RUN.show()
    elif any(customer.cameras for customer in customers):
        st.markdown(
            "Say who you are, look into the camera, and do what is asked. It takes half a minute: blinks, glances and "
            "a turn of the head show that somebody is there (liveness), and lossless stills taken meanwhile show "
            "the sensor's pattern (PRNU)."
        )
        claimed = live.choose(customers)
        label = "Start the check"
        if st.button(label, type="primary", icon=":material/verified_user:", disabled=not claimed) and claimed:
            live.RUN.begin(claimed)
            st.rerun()
        live.what_it_does_not_stop()
    else:
        cards.nobody_to_verify()
