"""The examples of docs/library.md run, and show every public name."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

from tests.needs import models

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
TEXT = PAGE.read_text(encoding="utf-8")
NEEDY = "<!-- needs the face models -->\n"
BLOCK = re.compile(rf"(?P<needy>{NEEDY})?```python\n(?P<code>.*?)```", re.DOTALL)

DESIGNED = """
load_luma noise_residual FingerprintEstimator Fingerprint match correlation_map match_region SimulatedCamera
photograph analyse_video LivenessReport FaceTracker LivenessSession FaceMatcher embed similarity Bank enrol
verify Decision accepted factors reason pce p_value ncc shift surface passed pattern images shape save load
from_images add fingerprint blinks windows verdict frames ms_per_frame
"""


def run(source: str) -> None:
    test = doctest.DocTestParser().get_doctest(source, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []
    runner.run(test, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_examples_of_the_camera_factor_run():
    run("\n".join(block["code"] for block in BLOCK.finditer(TEXT) if not block["needy"]))


@pytest.mark.slow
def test_examples_of_face_and_bank_run(capfd):
    models("face_landmarker.task", "face_recognition_sface_2021dec_int8bq.onnx")
    setting_up = next(BLOCK.finditer(TEXT))["code"] + ">>> import tempfile\n"
    run(setting_up + "\n".join(block["code"] for block in BLOCK.finditer(TEXT) if block["needy"]))


@pytest.mark.parametrize("package", ["prnu", "liveness", "bank"])
def test_every_public_name_of_a_package_is_shown(package):
    names = importlib.import_module(package).__all__
    missing = [name for name in names if not re.search(rf"\b{name}\b", TEXT)]
    assert not missing


def test_every_name_that_others_rely_on_is_shown():
    assert not [name for name in DESIGNED.split() if not re.search(rf"\b{name}\b", TEXT)]
