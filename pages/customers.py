"""Customers: who is enrolled with what, exporting and deleting it, and whether anything was changed from outside."""

import streamlit as st

from bank.errors import Tampered
from ui import cards, customers, house, sampling

st.title("Customers")
st.markdown(
    "Who can be verified here: each with a **face**, kept as 128 numbers that photos are compared with (template), and "
    "one or more **cameras**, kept as fingerprints of their sensor noise."
)
cards.show_notes()
with house.errors_told():
    try:
        enrolled = house.opened().customers()
    except Tampered as error:
        customers.rescue(error)
        st.stop()
    if not enrolled and customers.nobody_yet():
        sampling.enrol_samples()
        st.rerun()
    for customer in enrolled:
        customers.show(customer)
    if enrolled:
        customers.integrity_check()
    customers.how_kept()
