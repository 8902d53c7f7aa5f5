"""Repeats the paper's experiment (`attacks.evaluation.paper.results`) with a camera, two people and a public video."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attacks.evaluation.paper.material import HALF, SHAPE, Clip, Device, Enrolled, Portrait
from attacks.evaluation.paper.results import Attack, CameraScore, DeepfakeRow, Material, RegionRow, Row
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.face.swap import Swapper
from attacks.media.upload import as_streamed
from attacks.show.acted import Acted
from attacks.show.deepfakes import Swapped
from attacks.show.played import Played
from attacks.types import RATE, Camera, ImageArray, Presentation, Sensor, no_sensor
from bank import Picture
from bank.capture import Capture
from bank.errors import EvidenceError
from bank.face_reader import FaceReader
from bank.factors import Candidate, judge_camera, judge_region
from bank.person import mean_embedding
from bank.policy import Policy
from bank.still_sets import combine
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.watcher import Watcher
from prnu import Evidence, gather, match

PROFILE = "demo"
"""Of the bank's policy: its camera threshold is the paper's."""


@dataclass(frozen=True)
class Effort:
    """How much to do.

    Attributes
    ----------
    seconds : float
        Of each video.
    stills : int
        Taken evenly out of it, to make fingerprint 2 from; the paper took 15 to 20.
    groups : tuple of int
        Numbers of stills with which the face region is judged.
    shape : (int, int)
        Height and width of all pictures.
    """

    seconds: float = 6.0
    stills: int = 20
    groups: tuple[int, ...] = (1, 6, 20)
    shape: tuple[int, int] = SHAPE


@dataclass(frozen=True, eq=False)
class Video:
    """What a video gives to the checks: its vote, and stills as the bank takes them in."""

    vote: str
    capture: Capture


class Lab:
    """Makes the videos and judges them. Belongs to one thread.

    Parameters
    ----------
    reader : bank.face_reader.FaceReader
        For stills.
    looker : liveness.landmarks.FaceTracker
        Made with ``stills=True``, for portraits.
    effort : Effort

    Raises
    ------
    bank.errors.PolicyError
        If the policy cannot be used.
    liveness.models.ModelError
        If a model is not to be had.
    """

    def __init__(self, reader: FaceReader, looker: FaceTracker, effort: Effort = Effort()) -> None:
        self.effort, self.profile = effort, Policy.load().profile(PROFILE)
        self._reader, self._looker = reader, looker
        self._matcher = FaceMatcher()

    def video(self, presentation: Presentation, stills: int | None = None) -> Video:
        """Show a presentation to the passive liveness check, take stills of it, and close it.

        Parameters
        ----------
        presentation : Presentation
        stills : int, optional
            How many, evenly spread; default the effort's.

        Raises
        ------
        bank.errors.EvidenceError
            If a still shows no noise at all, as of a black frame.
        """
        total = round(self.effort.seconds * RATE)
        times = np.linspace(0, total - 1, self.effort.stills if stills is None else stills)
        session, capture = LivenessSession(), Capture(self.profile, None, self._reader)
        with Watcher(matcher=self._matcher) as watcher:
            for number in range(total):
                now_s = number / RATE
                scene = presentation.frame(None, now_s)
                found = watcher.look(as_streamed(scene), now_s)
                assert found is not None  # times rise
                session.feed(*found)
                if number in times.round():
                    capture.upload(Picture.from_array(presentation.still(), f"frame {number + 1}"))
        presentation.close()
        if capture.refusals:
            raise EvidenceError(f"{capture.refusals[0].text} Use another photo or video.")
        return Video("not live" if session.reason else session.vote.majority, capture)

    def selfie(self, portrait: Portrait) -> ImageArray:
        """A portrait as a scene in front of a camera."""
        return selfie(portrait.photo, self.effort.shape, self._looker)

    def puppet(self, portrait: Portrait, sensor: Sensor, seed: int = 0) -> Presentation:
        """A portrait that moves."""
        return Acted(Puppet(self.selfie(portrait), self._looker), sensor, seed)

    def swapped(self, photo: ImageArray, under: Presentation, sensor: Sensor | None = no_sensor) -> Presentation:
        """A photo's face in a video; without a sensor, in the stills that another one took."""
        return Swapped(under, Swapper(photo, self._looker), sensor)

    def live(self, clips: Sequence[Clip]) -> list[Clip]:
        """Those videos that pass the liveness vote themselves: an attacker chooses one that does."""
        return [clip for clip in clips if self.video(Played(clip.film, no_sensor), stills=0).vote == "live"]

    def regions(
        self, enrolled: Enrolled, subject: str, clip: bool, swapped: bool, capture: Capture
    ) -> Iterator[RegionRow]:
        """Judge the face region, by as many stills as the effort's groups have, one group after the other."""
        camera = Candidate("", enrolled.camera, enrolled.fingerprint)
        for size in self.effort.groups:
            for start in range(0, len(capture.stills) - size + 1, size):
                part = Capture(self.profile, None, self._reader)
                part.stills = capture.stills[start : start + size]
                found = judge_camera([camera], part, self.profile.camera)
                region = judge_region(found, part, self.profile.face_region)
                expected = region.details.get("expected", math.nan)
                yield RegionRow(
                    enrolled.camera,
                    enrolled.number,
                    enrolled.simulated,
                    subject,
                    clip,
                    swapped,
                    size,
                    found.factor.score,
                    region.verdict,
                    region.reason,
                    region.score,
                    float(expected),
                )

    def likeness(self, photo: ImageArray, capture: Capture) -> float:
        """Similarity of the faces of stills with a photo's; NaN where none can be read."""
        found = mean_embedding([still.face.embedding for still in capture.stills])
        return math.nan if found is None else self._matcher.similarity(self._matcher.embed(photo), found)


