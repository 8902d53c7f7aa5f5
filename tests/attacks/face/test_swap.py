from __future__ import annotations

from itertools import islice

import cv2
import numpy as np
import pytest
import skimage.data

from attacks.face.behaviour import CALM, script
from attacks.face.blend import Steady, colour_statistics, depth_inside, feather, light_correction, recolour
from attacks.face.expression import Expression
from attacks.face.head_warp import OVAL
from attacks.face.mesh_warp import face_triangles, has_fringe, openings, paint, warp_map
from attacks.face.portrait import PortraitError
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.face.smoothing import OneEuro
from attacks.face.swap import Swapper, swap_video
from liveness.landmarks import FaceTracker, FrameError
from liveness.session import LivenessSession
from liveness.video import frames_of
from testing.observations import nobody, seen
from tests import needs

FACES = needs.DATA / "faces"
SHAPE = (480, 640)
FPS = 15
MARKED = 9  # a landmark of the forehead, between the brows
# One pair of many: `python -m benchmarks.swap` tries all. Constants were not chosen on it, but its table was looked at.
PHOTO, CLIP = "Barack_Obama/obama3.jpg", "liveportrait_d3.mp4"


@pytest.fixture(scope="module")
def actor(looker):
    """Somebody in a video: the astronaut's puppet."""
    return Puppet(selfie(skimage.data.astronaut(), SHAPE, looker), looker)


@pytest.fixture(scope="module")
def stranger(looker) -> np.ndarray:
    """Another face: mirrored, wider below, darker, with a black mark on the forehead."""
    photo = np.ascontiguousarray(skimage.data.astronaut()[0:300, 80:380][:, ::-1])
    photo = cv2.resize(photo, (600, 600), interpolation=cv2.INTER_CUBIC)
    points = looker.observe(photo, 0.0).landmarks
    y, x = np.mgrid[:600, :600].astype(np.float32)
    middle, chin = points[168, 0], points[152, 1]
    wider = 1.0 - 0.2 * np.exp(-(((y - chin + 60) / 90) ** 2 + ((x - middle) / 160) ** 2))
    photo = cv2.remap(photo, middle + (x - middle) * wider, y, cv2.INTER_LINEAR)
    photo = np.clip(photo * np.array([0.8, 0.65, 0.5]), 0, 255).astype(np.uint8)
    column, row = looker.observe(photo, 0.0).landmarks[MARKED, :2].astype(int).tolist()
    cv2.circle(photo, (column, row), 14, (20, 20, 20), -1, cv2.LINE_AA)
    return photo


def acted(actor, looker, **pose):
    frame = actor.frame(Expression(**pose))
    return frame, looker.observe(frame, 0.0)


def mark(frame: np.ndarray, place: np.ndarray) -> float:
    """By how many grey levels a spot is darker than its surroundings."""
    column, row = (int(v) for v in place[:2])
    spot, around = (frame[row - r : row + r + 1, column - r : column + r + 1].astype(float).mean() for r in (2, 14))
    return around - spot


@pytest.mark.parametrize("pose", [{}, {"yaw": 24}, {"yaw": -24}, {"roll": 12, "shift_x": 0.2}, {"pitch": 8}])
def test_the_photos_skin_lies_where_the_actors_was_in_any_pose(looker, actor, stranger, pose):
    frame, found = acted(actor, looker, **pose)
    place = found.landmarks[MARKED]
    assert abs(mark(frame, place)) < 10
    assert mark(Swapper(stranger, looker).frame(frame, found), place) > 40


@pytest.mark.parametrize("pose", [{}, {"yaw": 25}, {"blink_left": 1, "blink_right": 1}])
def test_outside_the_face_not_one_bit_changes(looker, actor, stranger, pose):
    frame, found = acted(actor, looker, **pose)
    swapped = Swapper(stranger, looker).frame(frame, found)
    mask = np.zeros(SHAPE, np.uint8)
    hull = cv2.convexHull(np.rint(found.landmarks[:, :2]).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    outside = cv2.dilate(mask, np.ones((5, 5), np.uint8)) == 0
    assert np.array_equal(swapped[outside], frame[outside])
    changed = (swapped != frame).any(axis=2)
    assert changed[mask > 0].mean() > 0.6


def test_the_frame_that_came_is_not_written_to(looker, actor, stranger):
    frame, found = acted(actor, looker)
    before = frame.copy()
    Swapper(stranger, looker).frame(frame, found)
    assert np.array_equal(frame, before)


def test_no_face_in_a_frame_leaves_it_as_it_was(looker, stranger):
    frame = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)
    swapper = Swapper(stranger, looker)
    assert np.array_equal(swapper.frame(frame, nobody(0.0)), frame)
    assert np.array_equal(swapper.frame(frame, None), frame)


