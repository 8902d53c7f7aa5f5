"""Sentences for people from results with numbers. Pure functions; nothing here claims more than the numbers do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from prnu import THRESHOLD, Fingerprint
from prnu.enrol import Step
from prnu.localize import RegionMatch
from prnu.match import FALSE_ALARM
from prnu.match import LEAST as LEAST
from ui.results.camera import Camera
from ui.results.photo_check import Check
from ui.text.plain import literal as literal

Kind = Literal["match", "attention", "no-match", "unclear"]

SIGNS: dict[Kind, str] = {"match": "✓", "attention": "!", "no-match": "✗", "unclear": "?"}
WORDS: dict[Kind, str] = {
    "match": "Consistent",
    "attention": "Look closer",
    "no-match": "No sign",
    "unclear": "Cannot tell",
}
"""A verdict's sign and word: colour is never the only signal."""

BEYOND_CHANCE = 1e-4
"""False-alarm probability from which a score under the threshold is still too high to be called chance."""

GOOD, FAIR = 4 * THRESHOLD, 2 * THRESHOLD
"""Expected PCE from which a fingerprint is called good, and fair: content halves or doubles a score."""

_MOSTLY = 0.5  # of the photo


@dataclass(frozen=True)
class Verdict:
    """What to tell of a check.

    Attributes
    ----------
    kind : {"match", "attention", "no-match", "unclear"}
        ``attention`` is a match as a whole that has an area without the pattern.
    headline, detail : str
        One sentence each.
    reasons : tuple of str
        What it may be due to.
    """

    kind: Kind
    headline: str
    detail: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grade:
    """How good a fingerprint is.

    Attributes
    ----------
    word : str
    sentence : str
    """

    word: str
    sentence: str


def score(pce: float) -> str:
    """A PCE as people read it: one decimal under ten, thousands apart, a true minus."""
    text = f"{pce:,.1f}" if abs(pce) < 9.95 else f"{pce:,.0f}"
    return "0.0" if text == "-0.0" else text.replace("-", "−")


def about(number: float) -> str:
    """A number with two digits that count: an expectation is no better known."""
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else "unknown"
    digits = 1 - math.floor(math.log10(abs(number)))
    return f"{round(number, digits):,.{max(digits, 0)}f}"


def one_in(p_value: float) -> str:
    """A probability in words; a small one never as nothing, and none as less than `LEAST`."""
    if not p_value < 0.5:
        return "more than 50 in 100"
    if p_value >= 0.1:
        return f"about {round(100 * p_value)} in 100"
    if p_value < LEAST:
        return "less than 1 in 10¹²"
    number = float(f"{1 / p_value:.2g}")
    for unit, word in ((1e9, " billion"), (1e6, " million"), (1.0, "")):
        if number >= unit:
            return f"about 1 in {number / unit:,.12g}{word}"
    raise AssertionError(p_value)


def odds(p_value: float) -> str:
    """How often a photo of another camera would score as high; never "never"."""
    if not p_value < 0.5:
        return "most photos of other cameras score this high or higher"
    return f"{one_in(p_value)} photos of other cameras would score this high, by chance"


def grade(fingerprint: Fingerprint) -> Grade:
    """Grade a fingerprint by what its camera's photos should score."""
    return grade_expected(fingerprint.expected_pce())


def grade_expected(expected: float) -> Grade:
    """Grade a fingerprint by the PCE to expect. NaN where it was made from one photo."""
    against = f"a photo from this camera should score about {about(expected)}; {THRESHOLD:.0f} is the threshold"
    if math.isnan(expected):
        return Grade("Unknown", "One photo is not enough to judge the fingerprint. Add more.")
    if expected >= GOOD:
        return Grade("Good", f"Good: {against}.")
    if expected >= FAIR:
        return Grade("Fair", f"Fair: {against}. More photos, or plainer ones, would make it safer.")
    if expected >= THRESHOLD:
        return Grade("Weak", f"Weak: {against}, so some genuine photos will miss it. Add more photos.")
    sentence = f"Too weak: {against}, so most genuine photos would miss it. Add photos of a blank wall or the sky."
    return Grade("Too weak", sentence)


def verdict(check: Check) -> Verdict:
    """Say what a check found, and no more than that."""
    name = literal(check.camera)
    camera, subject = f"the registered camera **{name}**", "This photo is"
    if len(check.ranking) > 1:
        subject = f"Of {count(len(check.ranking), 'registered camera')}, {_lower(subject)}"
        camera = f"**{name}**"
    chance = odds(check.match.false_alarm(check.cameras))
    chance += f", with the best of {check.cameras} cameras" if check.cameras > 1 else ""
    scores = f"Score {score(check.match.pce)}, threshold {score(check.threshold)}: {chance}."
    if check.turn:
        subject = f"{subject} {check.turn.words}: {check.turn.cause}. Turned back, it is"
    if check.passed and check.suspect:
        box = check.suspect.box
        where = f"{box.width} x {box.height} pixels at {box.left} from the left and {box.top} from the top"
        return Verdict(
            "attention",
            f"{subject} consistent with {camera} as a whole, but one area is not.",
            f"{scores} In an area of {where} the camera's pattern should show and does not.",
            (
                "Something else was put in there: a swapped face, a pasted object, a retouched spot.",
                "A strong filter, a moving edge or very fine texture can hide the pattern, too. Look at the map.",
            ),
        )
    if check.passed:
        return Verdict("match", f"{subject} consistent with {camera}.", f"{scores} {_limits(check)}".rstrip())
    if reason := _why_unclear(check):
        return Verdict("unclear", f"Cannot tell whether this photo was taken with {camera}: {reason}.", scores)
    sign = "any registered camera" if len(check.ranking) > 1 else camera
    return Verdict("no-match", f"This photo shows no sign of {sign}.", scores, REASONS_FOR_NOTHING)


