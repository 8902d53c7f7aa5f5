"""Check a photo: whether a registered camera took it, or whether it is a customer with an enrolled camera."""

import streamlit as st

from ui.photo_check import form, history
from ui.results.camera import cameras_of
from ui.results.photo import Photo
from ui.results.photo_check import Check
from ui.sample import customer
from ui.shell import addresses, links
from ui.shell.bank import bank_errors_told, the_bank
from ui.shell.session import QUESTION, latest_check, latest_proof, start_with
from ui.verify import from_photos
from ui.widgets import cards
from ui.widgets.photo_group import show_group

st.title("Check a photo")
cards.show_notes()
with bank_errors_told():
    customers = the_bank().customers()
    cameras = cameras_of(customers)
    if not cameras:
        if cards.no_camera_yet():
            customer.show_samples()
            st.rerun()
        st.stop()

    question = st.segmented_control(
        "What do you want to know?",
        [form.QUESTION, from_photos.QUESTION],
        required=True,
        key=start_with(QUESTION.key, form.QUESTION),
        persist_state="session",
    )
    by_camera = question == form.QUESTION
    left, right = st.columns(2)
    with right:
        samples = form.choose_source()
    if samples and not form.sample_cameras(cameras):
        if form.no_samples_yet():
            customer.enrol_samples()
            st.rerun()
        st.stop()
    name, person = form.ALL, None
    with left:
        if by_camera:
            name = form.choose_camera(form.sample_cameras(cameras) if samples else cameras)
        else:
            person = from_photos.choose(customers, samples)
    chosen: list[Photo] = []
    truth = ""
    if by_camera or from_photos.ready(person):
        chosen, truth = form.sample_choice(form.sample_of(cameras, name)) if samples else (form.upload_choice(), "")

    if not by_camera:
        if person and chosen:
            from_photos.run(person, chosen, truth)
        if proof := latest_proof():
            st.divider()
            from_photos.show(proof)
        st.stop()

    search = form.search_settings()
    if chosen:
        form.run(name, cameras, chosen, search, truth)
    if made := latest_check():
        st.divider()
        cards.show_outcome(made) if isinstance(made, Check) else show_group(made)
        with st.container(horizontal=True):
            cards.explain_score()
            if st.button("See why: match view", icon=":material/landscape_2:", type="primary"):
                st.switch_page(links.MATCH_VIEW, query_params=addresses.CHECK.given(made.key))
        if isinstance(made, Check):
            form.show_ranking(made)
    history.show()
