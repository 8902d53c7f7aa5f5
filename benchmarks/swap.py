"""Figures of the face swap: ``python -m benchmarks.swap DIR``, with DIR/faces/photos/<person>/* and DIR/faces/real/*.

Ten swaps, each photo and clip as it is: the passive vote before and after, and whose face is recognised. Then the speed
of a 1280x720 video, tracking included, and of a photo that a person drives live at 640x480.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from attacks.face.behaviour import CALM, script
from attacks.face.puppet import Puppet
from attacks.face.retarget import Driver
from attacks.face.selfie_framing import selfie
from attacks.face.swap import swap_video
from docs.record import Record, arguments
from liveness.identity import THRESHOLD, FaceError, FaceMatcher
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.video import frames_of

PAIRS = (
    ("Barack_Obama/obama3.jpg", "liveportrait_d3.mp4"),
    ("Kit_Harington/johnsnow_test1.jpg", "liveportrait_d3.mp4"),
    ("Joe_Biden/biden2.jpg", "liveportrait_d9.mp4"),
    ("Rose_Leslie/img1.jpg", "liveportrait_d9.mp4"),
    ("Barack_Obama/obama2.jpg", "liveportrait_d13.mp4"),
    ("Kit_Harington/john1.jpeg", "liveportrait_d13.mp4"),
    ("Rose_Leslie/img1.jpg", "liveportrait_s18.mp4"),
    ("Joe_Biden/biden.jpg", "liveportrait_s18.mp4"),
    ("Barack_Obama/obama.jpg", "hysts_video00.mp4"),
    ("Rose_Leslie/img2.jpg", "hysts_video00.mp4"),
)
FRAMES = 180
COMPARED_EVERY = 12


def pictures(path: Path) -> Iterator[tuple[np.ndarray, float, float]]:
    return islice(frames_of(path), FRAMES)


def photo_of(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def embeddings(matcher: FaceMatcher, frames: list[np.ndarray]) -> list[np.ndarray]:
    found = []
    for frame in frames:
        try:
            found.append(matcher.embed(frame))
        except FaceError:
            continue
    return found


def likeness(known: list[np.ndarray], found: list[np.ndarray]) -> float:
    """Median similarity of any two; NaN where no face can be recognised."""
    return float(np.median([FaceMatcher.similarity(a, b) for a in known for b in found])) if known and found else np.nan


def swaps(folder: Path, record: Record) -> None:
    matcher = FaceMatcher()
    columns = (
        "photo",
        "clip",
        "vote before",
        "after",
        "like the photo before",
        "after",
        "like the clip's person after",
    )
    record.table(*columns)
    voted = taken = 0
    with FaceTracker(stills=True) as looker:
        for photo_name, clip in PAIRS:
            photo = photo_of(folder / "photos" / photo_name)
            source = [matcher.embed(selfie(photo, (480, 640), looker))]
            before, after = LivenessSession(), LivenessSession()
            kept: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
            with FaceTracker() as judge:
                originals: dict[float, np.ndarray] = {}

                def remembered(clip=clip, originals=originals):
                    for frame, time_s, share in pictures(folder / "real" / clip):
                        originals[time_s] = frame
                        yield frame, time_s, share

                for number, (frame, time_s, seen) in enumerate(swap_video(photo, remembered())):
                    before.feed(seen)
                    judged = judge.observe(frame, time_s)
                    assert judged is not None
                    after.feed(judged)
                    original = originals.pop(time_s)
                    if number % COMPARED_EVERY == 0:
                        kept[0].append(original)
                        kept[1].append(frame)
            person, result = (embeddings(matcher, frames) for frames in kept)
            was, became, left = likeness(source, person), likeness(source, result), likeness(person, result)
            voted += after.vote.verdict == before.vote.verdict == "live"
            taken += became > was and left < likeness(person, person)
            cells = [photo_name, clip, before.vote.verdict, after.vote.verdict]
            record.row(*cells, *(f"{value:.2f}" for value in (was, became, left)))
    record.say(f"Live before and after: {voted} of {len(PAIRS)}.")
    liker = "Liker to the photo and less like the clip's person"
    record.say(f"{liker}: {taken} of {len(PAIRS)}; the same person from {THRESHOLD}.")


def speed(record: Record) -> None:
    with FaceTracker(stills=True) as looker:
        astronaut = skimage.data.astronaut()
        large = Puppet(selfie(astronaut, (720, 1280), looker), looker)
        small = Puppet(selfie(astronaut, (480, 640), looker), looker)
    acted = list(script([(0.5, "blink twice"), (2.0, "turn left")], fps=30, seconds=4, temperament=CALM))
    film = [(large.frame(pose), number / 30, (number + 1) / len(acted)) for number, pose in enumerate(acted)]
    start = time.perf_counter()
    count = sum(1 for _ in swap_video(np.ascontiguousarray(astronaut[:, ::-1]), film))
    record.say(f"Swap at 1280x720, tracking included: {count / (time.perf_counter() - start):.1f} frames/s.")
    webcam = [cv2.resize(frame, (640, 360), interpolation=cv2.INTER_AREA) for frame, _, _ in film]
    webcam = [cv2.copyMakeBorder(frame, 60, 60, 0, 0, cv2.BORDER_REPLICATE) for frame in webcam]
    driver = Driver()
    start = time.perf_counter()
    with FaceTracker() as tracker:
        for number, frame in enumerate(webcam):
            seen = tracker.observe(frame, number / 30)
            assert seen is not None
            small.frame(driver.expression(seen))
    rate = len(webcam) / (time.perf_counter() - start)
    record.say(f"Live puppet at 640x480, tracking included: {rate:.1f} frames/s.")


def main() -> None:
    given = arguments(__doc__, "faces/photos/<person>/* and faces/real/*").parse_args()
    record = Record("python -m benchmarks.swap DIR")
    speed(record)
    swaps(given.folder / "faces", record)
    record.write(given.json)


if __name__ == "__main__":
    main()
