"""What a visitor's session remembers from page to page. Nobody else knows the keys of `st.session_state`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import streamlit as st

from bank.policy import Policy
from prnu import Evidence
from ui.results.attempt import Attempt, Proof
from ui.results.camera import called
from ui.results.check_figures import AttemptFigures, CheckFigures
from ui.results.photo import Photo, Upload
from ui.results.photo_check import Check, Tick, measure
from ui.results.photo_group import PhotoGroup
from ui.results.registration import Registration
from ui.results.sample import PERSON
from ui.shell.bank import the_bank
from ui.shell.left_figures import LEFT
from ui.text.check_figures import figures_of

if TYPE_CHECKING:
    from ui.results.still_view import Sight
    from ui.results.video import Watched

T = TypeVar("T")


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Large = TypeVar("Large", bound=_Sized)

MOST_ATTEMPTS = 4
"""Attempts that are kept at most. A still of 1280x720 costs 2.8 MB and the fingerprint 7.4, so 12 stills cost 41 MB."""

MOST_BYTES = 200_000_000
"""Bytes from which older ones go earlier. The newest stays whatever it costs: policies cap an attempt's pixels, the
packaged ones at 100 megapixels, which are 300 MB."""

MOST_CHECKS = 12
"""Checks of photos that are kept at most. One of a photo of 12 megapixels costs 200 MB with its fingerprint, so
`MOST_BYTES` counts for them, too."""

MOST_CHECKED = 500
"""Checks of photos whose figures are kept: as many as anybody gives at a time."""


@dataclass(frozen=True)
class Slot(Generic[T]):
    """One thing that a session remembers, or the value of a widget that code reads or sets.

    Attributes
    ----------
    key : str
        Of the session's state; a widget with this key has its value here.
    """

    key: str

    def get(self) -> T | None:
        """What is remembered; None if nothing is."""
        found: T | None = st.session_state.get(self.key)
        return found

    def put(self, value: T) -> T:
        """Remember something, in place of what was there; returns it."""
        st.session_state[self.key] = value
        return value

    def pop(self) -> T | None:
        """Forget it; returns what it was."""
        found: T | None = st.session_state.pop(self.key, None)
        return found

    def clear(self) -> None:
        """Forget it."""
        self.pop()


_REGISTRATION: Slot[Registration | None] = Slot("registration")
_CHECK: Slot[Check | PhotoGroup | None] = Slot("check")
_CHECKS: Slot[list[Check | PhotoGroup]] = Slot("checks")
_CHECKED: Slot[list[CheckFigures]] = Slot("checked")
_PROOF: Slot[Proof | None] = Slot("proof")
_NOTES: Slot[list[str]] = Slot("notes")
_EVIDENCE: Slot[tuple[tuple[str, ...], Evidence]] = Slot("evidence")
_ATTEMPTS: Slot[list[Attempt]] = Slot("attempts")

PROFILE: Slot[str] = Slot("policy-profile")
"""By which of the policy's profiles live checks are decided."""

MATCH_VIEW_OF: Slot[str] = Slot("match_view_of")
"""What the match view shows: the key of an attempt, or of a check of photos."""

MATCH_VIEW_SIGHT: Slot[tuple[tuple[str, int | None], Sight]] = Slot("sight")
"""What the match view has computed, and of which attempt and still. Holds the fingerprint, too."""

REGION_OF: Slot[Check] = Slot("region_of")
"""The check that the box of a region was drawn for."""

REGION_PICTURE: Slot[dict[str, Any]] = Slot("region_picture")
"""The picture in which a region is drawn, with what was drawn last."""

PHOTO_SOURCE: Slot[str] = Slot("photo_source")
"""Whether one's own photos are checked or sample photos."""

MY_PHOTOS, SAMPLE_PHOTOS = "My photos", "Sample photos"
"""What `PHOTO_SOURCE` may be."""

CAMERA_NAME: Slot[str] = Slot("camera_name")
CUSTOMER_NAME: Slot[str] = Slot("customer_name")
WHOSE: Slot[str] = Slot("whose")
"""Of the form that saves a registration from photos."""

CLAIMED: Slot[str] = Slot("claimed")
"""The customer that somebody claims to be: chosen in a check, or registered here."""

COMPARED: Slot[str] = Slot("camera")
"""The registered camera that photos are compared with: chosen, or registered here."""

QUESTION: Slot[str] = Slot("question")
"""What is asked of photos; the first of the questions if nothing was chosen."""

REGISTER_PERSON: Slot[str] = Slot("register-person")
REGISTER_CAMERA: Slot[str] = Slot("register-camera")
"""Names in the form of a live registration."""

