"""The liveness factor: whether the challenge was answered, by somebody who blinks and looks around as people do."""

from __future__ import annotations

import math
from dataclasses import replace

from bank.asked import ASKED_FOR, OPPOSITE
from bank.capture import Capture
from bank.factor import Factor, Verdict
from bank.profiles import LivenessRules
from liveness.mirroring import answered_sides
from liveness.quality import MIN_RATE

_MISSED = ("timeout", "wrong-answers")
_SWAPPED = "Your camera seems to be mirrored: left and right are swapped. Switch them over, and check again."
_STILL_SWAPPED = (
    "Left and right are swapped: your camera does not seem to be mirrored any more. Switch them over, and check again."
)
_SLOW = ("timeout", "early-answer", "wrong-answers", "frozen", "not-live", "too-early-to-tell", "too-short", "too-long")

_FAILED = {
    "cannot-do": "You said that you cannot do what was asked, and no other movement is left that tells as much.",
    "timeout": "The challenge was not answered in time. Try again, in good light.",
    "early-answer": "An answer came before anybody could have read the question, as from a recording.",
    "wrong-answers": "Other movements came than those asked for.",
    "frozen": "The video stood still, as a photo does.",
    "looped": "The video repeats itself, as a recording does.",
    "person-changed": "The person changed during the check.",
}


def judge_liveness(capture: Capture, policy: LivenessRules) -> Factor:
    """Judge whether the challenge was answered, and whether there were more blinks and glances than a photo shows.

    Where the video was too slow to see every blink (`liveness.quality.MIN_RATE`), nothing that slowness explains speaks
    against the person: it is inconclusive, "low-rate". A loop and a change of persons are seen at any rate.
    """
    found, slow = _liveness(capture, policy), too_slow(capture)
    if found.reason not in _SLOW or not slow:
        return found
    details = {**found.details, "pictures a second": capture.session.rate}
    return replace(found, verdict="inconclusive", reason="low-rate", advice=slow, details=details)


def too_slow(capture: Capture) -> str:
    """Say how slow the video was and what to do, if blinks and turns get lost at its rate; else nothing."""
    rate = capture.session.rate
    if not rate < MIN_RATE:
        return ""
    return (
        f"Cannot tell: this machine or connection is too slow. {rate:.0f} pictures a second were looked at, and with "
        f"fewer than {MIN_RATE:.0f} blinks get lost. Close other programs and tabs, or use another device or network."
    )


def _liveness(capture: Capture, policy: LivenessRules) -> Factor:
    state, session = capture.state, capture.session
    needed = float(session.vote.needed)

    def factor(verdict: Verdict, reason: str, advice: str, score: float = math.nan, **details: float | str) -> Factor:
        return Factor("liveness", verdict, score, needed, "blinks and glances", reason, advice, details)

    if state is None:
        return factor("inconclusive", "no-stream", "There was no live video, so nothing can be said of liveness.")
    votes = [window.vote for window in session.vote.windows]
    usable = len(votes) - votes.count("unusable")
    signs = float(session.vote.signs) if usable else math.nan
    answered = sum(step.answered for step in state.steps)
    details: dict[str, float | str] = {"windows": len(votes), "usable windows": usable, "answered steps": answered}
    details |= {"live windows": votes.count("live"), "majority": session.vote.majority}
    details["seconds watched"] = session.vote.watched_s
    for number, step in enumerate(state.steps, 1):
        details[f"step {number}: {step.step}"] = step.answered_s - step.asked_s
    for swap in capture.swaps:
        details[f"instead of step {swap.number}, {swap.declined}"] = f"{swap.instead}, and {swap.further} at the end"
    sides = answered_sides(state.steps, session.events)
    details |= {ASKED_FOR: sides.asked_for, OPPOSITE: sides.opposite}
    if capture.mirrored:
        details["left and right"] = "swapped: the camera is mirrored"
    if session.rest_s:
        details["seconds paused while asked"] = session.rest_s
    if session.challenge is None:
        return factor("inconclusive", "no-challenge", "Nothing was asked for, so a recording may do.", signs, **details)
    if state.phase == "failed" and state.reason in _MISSED and sides.opposite and (sides + capture.earlier).swapped:
        advice = _STILL_SWAPPED if capture.mirrored else _SWAPPED
        return factor("inconclusive", "mirrored", advice, signs, **details)
    if state.phase == "failed":
        # Slowness may be anybody's: it is no proof of a forgery, but a good reason to ask again.
        cannot_tell = state.reason in ("timeout", "cannot-do")
        advice = _FAILED.get(state.reason, "The challenge was not answered.")
        return factor("inconclusive" if cannot_tell else "failed", state.reason, advice, signs, **details)
    if state.phase != "passed":
        return factor("inconclusive", "unfinished", "The challenge was not answered to its end.", signs, **details)
    if session.vote.windows[-1].end_s - session.vote.windows[0].start_s > policy.session_s if votes else False:
        advice = f"The check took longer than {policy.session_s:g} seconds. Start again, and answer as you are asked."
        return factor("inconclusive", "too-long", advice, signs, **details)
    if usable < policy.min_windows:
        advice = "Too little of the video could be judged. Try again with more light, and hold still between prompts."
        return factor("inconclusive", "too-short", advice, signs, **details)
    if state.verdict == "live":
        advice = "The person answered what was asked, and blinked or looked around. This does not exclude a deepfake."
        return factor("passed", "live", advice, signs, **details)
    if state.verdict == "inconclusive":
        advice = (
            "Too few blinks to tell a person from a photo, in too short a time. Start again, and blink as you like."
        )
        return factor("inconclusive", "too-early-to-tell", advice, signs, **details)
    advice = "The eyes moved and blinked less than a person's do in that time, as on a photo."
    return factor("failed", "not-live", advice, signs, **details)
