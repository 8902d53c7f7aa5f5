"""Check a photo: tell whether a registered camera took it."""

import streamlit as st

from prnu import FingerprintError, ImageError
from ui import cards, photos, registering, routes, samples, state, trying
from ui.cameras import registered

st.title("Check a photo")
cameras = [camera.name for camera in registered() if not camera.problem]
if not cameras:
    if cards.no_camera_yet():
        registering.register_samples()
        st.session_state["photo_source"] = "Sample photos"
        st.rerun()
    st.stop()

left, right = st.columns(2)
name = left.selectbox(
    "Registered camera",
    [*cameras, trying.ALL],
    index=trying.first_choice(cameras),
    key="camera",
    persist_state="session",
)
with right:
    source = st.segmented_control(
        "Photos",
        ["My photos", "Sample photos"],
        required=True,
        key=state.start_with("photo_source", "My photos"),
        persist_state="session",
    )
chosen, truth = [], ""
if source == "My photos":
    files = st.file_uploader(
        "One photo, or several of the same scene or session: they count together",
        photos.TYPES,
        accept_multiple_files=True,
        key="check_files",
    )
    label = "Check the photo" if len(files) < 2 else f"Check {len(files)} photos together"
    if st.button(label, type="primary", icon=":material/frame_inspect:", disabled=not files):
        chosen = photos.from_uploads(files)
else:
    chosen, truth = trying.sample_choice(name if name in samples.CAMERAS else samples.CAMERAS[0])

search = trying.search_settings()
if chosen:
    try:
        trying.run(name, cameras, chosen, search, truth)
    except ImageError as error:
        state.keep_check(None)
        cards.show_image_error(error, chosen)
    except FingerprintError as error:
        state.keep_check(None)
        st.error(str(error), icon=":material/error:")

if made := state.latest_check():
    st.divider()
    cards.show_outcome(made)
    with st.container(horizontal=True):
        cards.explain_score()
        if st.button("See why: match view", icon=":material/landscape_2:", type="primary"):
            st.switch_page(routes.MATCH_VIEW)
    trying.show_ranking(made)
