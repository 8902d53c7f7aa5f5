"""Whose face it is, in each still and each part of the stream. Poses, boxes and embeddings come from tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bank.capture import Capture
from bank.face_reader import FaceSeen
from bank.factors import Factor
from bank.person import judge_face
from bank.policy import Policy
from bank.presence import GAP_S, MISSING_S, SEEN_S, Presence
from bank.still import Still
from liveness.challenge import Challenge
from liveness.quality import check
from prnu.localize import Box
from testing.observations import nobody, seen
from testing.selfie import BOX, Device, Person, Table, movement, perform

CHALLENGE = Challenge(("blink twice", "turn left", "look right"))
PROFILE = Policy.load().profile("demo")
ANNA, BERT = Person(1), Person(2)
SMALL = Device(5, (256, 256))


@dataclass
class Changing:
    """Somebody who is one person or another, or cannot be recognised, by the frame's number."""

    who: Callable[[int], Person | None]

    def face(self, of: int) -> np.ndarray | None:
        person = self.who(of)
        return person.face(of) if person else None


def attempt(person=ANNA, **how) -> Capture:
    """An attempt whose stills are as small as they can be: their noise is not what is judged here."""
    capture = Capture(PROFILE, CHALLENGE, reader := Table())
    perform(capture, reader, person, SMALL.selfie, **how)
    return capture


def judged(capture: Capture) -> Factor:
    return judge_face(ANNA.template, capture, PROFILE.face)


def with_faces(*faces: np.ndarray | None) -> Capture:
    """Stills of a capture without a stream, each with a face of its own."""
    capture = Capture(PROFILE, None, reader := Table())
    for face in faces:
        reader.answer = FaceSeen(None, BOX, 1, face, "" if face is not None else "covered")
        capture.upload(SMALL.selfie())
    return capture


def test_one_person_all_the_time_passes():
    factor = judged(attempt())
    assert (factor.verdict, factor.reason) == ("passed", "same-person")
    assert factor.details["least similar still"] == pytest.approx(factor.score, abs=0.1)


def test_some_pictures_of_the_person_do_not_speak_for_those_of_another():
    factor = judged(with_faces(*(ANNA.face(n) for n in range(7)), BERT.face(1), BERT.face(2)))
    assert float(factor.details["stills"]) > PROFILE.face.similarity
    assert (factor.verdict, factor.reason) == ("failed", "other-person-in-some-stills")


def test_one_still_that_is_like_nobody_is_left_open():
    factor = judged(with_faces(*(ANNA.face(n) for n in range(9)), BERT.face(1)))
    assert (factor.verdict, factor.reason) == ("inconclusive", "unlike-stills")


@pytest.mark.parametrize("hidden", [3, 9])
def test_stills_of_somebody_in_dark_glasses_do_not_count_as_the_person(hidden):
    factor = judged(with_faces(*(ANNA.face(n) for n in range(12 - hidden)), *[None] * hidden))
    assert (factor.verdict, factor.reason) == ("inconclusive", "hidden-in-stills")
    assert f"In {hidden} of 12 stills" in factor.advice


def test_a_blurred_still_or_two_are_no_fault():
    assert judged(with_faces(*(ANNA.face(n) for n in range(10)), None, None)).verdict == "passed"


def test_who_answers_unrecognised_and_shows_the_person_after_a_dark_gap_is_not_the_person():
    over: list[float] = []

    def moves(step, t):
        if not step and over:
            return {"brightness": 10.0} if t < 6.0 else {}
        over[:] = [1.0] if step == CHALLENGE.steps[-1] else []
        return movement(step, t)

    answered = 11 * 15
    hidden = Changing(lambda number: None if number < answered else ANNA)
    factor = judged(attempt(hidden, in_stills=ANNA, moves=moves, linger=12.0))
    assert float(factor.details["stream"]) > PROFILE.face.similarity
    assert (factor.verdict, factor.reason) == ("inconclusive", "unseen-answers")


