"""Start: what this is, and the doors into it."""

import streamlit as st

from ui import house, routes, sampling

st.title("LensLock")
st.markdown(
    "##### Recognise the camera behind a photo by the noise of its sensor.\n\n"
    "Every camera sensor prints a faint fixed pattern on every picture it takes, like a fingerprint that nobody sees "
    "(sensor noise, PRNU). LensLock learns that fingerprint from 15 to 25 photos of a camera. Later it tells whether a "
    "new photo carries it, and where in the photo it is missing: a deepfake can copy a face, but hardly the sensor "
    "behind it."
)

st.image(
    "assets/idea.jpg",
    width="stretch",
    caption="A photo, a detail of its noise, and the same detail of its camera's fingerprint. The camera is simulated.",
    alt="Three pictures side by side: a portrait, coloured speckle, and other coloured speckle",
)

sample, real, check = st.columns(3, border=True)
with sample:
    with st.container(height="stretch"):
        st.markdown("##### :material/science: No camera at hand?")
        st.markdown(
            "Let three simulated cameras of a sample person take photos, and check samples with them. It takes about "
            "ten seconds."
        )
    wanted = st.button("Use sample cameras", type="primary", width="stretch")
with real:
    with st.container(height="stretch"):
        st.markdown("##### :material/add_a_photo: Your camera")
        st.markdown("Upload 15 to 25 original photos, best of a blank wall or the sky, and see its fingerprint grow.")
    if st.button("Register camera", width="stretch"):
        st.switch_page(routes.REGISTER)
with check:
    with st.container(height="stretch"):
        st.markdown("##### :material/frame_inspect: A photo to check")
        st.markdown("Was it taken with a registered camera? You get a verdict, a score, and a map of the picture.")
    if st.button("Check a photo", width="stretch"):
        st.switch_page(routes.CHECK)
if wanted:
    with house.errors_told():
        sampling.enrol_samples()
        st.session_state["photo_source"] = "Sample photos"
        st.switch_page(routes.CHECK)

st.caption(
    ":material/lock: Images stay on the machine that runs this app. Nothing is sent elsewhere, and photos are not "
    "kept: only what is computed from the faces and cameras that you enrol, and that is encrypted."
)
