"""Three customers, four cameras, every combination of claim, face and camera: ``python -m benchmarks.customers DIR``.

DIR holds cameras/<camera>/{enrol,probe} and faces/photos/<person>. Faces, flats and scenes are real. A selfie is a
photo of the face that carries the noise of a held-back picture of the camera. Nobody in those photos answers a
challenge, so the stream that does is made up around the real face.
"""

from __future__ import annotations

import tempfile
from collections import Counter

from bank.bank import Bank
from bank.face_reader import Reader
from docs.record import Record, arguments
from testing.real_customers import Days, Material, Trial, trials

_WHOSE = {True: "own", False: "another's"}


def main() -> None:
    given = arguments(__doc__, "cameras/<camera>/{enrol,probe} and faces/photos/<person>").parse_args()
    clock, record = Days(), Record("python -m benchmarks.customers DIR")
    tried: dict[tuple[bool, bool], list[Trial]] = {}
    with tempfile.TemporaryDirectory() as home:
        bank = Bank(f"sqlite:///{home}/bank.db", folder=home, clock=clock)
        for trial in trials(bank, clock, Material(given.folder, Reader())):
            tried.setdefault((trial.own_face, trial.own_camera), []).append(trial)
            found = trial.decision
            face, camera, region = (found.factor(name) for name in ("face", "camera", "face region"))
            told = f"face {face.score:.2f}, PCE {camera.score:.1f}, face region {region.verdict}"
            who = f"{trial.person} with {trial.camera} as {trial.claimed}"
            print(f"{who}: {found.outcome} {found.reason} ({told})", flush=True)
        bank.close()
    record.table("attempts", "n", "accepted", "PCE of 6 to 8 stills", "refused for")
    for (own_face, own_camera), some in sorted(tried.items(), reverse=True):
        whose = f"{_WHOSE[own_face]} face, {_WHOSE[own_camera]} camera"
        pce = [one.decision.factor("camera").score for one in some]
        refused = Counter(one.decision.reason for one in some if not one.decision.accepted)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in refused.most_common())
        digits = 0 if min(pce) >= 100 else 1
        span = f"{min(pce):.{digits}f} to {max(pce):.{digits}f}"
        record.row(whose, len(some), sum(one.decision.accepted for one in some), span, reasons)
    record.write(given.json)


if __name__ == "__main__":
    main()