TO_REPLACE: Slot[tuple[str, ...]] = Slot("to-replace")
"""What would be lost, while it is asked once more whether it is to be replaced."""

CAMERA_SIZE: Slot[tuple[int, int]] = Slot("camera-size")
"""Width and height of the pictures that this browser's camera gave last."""

AUDIT_LIMIT: Slot[int] = Slot("audit_limit")
"""Entries of the audit log that are shown."""

WATCHED: Slot[Watched] = Slot("watched")
"""The video whose liveness was looked at last."""

VIDEO_STEPS: Slot[list[str]] = Slot("video_steps")
"""Steps that a video is to answer."""

ATTEMPT_KEPT: Slot[str] = Slot("verdict-kept")
"""The attempt whose outcome is shown, once it was kept for the match view."""

CODE_REFUSED: Slot[bool] = Slot("continued-refused")
"""Whether the code that this phone came with did not work."""

LAB_WHO: Slot[str] = Slot("lab-who")
"""Whom the attack lab attacks."""

LAB_BAD: Slot[tuple[str, str]] = Slot("lab-bad")
"""Key of a photo that cannot be attacked, and why."""

# What is kept in these is of types from higher shelves. Their owners name them.
CONTINUED: Slot[Any] = Slot("continued-session")
LAB_VICTIM: Slot[Any] = Slot("lab-own")
LAB_STEPS: Slot[Any] = Slot("lab-steps")
LAB_ATTEMPT: Slot[Any] = Slot("lab-attempt")
LAB_SIDE: Slot[Any] = Slot("lab-side")
LAB_GENUINE: Slot[Any] = Slot("lab-genuine")
PUPPET_CHECK: Slot[Any] = Slot("puppet-check")


def live_run(name: str) -> Slot[Any]:
    """What a page's live run has under way (`ui.live.run`)."""
    return Slot(f"live-run-{name}")


def pairing_code(session: str) -> Slot[tuple[str, bool]]:
    """The code that hands a live session over to a phone, and whether a phone had it before."""
    return Slot(f"pairing-code-{session}")


def camera_used(session: str) -> Slot[bool]:
    """Whether this browser's own camera was started for a live session."""
    return Slot(f"own-camera-{session}")


def webrtc_widget(key: str) -> Slot[Any]:
    """What streamlit-webrtc remembers of a widget."""
    return Slot(key)


def camera_widget(key: str) -> Slot[Upload]:
    """The photo that a camera widget holds."""
    return Slot(key)


def file_widget(key: str) -> Slot[list[Upload]]:
    """The files that an uploader holds."""
    return Slot(key)


def uploads(key: str) -> Slot[Any]:
    """What an uploader was given (`ui.widgets.uploads`), while its page is left, too."""
    return Slot(f"{key}-given")


def photos_taken(key: str) -> Slot[list[Photo]]:
    """Photos taken one by one with a camera widget."""
    return Slot(f"{key}-taken")


def region_side(side: str) -> Slot[int]:
    """A number of the box of a region, in pixels."""
    return Slot(f"region_{side}")


def latest_registration() -> Registration | None:
    """The latest registration, saved or not."""
    return _REGISTRATION.get()


def keep_registration(made: Registration | None) -> None:
    """Remember a registration, or forget it."""
    _REGISTRATION.put(made)


def latest_check() -> Check | PhotoGroup | None:
    """The latest check, of one photo or of several; None while another is made, or if that failed."""
    return _CHECK.get()


def keep_check(made: Check | PhotoGroup | None) -> None:
    """Remember a check as the latest; None: there is no latest any more. Those before it stay while there is room."""
    _CHECK.put(made)
    if made is None:
        return
    _CHECKS.put(_with_room([made, *kept_checks()], MOST_CHECKS))
    told = figures_of(made)
    _CHECKED.put([*told, *checked_photos()][:MOST_CHECKED])
    for figures in told:
        LEFT.remember(figures)


def kept_checks() -> list[Check | PhotoGroup]:
    """The checks of photos that are kept, the newest first."""
    return list(_CHECKS.get() or [])


def single_checks() -> list[Check]:
    """Those of one photo each, and of each of several."""
    return [one for made in kept_checks() for one in ([made] if isinstance(made, Check) else made.checks)]


def checked_photos() -> list[CheckFigures]:
    """Figures of the checks of photos in this session, the newest first: of those, too, whose pictures had to go."""
    return list(_CHECKED.get() or [])


def forget_checks() -> None:
    """Forget all checks of photos, with their pictures and figures."""
    LEFT.forget(keys={one.key for one in checked_photos()})
    _CHECK.put(None)
    for slot in (_CHECKS, _CHECKED, _EVIDENCE):
        slot.clear()


