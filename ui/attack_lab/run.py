"""The attack lab as a visitor sees it: choose an attack, watch it being made and judged, see why it ended so."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from bank.errors import LimitReached
from liveness.models import ModelError
from ui.attack_lab import making_of, why
from ui.attack_lab import victim as victim_
from ui.live import LiveSession, RegistryFull, session_for, start_again
from ui.results import attack_offers
from ui.results.attack_offers import Offer
from ui.sample.bank import SampleBank
from ui.shell.bank import tell_bank_error
from ui.text import attack_lab
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.camera import capture

if TYPE_CHECKING:
    from attacks.target import Target
    from ui.attack_lab.clip_recorder import Recorder
    from ui.live.directors.verify import VerifyDirector

KEY = "lab"
LIVE = "live"
"""Code of what the visitor plays instead of the program."""

_PLAYED, _GO = "lab-played", "lab-go"
_DIRECTOR, _STAGE, _RECORDER = "lab-director", "lab-stage", "lab-recorder"
_FEW = 3  # ways that are shown at once


@dataclass(frozen=True)
class _Played:
    """What is tried, and on whom."""

    code: str
    strength: str
    victim: str
    seed: int


def begin(code: str, strength: str = "") -> None:
    """Begin an attack on the chosen victim, whatever is shown now."""
    put_away()
    st.session_state[_PLAYED] = _Played(code, strength, victim_.chosen(), secrets.randbelow(2**31))


def put_away() -> None:
    """End what is played, and forget it."""
    if running() and st.session_state[_PLAYED].code == LIVE:
        from ui.attack_lab import live_puppet

        live_puppet.put_away()
    start_again(KEY)
    for slot in (_PLAYED, _GO, _DIRECTOR, _STAGE, _RECORDER):
        st.session_state.pop(slot, None)
    making_of.forget()
    why.forget()
    own.clear()


def running() -> bool:
    """Whether something is tried, or was and is still shown."""
    return _PLAYED in st.session_state


def choose(ready: bool) -> None:
    """All that can be tried, each on a card with a button; buttons are off while there is no victim."""
    offered: list[Offer | None] = list(attack_offers.offers())
    offered.insert(2, None)  # the visitor's own part, in the first row
    for first in range(0, len(offered), 3):
        for column, offer in zip(st.columns(3, border=True), offered[first : first + 3], strict=False):
            with column:
                if offer is None:
                    _live_card(ready)
                else:
                    _card(offer, ready)


def _card(offer: Offer, ready: bool) -> None:
    with st.container(height="stretch"):
        st.markdown(f"##### {offer.icon} {offer.title}\n\n{offer.teaser}")
        st.caption(f"Needs: {offer.needs}")
    key, codes = f"lab-way-{offer.code}", [way.value for way in offer.ways]
    strength = codes[0]
    if len(codes) > _FEW:
        strength = st.selectbox("How?", codes, format_func=offer.way, key=key, persist_state="session")
    elif len(codes) > 1:
        strength = st.radio("How?", codes, format_func=offer.way, key=key, persist_state="session")
    _button(offer.code, strength, ready, "Show it" if offer.genuine else "Attack!")


def _live_card(ready: bool) -> None:
    with st.container(height="stretch"):
        st.markdown(
            "##### :material/face: You yourself, live\n\nThe victim's photo does what you do: your webcam moves it, "
            "and it takes the check (live puppet)."
        )
        st.caption("Needs: One photo of the victim, and a webcam.")
    _button(LIVE, "", ready, "Attack!")


def _button(code: str, strength: str, ready: bool, word: str) -> None:
    st.button(
        word,
        key=f"attack-{code}",
        icon=":material/bolt:" if word == "Attack!" else ":material/play_arrow:",
        type="primary" if word == "Attack!" else "secondary",
        width="stretch",
        disabled=not ready,
        on_click=begin,
        args=(code, strength),
    )


def show() -> None:
    """What is tried: how it is made, then how it is judged, then why."""
    played: _Played = st.session_state[_PLAYED]
    _headline(played)
    try:
        with st.spinner("A simulated phone photographs walls for its fingerprint, and a portrait learns to move"):
            target = victim_.target()
        if played.code == LIVE:
            from ui.attack_lab import live_puppet  # with the live camera

            live_puppet.show(target)
            return
        offer = attack_offers.offer(played.code)
        making_of.make(offer, played.strength, target)
        if not st.session_state.get(_GO):
            making_of.show()
            st.button("Let it take the check", type="primary", icon=":material/verified_user:", on_click=_go)
            return
        session = session_for(KEY, lambda: _make_director(offer, played, target))
    except RegistryFull as error:
        st.warning(str(error), icon=":material/hourglass:", title="Too many checks at once")
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
    except LimitReached as error:
        tell_bank_error(error)
    else:
        _judge(session, offer, played, target)


def _go() -> None:
    st.session_state[_GO] = True


def _headline(played: _Played) -> None:
    if played.code == LIVE:
        title, way = "You yourself, live", ""
    else:
        offer = attack_offers.offer(played.code)
        title, way = offer.title, offer.way(played.strength)
    st.subheader(title)
    if way:
        st.markdown(f"{way}.")
    with st.container(horizontal=True):
        if played.code != LIVE:
            st.button("Once more", icon=":material/refresh:", on_click=begin, args=(played.code, played.strength))
        st.button("Choose another attack", icon=":material/apps:", on_click=put_away)


def _judge(session: LiveSession, offer: Offer, played: _Played, target: Target) -> None:
    from ui.live.webrtc import calm  # with aiortc, which takes a second

    director: VerifyDirector = st.session_state[_DIRECTOR]
    recorder: Recorder = st.session_state[_RECORDER]
    truth = attack_lab.truth(offer, played.strength)
    if director.verified is not None:
        st.session_state[_STAGE].join(5.0)  # it finishes the clip
        making_of.show_folded(recorder)
        why.tell(director.verified.decision.to_dict(), offer)
        outcome.show(director.verified, target.name, source="sample", truth=truth)
        attempt = why.attempt_of(director.verified, target, truth)
        why.show(attempt, target, offer, played.victim)
        making_of.downloads(recorder, attempt)
        return
    if director.problem:
        st.error(literal(director.problem), icon=":material/error:", title="No decision")
        return
    making_of.show_folded()
    if _STAGE not in st.session_state:
        from ui.live.simulated_visitor import Stage

        st.session_state[_STAGE] = Stage(session, recorder)
        st.session_state[_STAGE].start()
    st.markdown("**Now it is judged**, by the same check as everybody's. The bank asks; watch what answers.")
    status = capture(session.token, key="capture-lab", source="watch", caption="Simulated")
    st.caption(f":material/science: {truth}")
    calm()
    if status.outcome and director.ended:
        st.rerun()
    elif status.outcome:
        st.warning("It ended before anything could be decided. Try it once more.", icon=":material/info:")


def _make_director(offer: Offer, played: _Played, target: Target) -> VerifyDirector:
    from ui.attack_lab.clip_recorder import Recorder
    from ui.live.directors.verify import VerifyDirector  # with MediaPipe, which takes seconds

    own.clear()
    first = offer.waits(played.strength)
    text = f"{first}, and the attack gets ready" if first else "A new bank enrols the victim, and the attack gets ready"
    with st.spinner(text, show_time=True):
        bank = own(target).bank
        recorder = Recorder(offer.begin(target, played.strength, played.seed, bank), offer.title)
        director = VerifyDirector(bank, bank.begin(target.name))
    st.session_state[_DIRECTOR], st.session_state[_RECORDER] = director, recorder
    st.session_state.pop(_STAGE, None)
    return director


@st.cache_resource(show_spinner=False, scope="session", max_entries=1, on_release=lambda made: made.close())
def own(_target: Target) -> SampleBank:
    """A bank of this attempt's own: each attack meets one that remembers none before it."""
    return SampleBank(_target)
