"""Tables of the face factor: ``python -m benchmarks.liveness DIR``.

DIR holds real/ and fake/ clips, photos/<person>/* and blinks.json: closures of the eyes in some of the real clips as
pairs of first and last frame, labelled by eye.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from docs.record import Record, arguments
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.video import analyse_video
from testing.blink_scores import blink_scores
from testing.held_photo import MOTIONS, film
from testing.narrow_eyes import EYES, narrowed
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


def held_photos(folder: Path, record: Record) -> None:
    columns = ("eyes", "motion of a held photo", "films", "with a blink", "with a glance", "with a turn")
    record.table(*columns, "judged live", "voted live", title="Photos that are held before the camera.")
    paths = sorted(folder.glob("photos/*/*"))
    whole = [path for path in paths if "partial" not in path.name][::2]  # halved faces have no two eyes to narrow
    for eyes, closed in EYES.items():
        chosen = whole if closed else paths
        pictures = [narrowed(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), closed) for path in chosen]
        for motion in MOTIONS:
            seconds = 20 if motion == "still" and not closed else 6
            tally: Counter[str] = Counter()
            for picture in pictures:
                session = LivenessSession()
                with FaceTracker() as tracker:
                    for frame, time_s in film(picture, motion, seconds):
                        seen = tracker.observe(frame, time_s)
                        assert seen is not None
                        session.feed(seen)
                tally.update({event.kind.split()[0] for event in session.events})
                tally["live"] += session.vote.verdict == "live"
                tally["majority"] += session.vote.majority == "live"
            kinds = ("blink", "glance", "turn", "live", "majority")
            record.row(eyes, motion, len(pictures), *(tally[kind] for kind in kinds))


def main() -> None:
    given = arguments(__doc__, "real/, fake/, photos/<person>/* and blinks.json").parse_args()
    record = Record("python -m benchmarks.liveness DIR")
    clips(given.folder, record)
    labelled(given.folder, record)
    held_photos(given.folder, record)
    record.write(given.json)


if __name__ == "__main__":
    main()
