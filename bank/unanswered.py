"""Why a challenge was not answered, in words: which step it was, and what was seen in its place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from bank.capture import Capture
from liveness.answers import FASTEST_S, WANTED, StepResult
from liveness.challenge import PROMPTS
from liveness.events import BASELINE_S, Event, Kind
from liveness.gaze import CHANGE
from liveness.head import TURN
from liveness.quality import ADVICE
from liveness.session import MAX_REST_S
from liveness.timeline import following

MISSED = ("timeout", "wrong-answers")
NAMED = (*MISSED, "early-answer")
"""Reasons of a session that are a step's: `why` names it."""

NOTHING = "nothing"
"""What is noted where no movement was seen."""

_MOSTLY = 0.5  # of a step's frames that could not be judged: then that is the cause

_WORDS: dict[Kind, tuple[str, str]] = {
    "blink": ("a blink", "blinks"),
    "glance left": ("a glance to the left", "glances to the left"),
    "glance right": ("a glance to the right", "glances to the right"),
    "turn left": ("a turn to the left", "turns to the left"),
    "turn right": ("a turn to the right", "turns to the right"),
}


def movements(events: Sequence[Event]) -> str:
    """Say which movements there were: "2 blinks and a turn to the left"; `NOTHING` without any."""
    counts = Counter(event.kind for event in sorted(events, key=lambda event: event.start_s))
    told = [_WORDS[kind][0] if number == 1 else f"{number} {_WORDS[kind][1]}" for kind, number in counts.items()]
    return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:]))) or NOTHING


def step_details(capture: Capture) -> dict[str, float | str]:
    """What the record says of each step: seconds to its answer, and where something was amiss, what was seen."""
    steps, found = capture.session.steps, dict[str, float | str]()
    for index, step in enumerate(steps):
        name = f"step {index + 1}: {step.step}"
        found[name] = step.answered_s - step.asked_s
        if not step.answered or step.wrong or step.early:
            found[f"{name}, seen"] = movements(following(steps, index, capture.events))
    return found


def why(capture: Capture) -> str:
    """Say which step was not answered, and what was seen instead.

    Parameters
    ----------
    capture : Capture
        Of a session that failed for one of `NAMED`.
    """
    session, step = capture.session, capture.session.steps[-1]
    prompt = f"“{PROMPTS[step.step]}”"
    events = following(session.steps, len(session.steps) - 1, capture.events)
    if session.reason == "early-answer":
        told = "An answer came before anybody could have read the question, as from a recording."
        return f"{told} {_too_early(capture)}".rstrip()
    if session.reason == "wrong-answers":
        return f"Other movements came than those asked for. After {prompt}: {movements(events)}."
    if session.rest_s > MAX_REST_S:
        paused = f"the video was paused for {session.rest_s:.0f} seconds, and {MAX_REST_S:.0f} are allowed."
        return f"{prompt} was not answered in time: {paused} Start again, and stay on this page."
    limit = session.challenge.seconds if session.challenge else math.nan
    seen = f"Seen meanwhile: {movements(events)}. {_too_little(capture, step, limit)}".rstrip()
    return f"{prompt} was not answered within {limit:g} s. {seen} Try again, in good light."


def _too_early(capture: Capture) -> str:
    steps, told = capture.session.steps, []
    for index, step in enumerate(steps):
        kind = WANTED[step.step][0]
        starts = [event.start_s for event in following(steps, index, capture.events) if event.kind == kind]
        if step.early and starts:
            told.append(f"“{PROMPTS[step.step]}” {min(starts) - step.asked_s:.2f} s after it was shown")
    if not told:
        return ""
    return f"Too early came {' and '.join(told)}; nobody can answer within {FASTEST_S:g} s."


def _too_little(capture: Capture, step: StepResult, limit: float) -> str:
    """What kept an answer from being seen, as far as the signals tell; empty if they do not."""
    start_s, end_s = step.asked_s, step.asked_s + limit
    share, code = capture.signals.unusable(start_s, end_s)
    if share > _MOSTLY:
        return f"For {share:.0%} of that time nothing could be judged: {ADVICE[code][:1].lower()}{ADVICE[code][1:]}"
    verb, side = step.step.split()
    name, needed = {"turn": ("yaw", TURN), "look": ("gaze", CHANGE)}.get(verb, ("", 0.0))
    if not name:
        return ""
    before = capture.signals.between(name, start_s - BASELINE_S, start_s)
    during = capture.signals.between(name, start_s, end_s)
    if not (before.size and during.size):
        return ""
    to_side = (1.0 if side == "left" else -1.0) * (during - np.median(before))
    most = max(0.0, float(to_side.max()))  # never -0
    if most >= needed:
        return ""
    if verb == "turn":
        return f"The head turned to the {side} by {most:.0f}° at most; it takes {needed:.0f}°."
    return f"The eyes moved to the {side} by {most:.2f} at most (gaze, 0 to 2); it takes {needed:.2f}."
