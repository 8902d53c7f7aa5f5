"""Sample mode with the real networks: the same director, session and bank as for somebody in front of a camera."""

from __future__ import annotations

import random

import pytest

from attacks.sample_person import CAMERA, PERSON
from attacks.target import simulated
from bank.policy import Policy
from liveness.models import MODELS
from testing.some import some
from tests import needs
from ui.live.directors.verify import VerifyDirector
from ui.live.session import LiveSession
from ui.live.simulated_visitor import Stage
from ui.results.scenario import SCENARIOS
from ui.sample.bank import SampleBank


@pytest.fixture(scope="module")
def person():
    needs.models(*MODELS)
    return simulated(Policy.load().enrolment)


@pytest.fixture(scope="module")
def bank(person):
    made = SampleBank(person)
    yield made.bank
    made.close()


def play(bank, person, scenario, seed):
    draw = random.Random(seed)
    director = VerifyDirector(bank, bank.begin(PERSON, draw=draw), draw)
    session = LiveSession(director, played=True)
    stage = Stage(session, scenario.play(person, seed))
    stage.start()
    assert stage.join(600)
    assert session.join(20)
    assert not director.problem
    return some(director.verified).decision


@pytest.mark.slow
def test_the_sample_person_is_enrolled_with_a_camera_and_a_face_that_say_simulated(bank):
    (person,) = bank.customers()
    assert person.name == PERSON
    assert [camera.label for camera in person.cameras] == [CAMERA]
    assert person.face_frames == 1
    assert all("(simulated)" in name for name in (PERSON, CAMERA))


@pytest.mark.slow
def test_the_enrolled_camera_passes_another_one_fails_and_so_does_what_no_camera_took(bank, person):
    for seed, scenario in enumerate(SCENARIOS):
        decision = play(bank, person, scenario, seed)
        told = {factor.name: (factor.verdict, factor.reason) for factor in decision.factors}
        assert told["face"][0] == told["liveness"][0] == "passed", (scenario.code, told)
        assert decision.accepted == (scenario.code == "genuine"), (scenario.code, told)
        assert told["camera"][0] == ("passed" if scenario.code == "genuine" else "failed"), (scenario.code, told)


@pytest.mark.slow
def test_the_same_seed_comes_to_the_same_decision_to_the_last_figure(person):
    figures = []
    for _ in range(2):
        alone = SampleBank(person)
        decision = play(alone.bank, person, SCENARIOS[0], 11)
        alone.close()
        figures.append({factor.name: (factor.verdict, factor.reason, factor.score) for factor in decision.factors})
    assert figures[0] == figures[1]
