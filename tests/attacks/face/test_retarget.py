from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest
import skimage.data

from attacks.face.behaviour import CALM, script
from attacks.face.expression import LIMITS, Expression
from attacks.face.head_warp import CHIN, LEFT_EAR, RIGHT_EAR, TOP
from attacks.face.puppet import Puppet
from attacks.face.retarget import CLOSED_S, LOST_S, NEUTRAL_S, Driver
from attacks.face.selfie_framing import selfie
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.video import frames_of
from testing.observations import nobody, seen
from tests import needs

CLIPS = needs.DATA / "faces" / "real"
SHAPE = (480, 640)
FPS = 30
_SEEN = ("yaw", "pitch", "roll", "gaze")


@pytest.fixture(scope="module")
def victim(looker):
    return Puppet(selfie(skimage.data.astronaut(), SHAPE, looker), looker)


@pytest.fixture(scope="module")
def person(looker):
    """Somebody else in front of a camera: another photo, mirrored, further away."""
    other = np.ascontiguousarray(skimage.data.astronaut()[:, ::-1])
    return Puppet(selfie(other, (360, 480), looker), looker)


def face(x: float = 320, y: float = 240, size: float = 100, smile: float = 0.0, tilt: float = 0.0) -> np.ndarray:
    """Landmarks of which only those that tell place, size and smile are where they would be."""
    points = np.zeros((478, 3), np.float32)
    for number, place in {
        RIGHT_EAR: (-0.5, 0.0), LEFT_EAR: (0.5, 0.0), TOP: (0.0, -0.6), CHIN: (0.0, 0.6),
        33: (-0.3, -0.1), 263: (0.3, -0.1), 61: (-0.2 - smile, 0.3), 291: (0.2 + smile, 0.3),
    }.items():  # fmt: skip
        points[number, :2] = place
    angle = math.radians(tilt)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    chin = points[CHIN, :2].copy()
    points[:, :2] = ((points[:, :2] - chin) @ turn + chin) * size + [x, y]
    return points


def settled(**changes) -> Driver:
    """A driver that knows the neutral pose."""
    driver = Driver()
    for number in range(45):
        driver.expression(seen(number / FPS, **{"landmarks": face(), **changes}))
    return driver


def driven(driver: Driver, frames: int = 30, **changes) -> Expression:
    """What comes of holding a pose."""
    return [driver.expression(seen(2 + n / FPS, **{"landmarks": face(), **changes})) for n in range(frames)][-1]


def test_a_person_who_sits_still_drives_nothing_wherever_and_however_that_is():
    driver = settled(yaw=8.0, pitch=-5.0, roll=3.0, gaze=0.2, blink_left=0.2, blink_right=0.15, ear_left=0.22)
    pose = driven(driver, yaw=8.0, pitch=-5.0, roll=3.0, gaze=0.2, blink_left=0.2, blink_right=0.15, ear_left=0.22)
    for name in LIMITS:
        assert getattr(pose, name) == pytest.approx(getattr(Expression(), name), abs=1e-4)


@pytest.mark.parametrize(("name", "value"), [("yaw", 20.0), ("pitch", -9.0), ("roll", 12.0), ("gaze", 0.7)])
@pytest.mark.parametrize("neutral", [0.0, -0.1])
def test_what_is_seen_is_passed_on_relative_to_neutral(name, value, neutral):
    pose = driven(settled(**{name: neutral}), **{name: neutral + value})
    wanted = {"shift_x": pytest.approx(pose.shift_x)}
    for other in _SEEN:
        wanted[other] = pytest.approx(value if other == name else 0.0, abs=0.02 * abs(value))
    assert {key: getattr(pose, key) for key in wanted} == wanted


def test_moves_in_the_picture_are_counted_in_face_widths():
    pose = driven(settled(), landmarks=face(x=345, y=230))
    width = 100 * math.sqrt(1.2)
    assert (pose.shift_x, pose.shift_y) == pytest.approx((25 / width, -10 / width), abs=0.01)
    assert driven(settled(), landmarks=face(size=110)).scale == pytest.approx(1.1, abs=0.01)


@pytest.mark.parametrize("tilt", [-12.0, 12.0])
def test_a_head_that_tilts_about_its_chin_is_not_moved_aside_as_well(tilt):
    """Towards the person's left shoulder is clockwise in the picture."""
    pose = driven(settled(), landmarks=face(tilt=tilt), roll=tilt)
    assert pose.roll == pytest.approx(tilt, abs=0.3)
    assert (pose.shift_x, pose.shift_y) == pytest.approx((0, 0), abs=0.02)


def test_a_smile_widens_the_mouth_and_talking_a_little_does_not():
    assert driven(settled(), landmarks=face(smile=0.07)).smile > 0.9
    assert driven(settled(), landmarks=face(smile=0.01)).smile == 0


def test_a_blink_of_one_frame_is_there_in_that_frame():
    driver = settled()
    shut = dict(blink_left=0.6, blink_right=0.6, ear_left=0.1, ear_right=0.1)
    assert driven(driver, 1, **shut).blink_left == 1
    after = driver.expression(seen(2.1, landmarks=face()))
    assert (after.blink_left, after.blink_right) == (0, 0)


