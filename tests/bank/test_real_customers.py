"""Three customers, four cameras: the right pairs are accepted, all others refused with the failing factor named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from bank import still
from bank.bank import Bank
from bank.face_reader import Reader
from liveness.models import MODELS
from prnu import noise_residual
from testing.real_customers import Days, Material, trials
from tests import needs

pytestmark = pytest.mark.data


class Remembering:
    """Does what a function does, once for each picture: every selfie is handed in for three customers in two banks."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.work = work
        self.done: dict[bytes, Any] = {}

    def __call__(self, picture: np.ndarray, *others: Any) -> Any:
        key = hashlib.blake2b(picture.tobytes()).digest()
        if key not in self.done:
            self.done[key] = self.work(picture, *others)
        return self.done[key]


@pytest.fixture(scope="module")
def material():
    """Made once for both databases, and so is what is measured of every selfie."""
    needs.models(*MODELS)
    with closing(Reader()) as reader, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "read", Remembering(reader.read))
        patch.setattr(still, "noise_residual", Remembering(noise_residual))
        yield Material(needs.DATA, reader)


def test_right_pairs_are_accepted_and_all_others_refused_by_name(material, database_url):
    clock = Days()
    bank = Bank(database_url, clock=clock)
    done = list(trials(bank, clock, material))
    assert [len(info.cameras) for info in bank.customers()] == [1, 1, 2]
    assert len(done) == 36
    assert sum(trial.decision.accepted for trial in done) == 4
    for trial in done:
        decision = trial.decision
        assert decision.accepted == (trial.own_face and trial.own_camera), trial
        failed = [factor.name for factor in decision.factors if factor.verdict == "failed"]
        if not decision.accepted:
            assert decision.outcome == "refused", trial
            assert decision.reason.startswith("camera" if trial.own_face else "face"), trial
            assert ("face" in failed) == (not trial.own_face), trial
            assert ("camera" in failed) == (not trial.own_camera), trial
    bank.close()
