"""An attack of the lab as a visitor sees it: watch it being made and judged, see why it ended so."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from typing import cast

import streamlit as st

from attacks.target import Target
from ui.attack_lab import live_puppet, making_of, why
from ui.attack_lab import victim as victim_
from ui.attack_lab.choice import LIVE
from ui.attack_lab.clip_recorder import Recorder
from ui.live.directors.verify import VerifyDirector
from ui.live.run import LiveRun, UnderWay
from ui.results import attack_offers
from ui.results.attack_offers import Offer
from ui.sample.bank import SampleBank
from ui.text import attack_lab
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.camera import capture


@dataclass
class _Played:
    """What is tried, on whom, and whether it was shown how it is made and may take the check."""

    code: str
    strength: str
    victim: str
    seed: int
    go: bool = False

    @property
    def offer(self) -> Offer:
        """What is known of it. Not of the visitor's own part."""
        return attack_offers.offer(self.code)

    @property
    def truth(self) -> str:
        """How its pictures come about."""
        return attack_lab.truth(self.offer, self.strength)


def begin(code: str, strength: str = "") -> None:
    """Begin an attack on the chosen victim, whatever is shown now."""
    RUN.begin(_Played(code, strength, victim_.chosen(), secrets.randbelow(2**31)))


def show() -> None:
    """What is tried: how it is made, then how it is judged, then why."""
    played = RUN.wanted
    assert played is not None
    live = played.code == LIVE
    st.subheader("You yourself, live" if live else played.offer.title)
    if not live and (way := played.offer.way(played.strength)):
        st.markdown(f"{way}.")
    with st.container(horizontal=True):
        if not live:
            st.button("Once more", icon=":material/refresh:", on_click=begin, args=(played.code, played.strength))
        st.button("Choose another attack", icon=":material/apps:", on_click=RUN.put_away)
    RUN.show()


def _before(played: _Played) -> bool:
    """How it is made, until the visitor lets it take the check. The visitor's own part has a run of its own."""
    with st.spinner("A simulated phone photographs walls for its fingerprint, and a portrait learns to move"):
        target = victim_.target()
    if played.code == LIVE:
        live_puppet.show(target)
        return False
    making_of.make(played.offer, played.strength, target)
    if not played.go:
        making_of.show()
        take = "Let it take the check"
        st.button(take, type="primary", icon=":material/verified_user:", on_click=_go, args=(played,))
    return played.go


def _go(played: _Played) -> None:
    played.go = True


def _make(played: _Played) -> tuple[VerifyDirector, Recorder]:
    own.clear()
    offer, target = played.offer, victim_.target()
    first = offer.waits(played.strength)
    text = (
        f"{first}, and the attack gets ready" if first else "A new bank registers the victim, and the attack gets ready"
    )
    with st.spinner(text, show_time=True):
        bank = own(target).bank
        recorder = Recorder(offer.begin(target, played.strength, played.seed, bank), offer.title)
        draw = random.Random(played.seed)
        return VerifyDirector(bank, bank.begin(target.name, draw=draw), draw), recorder


def _watch(now: UnderWay[_Played, VerifyDirector]) -> bool:
    making_of.show_folded()
    st.markdown("**Now it is judged**, by the same check as everybody's. The bank asks; watch what answers.")
    status = capture(now.session.token, key="capture-lab", source="watch", caption="Simulated")
    st.caption(f":material/science: {now.wanted.truth}")
    return bool(status.outcome)


def _decided(now: UnderWay[_Played, VerifyDirector]) -> None:
    played, verified, target = now.wanted, now.director.verified, victim_.target()
    assert verified is not None
    assert now.stage is not None
    now.stage.join(60.0)  # it finishes the clip
    recorder = cast("Recorder", now.stage.presentation)
    making_of.show_folded(recorder)
    why.tell(verified.decision.to_dict(), played.offer)
    outcome.show(verified, target.name, source="lab", truth=played.truth)
    attempt = why.attempt_of(verified, target, played.truth)
    why.show(attempt, target, played.offer, played.victim)
    making_of.downloads(recorder, attempt)


def _tidy(_: UnderWay[_Played, VerifyDirector] | None) -> None:
    live_puppet.RUN.put_away()
    making_of.forget()
    why.forget()
    own.clear()


@st.cache_resource(show_spinner=False, scope="session", max_entries=1, on_release=lambda made: made.close())
def own(_target: Target) -> SampleBank:
    """A bank of this attempt's own: each attack meets one that remembers none before it."""
    return SampleBank(_target)


RUN: LiveRun[_Played, VerifyDirector] = LiveRun(
    "lab",
    _make,
    _watch,
    _decided,
    about=lambda played: f"Is it **{literal(victim_.name_of(played.victim))}**, with a registered camera?",
    before=_before,
    tidy=_tidy,
    broke_off="It ended before anything could be decided. Try it once more.",
    start_again=False,
)
"""An attack that is tried."""