def test_a_wink_stays_on_its_side_and_uneven_lids_close_together():
    wink = driven(settled(), 1, blink_left=0.7, ear_left=0.08)
    assert (wink.blink_left, wink.blink_right) == (1, 0)
    uneven = driven(settled(), 1, blink_left=0.6, ear_left=0.1, blink_right=0.3, ear_right=0.2)
    assert uneven.blink_left == uneven.blink_right == 1


def test_eyes_that_stay_closed_stay_closed_but_not_for_ever():
    driver = settled()
    shut = dict(blink_left=0.6, blink_right=0.6, ear_left=0.1, ear_right=0.1)
    assert driven(driver, int(0.9 * CLOSED_S * FPS), **shut).blink_left == 1
    late = [driver.expression(seen(8 + n / FPS, landmarks=face(), **shut)) for n in range(10)]
    assert late[-1].blink_left == 0


def test_wild_movement_stays_within_what_a_puppet_can_show():
    rng, driver = np.random.default_rng(0), settled()
    for number in range(200):
        wild = dict(zip(_SEEN, rng.normal(0, [60, 60, 60, 2]), strict=True))
        x, y = rng.uniform(0, 600, 2)
        place = face(x, y, size=rng.uniform(20, 400), smile=rng.uniform(-0.1, 0.4))
        driver.expression(seen(2 + number / FPS, landmarks=place, **wild))  # Expression refuses what is beyond


def test_rest_is_calmed_and_a_turn_is_followed_without_delay():
    rng, driver = np.random.default_rng(0), settled()
    yaws = [driver.expression(seen(2 + n / FPS, landmarks=face(), yaw=rng.normal(0, 0.5))).yaw for n in range(90)]
    assert np.std(yaws) < 0.35
    turn = [driver.expression(seen(5 + n / FPS, landmarks=face(), yaw=n * 2.0)).yaw for n in range(14)]
    assert np.abs(np.array(turn) - 2.0 * np.arange(14)).max() < 3.0  # less than two frames behind


def test_a_lost_face_is_held_for_a_moment_and_then_let_go():
    driver = settled()
    turned = driven(driver, yaw=15.0)
    last_s = 2 + 29 / FPS
    assert driver.expression(nobody(last_s + 0.9 * LOST_S)) == turned
    assert driver.expression(nobody(last_s + 1.1 * LOST_S)) == Expression()


def test_before_a_face_is_seen_the_puppet_is_at_rest():
    driver = Driver()
    assert driver.expression(nobody(0.0)) == Expression()
    assert not driver.ready
    driver.expression(seen(3.0, landmarks=face(), yaw=10.0))
    assert not driver.ready
    driver.expression(seen(3.0 + NEUTRAL_S, landmarks=face(), yaw=10.0))
    assert driver.ready


def test_after_a_reset_the_next_second_is_neutral():
    driver = settled()
    driver.reset()
    pose = [driver.expression(seen(n / FPS, landmarks=face(), yaw=12.0)) for n in range(40)][-1]
    assert driver.ready
    assert pose.yaw == pytest.approx(0, abs=1e-4)


def test_time_that_falls_is_refused():
    driver = settled()
    with pytest.raises(ValueError, match="expected seconds from"):
        driver.expression(seen(0.1))


@pytest.mark.slow
def test_a_driven_puppet_does_what_the_person_does_and_passes_the_vote(looker, person, victim):
    driver, before, after = Driver(), LivenessSession(), LivenessSession()
    seen_yaw, shown_yaw = [], []
    poses = script([(1.5, "blink twice"), (4.0, "turn left")], fps=15, seconds=7, seed=4, temperament=CALM)
    with FaceTracker() as watching, FaceTracker() as judge:
        for number, pose in enumerate(poses):
            found = watching.observe(person.frame(pose), number / 15)
            assert found is not None
            judged = judge.observe(victim.frame(driver.expression(found)), number / 15)
            assert judged is not None
            before.feed(found)
            after.feed(judged)
            seen_yaw.append(found.yaw)
            shown_yaw.append(judged.yaw)
    assert before.vote.verdict == after.vote.verdict == "live"
    blinks, turns = (
        [sum(event.kind.startswith(kind) for event in session.events) for session in (before, after)]
        for kind in ("blink", "turn left")
    )
    assert turns[1] == turns[0] == 1
    assert abs(blinks[1] - blinks[0]) <= 1
    assert np.corrcoef(seen_yaw, shown_yaw)[0, 1] > 0.95


@pytest.mark.data
def test_a_real_person_drives_it_blink_by_blink(victim):
    driver, before, after = Driver(), LivenessSession(), LivenessSession()
    with FaceTracker() as watching, FaceTracker() as judge:
        for frame, time_s, _ in islice(frames_of(CLIPS / "liveportrait_s18.mp4"), 200):
            found = watching.observe(frame, time_s)
            assert found is not None
            judged = judge.observe(victim.frame(driver.expression(found)), time_s)
            assert judged is not None
            before.feed(found)
            after.feed(judged)
    starts = [[event.start_s for event in session.events if event.kind == "blink"] for session in (before, after)]
    met = [any(abs(one - other) < 0.15 for other in starts[1]) for one in starts[0] if one > NEUTRAL_S]
    assert met
    assert sum(met) >= 0.8 * len(met)
    assert before.vote.verdict == after.vote.verdict == "live"
