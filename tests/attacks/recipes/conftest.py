"""What attacks are made and tried with."""

from __future__ import annotations

import pytest

from attacks.recipes import ATTACKS
from attacks.trial import run
from bank.face_reader import Reader
from liveness.identity import FaceMatcher

BY_CODE = {attack.code: attack for attack in ATTACKS}


@pytest.fixture
def whom(request):
    """Whom an attack is aimed at: small pictures do but for what is about the size of a check's."""
    return lambda code: request.getfixturevalue("target" if code == "resized-stills" else "small_target")


@pytest.fixture
def made(whom):
    """Makes a presentation that needs nothing from a bank, and closes it at the end."""
    presentations = []

    def make(code, strength, seed=2):
        attack = BY_CODE[code]
        presentations.append(attack.make(whom(code), attack.find(strength), seed))
        return presentations[-1]

    yield make
    for presentation in presentations:
        presentation.close()


@pytest.fixture(scope="session")
def readers(models):
    reader = Reader()
    yield {"reader": reader, "matcher": FaceMatcher()}
    reader.close()


@pytest.fixture
def tried(target, vault, readers):
    """Decides on an attack, and tells what each factor said."""

    def trial(code, strength, seed=2):
        presentation = BY_CODE[code].begin(target, strength, seed, vault)
        decision = run(vault, target.name, presentation, **readers).decision
        presentation.close()
        return decision, {factor.name: factor.verdict for factor in decision.factors}

    return trial
