from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
import sys
import tomllib
from copy import deepcopy
from typing import Any

import annotated_types
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import liveness.challenge
import liveness.gaze
import liveness.head
import liveness.identity
import liveness.session
import liveness.swaps
from bank import policy as module
from bank import profiles as rules
from bank.errors import PolicyError
from bank.policy import FACTORS, PACKAGED, VARIABLE, Policy, Profile
from bank.settings import FeedSettings
from prnu.forgery import triangle_test
from prnu.localize import REGION_P_VALUE
from prnu.match import FALSE_ALARM, THRESHOLD
from prnu.quality import ENOUGH_IMAGES
from prnu.rules import CALIBRATED, PAPER
from testing.some import some
from tests import needs

SECTIONS = {name: module._File.model_fields[name].annotation for name in ("limits", "retention", "enrolment", "risk")}
SECTIONS["feeds"] = FeedSettings
PARTS = {
    name: field.annotation
    for name, field in Profile.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}

# +1: a larger number is tighter, -1: a smaller one is.
TIGHTER = {
    "face.similarity": +1,
    "liveness.steps": +1,
    "liveness.step_seconds": -1,
    "liveness.slow_step_seconds": -1,
    "liveness.min_windows": +1,
    "liveness.session_s": -1,
    "camera.pce": +1,
    "camera.false_alarm": -1,
    "camera.min_stills": +1,
    "face_region.p_value": -1,
    "face_region.min_share": +1,
    "freshness.max_delay_s": -1,
    "freshness.moment_s": -1,
    "freshness.yaw_deg": -1,
    "freshness.pitch_deg": -1,
    "freshness.roll_deg": -1,
    "freshness.offset": -1,
    "freshness.scale": -1,
    "freshness.similarity": +1,
    "freshness.duplicate": -1,
    "freshness.copy_false_alarm": +1,
    "freshness.min_matched": +1,
    "freshness.min_telling": +1,
    "capture.max_stills": -1,
    "capture.max_megapixels": -1,
    "step_up.tries": -1,
    "step_up.window_s": +1,
}


def packaged() -> dict[str, Any]:
    return tomllib.loads(PACKAGED.read_text())


def to_toml(table: dict[str, Any], name: str = "") -> str:
    lines, below = [f"[{name}]"] if name else [], []
    for key, value in table.items():
        if isinstance(value, dict):
            below.append(to_toml(value, f"{name}.{key}" if name else key))
        elif isinstance(value, float) and not math.isfinite(value):
            lines.append(f"{key} = {value}")
        else:
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines + below) + "\n"


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "policy.toml"

    def loaded(data: dict[str, Any]) -> Policy:
        path.write_text(to_toml(data))
        return Policy.load(path)

    return loaded


def bounds(part: Any) -> dict[str, tuple[type, Any, Any]]:
    found = {}
    for name, field in part.model_fields.items():
        low = [one.ge for one in field.metadata if isinstance(one, annotated_types.Ge)]
        high = [one.le for one in field.metadata if isinstance(one, annotated_types.Le)]
        assert field.annotation in (int, float), name
        assert low, f"{name} has no lowest value"
        assert high, f"{name} has no highest value"
        found[name] = (field.annotation, low[0], high[0])
    return found


