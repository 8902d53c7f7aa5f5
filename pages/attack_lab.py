"""Attack lab: real attacks made on the spot, judged by the same check as everybody, and why they end as they do."""

import streamlit as st

from ui import cards, house, lab, lab_victim, lab_wording

st.title("Attack lab")
st.markdown(
    "Make a deepfake of somebody, or another forgery, and let it take the check. It is judged by the very code that "
    "judges you on **Verify a selfie**. Then see what found it out, and what did not."
)
cards.simulated_badge()
with house.errors_told():
    if lab.running():
        st.empty()  # in place of the choice, which would otherwise stay in sight while the attack is made
        lab.show()
    else:
        with st.container():
            st.caption(f":material/policy: {lab_wording.MISUSE}")
            st.subheader("1. Who is attacked?")
            victim = lab_victim.choose()
            st.subheader("2. How?")
            lab.choose(ready=bool(victim))
