from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from prnu.enrol import Step
from prnu.match import LEAST
from ui.results.photo_check import Check, Ranked
from ui.text import scores
from ui.text.decision import modest
from ui.text.match_view import false_alarm

SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@pytest.mark.parametrize(
    ("pce", "text"),
    [
        (0.04, "0.0"),
        (-0.04, "0.0"),
        (-1.24, "−1.2"),
        (9.97, "10"),
        (45.4, "45"),
        (1835.4, "1,835"),
        (-16350.0, "−16,350"),
    ],
)
def test_score_is_short_and_has_a_true_minus(pce, text):
    assert scores.score(pce) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (0.123, "0.12"), (4.56, "4.6"), (45.6, "46"), (945, "940"), (12345, "12,000")]
)
def test_about_keeps_two_digits(number, text):
    assert scores.about(number) == text


def test_about_does_not_choke_on_what_is_not_known():
    assert scores.about(math.nan) == "unknown"


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (1.0, "more than 50 in 100"),
        (0.977, "more than 50 in 100"),
        (0.4, "about 40 in 100"),
        (0.01, "about 1 in 100"),
        (0.0031, "about 1 in 320"),
        (1.24e-5, "about 1 in 81,000"),
        (3.1e-7, "about 1 in 3.2 million"),
        (1 / 3e6, "about 1 in 3 million"),
        (9.96e-10, "about 1 in 1 billion"),
        (1.1e-12, "about 1 in 910 billion"),
        (1e-12, "about 1 in 1,000 billion"),
        (9e-13, "less than 1 in 10¹²"),
        (0.0, "less than 1 in 10¹²"),
    ],
)
def test_a_false_alarm_probability_in_words_is_never_nothing(p_value, words):
    assert scores.one_in(p_value) == words


@pytest.mark.parametrize("p_value", np.geomspace(1e-13, 1.0, 60))
def test_words_agree_with_the_number(p_value):
    words = scores.one_in(p_value)
    assert "certain" not in words
    assert "never" not in words
    first, last = words.removeprefix("about ").split(" in ")[:2]
    if words.startswith("about"):
        number, _, unit = last.replace(",", "").partition(" ")
        odds = float(first) / (float(number) * {"": 1, "million": 1e6, "billion": 1e9}[unit])
        assert odds == pytest.approx(p_value, rel=0.06)


def test_no_words_tell_of_less_than_the_least():
    floor = scores.one_in(0.99 * LEAST)
    assert floor == f"less than 1 in 10{str(round(-math.log10(LEAST))).translate(SUPERSCRIPT)}"
    assert modest("false-alarm probability", "9e-13") == "less than 1e-12"
    for smaller in (1e-13, 1e-15, 1e-300, 0.0):
        assert scores.one_in(smaller) == floor
        assert scores.odds(smaller).startswith(floor)
        assert modest("false-alarm probability", str(smaller)) == "less than 1e-12"


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.7, "most photos"),
        (0.33, "33 in 100"),
        (1e-4, "1 in 10,000"),
        (1e-12, "about 1 in 1,000 billion"),
        (3e-13, "less than 1 in 10¹²"),
        (1e-300, "less than 1 in 10¹²"),
        (0.0, "less than 1 in 10¹²"),
    ],
)
def test_odds_never_say_never(p_value, words):
    said = scores.odds(p_value)
    assert words in said
    assert "never" not in said


def test_odds_do_not_promise_more_than_the_p_value():
    units = {"photos": 1, "million": 1e6, "billion": 1e9}
    for exponent in range(7, 13):
        number, unit = scores.odds(1.01 * 10.0**-exponent).removeprefix("about 1 in ").split()[:2]
        assert float(number.replace(",", "")) * units[unit] < 10.0**exponent


@pytest.mark.parametrize("p_value", [0.4, 0.03, 3e-5, 1e-9, 1e-14])
def test_every_sentence_tells_a_p_value_in_the_same_words(p_value, checks):
    words = scores.one_in(p_value)
    assert words in scores.odds(p_value)
    assert words in false_alarm(replace(checks[0].match, p_value=p_value), 1)
    assert words in scores.verdict(changed(checks[0], p_value=p_value)).detail


@pytest.mark.parametrize(
    ("expected", "word"),
    [(900, "Good"), (200, "Good"), (120, "Fair"), (60, "Weak"), (3, "Too weak"), (math.nan, "Unknown")],
)
def test_grades(expected, word):
    grade = scores.grade_expected(expected)
    assert grade.word == word
    assert grade.sentence.startswith(("Good", "Fair", "Weak", "Too weak", "One photo"))


def test_a_good_fingerprint_says_what_to_expect():
    assert scores.grade_expected(912).sentence == (
        "Good: a photo from this camera should score about 910; 50 is the threshold."
    )


def test_own_photo_is_consistent(checks):
    told = scores.verdict(checks[0])
    assert told.kind == "match"
    assert "consistent with the registered camera **Phone · Sample person (simulated)**" in told.headline
    assert "less than 1 in 10¹² photos of other cameras" in told.detail
    assert not told.reasons


