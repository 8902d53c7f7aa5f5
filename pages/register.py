"""Register from photos: photos in, a judged fingerprint out, enrolled for a customer together with the face."""

import streamlit as st

from ui import house, photos, registering, samples, saving, snapshots, state
from ui.cameras import registered

st.title("Register from photos")
st.markdown(
    "Give **15 to 25 original photos of one camera**, all in the same size: best a blank wall, a sheet of paper before "
    "the lens or the sky, evenly lit and not overexposed. Else another scene for each photo, never one scene twice."
)
with house.errors_told():
    house.opened()  # or say what is wrong before anybody uploads photos

    source = st.segmented_control(
        "Where do the photos come from?",
        ["My photos", "Taken here", "Sample camera"],
        required=True,
        key=state.start_with("camera_source", "My photos"),
        persist_state="session",
    )
    st.subheader("1. Photos of the camera")
    given, sample = [], ""
    if source == "My photos":
        files = st.file_uploader(
            "Original photos, straight from the camera",
            photos.TYPES,
            accept_multiple_files=True,
            key="enrol_files",
            help="No screenshots, no messenger: they scale and compress, and the pattern is gone.",
        )
        given = photos.common_size_first(photos.from_uploads(files))
    elif source == "Taken here":
        given = snapshots.take("enrol_snapshots")
        st.caption(
            ":material/info: The browser compresses these (JPEG), so they fit photos that are taken the same way best. "
            "For a live check, use **Register live**, if your browser can."
        )
    else:
        sample = st.selectbox("Simulated camera", samples.CAMERAS, key="sample_camera", persist_state="session")
        st.caption(
            f":material/science: It takes {samples.PHOTOS_TO_ENROL} photos of blank walls now. The camera is "
            "simulated; all that follows is the same code as for real photos."
        )

    if st.button("Make the fingerprint", type="primary", icon=":material/fingerprint:", disabled=not (given or sample)):
        if sample:
            grown = registering.grow(samples.wall_photos(sample), samples.PHOTOS_TO_ENROL)
        else:
            grown = registering.grow(given, len(given))
        state.keep_registration(grown)
        saving.prepare(sample)

    if made := state.registration():
        st.subheader("2. Fingerprint")
        registering.show_registration(made)
        if made.sample:
            st.subheader("3. Owner and face")
            saving.save_form(made)

    st.divider()
    registering.camera_list(registered())