def repeat(
    lab: Lab, device: Device, victim: Portrait, actor: Portrait, clip: Clip | None = None
) -> tuple[list[Row], list[RegionRow]]:
    """The paper's experiment with one camera.

    Parameters
    ----------
    lab : Lab
    device : Device
    victim, actor : Portrait
        Of two people.
    clip : Clip, optional
        The public video; with a real camera's noise, another genuine one, too. Without it, the actor moves.

    Raises
    ------
    attacks.face.portrait.PortraitError
        If a portrait cannot be used.
    liveness.video.VideoError
        If the video cannot be read.
    """
    rows: list[Row] = []
    regions: list[RegionRow] = []
    seed = device.enrolled.number
    blocks = itertools.count(1, 20)

    def by_camera() -> Sensor:
        return _in_turn(device.camera, next(blocks))

    def public(sensor: Sensor) -> Presentation:
        return Played(clip.film, sensor) if clip else lab.puppet(actor, sensor, seed)

    def judged(material: Material, subject: str, presentation: Presentation, filmed: bool = False) -> None:
        video = lab.video(presentation)
        rows.append(_row(device.enrolled, material, subject, combine(video.capture.stills), video.vote))
        if material in ("genuine", "inside"):
            regions.extend(lab.regions(device.enrolled, subject, filmed, material == "inside", video.capture))

    scene, shot = lab.selfie(victim), 1000 * next(blocks)
    own, other = (camera.photograph(scene, shot=shot) for camera in (device.camera, device.other))
    where = clip.name if clip else actor.name
    rows.append(_row(device.enrolled, "natural", "", gather(device.natural()), ""))
    judged("genuine", victim.name, lab.puppet(victim, by_camera(), seed))
    judged("own", f"{victim.name} in {where}", lab.swapped(own, public(no_sensor)))
    judged("other", f"{victim.name} in {where}", lab.swapped(other, public(no_sensor)))
    inside = lab.puppet(actor, by_camera(), seed)
    judged("inside", f"{victim.name} in {actor.name}", lab.swapped(own, inside, None))
    if clip and not device.enrolled.simulated:
        judged("genuine", clip.name, public(by_camera()), True)
        judged("inside", f"{victim.name} in {clip.name}", lab.swapped(own, public(by_camera()), None), True)
    return rows, regions


def deepfake(
    lab: Lab,
    attack: Attack,
    victim: Portrait,
    actor: Portrait,
    clip: Clip | None,
    enrolled: Iterable[Enrolled],
    seed: int = 0,
) -> DeepfakeRow:
    """Make one deepfake, and show it to the liveness check and to several enrolled cameras.

    Parameters
    ----------
    lab : Lab
    attack : {"swap", "puppet"}
    victim, actor : Portrait
    clip : Clip or None
        What the face is swapped into; without it, the actor moves.
    enrolled : iterable of Enrolled
    seed : int
        Of what the actor or the puppet does.

    Raises
    ------
    As `repeat`.
    """
    if attack == "puppet":
        subject, presentation = f"script {seed}", lab.puppet(victim, no_sensor, seed)
    else:
        subject = clip.name if clip else f"{actor.name}, script {seed}"
        under = Played(clip.film, no_sensor) if clip else lab.puppet(actor, no_sensor, seed)
        presentation = lab.swapped(victim.photo, under)
    video = lab.video(presentation)
    scores = []
    for one in enrolled:
        found = judge_camera([Candidate("", one.camera, one.fingerprint)], video.capture, lab.profile.camera).factor
        scores.append(CameraScore(one.camera, one.number, one.simulated, found.score, found.verdict, found.reason))
    likeness = lab.likeness(lab.selfie(victim), video.capture)
    return DeepfakeRow(attack, victim.name, subject, video.vote, likeness, tuple(scores))


def _row(enrolled: Enrolled, material: Material, subject: str, evidence: Evidence, vote: str) -> Row:
    found = match(enrolled.fingerprint, evidence)
    return Row(
        enrolled.camera,
        enrolled.kind,
        enrolled.number,
        enrolled.simulated,
        material,
        subject,
        found.images,
        found.pce,
        found.p_value,
        found.passed(),
        vote,
    )


def _in_turn(camera: Camera, block: int) -> Sensor:
    """Take `HALF` shots of each thousand: as many are all that a transplanting camera has."""
    numbers = itertools.count()

    def take(scene: ImageArray) -> ImageArray:
        number = next(numbers)
        return camera.photograph(scene, shot=1000 * (block + number // HALF) + number % HALF)

    return take
