"""Was a still handed in before, or several times? Known by its random noise, which no two shots share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bank.capture import Capture
from bank.factor import Verdict
from bank.factors import CameraFinding
from bank.profiles import FreshnessRules
from bank.still import Still
from prnu.flats import Flats
from prnu.sketch import OLD_BITS, Sketch, old_correlation, old_sketch, shared_noise

IN_FACE, AROUND = 0.15, 0.22
"""Noise that two stills share in the face, and in the whole picture, from which they are one shot to which noise was
added. Both must be reached: before a background that stands still, different shots share its texture (.4 of the whole
in grass), but faces move. A still with noise of 4 grey levels shares .30 to .44 and .23 to .35 with its shot."""

MAYBE_AROUND, MAYBE_PIXELS = 0.1, 500_000
"""Noise shared in the whole picture from which that may be so, in pictures of that many pixels and more: two copies of
one shot with noise of 2.5 each share .19 to .26 in the face and .13 to .2 around, different stills of one person up to
.09 and .1 (three real phones, three simulated cameras). In smaller ones somebody who comes back to the very pose before
the same background shares as much: .39 and .19 (puppets at 640x480), and only clear copies are found."""

UNEVEN, UNEVEN_PIXELS = 0.05, 200_000
"""Noise that two stills of an attempt share in their flattest half beyond what two others do, from which they may be
one shot, in pictures of that many pixels and more; both as `prnu.flats.Flats.of_one_shot` has it. Of one person's
stills at 640x480 and 1280x720 (two simulated cameras) it is .02 to .03, after JPEG at quality 70 .04; of copies of two
shots with noise of 5.5 each, .1 and more. The difference counts, as what stands still for all of an attempt is shared
by all of its stills."""

ENROLLED = 0.15
"""Noise that a still shares with an enrolled picture from which it is a copy of that. Those are walls and other views,
so that no background stands still; two real flats of one camera shared .07 at most (shared/DESIGN)."""

OLD = 0.5
"""The same for sketches of earlier versions, which tell correlations to .05 only."""

MOMENT_S = 1.0
"""Seconds within which a face may not have moved: stills asked for so close together must share `duplicate`."""

_IN_FACE_MORE = 1.5  # how much more of the sensor's pattern may show in the face than in the whole picture


@dataclass(frozen=True)
class Check:
    """One of the checks that make up the freshness factor.

    Attributes
    ----------
    name : str
    verdict : {"passed", "failed", "inconclusive"}
    reason, advice : str
    figures : tuple of (str, float)
    optional : bool
        Whether "inconclusive" is no reason to send anybody away.
    """

    name: str
    verdict: Verdict
    reason: str = ""
    advice: str = ""
    figures: tuple[tuple[str, float], ...] = ()
    optional: bool = False


@dataclass
class _Most:
    """The most that two pictures were found to share, and whether it makes them one shot, or may do so."""

    whole: float = 0.0
    face: float = 0.0
    one_shot: bool = False
    doubt: bool = False


def judge_reuse(
    capture: Capture, policy: FreshnessRules, seen: Sequence[bytes], camera: CameraFinding | None = None
) -> Check:
    """Judge whether stills are copies of one another, or of pictures that the bank has seen.

    Added noise lowers what a copy shares with its shot, and what it shows of the sensor as much: where it hides the
    copy, the face region does not show the camera either.

    Parameters
    ----------
    capture : Capture
    policy : FreshnessRules
    seen : sequence of bytes
        Noise sketches of enrolled pictures, and of stills of other attempts, of this version or an earlier one.
    camera : CameraFinding, optional
        Tells how much all pictures of the camera share. Without its pattern in the stills only clear copies are found,
        which matters little: they are not accepted then.
    """
    stills = capture.stills
    matched = camera is not None and camera.shares is not None
    large = bool(stills) and stills[0].luma.size >= MAYBE_PIXELS
    own = _of_sensor(camera, len(stills))
    before, among = _Most(), _Most()
    uneven = _uneven(stills, own) if matched else 0.0
    known: dict[bytes, list[Sketch]] = {}
    old = [sketch for sketch in seen if len(sketch) == OLD_BITS // 8]
    for sketch in (Sketch.from_bytes(data) for data in seen if len(data) != OLD_BITS // 8):
        known.setdefault(sketch.salt, []).append(sketch)
    mine = [still.sketch(capture.salts[0]) for still in stills]
    for number, still in enumerate(stills):
        for with_salt, sketches in known.items():
            most_shared = float(own[number] * own.max())
            _compare(before, still.sketch(with_salt), sketches, most_shared, policy, matched, large)
        if old:
            noise = float(old_correlation(old_sketch(still.pattern.astype(np.float32)), old).max())
            before.whole, before.one_shot = max(before.whole, noise), before.one_shot or noise >= OLD
        apart = [_apart(still, other) for other in stills[:number]]
        _compare(among, mine[number], mine[:number], own[number] * own[:number], policy, matched, large, apart)
    return _told(before, among, uneven)


def _told(before: _Most, among: _Most, uneven: float) -> Check:
    name = "not handed in before"
    figures = (
        ("noise shared with earlier stills", before.whole),
        ("in the face", before.face),
        ("noise shared among these", among.whole),
        ("in the face, among these", among.face),
        ("shared unevenly among these", uneven),
    )
    if before.one_shot:
        advice = "A still is a copy of one that was enrolled or handed in before."
        return Check(name, "failed", "handed-in-before", advice, figures)
    if among.one_shot:
        advice = "Several stills share noise that no two shots share: they are copies of one, or it was put into them."
        return Check(name, "failed", "copies-of-one-shot", advice, figures)
    if before.doubt or among.doubt or uneven >= UNEVEN:
        advice = "Stills share more noise than two shots should, but too little to tell. Move a little, and try again."
        return Check(name, "inconclusive", "like-earlier-stills", advice, figures)
    return Check(name, "passed", figures=figures)


def _compare(
    most: _Most,
    sketch: Sketch,
    others: Sequence[Sketch],
    of_sensor: float | np.ndarray,
    policy: FreshnessRules,
    matched: bool,
    large: bool,
    apart: Sequence[bool] | bool = True,
) -> None:
    """Note the most that a still shares with others beyond what the sensor gives all of its pictures."""
    if not others:
        return
    whole, face = shared_noise(sketch, others)
    most.whole = max(most.whole, float(whole.max()))
    most.face = max(most.face, float(np.nanmax(face, initial=0.0)))
    enrolled = np.array([other.part is None for other in others])
    beyond, in_face = whole - of_sensor, face - _IN_FACE_MORE * np.asarray(of_sensor)
    counts = matched & np.asarray(apart)
    face_too = ~enrolled & (in_face >= IN_FACE)
    hidden = (enrolled & (beyond >= ENROLLED)) | (face_too & (beyond >= AROUND))
    most.one_shot = most.one_shot or bool((hidden & counts | (whole >= policy.duplicate)).any())
    most.doubt = most.doubt or bool(large and (face_too & (beyond >= MAYBE_AROUND) & counts).any())


def _uneven(stills: Sequence[Still], own: np.ndarray) -> float:
    """How much more two stills share in place than two others, beyond the sensor's pattern; 0 where it tells nothing.

    Uploaded photos are not compared: they may show one scene twice, and another one.
    """
    live = [number for number, still in enumerate(stills) if not math.isnan(still.taken_s)]
    if len(live) < 3 or stills[live[0]].luma.size < UNEVEN_PIXELS:
        return 0.0
    flats = Flats([stills[n].noise for n in live], [stills[n].luma for n in live])
    shared = flats.shared() - np.outer(own[live], own[live])
    pairs = np.triu_indices(len(live), 1)
    more = shared[pairs] - shared[pairs].min()
    order = np.argsort(-more)
    of_one_shot = (n for n in order if more[n] < UNEVEN or flats.of_one_shot(pairs[0][n], pairs[1][n]))
    return float(more[next(of_one_shot)])


def _apart(still: Still, other: Still) -> bool:
    """Tell whether so much time lies between two stills that a face has moved; unknown times tell nothing against."""
    return not abs(still.taken_s - other.taken_s) < MOMENT_S


def _of_sensor(camera: CameraFinding | None, count: int) -> np.ndarray:
    """Correlation of each still's noise with the sensor's true pattern: two stills share the product of theirs."""
    none = np.zeros(max(count, 1))
    if camera is None or camera.shares is None or camera.found is None or camera.camera is None:
        return none
    reliability = camera.camera.fingerprint.reliability
    if not reliability > 0.0:
        return none  # one picture was enrolled: nobody knows
    ncc = np.maximum(camera.shares.z * camera.found.deviation, 0.0)
    return np.minimum(ncc / math.sqrt(reliability), 1.0)
