"""Match view: why an attempt, or the latest check of photos, came out as it did."""

import streamlit as st

from ui import attempts, cards, looking, matching

st.title("Match view")
cards.show_notes()
shown = matching.choose()
if shown is None:
    matching.nothing_yet()
elif isinstance(shown, attempts.Attempt):
    matching.show(shown)
else:
    looking.show(shown)
