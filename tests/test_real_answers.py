"""What benchmarks.people is made of: movements cut out of clips, played as answers, and an actor that is not drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import skimage.data

from attacks.face.behaviour import CALM
from attacks.face.expression import Expression
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from bank import Policy
from liveness.challenge import Challenge
from liveness.head import PARALLAX, parallax
from liveness.landmarks import FaceTracker
from liveness.models import LANDMARKER
from liveness.watcher import Watched
from testing.acted_observations import ActedVisitor, Mimic
from testing.observations import mesh, seen
from testing.real_answers import Clip, Person, Replay, movements, ordinary, played, turned_mesh
from testing.visits import drawn_challenge, visit
from tests import needs

FPS = 15.0
PROFILE = Policy.load().profile("demo")


def bump(number: int, first: int, last: int) -> float:
    """From 0 to 1 and back."""
    return float(np.sin(np.pi * (number - first) / (last - first))) if first < number < last else 0.0


def made() -> Clip:
    """A minute of somebody who blinks, looks to the left, and turns to the left at the end."""
    frames = []
    for number in range(900):
        shut = max(bump(number, at, at + 5) for at in range(20, 800, 90))
        yaw = 32.0 * bump(number, 850, 880)
        fields = {
            **{f"ear_{side}": 0.3 * (1 - 0.8 * shut) for side in ("left", "right")},
            **{f"blink_{side}": 0.05 + 0.6 * shut for side in ("left", "right")},
        }
        gaze = 0.9 * min(3 * bump(number, 400, 415), 1.0)
        one = seen(number / FPS, yaw=yaw, gaze=gaze, landmarks=mesh(yaw), **fields)
        frames.append(Watched(one, None, ""))
    return Clip("made", FPS, tuple(frames))


@pytest.fixture(scope="module")
def clip() -> Clip:
    return made()


@pytest.fixture(scope="module")
def found(clip):
    own = movements(clip)
    return own + [one.other_side() for one in own if one.kind != "blink"]


@pytest.fixture(scope="module")
def looker() -> Iterator[FaceTracker]:
    needs.models(LANDMARKER)
    with FaceTracker(stills=True) as tracker:
        yield tracker


@pytest.fixture(scope="module")
def puppet(looker) -> Puppet:
    return Puppet(selfie(skimage.data.astronaut(), (480, 640), looker), looker)


@pytest.fixture(scope="module")
def mimic(looker, puppet) -> Mimic:
    return Mimic(puppet, looker)


def test_what_somebody_does_in_a_clip_is_found(clip):
    kinds = [one.kind for one in movements(clip)]
    assert kinds.count("blink") == 9
    assert [kind for kind in kinds if kind != "blink"] == ["turn left", "glance left"]


def test_labels_count_where_there_are_some(clip):
    labelled = movements(clip, {"fps": FPS, "closures": [[111, 114]]})
    (blink,) = [one for one in labelled if one.kind == "blink"]
    assert 108 <= blink.first < 111
    assert 114 < blink.last <= 117


def test_a_movement_begins_and_ends_where_somebody_is(clip, found):
    base = Watched(seen(1.0, yaw=4.0, gaze=0.1, ear_left=0.25, ear_right=0.26, landmarks=mesh(4.0)), None, "")
    for movement in found:
        for own in (True, False):
            for at in (0.0, movement.seconds):
                shown = played(base, movement, at, own).seen
                assert (shown.yaw, shown.gaze) == pytest.approx((4.0, 0.1), abs=0.3)
                assert (shown.ear_left, shown.ear_right) == pytest.approx((0.25, 0.26), abs=0.01)
                assert shown.landmarks == pytest.approx(base.seen.landmarks, abs=1.0)


def test_with_left_and_right_exchanged_it_goes_to_the_other_side(clip, found):
    base = Watched(seen(1.0), None, "")
    turns = {one.kind: one for one in found if one.kind.startswith("turn")}
    for kind, sign in (("turn left", 1), ("turn right", -1)):
        assert sign * played(base, turns[kind], 1.0, own=False).seen.yaw > 25


def test_a_mesh_that_is_turned_in_space_is_seen_as_deep_as_a_head():
    straight = mesh(0.0)
    straight[[234, 454]] = [220, 240, 0], [420, 240, 0]  # the ears
    turned = turned_mesh(straight, 25.0, 0.0, 0.0)
    assert parallax(straight, turned) > PARALLAX
    assert parallax(straight, turned_mesh(straight, 0.0, 0.0, 25.0)) < PARALLAX / 3
    assert turned == pytest.approx(turned_mesh(turned, 0.0, 0.0, 0.0))
    moved = (turned - straight)[:, 0]
    nose = int(np.argmin(straight[:, 2]))
    assert moved[nose] - moved.mean() > 10  # towards the person's left, which is right in the picture


def test_between_answers_runs_what_has_no_turn(clip):
    yaw = clip.values("yaw")
    assert len(ordinary(clip)) > 800
    assert np.abs(yaw[ordinary(clip)]).max() <= 20


@pytest.mark.parametrize(
    "steps", [("turn left", "blink twice", "look left"), ("look right", "turn right", "blink twice")]
)
def test_somebody_of_a_clip_answers_what_is_asked_and_a_film_of_it_does_not_answer_what_else_is(clip, found, steps):
    answer = visit(Person(clip, found, seed=3), Challenge(steps), PROFILE)
    assert answer.outcome == "passed", answer.factor.reason
    others = [Challenge(tuple(reversed(steps))), Challenge((*steps[1:], steps[0]))]
    for other in others:
        film = visit(Replay(answer.shown, FPS, 0, seed=1), other, PROFILE)
        assert film.outcome != "passed"


def test_a_challenge_is_the_same_for_a_seed_and_other_steps_where_that_is_asked():
    challenges = [drawn_challenge(np.random.default_rng(seed)) for seed in range(40)]
    assert challenges == [drawn_challenge(np.random.default_rng(seed)) for seed in range(40)]
    assert len({one.steps for one in challenges}) > 10
    for seed, one in enumerate(challenges):
        assert "blink twice" in one.steps
        assert any(step.startswith("turn") for step in one.steps)
        assert drawn_challenge(np.random.default_rng(seed), one).steps != one.steps


def test_an_interpolated_pose_is_seen_as_a_drawn_one(mimic, puppet, looker):
    rng = np.random.default_rng(0)
    for pose in (
        Expression(yaw=18, pitch=3, roll=2),
        Expression(blink_left=1, blink_right=1, yaw=-6),
        Expression(gaze=0.7, smile=0.5, pitch=-4),
        Expression(blink_left=0.5, blink_right=0.5, mouth=0.3),
    ):
        drawn, interpolated = looker.observe(puppet.frame(pose), 0.0), mimic.observe(pose, 0.0, rng).seen
        assert interpolated.yaw == pytest.approx(drawn.yaw, abs=2.5)
        assert interpolated.ear == pytest.approx(drawn.ear, abs=0.05)
        assert interpolated.blink == pytest.approx(drawn.blink, abs=0.12)
        assert interpolated.gaze == pytest.approx(drawn.gaze, abs=0.25)


def test_a_calm_actor_passes_without_being_drawn(mimic):
    challenge = Challenge(("blink twice", "turn left", "look right"))
    assert visit(ActedVisitor(mimic, 1, CALM), challenge, PROFILE).outcome == "passed"
