from __future__ import annotations

import dataclasses
import random
from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.data

from attacks.face.behaviour import CALM, Actor
from attacks.face.expression import Expression
from attacks.face.portrait import PortraitError, check_portrait
from attacks.face.puppet import Puppet, label
from attacks.face.selfie_framing import selfie
from liveness.challenge import STEP_KINDS, Challenge, StepKind
from liveness.head import PARALLAX, TurnDetector, parallax
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker, FrameError
from liveness.quality import check
from liveness.session import LivenessSession
from testing.observations import seen
from tests import needs

FACES = needs.DATA / "faces" / "photos"
PHOTOS = (
    "Barack_Obama/obama1.jpg",
    "Barack_Obama/obama3.jpg",
    "Joe_Biden/biden2.jpg",
    "Kit_Harington/johnsnow_test1.jpg",
    "Rose_Leslie/img1.jpg",
)
SHAPE = (480, 640)
FPS = 15


@pytest.fixture(scope="module")
def photo(looker):
    return selfie(skimage.data.astronaut(), SHAPE, looker)


@pytest.fixture(scope="module")
def puppet(looker, photo):
    return Puppet(photo, looker)


@pytest.fixture
def look(looker, puppet):
    """What the tracker sees of an expression."""
    return lambda **pose: looker.observe(puppet.frame(Expression(**pose)), 0.0)


def test_without_an_expression_the_photo_comes_back(puppet, photo):
    assert np.array_equal(puppet.frame(Expression()), photo)


def test_an_open_mouth_is_seen_open_and_nothing_else_moves(look, puppet, photo):
    gaps = [
        float(np.linalg.norm(one.landmarks[13, :2] - one.landmarks[14, :2])) / one.box.width
        for one in (look(mouth=opened) for opened in (0.0, 0.4, 1.0))
    ]
    assert gaps[0] + 0.05 < gaps[1] < gaps[2] - 0.05
    yawning = puppet.frame(Expression(mouth=1))
    height = look().landmarks[2, 1]  # below the nose
    assert np.array_equal(yawning[: int(height) - 2], photo[: int(height) - 2])


def test_glasses_mirror_a_lamp_that_wanders_with_the_head_and_hides_eyes_where_it_meets_them(looker, photo):
    wearer = Puppet(photo, looker, glasses=True)
    bare, worn = photo.astype(int), wearer.frame(Expression()).astype(int)
    assert 0.005 < (np.abs(worn - bare).max(axis=-1) > 60).mean() < 0.05  # rims and glare
    shut = {
        pitch: looker.observe(wearer.frame(Expression(blink_left=1, blink_right=1, pitch=pitch)), 0.0).ear
        for pitch in (-6, 6)
    }
    assert shut[-6] < 0.12 < shut[6] - 0.05
    assert looker.observe(wearer.frame(Expression(yaw=20)), 0.0).yaw == pytest.approx(
        looker.observe(Puppet(photo, looker).frame(Expression(yaw=20)), 0.0).yaw, abs=3
    )


def test_closed_eyes_are_seen_closed(look):
    opened, closed = look(), look(blink_left=1, blink_right=1)
    assert opened.ear > 0.28
    assert max(closed.ear_left, closed.ear_right) < 0.12
    assert min(closed.blink_left, closed.blink_right) > 0.35 + max(opened.blink_left, opened.blink_right)


def test_lids_come_down_step_by_step(look):
    ratios = [look(blink_left=share, blink_right=share).ear for share in (0, 0.25, 0.5, 0.75, 1)]
    assert all(after < before for before, after in pairwise(ratios))


def test_a_wink_closes_the_persons_own_side(look):
    left, right = look(blink_left=1), look(blink_right=1)
    assert left.ear_left < 0.15 < 0.25 < left.ear_right
    assert right.ear_right < 0.15 < 0.25 < right.ear_left


@pytest.mark.parametrize("gaze", [-0.8, -0.4, 0.4, 0.8])
def test_a_gaze_is_seen_as_asked_for_with_the_head_still(look, gaze):
    ahead, aside = look(), look(gaze=gaze)
    assert aside.gaze - ahead.gaze == pytest.approx(gaze, abs=0.2)
    assert abs(aside.yaw - ahead.yaw) < 3
    assert aside.ear == pytest.approx(ahead.ear, abs=0.04)