REASONS_FOR_NOTHING = (
    "Another camera took it.",
    "It was compressed again, as messengers and social networks do: send the original file.",
    "It was cropped, or the camera zoomed in: the pattern lies elsewhere. The search settings can help.",
    "It was scaled down, straightened or stabilised: nothing can be found any more. Use the original file.",
    "It was filtered or beautified, or is very dark, very bright or full of fine texture.",
)
"""What it may be due to that a photo shows no sign of a camera."""


def _limits(check: Check) -> str:
    """What a match as a whole leaves open; empty where the map covers most of the photo."""
    if not check.native:
        return "Single areas cannot be tested, as the photo was found shifted, cropped or zoomed."
    if check.telling < _MOSTLY:
        return f"Whether something was put in, the map can tell in {percent(check.telling)} of the photo only."
    return ""


def _why_unclear(check: Check) -> str:
    """Why a missing match proves nothing; empty where there is no such reason."""
    for issue in check.quality.issues:
        if issue.blocking:
            return _lower(issue.advice).rstrip(".")
    if check.match.pce >= check.threshold:
        return (
            "the score is high, but photos of other cameras reach it too often when they are compressed like this one. "
            "Send the original file"
        )
    if math.isnan(check.expected) or check.expected < FAIR:
        own = "nothing is known" if math.isnan(check.expected) else f"only about {about(check.expected)} is expected"
        return f"its fingerprint is weak, {own} even of its own photos"
    if check.match.false_alarm(check.cameras) < BEYOND_CHANCE:
        return (
            "the score is under the threshold, but higher than chance explains. Add photos: several may tell together"
        )
    return ""


def region(found: RegionMatch, whole: bool = True) -> Verdict:
    """Say what the test of one region found; `whole` is whether the picture as a whole is consistent with the camera.

    Without that nothing is expected in a region, so nothing is missing there; and who tests many finds one by chance.
    """
    measures = (
        f"Found {score(found.z)}, expected about {score(found.expected_z)}, both in units of what chance gives (z). "
        f"{upper(odds(found.p_value))}."
    )
    if not whole:
        if found.p_value <= FALSE_ALARM:
            headline = "In this region there is something of the camera's pattern, but not in the picture as a whole."
            return Verdict("attention", headline, measures)
        headline = "This region cannot tell: the picture as a whole does not match, so nothing is expected in it."
        return Verdict("unclear", headline, measures)
    if found.verdict == "passed":
        return Verdict("match", "In this region the camera's pattern is there.", measures)
    if found.verdict == "failed":
        headline = "In this region the camera's pattern should show, and it does not."
        reasons = ("Something else was put in there, or a filter or fast motion has wiped the pattern out.",)
        return Verdict("no-match", headline, measures, reasons)
    headline = "This region cannot tell: it is too small, dark, bright or textured, or the pattern is too weak."
    return Verdict("unclear", headline, measures)


def searched(check: Check) -> str:
    """What a search cost; empty without one."""
    found = check.match
    if found.searched == 1:
        return ""
    native = replace(found, searched=1).threshold(THRESHOLD, check.cameras)
    cost = f"The threshold rose from {score(native)} to {score(check.threshold)}"
    if check.turn:
        return f"{cost}, because the best of {found.searched} ways to turn the photo over counts."
    cost += f", because the best of {found.searched:,} places counts."
    if not check.passed:
        return cost
    down, right = found.shift
    across = f"{abs(right)} pixels to the {'right' if right >= 0 else 'left'}"
    return f"{cost} Found {across} and {abs(down)} {'down' if down >= 0 else 'up'}, zoom {found.zoom:g}."


def result_word(step: Step) -> str:
    """Whether a photo went into the fingerprint, in words and a sign."""
    if not step.accepted:
        return "✗ Left out"
    return "✓ Used, but" if step.message else "✓ Used"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 photo", "3 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float) -> str:
    """A share as people read it; a little is not nothing."""
    return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"


def day(moment: datetime, zone: tzinfo = UTC) -> str:
    """A day as people read it, in a time zone (`ui.shell.clock.zone`)."""
    return f"{moment.astimezone(zone):%-d %B %Y}"


def minute(moment: datetime, zone: tzinfo = UTC) -> str:
    """A day and the time, with the zone's name."""
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M} {_zone_name(moment, zone)}"


def second(moment: datetime, zone: tzinfo = UTC) -> str:
    """The time of a day to the second, with the zone's name."""
    return f"{moment.astimezone(zone):%H:%M:%S} {_zone_name(moment, zone)}"


def _zone_name(moment: datetime, zone: tzinfo) -> str:
    name = moment.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in ("+", "-") else name  # many zones have no letters of their own


def upper(sentence: str) -> str:
    """The sentence with a capital."""
    return sentence[:1].upper() + sentence[1:]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def describe_camera(camera: Camera, title: str) -> str:
    """A camera in two lines of Markdown: what to call it, then what is known of it."""
    icon = ":material/science:" if camera.simulated else ":material/photo_camera:"
    word = grade_expected(camera.expected).word.lower()
    return (
        f"{icon} **{title}**  \n{camera.width} x {camera.height} pixels · from "
        f"{count(camera.photos, 'photo')} · {word}, expected score {about(camera.expected)}"
    )