def place(data: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *tables, key = path.split(".")
    for table in tables:
        data = data[table]
    return data, key


NUMBERS = {f"{section}.{key}": limits for section, part in SECTIONS.items() for key, limits in bounds(part).items()}
NUMBERS |= {
    f"profiles.demo.{name}.{key}": limits for name, part in PARTS.items() for key, limits in bounds(part).items()
}


@st.composite
def profiles(draw) -> dict[str, Any]:
    profile: dict[str, Any] = {"about": draw(st.text("abc dé'\"\\#=", min_size=1, max_size=20))}
    split = draw(st.lists(st.booleans(), min_size=5, max_size=5))
    shuffled = draw(st.permutations(FACTORS))
    required = [factor for factor, wanted in zip(shuffled, split, strict=True) if wanted or factor == "camera"]
    profile |= {"required": required, "advisory": [factor for factor in shuffled if factor not in required]}
    for name, part in PARTS.items():
        profile[name] = {
            key: draw(st.integers(low, high) if kind is int else st.floats(low, high))
            for key, (kind, low, high) in bounds(part).items()
        }
    live, capture = profile["liveness"], profile["capture"]
    live["slow_step_seconds"] = max(live["step_seconds"], live["slow_step_seconds"])
    needed = (live["steps"] + liveness.swaps.MOST_SWAPS) * live["slow_step_seconds"] + liveness.session.NEUTRAL_S
    assume(needed <= 600)
    live["session_s"] = max(live["session_s"], needed)
    fewest = max(profile["camera"]["min_stills"], profile["freshness"]["min_telling"])
    capture["max_stills"] = max(capture["max_stills"], fewest)
    return profile


def test_the_packaged_policy_says_what_was_agreed():
    policy = Policy.load()
    assert sorted(policy.profiles) == ["calibrated", "demo", "photos", "strict"]
    assert policy.profile("demo").camera.pce == 50
    assert policy.profile("strict").camera.pce == 60
    assert (policy.limits.failures, policy.limits.window_s) == (5, 180)
    assert policy.retention.model_dump() == {
        "attempts_days": 365,
        "seen_days": 90,
        "audit_days": 730,
        "inactive_days": 730,
    }
    for name in ("demo", "calibrated", "strict"):
        assert policy.profile(name).required == FACTORS
    photos = policy.profile("photos")
    assert set(photos.advisory) == {"liveness", "freshness"}
    assert "Teaching and QA only" in photos.about


def test_every_number_of_the_packaged_policy_says_where_it_comes_from():
    numbers = [line for line in PACKAGED.read_text().splitlines() if re.match(r"\w+ = [\d.]", line)]
    assert len(numbers) == sum(map(len, (bounds(part) for part in SECTIONS.values()))) + 4 * len(TIGHTER)
    for line in numbers:
        assert len(line.partition("#")[2].strip()) >= 6, line


def test_every_number_of_the_policy_says_what_it_is_and_in_a_profile_what_raising_it_does():
    part: Any
    for part in SECTIONS.values():
        assert all(some(field.description).endswith(".") for field in part.model_fields.values())
    for part in PARTS.values():
        for field in part.model_fields.values():
            assert field.title
            assert some(field.description).endswith(".")
            extra: Any = field.json_schema_extra
            assert extra["raised"].endswith(".")


def test_numbers_that_name_a_constant_have_its_value():
    policy = Policy.load()
    assert policy.enrolment.asked_images == ENOUGH_IMAGES
    assert policy.risk.fastest_s == liveness.session.FASTEST_S
    assert policy.risk.alike_answers == liveness.challenge.MIN_STEPS
    assert rules._NEUTRAL_S == liveness.session.NEUTRAL_S
    assert rules._MOST_SWAPS == liveness.swaps.MOST_SWAPS
    for name in ("demo", "photos"):
        profile = policy.profile(name)
        assert profile.face.similarity == profile.freshness.similarity == liveness.identity.THRESHOLD
        assert profile.liveness.steps == liveness.challenge.MIN_STEPS
        assert profile.camera.pce == THRESHOLD
        assert profile.face_region.p_value == REGION_P_VALUE
    for profile in policy.profiles.values():
        assert profile.camera.false_alarm == FALSE_ALARM
        assert profile.liveness.step_seconds == liveness.challenge.random_challenge().seconds
        default = some(triangle_test.__kwdefaults__)["false_alarm"]
        assert profile.freshness.copy_false_alarm == default
    assert bounds(rules.LivenessRules)["steps"][1] == liveness.challenge.MIN_STEPS
    strict = policy.profile("strict")
    assert strict.face_region.p_value == FALSE_ALARM
    assert strict.freshness.yaw_deg == liveness.head.BACK
    assert strict.freshness.roll_deg == liveness.gaze.HEAD_STILL
    assert policy.enrolment.min_expected_pce == max(profile.camera.pce for profile in policy.profiles.values())


def test_calibrated_is_demo_with_the_calibrated_rule_and_says_what_it_finds():
    policy = Policy.load()
    demo, calibrated = (policy.profile(name).model_dump() for name in ("demo", "calibrated"))
    assert (calibrated["camera"]["pce"], calibrated["camera"]["false_alarm"]) == (
        CALIBRATED.pce,
        CALIBRATED.false_alarm,
    )
    assert demo["camera"]["pce"] == PAPER.pce
    for profile in (demo, calibrated):
        del profile["about"], profile["camera"]["pce"]
    assert calibrated == demo
    about = policy.profile("calibrated").about
    assert all(figure in about for figure in ("47 instead of 42", "57 small photos", "1,468"))


def test_strict_is_never_looser_than_demo():
    demo, strict = (Policy.load().profile(name).model_dump() for name in ("demo", "strict"))
    assert set(TIGHTER) == {f"{name}.{key}" for name, part in PARTS.items() for key in part.model_fields}
    tighter = 0
    for path, direction in TIGHTER.items():
        part, key = path.split(".")
        gain = direction * (strict[part][key] - demo[part][key])
        assert gain >= 0, path
        tighter += gain > 0
    assert tighter > len(TIGHTER) / 2
    assert set(strict["required"]) >= set(demo["required"])


@given(profiles())
def test_any_valid_profile_comes_back_as_it_was_written(load, profile):
    data = packaged()
    data["limits"]["token_s"] = 3600
    data["profiles"]["mine"] = profile
    loaded = load(data).profile("mine")
    for name, value in loaded.model_dump().items():
        assert value == (tuple(profile[name]) if isinstance(value, tuple) else profile[name])
    assert Profile.model_validate(loaded.model_dump()) == loaded


@given(st.sampled_from(sorted(NUMBERS)), st.booleans(), st.data())
def test_any_number_out_of_range_is_refused_by_its_name(load, path, below, data):
    kind, low, high = NUMBERS[path]
    document = packaged()
    table, key = place(document, path)
    if kind is int:
        table[key] = data.draw(st.integers(max_value=low - 1) if below else st.integers(min_value=int(high) + 1))
    else:
        numbers = st.floats(max_value=low, exclude_max=True) if below else st.floats(min_value=high, exclude_min=True)
        table[key] = data.draw(numbers.filter(math.isfinite))
    with pytest.raises(PolicyError, match=re.escape(path)) as caught:
        load(document)
    assert (f"expected {low:.15g} or more" if below else f"expected {high:.15g} or less") in str(caught.value)


@given(st.sampled_from(sorted(NUMBERS)), st.sampled_from([math.nan, math.inf, -math.inf, "50", True, [], {}, [1]]))
def test_what_is_no_number_is_refused_by_its_name(load, path, value):
    document = packaged()
    table, key = place(document, path)
    table[key] = deepcopy(value)
    with pytest.raises(PolicyError, match=re.escape(path)):
        load(document)


@given(st.sampled_from([path for path, (kind, *_) in NUMBERS.items() if kind is int]))
def test_a_count_with_a_fraction_is_refused(load, path):
    document = packaged()
    table, key = place(document, path)
    table[key] += 0.5
    with pytest.raises(PolicyError, match=re.escape(path)):
        load(document)


def keys(table: dict[str, Any], name: str = "") -> list[str]:
    found = []
    for key, value in table.items():
        path = f"{name}.{key}" if name else key
        found += [path, *(keys(value, path) if isinstance(value, dict) and path != "profiles" else [])]
        if path == "profiles":
            found += keys(value["demo"], "profiles.demo")
    return found


@given(st.sampled_from(keys(packaged())))
def test_any_missing_key_is_named(load, path):
    document = packaged()
    table, key = place(document, path)
    del table[key]
    with pytest.raises(PolicyError, match=rf"{re.escape(path)}: expected a value, it is missing"):
        load(document)


@given(st.sampled_from(["", *(path for path in keys(packaged()) if isinstance(place(packaged(), path)[0], dict))]))
def test_any_unknown_key_is_named(load, path):
    document = packaged()
    table, _ = place(document, path) if path else (document, "")
    table["tolerance"] = 1
    with pytest.raises(PolicyError, match=r"tolerance: this key is not known"):
        load(document)


@given(st.sampled_from(FACTORS), st.sampled_from(["nowhere", "both", "twice"]))
def test_each_factor_must_be_required_or_advisory_and_only_once(load, factor, where):
    document = packaged()
    profile = document["profiles"]["demo"]
    if where == "nowhere":
        profile["required"].remove(factor)
    else:
        profile["advisory" if where == "both" else "required"].append(factor)
    with pytest.raises(PolicyError, match=f"profiles.demo: required, advisory: .*'{factor}'"):
        load(document)


def test_the_camera_cannot_be_advisory(load):
    document = packaged()
    profile = document["profiles"]["demo"]
    profile["required"].remove("camera")
    profile["advisory"].append("camera")
    with pytest.raises(PolicyError, match="advisory: 'camera' is always required"):
        load(document)


def test_a_factor_that_there_is_not_is_refused(load):
    document = packaged()
    document["profiles"]["demo"]["advisory"].append("voice")
    with pytest.raises(PolicyError, match=r"profiles.demo.advisory.0: .*'face region'.*got 'voice'"):
        load(document)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("limits.max_lock_s", 59, r"limits: max_lock_s: expected lock_s \(60\) or more, got 59"),
        ("limits.token_s", 60, r"limits.token_s: expected profiles.demo.liveness.session_s \(90\)"),
        ("enrolment.asked_images", 3, r"enrolment: asked_images: expected min_images \(4\)"),
        ("enrolment.most_images", 14, r"enrolment: most_images: expected asked_images \(15\)"),
        ("profiles.demo.liveness.session_s", 20, r"profiles.demo.liveness: session_s: .*71.5 or more, got 20"),
        (
            "profiles.demo.liveness.slow_step_seconds",
            6,
            r"slow_step_seconds: expected step_seconds \(7\) or more, got 6",
        ),
        ("profiles.demo.capture.max_stills", 5, r"profiles.demo: capture.max_stills: expected 6 or more"),
    ],
)
def test_numbers_that_contradict_each_other_are_named(load, path, value, named):
    document = packaged()
    table, key = place(document, path)
    table[key] = value
    with pytest.raises(PolicyError, match=named):
        load(document)


