"""Tables of the face factor: ``python -m benchmarks.liveness DIR``.

DIR holds real/ and fake/ clips, photos/<person>/* and blinks.json: closures of the eyes in some of the real clips as
pairs of first and last frame, labelled by eye.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from attacks.evaluation.paper.material import portraits
from attacks.face.expression import Expression
from attacks.face.puppet import Puppet
from docs.record import Record, arguments
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.video import analyse_video
from testing.blink_scores import blink_scores
from testing.held_photo import MOTIONS, film
from testing.real_clips import CLIPS


def clips(folder: Path, record: Record) -> None:
    record.table(
        "clip", "shows", "frames/s", "face found", "blinks", "turns", "glances", "decided", "vote", title="Clips."
    )
    times = []
    for name, what in CLIPS.items():
        path = next(folder.glob(f"*/{name}"))
        report = analyse_video(path)
        counts = Counter(event.kind.split()[0] for event in report.events)
        decided = f"{report.verdict} ({report.reason})" if report.reason else report.verdict
        cells = [f"{report.frames_per_second:.0f}", f"{report.detected:.0%}"]
        cells += [str(counts[kind]) for kind in ("blink", "turn", "glance")]
        record.row(name, what, *cells, decided, report.majority)
        times.append(report.ms_per_frame)
    print(f"\nmedian CPU time a frame, all but decoding: {np.median(times):.1f} ms")
    record.keep(cpu_ms_per_frame=float(np.median(times)))


def labelled(folder: Path, record: Record) -> None:
    labels = json.loads((folder / "blinks.json").read_text())
    for every in (1, 2, 3):
        counts = np.zeros(3, int)
        for name, clip in labels.items():
            counts += blink_scores(analyse_video(folder / "real" / name, every=every).blinks, clip)
        hits, false, missed = counts.tolist()
        f1 = 2 * hits / (2 * hits + false + missed)
        which = "every frame" if every == 1 else f"one frame in {every}"
        closures = f"of {hits + missed} closures of the eyes that were labelled by eye in {len(labels)} clips"
        record.say(f"With {which}, {hits} {closures} are found, and {false} falsely (F1 {f1:.3f}).")


EYES = {"narrow": 0.5, "nearly shut": 0.75, "shut": 1.0}
"""How far the lids of a photo are drawn down before it is held."""


def held_photos(folder: Path, record: Record) -> None:
    pictures = [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in sorted(folder.glob("photos/*/*"))]
    columns = ("eyes", "motion of a held photo", "films", "with a blink", "with a glance", "with a turn")
    record.table(*columns, "judged live", "voted live", title="Photos that are held before the camera.")
    for motion in MOTIONS:
        record.row("as they are", motion, *held(pictures, motion, 20 if motion == "still" else 6))
    with FaceTracker(stills=True) as tracker:
        puppets = [Puppet(one.photo, tracker) for one in portraits(folder / "photos", tracker)]
        openings = list[str]()
        for eyes, lids in EYES.items():
            photos = [puppet.frame(Expression(blink_left=lids, blink_right=lids)) for puppet in puppets]
            seen = [tracker.observe(photo, 0.0) for photo in photos]
            ears = [one.ear for one in seen if one and one.faces]
            openings.append(f"{eyes} {min(ears):.2f} to {max(ears):.2f}")
            for motion in MOTIONS:
                record.row(eyes, motion, *held(photos, motion, 6))
    record.say(f"Eye aspect ratios of photos whose lids were drawn down: {', '.join(openings)}.")


def held(photos: Sequence[np.ndarray], motion: str, seconds: float) -> list[int]:
    """Films of photos in motion; in how many of them there is a blink, a glance or a turn; and how many seem live."""
    tally: Counter[str] = Counter()
    for photo in photos:
        session = LivenessSession()
        with FaceTracker() as tracker:
            for frame, time_s in film(photo, motion, seconds):
                seen = tracker.observe(frame, time_s)
                assert seen is not None
                session.feed(seen)
        tally.update({event.kind.split()[0] for event in session.events})
        tally["live"] += session.vote.verdict == "live"
        tally["majority"] += session.vote.majority == "live"
    return [len(photos), *(tally[kind] for kind in ("blink", "glance", "turn", "live", "majority"))]


def main() -> None:
    given = arguments(__doc__, "real/, fake/, photos/<person>/* and blinks.json").parse_args()
    record = Record("python -m benchmarks.liveness DIR")
    clips(given.folder, record)
    labelled(given.folder, record)
    held_photos(given.folder, record)
    record.write(given.json)


if __name__ == "__main__":
    main()
