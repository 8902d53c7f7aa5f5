"""Liveness on a video: whether the person in it blinks, looks around and turns the head."""

import streamlit as st

from ui import following

st.title("Liveness on a video")
st.markdown(
    "Living people **blink, look around and turn their heads**; a photo held into the camera does not. Give a video, "
    "and see frame by frame what was found in it. It tells photos from people, but **not deepfakes from people**."
)

place = st.container()
challenge, overlay = following.choose_options()
with place:
    video = following.choose_video()
if video:
    following.run(video, challenge, overlay)

if watched := following.latest():
    st.divider()
    following.show_outcome(watched)
    following.show_challenge(watched)
    following.show_votes(watched)
    following.show_signals(watched)
    following.show_overlay(watched)
