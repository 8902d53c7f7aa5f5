"""Match view: why the latest check came out as it did."""

import streamlit as st

from ui import cards, looking, registering, routes, samples, state, trying

st.title("Match view")
made = state.latest_check()
if made is None:
    st.info("Nothing was checked yet. Check a photo first, or look at a sample.", icon=":material/frame_inspect:")
    with st.container(horizontal=True):
        st.page_link(routes.CHECK, label="Check a photo", icon=":material/frame_inspect:")
        sample = st.button("Show me a sample", icon=":material/science:", type="primary")
    if sample:
        registering.register_samples()
        doctored = samples.photos_to_check(samples.CAMERAS[0])[2]
        trying.run(samples.CAMERAS[0], samples.CAMERAS, [doctored.photo], None, doctored.truth)
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