def test_somebody_else_for_a_time_is_not_the_person_however_long_the_person_is_there():
    capture = attempt(linger=20.0)
    other = Presence()
    for number in range(45):
        other.add(seen(100 + number / 15), check(seen(0.0)), BERT.face(number) if number % 15 == 0 else None, "")
    capture.presence.stretches += other.stretches
    factor = judged(capture)
    assert float(factor.details["stream"]) > PROFILE.face.similarity
    assert (factor.verdict, factor.reason) == ("failed", "other-person-for-a-time")


def test_a_turned_head_that_is_unlike_anybody_for_a_moment_is_no_fault():
    capture = attempt()
    turned = Presence()
    turned.add(seen(100.0, yaw=45.0), check(seen(0.0)), BERT.face(1), "")
    capture.presence.stretches += turned.stretches
    assert judged(capture).verdict == "passed"


@pytest.mark.parametrize("gap", [nobody, lambda t: seen(t, faces=2), lambda t: seen(t, contrast=5.0, noise=5.0), None])
def test_a_moment_is_somebodys_only_if_the_face_was_recognised_without_a_gap_in_between(gap):
    presence = Presence()
    times = np.arange(0.0, 4.0, 1 / 15)
    away = (times > 1.0) & (times < 1.0 + (2 * GAP_S if gap else 1.5 * MISSING_S))
    for number, time_s in enumerate(times):
        one = gap(time_s) if gap and away[number] else seen(time_s)
        if gap or not away[number]:
            presence.add(one, check(one), ANNA.face(number) if number == 3 else None, "")
    assert len(presence.stretches) == 2
    assert presence.seen(0.9)
    assert not presence.seen(1.7)
    assert not presence.seen(50.0)


def test_few_frames_a_second_are_no_gap():
    presence = Presence()
    for number, time_s in enumerate(np.arange(0.0, 4.0, 0.6)):
        presence.add(seen(time_s), check(seen(time_s)), ANNA.face(number), "")
    assert len(presence.stretches) == 1


def test_a_covered_face_is_a_gap_and_a_recognition_lasts_some_seconds():
    presence = Presence()
    for number in range(90):
        one = seen(number / 15)
        trouble = "covered" if number > 60 else ""
        presence.add(one, check(one), ANNA.face(number) if number == 0 else None, trouble)
    assert [presence.seen(t) for t in (0.5, SEEN_S - 0.1, SEEN_S + 0.1, 5.0)] == [True, True, False, False]


def region_of(genuine: Still, *, face: np.ndarray | None) -> Still:
    """The same still, as large as the region needs, with another face or none."""
    return replace(genuine, face=replace(genuine.face, embedding=face), region=Box(8, 8, 100, 100))


def test_only_stills_whose_face_was_recognised_count_for_the_face_region():
    from bank.factors import Candidate, judge_camera, judge_region
    from prnu import Fingerprint

    phone, other = Device(7, (256, 320)), Device(8, (256, 320))
    candidate = Candidate("c", "Phone", Fingerprint.from_images(phone.walls(8)))
    capture = Capture(PROFILE, None, reader := Table())
    for number in range(12):
        victim = number < 3
        reader.answer = FaceSeen(None, BOX._replace(left=60, top=30, width=150, height=150), 1, None, "covered")
        still = capture.upload((other if victim else phone).selfie())
        assert isinstance(still, Still)
        capture.stills[-1] = replace(still, face=replace(still.face, embedding=ANNA.face(number) if victim else None))
    finding = judge_camera([candidate], capture, PROFILE.camera)
    region = judge_region(finding, capture, PROFILE.face_region)
    assert region.verdict != "passed"
    assert region.reason == "moved"
    capture.stills = [replace(s, face=replace(s.face, embedding=ANNA.face(n))) for n, s in enumerate(capture.stills)]
    assert judge_region(finding, capture, PROFILE.face_region).details["stills"] == 12