def test_the_actors_eyes_close_and_move_in_the_swap(looker, actor, stranger):
    swapper = Swapper(stranger, looker)

    def look(**pose):
        frame, found = acted(actor, looker, **pose)
        return looker.observe(swapper.frame(frame, found.landmarks), 0.0)

    opened, closed, aside = look(), look(blink_left=1, blink_right=1), look(gaze=0.8)
    assert opened.ear > 0.25
    assert closed.ear < 0.5 * opened.ear
    assert closed.blink > opened.blink + 0.3
    assert aside.gaze - opened.gaze > 0.5


@pytest.mark.parametrize("yaw", [-25, -15, 15, 25])
def test_the_swapped_face_turns_with_the_actors(looker, actor, stranger, yaw):
    frame, found = acted(actor, looker, yaw=yaw)
    turned = looker.observe(Swapper(stranger, looker).frame(frame, found), 0.0)
    assert turned.faces == 1
    assert turned.yaw == pytest.approx(found.yaw, abs=5)


def test_the_face_takes_on_the_light_that_it_comes_into(looker, actor, stranger):
    frame, found = acted(actor, looker)
    skin = np.zeros(SHAPE, np.uint8)
    cv2.fillConvexPoly(skin, cv2.convexHull(np.rint(found.landmarks[:, :2]).astype(np.int32)), 1)
    for gain in ([0.5, 0.5, 0.5], [1.0, 0.9, 0.6]):
        lit = (frame * np.array(gain)).astype(np.uint8)
        swapped = Swapper(stranger, looker).frame(lit, found)
        assert swapped[skin > 0].mean(axis=0) == pytest.approx(lit[skin > 0].mean(axis=0), abs=12)


@pytest.mark.parametrize("cut", [np.s_[:, 300:], np.s_[:, :330], np.s_[:220], np.s_[250:]])
def test_a_face_that_is_partly_out_of_the_frame_is_swapped_as_far_as_it_is_seen(looker, actor, stranger, cut):
    frame, found = acted(actor, looker)
    part = np.ascontiguousarray(frame[cut])
    start = [(one.start or 0) for one in (cut if isinstance(cut, tuple) else (cut, slice(None)))]
    landmarks = found.landmarks - np.array([start[1], start[0], 0], np.float32)
    swapped = Swapper(stranger, looker).frame(part, landmarks)
    assert swapped.shape == part.shape
    assert not np.array_equal(swapped, part)


def test_a_face_wholly_out_of_the_frame_changes_nothing(looker, actor, stranger):
    frame, found = acted(actor, looker)
    swapper = Swapper(stranger, looker)
    for away in ([2000, 0, 0], [-2000, 0, 0], [0, 3000, 0]):
        assert np.array_equal(swapper.frame(frame, found.landmarks + np.array(away, np.float32)), frame)


def test_wrong_frames_landmarks_and_photos_are_told(looker, stranger):
    swapper, frame = Swapper(stranger, looker), np.zeros((*SHAPE, 3), np.uint8)
    with pytest.raises(FrameError, match="give RGB pixels"):
        swapper.frame(frame[..., 0], None)
    with pytest.raises(ValueError, match=r"expected finite numbers of shape \(478, 3\), got \(5, 3\)"):
        swapper.frame(frame, np.zeros((5, 3), np.float32))
    with pytest.raises(ValueError, match="expected finite numbers"):
        swapper.frame(frame, np.full((478, 3), np.nan, np.float32))
    with pytest.raises(PortraitError, match="no face in the photo"):
        Swapper(np.full((300, 300, 3), 90, np.uint8), looker)


def test_another_face_after_a_gap_is_not_mixed_with_the_last(looker, actor, stranger):
    frame, found = acted(actor, looker)
    fresh = Swapper(stranger, looker).frame(frame, found)
    used = Swapper(stranger, looker)
    used.frame((frame * 0.4).astype(np.uint8), found)
    later = seen(30.0, landmarks=found.landmarks)
    assert np.array_equal(used.frame(frame, later), fresh)


def test_a_still_actor_with_jittering_landmarks_gives_a_calm_face(looker, actor, stranger):
    frame, found = acted(actor, looker)
    rng = np.random.default_rng(1)

    def flicker(swapper, timed):
        last, changes = None, []
        for number in range(15):
            jittered = (found.landmarks + rng.normal(0, 0.4, (478, 3))).astype(np.float32)
            shown = swapper.frame(frame, seen(number / 30, landmarks=jittered) if timed else jittered).astype(float)
            if last is not None and number > 5:
                changes.append(np.abs(shown - last).mean())
            last = shown
        return np.mean(changes)

    assert flicker(Swapper(stranger, looker), True) < 0.6 * flicker(Swapper(stranger, looker), False)


