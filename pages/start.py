"""Start: what this is, and the two doors into it."""

import streamlit as st

from ui.results import sample as sample_material
from ui.sample import check, customer
from ui.shell import links
from ui.shell.bank import bank_errors_told, sent_elsewhere, the_bank
from ui.shell.session import PHOTO_SOURCE
from ui.widgets.phone_door import lan_door

st.title("LensLock")
st.markdown(
    "##### A face can be faked; the sensor behind it hardly.\n\n"
    "LensLock checks a selfie twice: is this the enrolled person, alive and answering, and did the enrolled camera "
    "take it? Every sensor prints a faint fixed pattern on every picture, like a fingerprint that nobody sees (sensor "
    "noise, PRNU), and a picture that was only computed lacks it. You register a camera once, which takes a minute; a "
    "check takes half a minute."
)
st.image(
    "assets/idea.png",
    width="stretch",
    caption="Two portraits that look alike. The first was taken by the registered camera, the second only computed. Their "
    "noise is laid over the camera's fingerprint, and the score says how sharply they agree. All of it is simulated.",
    alt="Two portraits, the noise of each, and the fingerprint that it is laid over. The first one's score is in the "
    "thousands, with a tick; the second one's is 0, with a cross.",
)

own, sample = st.columns(2, border=True)
with own:
    with st.container(height="stretch"):
        st.markdown("##### :material/videocam: You have a camera")
        st.markdown("Register yourself with your webcam or phone, then pass the check, or try to fool it.")
    use_own = st.button("Use my camera", type="primary", width="stretch")
with sample:
    with st.container(height="stretch"):
        st.markdown("##### :material/science: Just show me")
        st.markdown("Watch a simulated person pass, another camera fail, and a deepfake fail. Ten seconds each.")
    show_sample = st.button("Show me with sample material", type="primary", width="stretch")

st.page_link(links.ATTACK_LAB, label="Or attack it: make a deepfake, and see what stops it", icon=":material/bolt:")
st.markdown("Or work with photos only, which say nothing of who is there right now:")
with st.container(horizontal=True, vertical_alignment="center"):
    st.page_link(links.REGISTER, label="Register from photos", icon=":material/add_a_photo:")
    st.page_link(links.CHECK, label="Check a photo", icon=":material/frame_inspect:")
    use_cameras = st.button("Use sample cameras", icon=":material/science:", type="tertiary")

lan_door()
but = f" but {sent}" if (sent := sent_elsewhere()) else ""
st.caption(
    f":material/lock: Images stay on the machine that runs this app. Nothing is sent elsewhere{but}, and photos are "
    "not kept: only what is computed from the faces and cameras that you enrol, and that is encrypted."
)

with bank_errors_told():
    if use_own:
        people = [one for one in the_bank().customers() if one.cameras and not sample_material.is_simulated(one.name)]
        st.switch_page(links.VERIFY if people else links.REGISTER_LIVE)
    if show_sample:
        check.play("genuine")
        st.switch_page(links.SAMPLE)
    if use_cameras:
        customer.enrol_samples()
        PHOTO_SOURCE.put("Sample photos")
        st.switch_page(links.CHECK)