@pytest.mark.parametrize("yaw", [-28, -20, 20, 28])
def test_a_turn_is_seen_as_asked_for_and_has_depth(look, yaw):
    ahead, aside = look(), look(yaw=yaw)
    assert aside.yaw - ahead.yaw == pytest.approx(yaw, abs=4)
    assert parallax(ahead.landmarks, aside.landmarks) > PARALLAX
    assert aside.faces == 1


@pytest.mark.parametrize(("name", "degrees"), [("pitch", 8), ("pitch", -8), ("roll", 10), ("roll", -10)])
def test_nods_and_tilts_go_the_way_they_are_asked_to(look, name, degrees):
    moved = getattr(look(**{name: degrees}), name) - getattr(look(), name)
    assert moved == pytest.approx(degrees, abs=4)


@pytest.mark.parametrize(("yaw", "kind"), [(26, "turn left"), (-26, "turn right")])
def test_a_turn_counts_as_one_in_the_liveness_check(look, yaw, kind):
    detector, found = TurnDetector(), []
    for number, share in enumerate([0, 0, 0, 0, 0, 0.3, 0.6, 0.9, 1, 1, 0.5, 0]):
        event = detector.add(dataclasses.replace(look(yaw=share * yaw), time_s=number / FPS))
        found += [event.kind] if event else []
    assert found == [kind]


@pytest.mark.parametrize(
    "pose", [{"yaw": 28}, {"yaw": -28, "pitch": 8}, {"roll": 12}, {"shift_x": 0.2, "scale": 1.1}, {"smile": 1}]
)
def test_the_frame_has_no_seam_at_its_border(puppet, photo, pose):
    frame = puppet.frame(Expression(**pose)).astype(int)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.abs(frame[edge] - photo[edge]).max() <= 8  # a fraction of a pixel


def test_the_room_does_not_turn_with_the_head(looker, puppet, photo):
    box = looker.observe(photo, 0.0).box
    turned = puppet.frame(Expression(yaw=28)).astype(int)
    margin = round(0.6 * box.width)
    for beside in (np.s_[:, : round(box.left) - margin], np.s_[:, round(box.left + box.width) + margin :]):
        assert np.abs(turned[beside] - photo[beside]).max() <= 2


@pytest.mark.parametrize("pose", [{"yaw": 28}, {"yaw": -28}, {"gaze": 1, "blink_left": 0.5, "blink_right": 0.5}])
def test_no_pixel_is_left_empty(photo, looker, pose):
    """Painted in colours that a hole does not have."""
    bright = np.maximum(photo, 40)
    assert Puppet(bright, looker).frame(Expression(**pose)).min() > 10


def test_it_is_still_the_same_person(puppet, matcher):
    known = matcher.embed(skimage.data.astronaut())
    for pose in ({}, {"blink_left": 1, "blink_right": 1}, {"gaze": 0.8}, {"yaw": 8, "roll": 4}, {"smile": 0.5}):
        assert matcher.similarity(known, matcher.embed(puppet.frame(Expression(**pose)))) > 0.6


def drawn(seed: int) -> Challenge:
    """A challenge as `random_challenge` makes them, the same for a seed."""
    draw = random.Random(seed)
    while True:
        steps: list[StepKind] = ["blink twice", draw.choice(["turn left", "turn right"]), draw.choice(STEP_KINDS)]
        draw.shuffle(steps)
        if all(a != b for a, b in pairwise(steps)):
            return Challenge(tuple(steps))


def perform(puppet: Puppet, seed: int, matcher: FaceMatcher | None = None) -> tuple[bool, str]:
    """Whether a challenge and the passive vote are passed, and why not."""
    challenge = drawn(seed)
    session, actor, step = LivenessSession(challenge), Actor(seed, CALM), None
    with FaceTracker() as tracker:
        for number in range(30 * FPS):
            now_s = number / FPS
            actor.asked(step, now_s)
            frame = puppet.frame(actor.expression(now_s))
            face = matcher.embed(frame) if matcher and step is None and number % FPS == 0 else None
            found = tracker.observe(frame, now_s)
            assert found
            state = session.feed(found, face)
            step = state.step
            if state.done:
                return state.phase == "passed" and state.verdict == "live", state.reason
    return False, "never ended"


