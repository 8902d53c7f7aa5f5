"""Attack lab: real attacks made on the spot, judged by the same check as everybody, and why they end as they do."""

import streamlit as st

from ui.attack_lab import choice, run
from ui.attack_lab import victim as victim_
from ui.shell.bank import bank_errors_told
from ui.text import attack_lab
from ui.widgets import cards

st.title("Attack lab")
with bank_errors_told():
    if run.RUN.running:
        st.empty()  # in place of the choice, which would otherwise stay in sight while the attack is made
        run.show()
    else:
        st.markdown(
            "Make a deepfake of somebody, or another forgery, and let it take the check. It is judged by the very "
            "code that judges you on **Verify a selfie**. Then see what found it out, and what did not."
        )
        cards.simulated_badge()
        with st.container():
            st.caption(f":material/policy: {attack_lab.MISUSE}")
            st.subheader("1. Who is attacked?")
            victim = victim_.choose()
            st.subheader("2. How?")
            choice.choose(run.begin, ready=bool(victim))