def film(actor, seconds=6.0):
    poses = list(script([(1.0, "blink twice"), (3.5, "turn left")], fps=FPS, seconds=seconds, seed=2, temperament=CALM))
    return [(actor.frame(pose), number / FPS, (number + 1) / len(poses)) for number, pose in enumerate(poses)]


@pytest.mark.slow
def test_a_swapped_video_passes_the_vote_that_the_original_passed(looker, actor, stranger):
    before, after = LivenessSession(), LivenessSession()
    with FaceTracker() as judge:
        for frame, time_s, found in swap_video(stranger, film(actor)):
            before.feed(found)
            judged = judge.observe(frame, time_s)
            assert judged is not None
            after.feed(judged)
    assert before.vote.verdict == after.vote.verdict == "live"
    kinds = [[event.kind for event in session.events if event.kind != "glance right"] for session in (before, after)]
    assert "turn left" in kinds[1]
    assert kinds[1].count("blink") >= kinds[0].count("blink") - 1 >= 1


def test_a_video_is_swapped_while_it_is_read_and_says_how_far_it_is(actor, stranger):
    read: list[tuple[np.ndarray, float, float]] = []
    told: list[float] = []

    def frames():
        for one in film(actor, 1.0):
            read.append(one)
            yield one

    stream = swap_video(stranger, frames(), told.append)
    assert not read
    next(stream)
    assert len(read) == 1
    assert len(list(stream)) == FPS - 1
    assert told == [one[2] for one in read]


def test_a_frame_that_is_not_newer_is_left_out(actor, stranger):
    once = film(actor, 0.2)
    assert len(list(swap_video(stranger, [once[0], once[0], once[1]]))) == 2


def test_the_warp_takes_each_landmark_to_its_place(looker, actor):
    _, ahead = acted(actor, looker)
    _, aside = acted(actor, looker, yaw=20)
    source, cover = warp_map(ahead.landmarks, aside.landmarks, SHAPE)
    for number in (1, 4, 9, 50, 61, 291):  # nose, forehead, near cheek, corners of the mouth
        column, row = np.floor(aside.landmarks[number, :2]).astype(int)
        assert cover[row, column] == 1
        assert source[row, column] + 0.5 == pytest.approx(ahead.landmarks[number, :2], abs=2.5)


def test_a_face_warped_to_itself_stays_where_it_is(looker, actor):
    _, found = acted(actor, looker)
    source, cover = warp_map(found.landmarks, found.landmarks, SHAPE)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    assert np.abs(source - np.stack([x, y], axis=-1))[cover == 1].max() < 0.1


def test_what_is_nearer_hides_what_is_behind():
    rng, mesh = np.random.default_rng(0), face_triangles()
    points = rng.uniform(20, 80, (478, 3)).astype(np.float32)
    for front in (0, 1):
        points[:, 2] = 200.0
        values = np.zeros((478, 3), np.float32)
        near, far = mesh[0], next(one for one in mesh if not set(one) & set(mesh[0]))
        for triangle, nearest in ((near, front == 0), (far, front == 1)):
            points[triangle, :2] = [[10, 10], [90, 10], [50, 90]]
            points[triangle, 2] = -200.0 if nearest else -100.0
            values[triangle] = 1.0 if nearest else 0.5
        painted, cover = paint(values, points, (100, 100))
        assert cover[40, 50] == 1
        assert painted[40, 50, 0] == pytest.approx(1.0, abs=0.01)


def test_the_mesh_has_no_holes_and_knows_where_eyes_and_mouth_are(looker, actor):
    _, found = acted(actor, looker)
    _, cover = warp_map(found.landmarks, found.landmarks, SHAPE)
    assert cv2.connectedComponents((cover == 0).astype(np.uint8))[0] == 2  # the face, and all around it
    opened = openings(found.landmarks, SHAPE)
    for number in (159, 386, 468, 473):  # upper lids and irises
        column, row = found.landmarks[number, :2].astype(int)
        assert opened[row, column] == 1
    for number in (4, 50, 280, 151):
        column, row = found.landmarks[number, :2].astype(int)
        assert opened[row, column] == 0


def test_lids_belong_to_the_eyes_only_while_they_close(looker, actor):
    def size(**pose):
        _, found = acted(actor, looker, **pose)
        mask = openings(found.landmarks, SHAPE)
        row = int(found.landmarks[[159, 386], 1].mean())
        return mask[: row - 2].sum()  # above the upper lids' edges

    assert size(blink_left=1, blink_right=1) > 2 * size()


