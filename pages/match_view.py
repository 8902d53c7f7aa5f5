"""Match view: why the latest check came out as it did."""

import streamlit as st

from ui import cards, house, looking, routes, samples, sampling, state, trying
from ui.cameras import registered

st.title("Match view")
cards.show_notes()
made = state.latest_check()
if made is None:
    st.info("Nothing was checked yet. Check a photo first, or look at a sample.", icon=":material/frame_inspect:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(routes.CHECK, label="Check a photo", icon=":material/frame_inspect:")
        sample = st.button("Show me a sample", icon=":material/science:", type="primary")
    with house.errors_told():
        if sample:
            sampling.enrol_samples()
            doctored = samples.photos_to_check(samples.CAMERAS[0])[2]
            trying.run(samples.BEST, registered(), [doctored.photo], None, doctored.truth)
            st.rerun()
    st.stop()

cards.show_outcome(made)
cards.explain_score()
looking.show_peak(made)
if not made.native:
    st.info("The photo was found shifted, cropped or zoomed, so maps cannot be laid over the fingerprint.")
    st.stop()
looking.show_map(made)
looking.show_region(made)
looking.show_noise(made)
