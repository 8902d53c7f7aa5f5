from __future__ import annotations

import itertools

import numpy as np
import pytest

from attacks.face.expression import Expression
from attacks.face.stranger import stranger
from attacks.target import simulated
from attacks.types import RATE
from bank.policy import Policy
from liveness.identity import THRESHOLD
from liveness.landmarks import FaceTracker
from prnu import match, scenes
from testing.some import some


@pytest.fixture(scope="module")
def astronaut():
    return scenes.photo("astronaut", (512, 512))


@pytest.fixture(scope="module")
def other(models, astronaut):
    return stranger(astronaut)


def test_a_target_can_be_enrolled(target, vault):
    (customer,) = vault.customers()
    assert (customer.name, [camera.label for camera in customer.cameras]) == (target.name, [target.label])
    assert "(simulated)" in target.name
    assert "(simulated)" in target.label


def test_the_genuine_person_comes_with_the_enrolled_cameras_pattern_and_the_others_with_another(target):
    fingerprint = target.sample.fingerprint
    genuine = target.genuine(4)
    frame = genuine.frame(None, 0.0)
    assert match(fingerprint, genuine.still()).pce > 100
    assert match(fingerprint, target.other.photograph(frame)).pce < 50


def test_another_seed_is_another_try(target):
    pictures = []
    for seed in (1, 1, 2):
        presentation = target.genuine(seed)
        *_, frame = (presentation.frame(None, number / RATE) for number in range(8))
        pictures.append((frame, presentation.still()))
    (a, still_a), (b, still_b), (c, _) = pictures
    assert np.array_equal(a, b)
    assert np.array_equal(still_a, still_b)
    assert not np.array_equal(a, c)
    assert len({target.shots(seed) // 1000 for seed in range(5)}) == 5


def test_published_photos_carry_the_pattern_and_are_no_stills_of_a_check(target):
    photos = list(target.published(3))
    assert {photo.shape for photo in photos} == {(*target.camera.shape, 3)}
    assert match(target.sample.fingerprint, photos).pce > 50
    again = list(itertools.islice(target.published(5), 3))
    assert all(np.array_equal(a, b) for a, b in zip(photos, again, strict=True))


def test_the_actor_is_nobody_whom_a_face_matcher_takes_for_the_victim(target, matcher):
    face = matcher.embed(target.face.frame(Expression()))
    for yaw in (-20, 0, 20):
        assert matcher.similarity(face, matcher.embed(target.actor.frame(Expression(yaw=yaw)))) < 0.35 < THRESHOLD


def test_the_actor_blinks_turns_and_glances(target):
    with FaceTracker(stills=True) as tracker:
        poses = {
            "closed": Expression(blink_left=1, blink_right=1),
            "turned": Expression(yaw=26),
            "aside": Expression(gaze=0.8),
            "": Expression(),
        }
        seen = {name: some(tracker.observe(target.actor.frame(pose), 0.0)) for name, pose in poses.items()}
    assert {one.faces for one in seen.values()} == {1}
    assert seen["closed"].ear < 0.12 < 0.22 < seen[""].ear
    assert seen["turned"].yaw - seen[""].yaw > 20
    assert seen["aside"].gaze - seen[""].gaze > 0.5


def test_a_stranger_keeps_the_place_of_the_face_and_its_size(astronaut, other):
    with FaceTracker(stills=True) as tracker:
        pictures = (np.ascontiguousarray(astronaut[:, ::-1]), other)
        before, after = (some(some(tracker.observe(one, 0.0)).box) for one in pictures)
    assert other.shape == astronaut.shape
    assert abs(before.left - after.left) < 0.2 * before.width
    assert after.width == pytest.approx(before.width, rel=0.25)


def test_a_target_is_made_of_what_the_attacker_has_what_is_enrolled_and_an_actor(astronaut, other, matcher):
    rules = Policy.load().enrolment
    enrolled = np.ascontiguousarray(other[:, ::-1])
    made = simulated(rules, other, enrolled=[enrolled], shape=(480, 640), name="Somebody", label="Camera")
    assert (made.name, made.label, made.camera.shape) == ("Somebody", "Camera", (480, 640))
    assert np.array_equal(made.portrait, other)
    assert matcher.similarity(made.template, matcher.embed(enrolled)) > 0.999
    victim, actor = (matcher.embed(face.frame(Expression())) for face in (made.face, made.actor))
    assert matcher.similarity(made.template, victim) > 0.8
    assert matcher.similarity(actor, matcher.embed(astronaut)) > 0.8, "the astronaut acts where somebody else is named"
