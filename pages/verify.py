"""Verify a selfie: an enrolled person, live, with an enrolled camera."""

import streamlit as st

from ui import cards, house, verifying

st.title("Verify a selfie")
with house.errors_told():
    customers = [customer for customer in house.opened().customers() if customer.cameras]
    if verifying.running():
        verifying.show()
    elif customers:
        st.markdown(
            "Say who you are, look into the camera, and do what is asked. It takes half a minute: blinks, glances and "
            "a turn of the head show that somebody is there (liveness), and lossless stills taken meanwhile show "
            "the sensor's pattern (PRNU)."
        )
        claimed = verifying.choose(customers)
        if st.button("Start the check", type="primary", icon=":material/verified_user:"):
            verifying.begin(claimed)
            st.rerun()
        verifying.what_it_does_not_stop()
    else:
        cards.nobody_to_verify()
