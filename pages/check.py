"""Check a photo: whether a registered camera took it, or whether it is a customer with an enrolled camera."""

import streamlit as st

from ui import cards, house, photos, proving, routes, sampling, state, trying
from ui.cameras import cameras_of

st.title("Check a photo")
cards.show_notes()
with house.errors_told():
    customers = house.opened().customers()
    cameras = cameras_of(customers)
    if not cameras:
        if cards.no_camera_yet():
            sampling.enrol_samples()
            st.session_state["photo_source"] = "Sample photos"
            st.rerun()
        st.stop()

    question = st.segmented_control(
        "What do you want to know?",
        [trying.QUESTION, proving.QUESTION],
        required=True,
        key=state.start_with("question", trying.QUESTION),
        persist_state="session",
    )
    by_camera = question == trying.QUESTION
    left, right = st.columns(2)
    with left:
        name = trying.choose_camera(cameras) if by_camera else proving.choose_customer(customers)
    with right:
        source = st.segmented_control(
            "Photos",
            ["My photos", "Sample photos"],
            required=True,
            key=state.start_with("photo_source", "My photos"),
            persist_state="session",
        )
    if not by_camera:
        proving.caution()
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
        chosen, truth = trying.sample_choice(trying.sample_of(cameras, name))

    if not by_camera:
        if chosen:
            proving.run(name, chosen, truth)
        if proof := state.latest_proof():
            st.divider()
            proving.show(proof)
        st.stop()

    search = trying.search_settings()
    if chosen:
        trying.run(name, cameras, chosen, search, truth)
    if made := state.latest_check():
        st.divider()
        cards.show_outcome(made)
        with st.container(horizontal=True):
            cards.explain_score()
            if st.button("See why: match view", icon=":material/landscape_2:", type="primary"):
                st.switch_page(routes.MATCH_VIEW)
        trying.show_ranking(made)
