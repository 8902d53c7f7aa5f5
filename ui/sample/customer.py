"""Enrol the sample person with the sample cameras, by the same way as anybody else."""

from __future__ import annotations

from dataclasses import replace

from bank.errors import EnrolmentError
from liveness.identity import FaceTemplate
from liveness.models import ModelError
from ui.results import sample as sample_material
from ui.results.registration import enrol
from ui.shell.bank import the_bank
from ui.shell.session import COMPARED, PHOTO_SOURCE, QUESTION, SAMPLE_PHOTOS, leave_note
from ui.widgets import face_photos
from ui.widgets.progress import Progress


def show_samples() -> None:
    """Enrol what of the sample person is missing, and let the check of photos begin with it."""
    enrol_samples()
    PHOTO_SOURCE.put(SAMPLE_PHOTOS)
    QUESTION.clear()
    COMPARED.put(sample_material.BEST)


def enrol_samples() -> None:
    """Enrol what of the sample person is not enrolled yet. Leaves a note where something of it could not be."""
    bank = the_bank()
    info = next((customer for customer in bank.customers() if customer.name == sample_material.PERSON), None)
    labels = {camera.label for camera in info.cameras} if info else set()
    missing = [label for label in sample_material.CAMERAS if label not in labels]
    bar = Progress("The sample person looks into a camera")
    face = None if info and info.face_frames else _portrait()
    if face and not missing:
        bank.enrol(sample_material.PERSON, faces=face)
    total = max(1, len(missing) * sample_material.PHOTOS_TO_ENROL)
    for camera, label in enumerate(missing):
        for number, registration in enumerate(enrol(sample_material.wall_photos(label), bank.policy.enrolment)):
            done = min((camera * sample_material.PHOTOS_TO_ENROL + number + 1) / total, 1.0)
            taken = min(number + 1, sample_material.PHOTOS_TO_ENROL)
            bar.progress(done, text=f"{label} (simulated): photo {taken} taken and measured")
            if registration.sample:
                try:
                    # Visitors may have enrolled it for somebody else: it is the same simulated device for all.
                    sample = replace(registration.sample, label=label)
                    bank.enrol(sample_material.PERSON, faces=face, photos=sample, allow_shared=True)
                    face = None
                except EnrolmentError as error:
                    leave_note(str(error))
            elif registration.refusal:
                leave_note(registration.refusal)
    bar.empty()


def _portrait() -> FaceTemplate | None:
    try:
        return face_photos.template_of([sample_material.portrait()], the_bank().policy.enrolment)
    except ModelError as error:
        leave_note(f"The sample person was registered without a face, as the face models are missing. {error}")
        return None
