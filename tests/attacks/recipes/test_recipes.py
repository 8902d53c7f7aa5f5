"""Every attack of the list, made for a simulated person. Whole trials are beside each recipe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from attacks.recipes import ATTACKS
from attacks.types import RATE
from liveness.landmarks import FaceTracker
from prnu import match
from testing.some import some
from tests import needs

WAYS = {(attack.code, way.value): attack for attack in ATTACKS for way in attack.ways}
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


def test_codes_are_unique_and_everything_has_words_and_a_way():
    assert len({attack.code for attack in ATTACKS}) == len(ATTACKS)
    assert {attack.group for attack in ATTACKS} >= {"puppet", "swap", "photo", "replay", "injection", "copy"}
    for attack in ATTACKS:
        ways: Any = attack.ways
        assert len(ways.__members__) == len(ways) > 0, "an alias would hide a way of the same code"
        assert all(way.words for way in ways)
        assert attack.title
        assert attack.group
        for sentence in (attack.teaser, attack.needs, attack.stops):
            assert sentence.endswith((".", ")."))
    assert WAYS.keys() >= FILMED | ENROLLED | WITHOUT


def test_the_list_of_attacks_loads_no_models():
    program = (
        "import sys, attacks, attacks.recipes; print(*(name for name in ('mediapipe', 'cv2') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


DROPPED = '''
"""Somebody else's face."""

from attacks.recipe import Recipe, Way


class Ways(Way):
    """The only ones."""

    BARE = "bare", "Without any disguise"
    MASKED = "masked", "With a carnival mask"


def make(target, way, seed):
    """Let somebody else answer."""
    from attacks.show.acted import Acted

    return Acted(target.actor, target.filmed(seed), seed)


RECIPE = Recipe(
    order=25,
    code="impostor",
    group="impostor",
    title="Somebody else",
    teaser="Somebody else takes the check.",
    needs="Nothing.",
    stops="A look at the face.",
    ways=Ways,
    make=make,
)
'''
EVERYWHERE = """
import attacks
from attacks.__main__ import main
from attacks.evaluation.matrix import cases
from attacks.evaluation.cli_arguments import attack_and_strength
from attacks.recipes import ATTACKS
from ui.results.attack_offers import offers

print("from", attacks.__file__)
assert main(["list"]) == 0
print("order:", *(attack.code for attack in ATTACKS[:4]))
print("offers:", *(one.code for one in offers()))
print("matrix:", *(f"{case.attack}/{case.strength}" for case in cases((), ATTACKS, ("impostor", None), 1, 0)))
attack, strength = attack_and_strength("impostor")
print("argument:", attack.title, strength)
"""


@pytest.mark.slow
def test_a_recipe_that_is_put_into_the_folder_is_listed_tried_and_offered_without_any_other_change(tmp_path):
    shutil.copytree(needs.ROOT / "attacks", tmp_path / "attacks", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "attacks" / "recipes" / "impostor.py").write_text(DROPPED)
    path = os.pathsep.join([str(tmp_path), str(needs.ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", EVERYWHERE],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert f"from {tmp_path / 'attacks' / '__init__.py'}" in said
    assert "impostor Somebody else. Somebody else takes the check." in said
    assert "impostor/masked: With a carnival mask" in said
    first, second, third = (attack.code for attack in ATTACKS[:3])
    assert f"order: {first} {second} impostor {third}" in said
    offered = next(line for line in said.splitlines() if line.startswith("offers:"))
    assert offered.split()[1:] == [first, second, "impostor", *(a.code for a in ATTACKS[2:]), "genuine"]
    assert "matrix: impostor/bare impostor/masked" in said
    assert "argument: Somebody else bare" in said


@pytest.mark.parametrize(("code", "strength"), sorted(FILMED | ENROLLED | WITHOUT))
def test_stills_have_the_enrolled_cameras_pattern_or_not_as_it_is_said(whom, made, code, strength):
    target, presentation = whom(code), made(code, strength)
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
        WAYS["puppet", "injected"].begin(target, "gold", 1, vault)


def test_what_needs_an_earlier_check_says_so(target):
    for code in ("virtual-camera", "stolen-stills"):
        attack = WAYS[code, "check"]
        with pytest.raises(ValueError, match="begin` make this attack"):
            attack.make(target, attack.find("check"), 1)