def test_another_camera_shows_no_sign_and_nothing_is_claimed_beyond_that(checks):
    told = scores.verdict(checks[1])
    assert told.kind == "no-match"
    assert "no sign of" in told.headline
    assert any("compressed" in reason for reason in told.reasons)
    assert any("Another camera" in reason for reason in told.reasons)


def test_a_swapped_face_calls_for_a_closer_look(checks):
    told = scores.verdict(checks[2])
    assert told.kind == "attention"
    assert "one area is not" in told.headline


def changed(check: Check, **match) -> Check:
    return replace(check, match=replace(check.match, **match))


def test_a_score_between_chance_and_threshold_cannot_tell(checks):
    told = scores.verdict(changed(checks[1], pce=38.0, p_value=1e-7))
    assert told.kind == "unclear"
    assert "higher than chance" in told.headline


def test_a_score_that_compression_explains_cannot_tell(checks):
    told = scores.verdict(changed(checks[1], pce=80.0, p_value=1e-3))
    assert told.kind == "unclear"
    assert "too often" in told.headline


def test_a_weak_fingerprint_cannot_tell(checks, phone):
    told = scores.verdict(replace(checks[1], fingerprint=replace(phone, split_half=1e-4)))
    assert told.kind == "unclear"
    assert "fingerprint is weak" in told.headline


def test_the_best_of_several_cameras_is_named(checks):
    ranking = [Ranked("A", None, "another size"), Ranked("B", checks[0].match)]
    told = scores.verdict(replace(checks[0], ranking=ranking))
    assert (
        told.headline == "Of 2 registered cameras, this photo is consistent with **Phone · Sample person (simulated)**."
    )
    assert "any registered camera" in scores.verdict(replace(checks[1], ranking=ranking)).headline


def test_the_probability_counts_all_cameras_that_were_compared(checks):
    weak = replace(changed(checks[0], pce=80.0, p_value=3.5e-7), cameras=2)
    told = scores.verdict(weak)
    assert told.kind == "match"
    assert "about 1 in 1.4 million photos of other cameras would score this high, by chance, with the best of 2" in (
        told.detail
    )
    told = scores.verdict(replace(weak, cameras=3))
    assert told.kind == "unclear"
    assert "about 1 in 950,000" in told.detail


def test_what_a_search_cost(checks):
    assert scores.searched(checks[0]) == ""
    moved = changed(checks[0], searched=441, shift=(-3, 4))
    assert "from 50 to 62" in scores.searched(moved)
    assert "4 pixels to the right and 3 up" in scores.searched(moved)
    assert "from 53 to 65" in scores.searched(replace(moved, cameras=4))
    assert "Found" not in scores.searched(changed(checks[0], searched=441, pce=20.0))


def test_regions(checks):
    inside = scores.region(checks[2].test_region(checks[2].suspect.box))
    outside = scores.region(checks[2].test_region((820, 40, 300, 300)))
    assert inside.kind == "no-match"
    assert outside.kind == "match"
    tiny = scores.region(checks[1].test_region((0, 0, 48, 48)))
    assert tiny.kind == "unclear"


def test_of_a_photo_that_does_not_match_no_region_shows_the_pattern_or_lacks_it(checks):
    found = checks[0].test_region((820, 40, 300, 300))
    for verdict in ("passed", "failed", "inconclusive"):
        told = scores.region(replace(found, verdict=verdict, p_value=1e-5), whole=False)
        assert told.kind == "unclear"
        assert "nothing is expected" in told.headline
    assert scores.region(replace(found, p_value=1e-9), whole=False).kind == "attention"


@pytest.mark.parametrize(
    ("step", "word"),
    [
        (Step("a", True, "", None), "✓ Used"),
        (Step("a", True, "Dim.", None), "✓ Used, but"),
        (Step("a", False, "No.", None), "✗ Left out"),
    ],
)
def test_result_words(step, word):
    assert scores.result_word(step) == word


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.001, "less than 1%"), (0.126, "13%"), (1, "100%")])
def test_percent(share, text):
    assert scores.percent(share) == text


def test_count():
    assert scores.count(1, "photo") == "1 photo"
    assert scores.count(1200, "photo") == "1,200 photos"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Anna's phone (simulated)", "Anna's phone (simulated)"),
        ("*_`~", r"\*\_\`\~"),
        ("![x](http://a)", "\\!\\[x\\](http\\:\u2060//a)"),
        (":material/home: $a$ <b>", "\\:\u2060material/home\\: \\$a\\$ \\<b\\>"),
    ],
)
def test_markup_in_names_is_shown_and_not_obeyed(text, shown):
    assert scores.literal(text) == shown


def test_a_cameras_name_cannot_lay_out_the_verdict(checks):
    told = scores.verdict(replace(checks[0], camera="**A** [b](c)"))
    assert r"**\*\*A\*\* \[b\](c)**" in told.headline


def test_moments_are_told_in_utc():
    moment = datetime(2026, 3, 5, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert scores.day(moment) == "4 March 2026"
    assert scores.minute(moment) == "4 March 2026, 23:30 UTC"
    assert scores.minute(moment) == scores.minute(moment.astimezone(UTC))
