"""Customers: who is enrolled with what, exporting and deleting it, and whether anything was changed from outside."""

import streamlit as st

from bank.errors import Tampered
from ui.customers import directory
from ui.sample import customer as sample_customer
from ui.shell.bank import bank_errors_told, the_bank
from ui.widgets import cards

st.title("Customers")
st.markdown(
    "Who can be verified here: each with a **face**, kept as 128 numbers that photos are compared with (template), and "
    "one or more **cameras**, kept as fingerprints of their sensor noise."
)
cards.show_notes()
with bank_errors_told():
    try:
        enrolled = the_bank().customers()
    except Tampered as error:
        directory.rescue(error)
        st.stop()
    if not enrolled and directory.nobody_yet():
        sample_customer.enrol_samples()
        st.rerun()
    for customer in directory.addressed(enrolled):
        directory.show(customer)
    if enrolled:
        directory.integrity_check()
    directory.how_kept()
