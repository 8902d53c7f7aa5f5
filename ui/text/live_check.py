"""Tables of a live check: its steps, what was checked of its stills, and each still. Pure functions.

What comes from a decision may have been written down by an earlier version, or changed by somebody: nothing is assumed
of what it holds, and what is missing is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liveness.challenge import PROMPTS
from liveness.pace import spoken
from liveness.quality import MIN_RATE
from ui.text.decision import factor_details, number
from ui.text.scores import upper

if TYPE_CHECKING:  # the bank takes a second
    from bank.freshness import Moment
    from bank.still import Refusal

NO_CURVES = (
    "The curves of eyes and head, and the pictures, are traits of a person: they stay in the browser session that took "
    "the check, and are never written down. What is shown here is all that the record holds."
)

NO_STEPS = "Nothing was asked for, or it was not noted which steps there were."

_PROMPTS = {str(kind): prompt for kind, prompt in PROMPTS.items()}
_STEP = re.compile(r"step (\d+): (.+?)(, seen)?")
_NOT_NOTED = "not noted, by an earlier version of this program"

_CHECKS: dict[str, tuple[str, dict[str, str]]] = {  # what was checked, and its figures in words
    "belongs to this attempt": (
        "Each still was asked for in this check, and handed in once and in time",
        {"refused stills": "not taken"},
    ),
    "shows what the stream showed": (
        "Each shows the head as the video showed it at that moment, and some show it turned",
        {"stills like the stream": "like the video", "stills in a telling pose": "with the head turned"},
    ),
    "same face as the stream": (
        "They show the face of the video",
        {"similarity of stills and stream": "likeness (cosine similarity)", "stills with another face": "unlike"},
    ),
    "not handed in before": (
        "None was handed in before, and none is a copy of another",
        {
            "noise shared with earlier stills": "noise shared with earlier stills",
            "noise shared among these": "among these",
        },
    ),
    "no planted pattern": (
        "The camera's pattern was not planted from photos that others have",
        {"published photos compared": "photos compared", "noise shared with them": "noise shared with them (z)"},
    ),
}
_RESULTS = {"passed": "✓ Passed", "failed": "✗ Failed", "inconclusive": "? Cannot tell"}


def step_rows(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """Steps that were asked, as rows of a table: the answer, and what was seen where it was not as asked."""
    details = factor_details(decision, "liveness")
    rows = []
    for name, value in details.items():
        found = _STEP.fullmatch(name)
        if found is None or found[3]:
            continue
        answered = isinstance(value, int | float) and math.isfinite(value)
        seen = details.get(f"{name}, seen")
        rows.append(
            {
                "Asked for": f"{found[1]}. {_PROMPTS.get(found[2], found[2])}",
                "Answer": f"✓ After {value:.1f} s" if answered else "✗ None",
                "Seen meanwhile": upper(str(seen or ("what was asked for" if answered else _NOT_NOTED))),
            }
        )
    return rows


def pace(decision: Mapping[str, Any]) -> str:
    """How many frames a second were looked at, and how many are needed; empty where it was not noted."""
    details = factor_details(decision, "liveness")
    rate = details.get("frames a second", details.get("pictures a second"))  # as earlier versions called it
    if not isinstance(rate, int | float) or not math.isfinite(rate):
        return ""
    enough = "which is enough" if rate >= MIN_RATE else f"and blinks get lost under {MIN_RATE:.0f}"
    return f"In the slowest step {spoken(rate)} frames a second were looked at, {enough}."


def freshness_rows(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was checked of the stills, as rows of a table, and what came of it."""
    details = factor_details(decision, "freshness")
    rows = []
    for name, (checked, figures) in _CHECKS.items():
        if name not in details:
            continue
        result = _RESULTS.get(str(details[name]), str(details[name]))
        if name == "no planted pattern" and "published photos compared" not in details:
            result = "– Not checked: no such photos are known"
        told = [f"{word} {number(details[figure])}" for figure, word in figures.items() if figure in details]
        rows.append({"Checked": checked, "Result": result, "Figures": upper(", ".join(told))})
    return rows


def still_rows(moments: Sequence[Moment], refusals: Sequence[Refusal]) -> list[dict[str, str]]:
    """Each still as a row of a table, in order: when it was taken and came, and whether it fits the video."""
    rows = {
        one.number: {
            "Still": str(one.number),
            "Taken at": _seconds(one.taken_s),
            "Came after": _seconds(one.received_s - one.taken_s, 2),
            "Head in it": turned(one.yaw),
            "Head in the video": turned(one.stream_yaw),
            "Result": _result(one),
        }
        for one in moments
    }
    for refusal in refusals:
        row = {"Still": str(refusal.number), "Taken at": "", "Came after": "", "Head in it": ""}
        result = f"✗ Not taken: {refusal.text}"
        if refusal.number in rows:  # handed in twice
            rows[refusal.number]["Result"] += f". {result}"
        else:
            rows[refusal.number] = {**row, "Head in the video": "", "Result": result}
    return [rows[key] for key in sorted(rows)]


def turned(yaw: float) -> str:
    """By how much a head is turned, to the person's own left or right."""
    if math.isnan(yaw):
        return "no face"
    degrees = round(abs(yaw))
    return f"{degrees}° to the {'left' if yaw > 0 else 'right'}" if degrees else "0°"


def _seconds(seconds: float, digits: int = 1) -> str:
    return "" if math.isnan(seconds) else f"{seconds:.{digits}f} s"


def _result(one: Moment) -> str:
    if not one.like_stream:
        return "✗ Not as in the video"
    return "✓ As in the video, and the head is turned" if one.telling else "✓ As in the video"