def latest_proof() -> Proof | None:
    """The latest verification."""
    return _PROOF.get()


def keep_proof(made: Proof | None) -> None:
    """Remember a verification, or forget it."""
    _PROOF.put(made)


def forget_customer(customer: str, cameras: Sequence[str]) -> None:
    """Forget what rests on a customer, or on cameras, that were deleted."""
    forget_attempts(customer, cameras)
    checked, proof, made = latest_check(), latest_proof(), latest_registration()
    if checked and checked.rests_on(cameras):
        keep_check(None)
    _CHECKS.put([check for check in kept_checks() if not check.rests_on(cameras)])
    _CHECKED.put([one for one in checked_photos() if one.camera not in cameras])
    LEFT.forget(cameras=cameras)
    if proof and proof.customer == customer:
        keep_proof(None)
    if made and made.saved_as in cameras:
        keep_registration(None)
    if CLAIMED.get() == customer:
        CLAIMED.clear()


def remember_registered(customer: str, camera: str = "") -> None:
    """Let the pages that follow begin with who was registered just now, and with their camera ("label · customer")."""
    CLAIMED.put(customer)
    if camera:
        COMPARED.put(camera)


def leave_note(text: str) -> None:
    """Leave a sentence that the next page shows once: what is written before a page changes is never read."""
    _NOTES.put([*(_NOTES.get() or []), text])


def take_notes() -> list[str]:
    """The sentences that were left, once."""
    return _NOTES.pop() or []


def evidence_of(photos: Sequence[Photo], tick: Tick) -> Evidence:
    """What the photos say of their sensor; measured anew only if they are not those of the time before.

    Raises
    ------
    ImageError
        If one cannot be used.
    """
    keys = tuple(photo.key for photo in photos)
    kept = _EVIDENCE.get()
    if kept is None or kept[0] != keys:
        _EVIDENCE.clear()  # before the new one takes its memory
        kept = _EVIDENCE.put((keys, measure(photos, tick)))
    return kept[1]


def start_with(key: str, value: str) -> str:
    """Give a widget its first value, unless a page before has chosen one; returns the key."""
    st.session_state.setdefault(key, value)
    return key


def chosen_profile() -> str:
    """Name of the policy's profile by which this browser session's live checks are decided."""
    bank = the_bank()
    names = live_profiles(bank.policy)
    chosen = PROFILE.get()
    if chosen in names:
        return str(chosen)
    return bank.profile if bank.profile in names or not names else names[0]


def live_profiles(policy: Policy) -> list[str]:
    """Profiles that ask for what only a live video shows: somebody alive (liveness), and stills of this moment."""
    return [name for name, profile in policy.profiles.items() if {"liveness", "freshness"} <= set(profile.required)]


def keep_attempt(attempt: Attempt) -> None:
    """Keep an attempt, and make it the one that the match view shows. The oldest ones go."""
    _ATTEMPTS.put(_with_room([attempt, *kept_attempts()], MOST_ATTEMPTS))
    if attempt.customer == PERSON and attempt.source == "sample":  # what a visitor's own photo was used for goes
        LEFT.remember(AttemptFigures.of(attempt))
    show_newest_attempt()


def _with_room(newest_first: Sequence[Large], most: int) -> list[Large]:
    """As many as there is room for; the newest whatever it costs."""
    kept, room = list(newest_first[:1]), MOST_BYTES - newest_first[0].nbytes
    for older in newest_first[1:most]:
        room -= older.nbytes
        if room < 0:
            break
        kept.append(older)
    return kept


def kept_attempts() -> list[Attempt]:
    """The attempts that are kept, the newest first."""
    return list(_ATTEMPTS.get() or [])


def chosen_attempt() -> Attempt | None:
    """The attempt that the match view shows; None if it shows a check of photos, or there is none."""
    key = MATCH_VIEW_OF.get()
    return next((attempt for attempt in kept_attempts() if key in (None, attempt.key)), None)


def show_newest_attempt() -> None:
    """Let the match view show what is newest."""
    MATCH_VIEW_SIGHT.clear()
    MATCH_VIEW_OF.clear()


def forget_attempts(customer: str, cameras: Collection[str]) -> None:
    """Forget the attempts of a customer, or with cameras ("label · customer"), that were deleted."""
    MATCH_VIEW_SIGHT.clear()
    _ATTEMPTS.put(
        [attempt for attempt in kept_attempts() if attempt.customer != customer and _camera_of(attempt) not in cameras]
    )


def _camera_of(attempt: Attempt) -> str:
    camera = attempt.finding.camera
    return called(camera.label, attempt.customer) if camera else ""
