from __future__ import annotations

from dataclasses import replace

import numpy as np

from ui.text import match_view as wording
from ui.text.match_view import LIMITS, SOURCES


def test_the_probability_counts_all_cameras_that_were_compared(own):
    found = replace(own.finding.found, p_value=1e-4, images=1)
    assert "**about 1 in 10,000**" in wording.false_alarm(found, 1)
    assert "**about 1 in 5,000** such checks, as the best of 2 cameras" in wording.false_alarm(found, 2)
    assert "taken this still" in wording.false_alarm(found, 1)
    assert "these 8 stills" in wording.false_alarm(own.finding.found, 1)


def test_chance_elsewhere_is_told_as_it_is():
    scores = np.array([-3.0, 0.5, 2.0, 3.1], np.float32)
    assert "highest of them scored 3.1, its own place 40" in wording.elsewhere(40.2, scores)
    assert "2 of them scored as high" in wording.elsewhere(1.0, scores)


def test_what_is_missing_is_said(own, no_stills, other_size):
    assert wording.missing(own) == ""
    assert "No usable still" in wording.missing(no_stills)
    assert "do not have the size" in wording.missing(other_size)
    nobody = replace(no_stills.finding.factor, reason="no-camera-enrolled")
    assert "No camera is registered" in wording.missing(
        replace(no_stills, finding=replace(no_stills.finding, factor=nobody))
    )


def test_an_attempt_is_called_by_time_kind_name_and_outcome(own, foreign, checks):
    assert wording.label(own) == f"{own.when:%H:%M:%S} UTC · live check · Anna · ✓ Accepted"
    assert wording.label(replace(foreign, source="sample")).endswith("· sample check · Anna · ✗ Refused")
    assert wording.label(replace(own, decision={})).endswith("· no outcome")
    assert "which camera took simulated own photo.jpg?" in wording.label(checks[0])
    assert wording.label(replace(foreign, source="lab")).endswith("· attack lab · Anna · ✗ Refused")
    assert set(SOURCES) == {"live", "photos", "sample", "lab"}


def test_every_factor_has_its_limits_and_an_odd_decision_none(own):
    assert list(wording.limits(own.decision).values()) == list(LIMITS.values())
    for odd in ({}, {"factors": None}, {"factors": 7}, {"factors": ["x", {"name": "<b>"}]}):
        assert wording.limits(odd) == {}
