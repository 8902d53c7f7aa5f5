"""Register from photos: photos in, a judged fingerprint out, enrolled for a customer together with the face."""

import streamlit as st

from ui.register import from_photos, save_form
from ui.results import photo
from ui.results import sample as sample_material
from ui.shell.bank import bank_errors_told, registered_cameras, the_bank
from ui.shell.session import keep_registration, latest_registration, start_with
from ui.widgets import photo_camera, uploads

st.title("Register from photos")
st.markdown(
    "Give **15 to 25 original photos of one camera**, all in the same size: best a blank wall, a sheet of paper before "
    "the lens or the sky, evenly lit and not overexposed. Else another scene for each photo, never one scene twice."
)
st.caption(
    ":material/info: Switch off portrait mode, filters and HDR, now and for later photos. Portrait mode and filters "
    "add grain that other phones of the make add, too; HDR joins several shots, which smears the sensor's pattern."
)
with bank_errors_told():
    the_bank()  # or say what is wrong before anybody uploads photos

    source = st.segmented_control(
        "Where do the photos come from?",
        ["My photos", "Taken here", "Sample camera"],
        required=True,
        key=start_with("camera_source", "My photos"),
        persist_state="session",
    )
    st.subheader("1. Photos of the camera")
    given, sample = [], ""
    if source == "My photos":
        files = uploads.choose(
            "Original photos, straight from the camera",
            photo.TYPES,
            key="enrol_files",
            help="No screenshots, no messenger: they scale and compress, and the pattern is gone.",
        )
        given = photo.common_size_first(files)
    elif source == "Taken here":
        given = photo_camera.take("enrol_snapshots")
        st.caption(
            ":material/info: The browser compresses these (JPEG), so they fit photos that are taken the same way best. "
            "For a live check, use **Register live**, if your browser can."
        )
    else:
        sample = st.selectbox("Simulated camera", sample_material.CAMERAS, key="sample_camera", persist_state="session")
        st.caption(
            f":material/science: It takes {sample_material.PHOTOS_TO_ENROL} photos of blank walls now. The camera is "
            "simulated; all that follows is the same code as for real photos."
        )

    if st.button("Make the fingerprint", type="primary", icon=":material/fingerprint:", disabled=not (given or sample)):
        if sample:
            grown = from_photos.grow(sample_material.wall_photos(sample), sample_material.PHOTOS_TO_ENROL)
        else:
            grown = from_photos.grow(given, len(given))
        keep_registration(grown)
        save_form.prepare(sample)

    if made := latest_registration():
        st.subheader("2. Fingerprint")
        from_photos.show_registration(made)
        if made.sample:
            st.subheader("3. Owner and face")
            save_form.save_form(made)

    st.divider()
    from_photos.camera_list(registered_cameras())
