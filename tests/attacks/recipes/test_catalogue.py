"""Every attack of the catalogue, made for a simulated person; whole trials for one of each group."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from attacks.recipes.catalogue import ATTACKS, begin
from attacks.trial import run
from attacks.types import RATE
from bank.face_reader import Reader
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from prnu import match
from testing.some import some

WAYS = {(attack.code, strength.code): attack for attack in ATTACKS for strength in attack.strengths}
FILMED = {("puppet", "filmed"), ("swap", "filmed"), ("screen", "stand"), ("photo", "waved"), ("photo", "still")}
ENROLLED = {
    ("photo", "enrolled"), ("swap", "genuine"), ("virtual-camera", "call"), ("stolen-stills", "fresh"),
    ("wrong-stills", "person"), ("wrong-stills", "place"), ("resized-stills", "aligned"), ("copy", "5"),
}  # fmt: skip
"""What the enrolled camera took, or what has its pattern from elsewhere."""

WITHOUT = {
    ("puppet", "injected"), ("puppet", "driven"), ("swap", "injected"), ("resized-stills", "scaled"),
    ("resized-stills", "cropped"),
}  # fmt: skip


@pytest.fixture
def made(target):
    """Makes a presentation that needs nothing from a bank, and closes it at the end."""
    presentations = []

    def make(code, strength, seed=2):
        presentations.append(WAYS[code, strength].make(target, strength, seed))
        return presentations[-1]

    yield make
    for presentation in presentations:
        presentation.close()


@pytest.fixture(scope="module")
def readers(models):
    reader = Reader()
    yield {"reader": reader, "matcher": FaceMatcher()}
    reader.close()


@pytest.fixture
def tried(target, vault, readers):
    """Decides on an attack, and tells what each factor said."""

    def trial(code, strength, seed=2):
        presentation = begin(WAYS[code, strength], target, strength, seed, vault)
        decision = run(vault, target.name, presentation, **readers).decision
        presentation.close()
        return decision, {factor.name: factor.verdict for factor in decision.factors}

    return trial


def test_codes_are_unique_and_everything_has_words_and_a_way():
    assert len({attack.code for attack in ATTACKS}) == len(ATTACKS)
    assert {attack.group for attack in ATTACKS} == {"puppet", "swap", "photo", "replay", "injection", "copy"}
    for attack in ATTACKS:
        codes = [strength.code for strength in attack.strengths]
        assert codes
        assert len(set(codes)) == len(codes)
        assert attack.title
        for sentence in (attack.teaser, attack.needs):
            assert sentence.endswith((".", ")."))
    assert WAYS.keys() >= FILMED | ENROLLED | WITHOUT


def test_the_catalogue_loads_no_models():
    program = (
        "import sys, attacks.recipes.catalogue; print(*(name for name in ('mediapipe', 'cv2') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


@pytest.mark.parametrize(("code", "strength"), sorted(FILMED | ENROLLED | WITHOUT))
def test_stills_have_the_enrolled_cameras_pattern_or_not_as_it_is_said(target, made, code, strength):
    presentation = made(code, strength)
    stills = []
    for number in range(3):
        scene = presentation.frame(None, number / RATE)
        stills.append(presentation.still())
        assert scene.dtype == np.uint8
        assert stills[-1].shape == (*target.camera.shape, 3)
    pce = match(target.sample.fingerprint, stills).pce
    if (code, strength) in ENROLLED:
        assert pce > 50
    else:
        assert pce < 50
    if (code, strength) in FILMED:
        assert not np.array_equal(stills[0], stills[1]), "a camera's noise differs from shot to shot"


@pytest.mark.parametrize(
    ("code", "strength", "answers"),
    [
        ("puppet", "injected", True),
        ("swap", "filmed", True),
        ("stolen-stills", "fresh", True),
        ("photo", "tilted sideways to 45 degrees", False),
        ("screen", "hand", False),
    ],
)
def test_who_answers_turns_within_three_seconds_of_being_asked(made, code, strength, answers):
    presentation = made(code, strength)
    yaws: list[float] = []
    idle: list[float] = []
    with FaceTracker() as tracker:
        for number in range(0, 64, 4):
            now_s = number / RATE
            seen = some(tracker.observe(presentation.frame("turn left" if now_s > 1.0 else None, now_s), now_s))
            (yaws if now_s > 1.4 else idle).append(seen.yaw)
    assert (max(yaws) - np.median(idle) > 18) == answers


def test_another_seed_is_another_try(made):
    for code, strength in (("puppet", "filmed"), ("photo", "waved")):
        stills = []
        for seed in (2, 3):
            presentation = made(code, strength, seed)
            presentation.frame(None, 0.5)
            stills.append(presentation.still())
        assert not np.array_equal(*stills), code


def test_a_strength_that_there_is_not_is_told(target, vault):
    with pytest.raises(ValueError, match="expected one of injected, filmed, driven; got 'gold'"):
        begin(WAYS["puppet", "injected"], target, "gold", 1, vault)


def test_what_needs_an_earlier_check_says_so(target):
    for code in ("virtual-camera", "stolen-stills"):
        with pytest.raises(ValueError, match="begin` make this attack"):
            WAYS[code, "check"].make(target, "check", 1)


def test_a_photo_in_front_of_the_stolen_phone_is_stopped_by_liveness(tried):
    decision, factors = tried("photo", "enrolled")
    assert not decision.accepted
    assert (factors["face"], factors["camera"]) == ("passed", "passed")
    assert factors["liveness"] != "passed"


def test_a_swap_in_genuine_pictures_is_found_in_the_place_of_the_face(tried):
    decision, factors = tried("swap", "genuine")
    assert (factors["face"], factors["liveness"], factors["camera"]) == ("passed",) * 3
    assert decision.reason == "face region: face-replaced"


def test_a_recorded_check_is_known_again(tried, vault, target):
    decision, factors = tried("virtual-camera", "check")
    assert (factors["camera"], factors["face region"], factors["freshness"]) == ("passed", "passed", "failed")
    assert decision.factor("freshness").details["not handed in before"] == "failed"
    outcomes = [attempt["outcome"] for attempt in vault.export(target.name)["attempts"]]
    assert outcomes == ["accepted", "refused"], "the genuine check came first, at the same bank"


def test_stolen_stills_that_the_bank_has_never_seen_get_through(tried):
    decision, _ = tried("stolen-stills", "fresh")
    assert decision.accepted, decision.reason


def test_a_copied_fingerprint_gets_through_unless_the_bank_knows_the_photos(tried):
    decision, _ = tried("copy", "5", 2)
    assert decision.accepted, decision.reason
    decision, factors = tried("copy-known", "5", 3)
    assert (factors["camera"], decision.reason) == ("passed", "freshness: planted")
