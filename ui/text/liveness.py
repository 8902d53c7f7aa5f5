"""Sentences for people from a liveness report. Pure functions; none says that a person is real."""

from __future__ import annotations

from typing import Any

from liveness.challenge import MIN_STEPS, Challenge
from liveness.events import Event
from liveness.quality import ADVICE
from liveness.session import LivenessSession
from liveness.video import REASONS, LivenessReport
from ui.text.scores import Verdict, count, upper

DEEPFAKES = (
    "Watching for blinks stops a held photo. It does not stop a generated or swapped face: many of those blink, too, "
    "and are then judged live. Nothing here tells whether the person is real, or who it is."
)

_WHY = {
    "two-faces": "two faces in the picture",
    "no-face": "no face in the picture",
    "low-rate": "too few frames a second to see every blink",
    "too-short": "the video is too short",
    "too-early-to-tell": "in so short a time, a person need not blink more",
    "too-small": "the face is too small",
    "too-close": "the face is too close to the camera",
    "off-centre": "the face is partly outside the picture",
    "too-dark": "the face is too dark",
    "too-bright": "the face is too bright",
    "blurred": "the face is blurred",
    "not-straight": "the head is turned aside",
    "covered": "the face is covered",
}
_REPEATS = {
    "frozen": "The picture stands still for a second or more, to the last grain. A camera never does that.",
    "looped": "A second or more comes again frame by frame: the video is a loop.",
    "person-changed": REASONS["person-changed"],
}
# What `liveness.quality` advises someone in front of a camera does not fit a file in one case.
_FOR_FILES = {ADVICE["low-rate"]: "Too few frames a second to see every blink. Record with 15 or more."}
_STRENGTHS = {"blink": "lids closed by {:.2f} of 1", "glance": "gaze moved by {:.2f} of 2", "turn": "turned by {:.0f}°"}


def verdict(report: LivenessReport) -> Verdict:
    """Say what a video shows, and what that means."""
    live = sum(window.vote == "live" for window in report.windows)
    usable = sum(window.vote != "unusable" for window in report.windows)
    signs = sum(event_family(event) in ("blink", "glance") for event in report.events)
    votes = f"Blinks and glances in {report.seconds:.0f} seconds: {signs}. "
    votes += f"{live} of {count(usable, 'usable window')} of ten frames {'has' if live == 1 else 'have'} one in it or "
    votes += f"shortly before: the paper, which goes by their majority, would say “{report.majority}”."
    if report.verdict == "live":
        return Verdict("match", "Signs of a live person", f"{votes} A photo that is held into a camera shows fewer.")
    if report.verdict == "inconclusive":
        why = _WHY.get(report.reason, report.reason or "too little to judge by")
        about = ""
        if report.reason == "too-early-to-tell":
            about = f"{votes} Half a minute without any would be a sign that nobody lives there. "
        return Verdict("unclear", f"Cannot tell: {why}", f"{about}This counts neither for the person nor against.")
    if report.reason in _REPEATS:
        return Verdict("no-match", "No sign of a live person", _REPEATS[report.reason])
    meaning = "It may be a photo, or someone who kept the eyes still: people usually blink every 2 to 6 seconds."
    return Verdict("no-match", "No sign of a live person", f"{votes} {meaning}")


def challenge_verdict(report: LivenessReport, challenge: Challenge) -> Verdict:
    """Say whether the steps were answered."""
    answered = sum(step.answered for step in report.steps)
    done = f"{answered} of {len(challenge.steps)} steps were answered, in this order."
    if report.phase == "passed":
        return Verdict("match", "The steps were answered", done)
    if report.swapped:
        meaning = (
            "Every answer went to the other side: left and right seem to be swapped in this video, as in a mirror."
        )
        return Verdict("unclear", "Cannot tell: the video seems to be mirrored", f"{done} {meaning}")
    if report.phase == "failed":
        return Verdict("no-match", "The steps were not answered", f"{done} {_why_failed(report)}".rstrip())
    if report.phase == "waiting":
        needed = "It takes a face that looks straight ahead for 1.5 seconds before the first step."
        return Verdict("unclear", "The steps could not be asked", needed)
    return Verdict("unclear", "The video ended before all steps were answered", done)


def _why_failed(report: LivenessReport) -> str:
    step = report.steps[-1] if report.steps else None
    if step is None or step.answered:
        return ""
    if report.failure == "early-answer":
        return f"“{upper(step.step)}” came sooner than anybody could have answered: as in a recording."
    if step.wrong > LivenessSession.MAX_WRONG:
        return f"Too many other movements came instead of “{step.step}”."
    return f"“{upper(step.step)}” did not come in time."


def advice(report: LivenessReport) -> list[str]:
    """What would make a better video."""
    return [_FOR_FILES.get(sentence, sentence) for sentence in report.advice]


def figures(report: LivenessReport) -> dict[str, str]:
    """Numbers of a video under their names."""
    counts = {family: sum(event_family(event) == family for event in report.events) for family in EVENT_SIGNS}
    return {
        "Seconds": f"{report.seconds:.1f}",
        "Frames a second": f"{report.frames_per_second:.0f}",
        "With a face": f"{report.detected:.0%}",
        "Blinks": str(counts["blink"]),
        "Glances": str(counts["glance"]),
        "Head turns": str(counts["turn"]),
    }


def event_rows(events: tuple[Event, ...]) -> list[dict[str, Any]]:
    """Events as rows of a table, in order of time."""
    return [
        {
            "What": f"{EVENT_SIGNS[event_family(event)]} {upper(event.kind)}",
            "From (s)": round(event.start_s, 2),
            "To (s)": round(event.end_s, 2),
            "How much": _STRENGTHS[event_family(event)].format(event.strength),
        }
        for event in sorted(events, key=lambda event: event.start_s)
    ]


def step_rows(report: LivenessReport, challenge: Challenge) -> list[dict[str, str]]:
    """Steps of a challenge as rows of a table, those that were never reached too."""
    rows = []
    for number, kind in enumerate(challenge.steps):
        row = {"Step": f"{number + 1}. {upper(kind)}", "Asked at (s)": "", "Answer": "– Not reached"}
        if number < len(report.steps):
            step = report.steps[number]
            row["Asked at (s)"] = f"{step.asked_s:.1f}"
            row["Answer"] = f"✓ After {step.answered_s - step.asked_s:.1f} s" if step.answered else "✗ None"
        rows.append(row)
    return rows


def too_few_steps(steps: int) -> str:
    """What to say of a challenge that is too short; empty where it is none, or long enough."""
    if not 0 < steps < MIN_STEPS:
        return ""
    return f"Choose {MIN_STEPS - steps} more, or none: fewer than {MIN_STEPS} steps are too easy to guess."


EVENT_SIGNS = {"blink": "●", "glance": "◆", "turn": "■"}
"""Sign of each kind of event, in the table and in the figure."""


def event_family(event: Event) -> str:
    """What an event is without its side: "blink", "glance" or "turn"."""
    return event.kind.split()[0]
