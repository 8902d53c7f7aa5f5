"""Match view: why an attempt, or the latest check of photos, came out as it did."""

import streamlit as st

from ui.match_view import of_attempt, of_figures, of_photos
from ui.results import attempt
from ui.widgets import cards

st.title("Match view")
cards.show_notes()
shown = of_attempt.choose()
if shown is None:
    of_attempt.nothing_yet()
elif isinstance(shown, str):
    of_figures.show(shown)
elif isinstance(shown, attempt.Attempt):
    of_attempt.show(shown)
else:
    of_photos.show(shown)