@pytest.mark.slow
def test_a_puppet_passes_our_own_liveness_which_is_why_the_camera_counts(puppet, matcher):
    passed, reasons = zip(*(perform(puppet, seed, matcher) for seed in range(5)), strict=True)
    assert sum(passed) >= 4
    assert not set(reasons) & {"frozen", "looped", "person-changed"}


@pytest.mark.data
def test_photos_of_other_people_pass_too(looker):
    passed = []
    for seed, name in enumerate(PHOTOS):
        picture = cv2.cvtColor(cv2.imread(str(FACES / name)), cv2.COLOR_BGR2RGB)
        passed.append(perform(Puppet(selfie(picture, SHAPE, looker), looker), seed)[0])
    assert sum(passed) >= 4


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (960, 540), (240, 320)])
def test_a_selfie_is_framed_as_the_check_wants_it(looker, shape):
    framed = selfie(skimage.data.astronaut(), shape, looker)
    assert framed.shape == (*shape, 3)
    assert framed.dtype == np.uint8
    found = looker.observe(framed, 0.0)
    assert check(found).code == ""
    assert found.box.left + found.box.width / 2 == pytest.approx(shape[1] / 2, abs=0.05 * shape[1])
    assert 0.3 * min(shape) < found.box.height < 0.6 * min(shape)


def test_a_selfie_has_the_person_sharp_and_the_room_blurred(photo):
    detail = np.abs(cv2.Laplacian(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.CV_32F))
    face, room = detail[150:330, 240:400], detail[20:200, 520:620]
    assert face.mean() > 5 * room.mean()


def test_what_the_photo_lacks_beside_the_person_is_filled_up(looker):
    tight = skimage.data.astronaut()[20:230, 150:310]
    framed = selfie(tight, SHAPE, looker)
    assert framed[:, [0, -1]].min() > 0
    assert looker.observe(framed, 0.0).faces == 1


@pytest.mark.parametrize("make", [Puppet, lambda picture, looker: selfie(picture, SHAPE, looker)])
def test_a_photo_without_a_usable_face_is_told(looker, make):
    astronaut = skimage.data.astronaut()
    with pytest.raises(PortraitError, match=r"no face in the photo\. Choose") as caught:
        make(np.full((300, 300, 3), 90, np.uint8), looker)
    assert caught.value.code == "no-face"
    with pytest.raises(PortraitError, match=r"pixels wide, .* are needed") as caught:
        make(cv2.resize(astronaut, (180, 180), interpolation=cv2.INTER_AREA), looker)
    assert caught.value.code == "too-small"
    with pytest.raises(PortraitError, match="outside the photo") as caught:
        make(np.ascontiguousarray(astronaut[:, 212:]), looker)
    assert caught.value.code == "cut-off"
    for nothing in (None, astronaut[..., 0], astronaut.astype(np.float32)):
        with pytest.raises(FrameError, match="give RGB pixels"):
            make(nothing, looker)


def test_two_faces_are_refused(looker, photo):
    with pytest.raises(PortraitError, match="more than one face") as caught:
        Puppet(np.hstack([photo, photo]), looker)
    assert caught.value.code == "two-faces"


@pytest.mark.parametrize(
    ("changes", "code"), [({"yaw": 30}, "turned"), ({"yaw": -19}, "turned"), ({"ear_left": 0.1}, "eyes-closed")]
)
def test_faces_that_cannot_be_animated_are_refused(changes, code):
    check_portrait(seen(0.0))
    with pytest.raises(PortraitError) as caught:
        check_portrait(seen(0.0, **changes))
    assert caught.value.code == code


def test_a_selfie_smaller_than_a_face_needs_is_refused(looker):
    with pytest.raises(ValueError, match="shape: expected height and width from 240 on, got 100 and 640"):
        selfie(skimage.data.astronaut(), (100, 640), looker)


@pytest.mark.parametrize("shape", [(480, 640), (720, 1280), (120, 160)])
def test_a_label_is_written_in_a_corner_of_a_copy(shape):
    frame = np.full((*shape, 3), 128, np.uint8)
    marked = label(frame)
    assert (frame == 128).all()
    rows, columns = np.nonzero((marked != 128).any(axis=2))
    assert rows.min() > 0.8 * shape[0]
    assert columns.min() > 0.5 * shape[1]
    corner = marked[rows.min() :, columns.min() :]
    assert 0.04 < (corner > 200).mean() < 0.5  # white letters on black
    assert (corner < 60).mean() > 0.4
