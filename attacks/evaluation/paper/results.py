"""The paper's experiment: which material makes a fresh fingerprint that agrees with the enrolled camera's.

After Mukherjee and Mohanty, "Addressing deepfake issue in selfie-banking through camera-based authentication". New are
the videos' votes by our own liveness check, and a face swapped inside a genuine video.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from prnu import THRESHOLD

Kind = Literal["laptop", "webcam", "smartphone"]
Material = Literal["natural", "genuine", "own", "other", "inside"]
Attack = Literal["swap", "puppet"]

PAPER: Mapping[Kind, Mapping[Material, float]] = {
    "laptop": {"natural": 101.559, "own": 45.3992, "other": 3.0243e-04},
    "webcam": {"natural": 189.1801, "own": 0.3617, "other": 2.88e-05},
    "smartphone": {"natural": 2.455e04, "own": -1.635e04, "other": -4.0855e03},
}
"""The paper's PCE of fingerprint 2 against fingerprint 1."""

FEWEST = 6
"""Stills from which the face region is expected to tell: the bank's policy accepts nobody by fewer."""

CAUGHT, VOTED = 0.9, 0.8
"""Shares of swapped faces that the face region has to catch, and of deepfakes that are expected to be voted live."""


@dataclass(frozen=True)
class Row:
    """Fingerprint 2 against fingerprint 1.

    Attributes
    ----------
    camera : str
    kind : {"laptop", "webcam", "smartphone"}
    number : int
        As in `attacks.evaluation.paper.material.Device`.
    simulated : bool
    material : str
        What fingerprint 2 is made from: natural images of the enrolled camera, a genuine video of a face, a deepfake
        from a photo by the enrolled camera (own) or by another, or a face swapped inside a genuine video.
    subject : str
        Whose face, and in which video.
    images : int
    pce, p_value : float
    passed : bool
        Whether the camera check alone would accept it.
    vote : str
        Verdict of the passive liveness check on the video; empty for natural images.
    """

    camera: str
    kind: Kind
    number: int
    simulated: bool
    material: Material
    subject: str
    images: int
    pce: float
    p_value: float
    passed: bool
    vote: str


@dataclass(frozen=True)
class RegionRow:
    """The face region of some stills, as the bank judges it.

    Attributes
    ----------
    camera, number, simulated, subject
        As in `Row`.
    clip : bool
        Whether a real person's video is underneath, and not a photo that moves.
    swapped : bool
        Whether the face was put in.
    stills : int
    pce : float
        Of the whole frame.
    verdict : {"passed", "failed", "inconclusive"}
    reason : str
    z, expected_z : float
        Of the region; NaN where it was not compared.
    """

    camera: str
    number: int
    simulated: bool
    subject: str
    clip: bool
    swapped: bool
    stills: int
    pce: float
    verdict: str
    reason: str
    z: float
    expected_z: float


@dataclass(frozen=True)
class CameraScore:
    """What the camera factor says for one enrolled camera."""

    camera: str
    number: int
    simulated: bool
    pce: float
    verdict: str
    reason: str


@dataclass(frozen=True)
class DeepfakeRow:
    """One deepfake against liveness and cameras.

    Attributes
    ----------
    attack : {"swap", "puppet"}
    photo, subject : str
        The photo that it is made from, and the video that it is put into or the script that moves it.
    vote : str
        Verdict of the passive liveness check.
    similarity : float
        Of its faces with the photo's; the bank takes .45 and more for the same person. NaN if none can be read.
    scores : tuple of CameraScore
    """

    attack: Attack
    photo: str
    subject: str
    vote: str
    similarity: float
    scores: tuple[CameraScore, ...]


@dataclass(frozen=True)
class Claim:
    """Something that was expected, and in how many cases it came.

    Attributes
    ----------
    text : str
    camera : str
        Or "real cameras", "simulated cameras", "all cameras"; empty where none takes part.
    held, cases : int
    share : float
        Of the cases in which it has to hold, 0..1.
    """

    text: str
    camera: str
    held: int
    cases: int
    share: float = 1.0

    @property
    def kept(self) -> bool:
        """Whether it came as expected."""
        return self.held >= self.share * self.cases


def claims(
    rows: Sequence[Row], regions: Sequence[RegionRow], deepfakes: Sequence[DeepfakeRow], threshold: float = THRESHOLD
) -> Iterator[Claim]:
    """Compare what came with what is expected: the paper's shape of result, and that no swapped face passes."""
    for camera in dict.fromkeys(row.camera for row in rows):
        own = [row for row in rows if row.camera == camera]
        natural = [row.pce >= threshold for row in own if row.material in ("natural", "genuine")]
        fake = [row.pce < threshold for row in own if row.material in ("own", "other")]
        yield Claim(
            f"natural images and genuine videos reach a PCE of {threshold:g}", camera, sum(natural), len(natural)
        )
        yield Claim(f"deepfakes stay below {threshold:g}", camera, sum(fake), len(fake))
    for name, simulated in (("real cameras", False), ("simulated cameras", True)):
        swapped = [row for row in regions if row.swapped and row.simulated == simulated]
        for stills in dict.fromkeys(row.stills for row in swapped):
            found = [row.verdict for row in swapped if row.stills == stills]
            if stills >= FEWEST and not simulated:
                text = f"a face swapped inside is caught by the face region, stills: {stills}"
                yield Claim(text, name, found.count("failed"), len(found), CAUGHT)
            refused = len(found) - found.count("passed")
            yield Claim(
                f"a face swapped inside does not pass the face region, stills: {stills}", name, refused, len(found)
            )
    for attack in dict.fromkeys(row.attack for row in deepfakes):
        made = [row for row in deepfakes if row.attack == attack]
        live = sum(row.vote == "live" for row in made)
        refused = sum(all(score.verdict == "failed" for score in row.scores) for row in made)
        yield Claim(f"{attack}: passes the liveness vote", "", live, len(made), VOTED)
        yield Claim(f"{attack}: fails the camera factor of every camera", "all cameras", refused, len(made))
