"""Whole checks in the stream's own time: who is accepted, and what happens where stills run out."""

from __future__ import annotations

import tempfile

import pytest

from attacks.show.acted import Acted
from attacks.target import simulated
from attacks.trial import run
from attacks.types import no_sensor
from bank import Bank, Policy
from bank.face_reader import Reader
from bank.freshness import TELLING_DEG
from liveness.identity import FaceMatcher
from liveness.models import MODELS
from tests import needs


@pytest.fixture(scope="module")
def models():
    needs.models(*MODELS)
    reader, matcher = Reader(), FaceMatcher()
    yield {"reader": reader, "matcher": matcher}
    reader.close()


@pytest.fixture(scope="module")
def target(models):
    return simulated(Policy.load().enrolment)


def tried(target, presentation, **options):
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(f"sqlite:///{folder}/bank.db", folder=folder)
        target.enrol(bank)
        try:
            return run(bank, target.name, presentation, **options)
        finally:
            presentation.close()
            bank.close()


def test_a_customer_of_whose_camera_few_photos_are_left_is_accepted_with_one_that_tells(target, models):
    seen = []
    found = tried(target, target.genuine(1), most=8, watch=lambda scene, state: seen.append(state.phase), **models)
    assert found.decision.accepted, found.decision.reason
    assert 6 <= len(found.capture.stills) <= 8
    assert not found.capture.refusals
    turned = [still for still in found.capture.stills if still.face.pose and abs(still.face.pose.yaw) >= TELLING_DEG]
    assert turned
    assert {"prompting", "passed"} <= set(seen)


def test_a_puppet_without_a_camera_answers_everything_and_is_refused_for_the_camera(target, models):
    found = tried(target, Acted(target.face, no_sensor, 2), **models)
    verdicts = {factor.name: factor.verdict for factor in found.decision.factors}
    assert found.decision.reason == "camera: other-camera"
    assert (verdicts["face"], verdicts["liveness"], verdicts["camera"]) == ("passed", "passed", "failed")
    assert len(found.capture.stills) >= 12
    assert found.finding.factor.score < 50
