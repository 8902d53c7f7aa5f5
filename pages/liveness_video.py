"""Liveness on a video: whether the person in it blinks, looks around and turns the head."""

import streamlit as st

from ui.liveness_video import viewer

st.title("Liveness on a video")
st.markdown(
    "Living people **blink, look around and turn their heads**; a photo held into the camera does not. Give a video, "
    "and see frame by frame what was found in it. It tells photos from people, but **not deepfakes from people**."
)

place = st.container()
challenge, overlay = viewer.choose_options()
with place:
    video = viewer.choose_video()
if video:
    viewer.run(video, challenge, overlay)

if watched := viewer.latest():
    st.divider()
    viewer.show_outcome(watched)
    viewer.show_challenge(watched)
    viewer.show_votes(watched)
    viewer.show_signals(watched)
    viewer.show_overlay(watched)
