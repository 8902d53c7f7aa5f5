from __future__ import annotations

import numpy as np
import pytest

from bank.pictures import Picture
from bank.policy import Policy
from prnu import scenes
from testing.observations import nobody, seen
from testing.selfie import RATE, Device, Person
from testing.some import some
from ui.live.directors.enrol import AMPLE, ARRIVE_S, FACES, EnrolDirector

RULES = Policy.load().enrolment


@pytest.fixture(scope="module")
def phone():
    return Device(7)


def wall(device, number):
    rgb = device.camera.photograph(scenes.flat(device.shape, seed=number), shot=number)
    return Picture.from_array(rgb, f"still {number}")


def play(director, picture, faces=lambda number: Person(1).face(number), seconds=60.0):
    """Hold a sheet before the camera until told to look into it."""
    view, views, taken = None, [], 0
    for number in range(round(seconds * RATE)):
        now = number / RATE
        looking = view is not None and view.phase == "face"
        observation = seen(now) if looking else nobody(now)
        view = director.frame(observation, faces(number) if looking and number % 15 == 0 else None, "")
        views.append(view)
        wanted = director.stills_wanted(now)
        for still in director.asked(wanted, now) if wanted else ():
            director.still(picture(still), still, now + 0.1)
            taken += 1
        if view.done:
            break
    return view, views, taken


def test_a_sheet_of_paper_and_a_look_register_camera_and_face(phone):
    director = EnrolDirector(RULES, "My camera")
    last, views, taken = play(director, lambda still: wall(phone, still))
    assert (last.done, last.outcome) == (True, "registered")
    made = some(director.registered)
    assert made.sample.fingerprint.images == taken == RULES.asked_images
    assert made.sample.label == "My camera"
    assert len(made.sample.sketches) == taken
    assert some(made.template).frames == FACES
    progress = [view.progress for view in views if view.phase == "wall"]
    assert progress == sorted(progress)
    assert director.growth[-1] > director.growth[2]
    shown = [list(view.growth) for view in views if view.phase == "wall"]
    assert shown[-1] == director.growth[: len(shown[-1])]
    assert len(shown[-1]) == taken - 1
    assert {view.enough for view in views if view.phase == "wall"} == {AMPLE * RULES.min_expected_pce}


def test_a_camera_that_is_swapped_on_the_way_is_refused(phone):
    other = Device(8)
    director = EnrolDirector(RULES, "My camera", with_face=False)
    last, *_ = play(director, lambda still: wall(phone if still <= 8 else other, still))
    assert last.outcome == "problem"
    assert "not of one sensor" in last.text
    assert director.registered is None


def test_without_a_face_the_camera_alone_is_registered(phone):
    director = EnrolDirector(RULES, "My camera", with_face=False)
    last, views, _ = play(director, lambda still: wall(phone, still))
    assert last.outcome == "registered"
    assert some(director.registered).template is None
    assert {view.phase for view in views} == {"wall", "passed"}


def test_no_still_is_taken_while_a_face_is_in_the_picture():
    director = EnrolDirector(RULES, "My camera")
    views = []
    for number in range(60):
        views.append(director.frame(seen(number / RATE), None, ""))
        assert director.stills_wanted(number / RATE) == 0
    assert "face" in views[-1].advice


def test_bad_stills_are_told_and_in_the_end_nothing_is_registered():
    black = Picture.from_array(np.full((480, 640, 3), 2, np.uint8))
    director = EnrolDirector(RULES, "My camera")
    last, views, taken = play(director, lambda still: black)
    assert any("light" in view.advice for view in views)
    assert (last.done, last.outcome) == (True, "problem")
    assert director.registered is None
    assert taken <= 3 * RULES.most_images


def test_a_photo_that_never_comes_is_not_waited_for_for_ever(phone):
    director = EnrolDirector(RULES, "My camera", with_face=False)
    director.frame(nobody(0.0), None, "")
    assert director.stills_wanted(0.0) == 1
    director.asked(1, 0.0)
    director.frame(nobody(ARRIVE_S - 0.1), None, "")
    assert director.stills_wanted(ARRIVE_S - 0.1) == 0
    director.frame(nobody(ARRIVE_S + 0.1), None, "")
    assert director.stills_wanted(ARRIVE_S + 0.1) == 1
    last, _, _ = play(director, lambda still: wall(phone, still))
    assert last.outcome == "registered"


def test_a_photo_that_comes_after_the_fingerprint_was_made_does_not_change_it(phone):
    director = EnrolDirector(RULES, "My camera")
    while director._sample is None:
        now = len(director.enrolment.steps) * 1.0
        director.frame(nobody(now), None, "")
        for still in director.asked(director.stills_wanted(now), now):
            director.still(wall(phone, still), still, now + 0.1)
    before = director._sample.fingerprint.images
    assert director.still(wall(phone, 99), 99, 60.0) == ""
    assert director._sample.fingerprint.images == len(director.enrolment.steps) == before


def test_two_people_are_no_template(phone):
    director = EnrolDirector(RULES, "My camera")
    last, _, _ = play(director, lambda still: wall(phone, still), lambda number: Person(number % 2).face(number))
    assert (last.outcome, director.registered) == ("problem", None)
    assert "different people" in last.text


def test_one_unmoving_scene_is_refused(phone):
    scene = scenes.photo("coffee", phone.shape)

    def again(still):
        return Picture.from_array(phone.camera.photograph(scene, shot=still), f"still {still}")

    director = EnrolDirector(RULES, "My camera")
    last, _, _ = play(director, again)
    assert (last.outcome, director.registered) == ("problem", None)
    assert "same scene" in last.text
