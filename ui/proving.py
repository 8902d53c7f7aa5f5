"""Verify a customer with photos: the same steps as `python -m bank verify`, with their progress and outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

import bank
from bank.errors import EvidenceError
from bank.pictures import Picture
from liveness.models import ModelError
from prnu import ImageError
from ui import attempts, cards, house, routes, samples, state
from ui.attempts import Attempt
from ui.photos import Photo, thumbnail, thumbnail_of
from ui.wording import literal

if TYPE_CHECKING:
    from bank import CustomerInfo, RequestContext

QUESTION = "Is it this customer?"
PROFILE = "photos"
"""Of the policy: what photos cannot say is not required."""

_SHOWN = 3  # photos that are shown small
_DEVICE = 300  # characters of a browser's name that the bank takes

Tick = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Proof:
    """A verification with photos.

    Attributes
    ----------
    customer : str
        Name.
    decision : mapping
        As the audit has it.
    thumbnails : tuple of bytes
        Small JPEGs of the photos.
    left_out : tuple of str
        Photos that were not taken, and why.
    truth : str
        How the photo came about, where that is known.
    simulated : bool
    """

    customer: str
    decision: Mapping[str, Any]
    thumbnails: tuple[bytes, ...]
    left_out: tuple[str, ...]
    truth: str
    simulated: bool


def choose_customer(customers: Sequence[CustomerInfo]) -> str:
    """Name of the customer that somebody claims to be; first the one registered last in this session."""
    names = [customer.name for customer in customers]
    made = state.registration()
    real = [name for name in names if not samples.is_simulated(name)]
    first = made.owner if made and made.owner in names else [*real, *names][0]
    return st.selectbox("Customer", names, index=names.index(first), key="claimed", persist_state="session") or first


def caution() -> None:
    """What photos cannot say."""
    st.warning(
        "Photos do not tell when they were taken, or whether somebody alive was in front of the camera: whoever has an "
        "old photo by the enrolled camera passes. This is for teaching and for testing cameras, never to let anybody "
        "in.",
        icon=":material/warning:",
        title="Photos say nothing of liveness and freshness",
    )


def run(customer: str, photos: Sequence[Photo], truth: str) -> None:
    """Verify a customer and keep the outcome; or say why that cannot be done."""
    bar = st.progress(0.0, text="Loading the face models")
    try:
        state.keep_proof(None)
        proof, attempt = prove(customer, photos, truth, lambda share, text: _tick(bar, share, text))
        state.keep_proof(proof)
        attempts.keep(attempt)
    except ImageError as error:
        cards.show_image_error(error, photos)
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
    finally:
        bar.empty()


def prove(customer: str, photos: Sequence[Photo], truth: str, tick: Tick) -> tuple[Proof, Attempt]:
    """Verify a customer with photos, one in memory at a time. Returns the outcome, and what it can be looked at with.

    Raises
    ------
    ImageError
        If none of the photos can be read. Nothing is written down then.
    ModelError
        If the face models are not to be had. Nothing is written down then.
    BankError
        If the bank does not admit the attempt, or cannot decide on it.
    """
    from bank.face_reader import Reader  # MediaPipe: not before the page shows
    from bank.still import Refusal

    opened, reader = house.opened(), Reader()
    ongoing, left_out, failed, small = None, [], None, []
    try:
        for number, photo in enumerate(photos):
            tick(number / (len(photos) + 1), f"Measuring face and sensor noise of {photo.name}")
            try:
                picture = Picture.from_file(photo.data, photo.name)
            except ImageError as error:
                failed = failed or error
                left_out.append(f"{photo.name}: {error.problem}. {error.remedy}.")
                small += [thumbnail(photo)] if number < _SHOWN else []
                continue
            small += [thumbnail_of(picture.rgb)] if number < _SHOWN else []
            if ongoing is None:
                context = request_context()
                ongoing = opened.begin(customer, context, profile=PROFILE, stream=False, reader=reader)
            taken = ongoing.capture.upload(picture)
            if isinstance(taken, Refusal):
                left_out.append(f"{photo.name}: {taken.text}")
        if ongoing is None:
            assert failed is not None  # there is a photo, or the button could not be pressed
            raise failed
        tick(len(photos) / (len(photos) + 1), "Deciding")
        decision, finding = opened.verify_showing(ongoing)
    finally:
        reader.close()
    simulated = any(photo.simulated for photo in photos)
    attempt = Attempt.of(
        decision, finding, ongoing.capture, customer=customer, simulated=simulated, truth=truth, source="photos"
    )
    return Proof(customer, attempt.decision, tuple(small), tuple(left_out), truth, simulated), attempt


def request_context() -> RequestContext:
    """Where the visitor's request comes from; what the bank does not take is left out."""
    device = "".join(filter(str.isprintable, st.context.headers.get("User-Agent", "")))[:_DEVICE]
    try:
        return bank.RequestContext.read({"address": st.context.ip_address or "", "device": device})
    except EvidenceError:
        return bank.RequestContext.read({"device": device})


def show(proof: Proof) -> None:
    """The outcome with its factors."""
    picture, words = st.columns([1, 3])
    with picture:
        for small in proof.thumbnails:
            st.image(small, width=240, alt="A photo that was verified")
        if proof.simulated:
            cards.simulated_badge()
    with words:
        st.markdown(f"Is it **{literal(proof.customer)}**, with an enrolled camera?")
        cards.show_decision(proof.decision)
        if proof.truth:
            st.caption(f":material/science: What is true of this sample: {proof.truth}")
        for reason in proof.left_out:
            st.caption(f":material/cancel: Left out: {literal(reason)}")
    cards.show_factors(proof.decision)
    with st.container(horizontal=True):
        st.page_link(routes.MATCH_VIEW, label="See why (match view)", icon=":material/landscape_2:")
        st.page_link(routes.AUDIT_LOG, label="This attempt in the audit log", icon=":material/history:")


def _tick(bar: st.delta_generator.DeltaGenerator, share: float, text: str) -> None:
    bar.progress(min(share, 1.0), text=text)