@pytest.mark.parametrize("name", ["", "Demo", "a b", "a" * 41, "demo\n", "-x"])
def test_profile_names_are_plain_words(name):
    document = packaged()
    document["profiles"][name] = document["profiles"].pop("demo")
    with pytest.raises(ValidationError):
        module._File.model_validate(document)


def test_a_policy_without_profiles_is_refused(load):
    document = packaged()
    document["profiles"] = {}
    with pytest.raises(PolicyError, match="profiles"):
        load(document)


def test_many_problems_are_told_in_one_error_that_stays_short(load):
    document = packaged()
    document["limits"] = {}
    with pytest.raises(PolicyError, match=r"and 6 more\. Correct the file\.$") as caught:
        load(document)
    assert "limits.failures" in str(caught.value)


def test_a_long_value_is_not_repeated_in_full(load):
    document = packaged()
    document["limits"]["failures"] = "x" * 10_000
    with pytest.raises(PolicyError) as caught:
        load(document)
    assert len(str(caught.value)) < 400


def test_the_environment_can_name_another_file(load, tmp_path, monkeypatch):
    document = packaged()
    document["version"] = "7.bank-b"
    path = tmp_path / "ours.toml"
    path.write_text(to_toml(document))
    monkeypatch.setenv(VARIABLE, str(path))
    assert Policy.load().version == "7.bank-b"
    assert Policy.load(PACKAGED).version == packaged()["version"]
    monkeypatch.setenv(VARIABLE, "")
    assert Policy.load().version == packaged()["version"]


