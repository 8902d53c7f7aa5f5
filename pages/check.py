"""Check a photo: whether a registered camera took it, or whether it is a customer with an enrolled camera."""

import streamlit as st

from ui.photo_check import form
from ui.results.camera import cameras_of
from ui.results.photo_check import Check
from ui.sample import customer
from ui.shell import links
from ui.shell.bank import bank_errors_told, the_bank
from ui.shell.session import PHOTO_SOURCE, latest_check, latest_proof, start_with
from ui.verify import from_photos
from ui.widgets import cards
from ui.widgets.customer_choice import choose_customer
from ui.widgets.photo_group import show_group

st.title("Check a photo")
cards.show_notes()
with bank_errors_told():
    customers = the_bank().customers()
    cameras = cameras_of(customers)
    if not cameras:
        if cards.no_camera_yet():
            customer.enrol_samples()
            PHOTO_SOURCE.put("Sample photos")
            st.rerun()
        st.stop()

    question = st.segmented_control(
        "What do you want to know?",
        [form.QUESTION, from_photos.QUESTION],
        required=True,
        key=start_with("question", form.QUESTION),
        persist_state="session",
    )
    by_camera = question == form.QUESTION
    left, right = st.columns(2)
    with left:
        name = form.choose_camera(cameras) if by_camera else choose_customer(customers)
    with right:
        source = st.segmented_control(
            "Photos",
            ["My photos", "Sample photos"],
            required=True,
            key=start_with(PHOTO_SOURCE.key, "My photos"),
            persist_state="session",
        )
    if not by_camera:
        from_photos.caution()
    chosen, truth = [], ""
    if source == "My photos":
        chosen = form.upload_choice()
    else:
        chosen, truth = form.sample_choice(form.sample_of(cameras, name))

    if not by_camera:
        if chosen:
            from_photos.run(name, chosen, truth)
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
                st.switch_page(links.MATCH_VIEW)
        if isinstance(made, Check):
            form.show_ranking(made)
