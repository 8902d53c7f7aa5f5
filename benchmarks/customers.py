"""Three customers, four cameras, every combination of claim, face and camera: ``python -m benchmarks.customers DIR``.

DIR holds cameras/<camera>/{enrol,probe} and faces/photos/<person>. Faces, flats and scenes are real. A selfie is a
photo of the face that carries the noise of a held-back picture of the camera. Nobody in those photos answers a
challenge, so the stream that does is made up around the real face.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table as Rows

from bank.bank import Bank
from bank.capture import Reader
from testing.real_customers import Days, Material, trials


def main(data: Path) -> None:
    clock = Days()
    table = Rows("claims to be", "face", "camera", "outcome", "reason", "similarity", "PCE", "in the face")
    with tempfile.TemporaryDirectory() as home:
        bank = Bank(f"sqlite:///{home}/bank.db", folder=home, clock=clock)
        for trial in trials(bank, clock, Material(data, Reader())):
            found = trial.decision
            face, camera, region = (found.factor(name) for name in ("face", "camera", "face region"))
            row = (trial.claimed, trial.person, trial.camera, found.outcome, found.reason)
            table.add_row(*row, f"{face.score:.2f}", f"{camera.score:.1f}", region.verdict)
        bank.close()
    Console(width=140).print(table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