def test_the_fingerprint_tells_which_text_decided(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_bytes(PACKAGED.read_bytes())
    assert Policy.load(path).fingerprint == Policy.load().fingerprint
    assert Policy.load().fingerprint == hashlib.sha256(PACKAGED.read_bytes()).hexdigest()[:16]
    path.write_bytes(PACKAGED.read_bytes() + b"#\n")
    assert Policy.load(path).fingerprint != Policy.load().fingerprint


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"version = [", "expected TOML in UTF-8, but .*end of document"),
        (b"version = '\xff'", "expected TOML in UTF-8, but .*0xff"),
        (b"", "version: expected a value, it is missing"),
        (b"a = " + 5000 * b"[", "expected TOML in UTF-8"),
        (b"[limits]\nfailures = 5\nfailures = 6\n", "expected TOML in UTF-8, but .*line 3"),
    ],
)
def test_what_is_no_policy_is_refused_by_the_file_name(tmp_path, content, named):
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(PolicyError, match=f"broken.toml: .*{named}"):
        Policy.load(path)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_told_with_a_remedy(tmp_path, name):
    with pytest.raises(PolicyError, match=f"cannot be read .*{VARIABLE}"):
        Policy.load(tmp_path / name)


def test_an_unknown_profile_is_told_with_those_that_there_are():
    with pytest.raises(PolicyError, match=r"no profile named 'lax' .*Known: calibrated, demo, photos, strict"):
        Policy.load().profile("lax")


def test_nothing_of_a_policy_can_be_changed():
    policy = Policy.load()
    with pytest.raises(ValidationError, match="frozen"):
        policy.profile("demo").camera.pce = 1.0
    with pytest.raises(TypeError):
        policy.profiles["lax"] = policy.profile("demo")  # type: ignore[index]
    with pytest.raises(AttributeError):
        policy.version = "2"  # type: ignore[misc]


def test_reading_the_policy_loads_no_face_or_image_library():
    code = "import sys, bank.policy; print(sorted({'mediapipe', 'cv2', 'numpy', 'streamlit'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=needs.ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
