"""Verify a customer with photos: the same steps as `python -m bank verify`, with their progress and outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from bank import CustomerInfo
from bank.face_reader import Reader
from bank.pictures import Picture
from bank.still import Refusal
from liveness.models import ModelError
from prnu import ImageError
from ui.results.attempt import Attempt, Proof, ProofPhoto
from ui.results.photo import Photo, thumbnail, thumbnail_of
from ui.results.sample import PERSON
from ui.shell import addresses, links
from ui.shell.bank import request_context, the_bank
from ui.shell.session import keep_attempt, keep_proof
from ui.text import readiness
from ui.text.photo_group import proof_rows
from ui.text.scores import literal, upper
from ui.widgets import cards, reading, ways_on
from ui.widgets.customer_choice import choose_customer
from ui.widgets.photo_group import show_rows
from ui.widgets.progress import Progress

QUESTION = "Is it this customer?"
PROFILE = "photos"
"""Of the policy: what photos cannot say is not required."""

Tick = Callable[[float, str], None]


def choose(customers: Sequence[CustomerInfo], samples: bool) -> CustomerInfo | None:
    """The customer that somebody claims to be; the sample person for sample photos, which nobody else can be on."""
    if samples:
        name = st.selectbox("Customer", [PERSON], disabled=True)
        return next(customer for customer in customers if customer.name == name)
    return choose_customer(customers)


def ready(person: CustomerInfo | None) -> bool:
    """Say what photos cannot, and what stands in the way of a check; tell whether it can begin."""
    _caution()
    if person is None:
        st.caption(":material/info: Choose first who it should be.")
        return False
    required = the_bank().policy.profile(PROFILE).required
    return ways_on.show_obstacles(person, readiness.photo_obstacles(person, required))


def _caution() -> None:
    st.warning(
        "Photos do not tell when they were taken, or whether somebody alive was in front of the camera: whoever has an "
        "old photo by the registered camera passes. This is for teaching and for testing cameras, never to let anybody "
        "in.",
        icon=":material/warning:",
        title="Photos say nothing of liveness and freshness",
    )


def run(customer: CustomerInfo, photos: Sequence[Photo], truth: str) -> None:
    """Verify a customer and keep the outcome; or say why that cannot be done."""
    bar = Progress("Loading the face models")
    try:
        keep_proof(None)
        proof, attempt = prove(customer, photos, truth, bar.progress)
        keep_proof(proof)
        keep_attempt(attempt)
    except ImageError as error:
        cards.show_image_error(error, photos)
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
    finally:
        bar.empty()


def prove(customer: CustomerInfo, photos: Sequence[Photo], truth: str, tick: Tick) -> tuple[Proof, Attempt]:
    """Verify a customer with photos, one in memory at a time. Returns the outcome, and what it can be looked at with.

    Raises
    ------
    ImageError
        If none of the photos can be read, or none has the size of a camera of theirs. Nothing is written down then.
    ModelError
        If the face models are not to be had. Nothing is written down then.
    BankError
        If the bank does not admit the attempt, or cannot decide on it.
    """
    opened, reader = the_bank(), Reader()
    ongoing, failed = None, None
    given: list[ProofPhoto] = []
    try:
        for number, photo in enumerate(photos):
            tick(number / (len(photos) + 1), f"Measuring face and sensor noise of {photo.name}")
            try:
                picture = _fitting(Picture.from_file(photo.data, photo.name), customer)
            except ImageError as error:
                failed = failed or error
                given.append(ProofPhoto(photo.name, thumbnail(photo), f"{upper(error.problem)}. {error.remedy}."))
                continue
            if ongoing is None:
                context = request_context()
                ongoing = opened.begin(customer.name, context, profile=PROFILE, stream=False, reader=reader)
            taken = ongoing.capture.upload(picture)
            note = taken.text if isinstance(taken, Refusal) else ""
            given.append(ProofPhoto(photo.name, thumbnail_of(picture.rgb), note))
        if ongoing is None:
            assert failed is not None  # there is a photo, or the button could not be pressed
            raise failed
        tick(len(photos) / (len(photos) + 1), "Deciding")
        decision, finding = opened.verify_showing(ongoing)
    finally:
        reader.close()
    findings = iter(finding.photos)
    shown = tuple(one if one.note else replace(one, finding=next(findings, None)) for one in given)
    simulated = any(photo.simulated for photo in photos)
    attempt = Attempt.of(
        decision, finding, ongoing.capture, customer=customer.name, simulated=simulated, truth=truth, source="photos"
    )
    return Proof(customer.name, attempt.decision, shown, truth, simulated), attempt


def _fitting(picture: Picture, customer: CustomerInfo) -> Picture:
    """The picture, if it can be compared: one turned by a quarter can be told what happened to it.

    Raises
    ------
    ImageError
        If no camera of the customer has its size.
    """
    (height, width), sizes = picture.shape, readiness.sizes_of(customer)
    if (width, height) not in sizes and (height, width) not in sizes:
        remedy = "Give photos as the registered camera wrote them, or register the camera that took it"
        took = f"It has {width}x{height} pixels, and was to be compared with {readiness.spoken(sizes)}"
        raise ImageError(picture.name, took, remedy)
    return picture


def show(proof: Proof) -> None:
    """The outcome with its factors; of several photos also what each says of the camera."""
    st.markdown(f"Is it **{literal(proof.customer)}**, with a registered camera?")
    if len(proof.photos) == 1:
        picture, words = st.columns([1, 3])
        picture.image(proof.photos[0].small, width=240, alt="The photo that was verified")
    else:
        words = st.container()
    with words:
        with st.container(key=reading.verdict_key(str(proof.decision.get("attempt")))):
            cards.show_decision(proof.decision)
        if proof.simulated:
            cards.simulated_badge()
        if proof.truth:
            st.caption(f":material/science: What is true of this sample: {literal(proof.truth)}")
        if len(proof.photos) > 1:
            show_rows(proof_rows(proof.photos))
        elif proof.photos[0].note:
            st.caption(f":material/cancel: Left out: {literal(proof.photos[0].note)}")
    cards.show_factors(proof.decision)
    with st.container(horizontal=True):
        key = str(proof.decision.get("attempt"))
        st.page_link(
            links.MATCH_VIEW,
            label="See why (match view)",
            icon=":material/landscape_2:",
            query_params=addresses.CHECK.given(key),
        )
        st.page_link(
            links.AUDIT_LOG,
            label="This attempt in the audit log",
            icon=":material/history:",
            query_params=addresses.ATTEMPT.given(key),
        )