def test_hair_on_the_forehead_of_the_photo_is_left_out(looker, stranger):
    """The astronaut has a fringe; without it her forehead is taken too."""
    found = looker.observe(stranger, 0.0)
    assert has_fringe(stranger, found.landmarks)
    bald = stranger.copy()
    top = found.landmarks[list(OVAL), 1].min()
    brow = int(found.landmarks[[52, 282], 1].min()) - 8
    bald[int(top) - 40 : brow] = np.median(stranger[brow : brow + 8, 250:350], axis=(0, 1)).astype(np.uint8)
    assert not has_fringe(bald, found.landmarks)
    meshes = face_triangles(), face_triangles(below_fringe=True)
    covers = [warp_map(found.landmarks, found.landmarks, (600, 600), mesh)[1] for mesh in meshes]
    column, row = found.landmarks[10, :2].astype(int)
    assert [cover[row + 6, column] for cover in covers] == [1, 0]
    assert covers[1][covers[0] == 0].sum() == 0


def test_recoloured_pictures_have_the_wanted_colours():
    rng = np.random.default_rng(0)
    face = rng.normal([150, 110, 90], 12, (60, 60, 3)).clip(0, 255).astype(np.uint8)
    target = rng.normal([90, 80, 100], 10, (60, 60, 3)).clip(0, 255).astype(np.uint8)
    weight = np.ones((60, 60), np.float32)
    own, wanted = colour_statistics(face, weight), colour_statistics(target, weight)
    assert colour_statistics(recolour(face, own, wanted), weight) == pytest.approx(wanted, abs=1.5)


def test_a_picture_blended_into_itself_needs_no_correction():
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (90, 80, 3), np.uint8), (0, 0), 5)
    mask = np.zeros((90, 80), bool)
    mask[20:70, 15:60] = True
    assert np.abs(light_correction(picture, picture, mask)).max() <= 2


def test_a_pasted_square_meets_the_picture_around_it_without_an_edge():
    target = np.full((100, 100, 3), (120, 90, 70), np.uint8)
    face = np.full((100, 100, 3), (160, 130, 50), np.uint8)
    mask = np.zeros((100, 100), bool)
    mask[25:75, 25:75] = True
    corrected = face + light_correction(face, target, mask)
    assert corrected[mask] == pytest.approx(target[mask], abs=3)


def test_weights_are_zero_outside_and_at_the_border_and_one_deep_inside():
    cover = np.zeros((80, 80), np.float32)
    cover[10:80, 10:70] = 1.0
    weight = feather(depth_inside(cover), 2.0, 8.0)
    assert (weight[cover == 0] == 0).all()
    assert (weight[-1] == 0).all()
    assert weight[40, 40] == 1
    assert (np.diff(weight[40, :40]) >= 0).all()


def test_the_one_euro_filter_calms_rest_and_follows_movement():
    rng = np.random.default_rng(0)
    smoother = OneEuro(1.5, 40.0)
    still = np.array([smoother.smooth(rng.normal(0, 0.002, (1, 2)).astype(np.float32), n / 30) for n in range(200)])
    assert still[50:].std() < 0.6 * 0.002
    smoother.reset()
    way = np.linspace(0, 2, 60, dtype=np.float32)  # one unit a second
    followed = np.array([smoother.smooth(np.full((1, 2), at), n / 30)[0, 0] for n, at in enumerate(way)])
    assert np.abs(followed - way)[10:].max() < 0.03  # a frame's way
    with pytest.raises(ValueError, match="cutoff and speed_cutoff above 0"):
        OneEuro(0.0, 1.0)


def test_averages_follow_within_their_time_and_start_anew_when_time_falls():
    steady = Steady(0.5)
    steady.smooth(np.zeros(3, np.float32), 0.0)
    assert steady.smooth(np.ones(3, np.float32), 0.5) == pytest.approx(1 - np.exp(-1))
    assert steady.smooth(np.full(3, 7, np.float32), 0.1) == pytest.approx(7)


@pytest.mark.data
def test_a_real_clip_stays_live_and_becomes_the_photos_person(looker, matcher):
    photo = cv2.cvtColor(cv2.imread(str(FACES / "photos" / PHOTO)), cv2.COLOR_BGR2RGB)
    frames = list(islice(frames_of(FACES / "real" / CLIP), 150))
    before, after = LivenessSession(), LivenessSession()
    swapped = []
    with FaceTracker() as judge:
        for frame, time_s, found in swap_video(photo, frames):
            before.feed(found)
            judged = judge.observe(frame, time_s)
            assert judged is not None
            after.feed(judged)
            swapped.append(frame)
    assert before.vote.verdict == after.vote.verdict == "live"
    source = matcher.embed(selfie(photo, SHAPE, looker))
    picked = range(0, 150, 30)
    original, result = (np.array([matcher.embed(one[n]) for n in picked]) for one in ([f[0] for f in frames], swapped))
    assert np.median(result @ source) > np.median(original @ source) + 0.2
    assert np.median(result @ original.T) < np.median(original @ original.T) - 0.1
