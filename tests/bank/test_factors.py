from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bank.capture import Capture
from bank.face_reader import FaceSeen
from bank.factors import Candidate, judge_camera, judge_liveness, judge_region
from bank.freshness import judge_freshness
from bank.person import judge_face
from bank.pictures import Picture
from bank.policy import Policy
from bank.still import Refusal, Still
from bank.still_sets import common_region
from bank.verify import judge
from liveness.challenge import Challenge
from liveness.landmarks import FaceBox
from prnu import Fingerprint, gather, match, scenes
from prnu.forgery import plant_fingerprint
from testing.selfie import BOX, SHAPE, Device, Person, Table, movement, perform

CHALLENGE = Challenge(("blink twice", "turn left", "look right"))
PROFILE = Policy.load().profile("demo")
ANNA, BERT = Person(1), Person(2)


@pytest.fixture(scope="module")
def phone():
    return Device(7)


@pytest.fixture(scope="module")
def stranger():
    return Device(8)


@pytest.fixture(scope="module")
def enrolled(phone):
    return Candidate("c1", "Phone", Fingerprint.from_images(phone.walls(12)))


def attempt(pictures, person=ANNA, challenge=CHALLENGE, profile=PROFILE, **how) -> Capture:
    reader = Table()
    capture = Capture(profile, challenge, reader)
    perform(capture, reader, person, pictures, **how)
    return capture


@pytest.fixture(scope="module")
def genuine(phone):
    return attempt(phone.selfie)


def code_of(answer: Still | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.code


def verdicts(capture, cameras, template=ANNA.template, **more) -> dict[str, str]:
    return {factor.name: factor.verdict for factor in judge(capture, PROFILE, template, cameras, **more)[0]}


def test_the_genuine_selfie_passes_every_factor(genuine, enrolled):
    factors, finding = judge(genuine, PROFILE, ANNA.template, [enrolled])
    assert {factor.name: factor.verdict for factor in factors} == dict.fromkeys(
        ("face", "liveness", "camera", "face region", "freshness"), "passed"
    )
    assert finding.camera is enrolled
    assert all(math.isfinite(factor.score) and factor.advice for factor in factors)


def test_another_person_fails_the_face_and_leaves_its_region_open(phone, enrolled):
    found = verdicts(attempt(phone.selfie, BERT), [enrolled])
    assert found.pop("face") == "failed"
    assert found.pop("face region") == "inconclusive", "only stills with the registered face count"
    assert set(found.values()) == {"passed"}


def test_another_camera_fails_the_camera(stranger, enrolled):
    found = verdicts(attempt(stranger.selfie), [enrolled])
    assert found.pop("camera") == "failed"
    assert found.pop("face region") == "inconclusive"
    assert set(found.values()) == {"passed"}


def test_a_face_swapped_into_genuine_stills_fails_the_region_while_the_frame_matches(phone, stranger, enrolled):
    def swapped() -> Picture:
        left, top, width, height = (int(side) for side in BOX)
        rgb = phone.selfie().rgb.copy()
        here = np.s_[top : top + height, left : left + width]
        rgb[here] = stranger.selfie().rgb[here]
        return Picture.from_array(rgb, "swap")

    found = verdicts(attempt(swapped), [enrolled])
    assert found.pop("face region") == "failed"
    assert set(found.values()) == {"passed"}


@pytest.mark.parametrize("genuine", [1, 2, 4])
def test_a_few_genuine_stills_do_not_carry_those_of_another_camera(phone, stranger, enrolled, genuine):
    supply = [phone.selfie() for _ in range(genuine)] + [stranger.selfie() for _ in range(8 - genuine)]
    finding = judge_camera([enrolled], attempt(supply), PROFILE.camera)
    assert finding.found is not None
    assert finding.found.pce > finding.factor.threshold
    assert (finding.factor.verdict, finding.factor.reason) == ("failed", "stills-of-another-camera")
    foreign = ", ".join(str(number) for number in range(genuine + 1, 9))
    assert finding.factor.details["stills without their share"] == foreign
    assert foreign in finding.factor.advice


def test_an_unanswered_challenge_is_no_proof_of_liveness(phone, enrolled):
    capture = attempt(phone.selfie, moves=lambda step, t: {})
    factor = judge_liveness(capture, PROFILE.liveness)
    assert (factor.verdict, factor.reason) == ("inconclusive", "timeout")


def test_an_instant_answer_fails_liveness(phone):
    def instantly(step, t):
        return movement("turn left", 0.7) if step == "turn left" and t < 0.3 else movement(step, t)

    factor = judge_liveness(attempt(phone.selfie, moves=instantly), PROFILE.liveness)
    assert (factor.verdict, factor.reason) == ("failed", "early-answer")


@pytest.mark.parametrize("rate", [3, 5, 8])
@pytest.mark.parametrize("moves", ["nothing", "at once", "not alive"])
def test_where_the_machine_is_too_slow_nothing_speaks_against_the_person(phone, rate, moves, monkeypatch):
    if moves == "not alive":
        monkeypatch.setattr("liveness.vote.PassiveVote.verdict", "not live")
    how = {
        "nothing": lambda step, t: {},
        "at once": lambda step, t: movement(step, t + 0.6),
        "not alive": movement,
    }[moves]
    capture = attempt([], moves=how, rate=rate, stills=0)
    factor = judge_liveness(capture, PROFILE.liveness)
    assert (factor.verdict, factor.reason) == ("inconclusive", "low-rate")
    assert "this machine or connection is too slow" in factor.advice
    assert f"{rate} frames a second" in factor.advice
    assert "router" not in factor.advice


def test_somebody_who_answers_on_a_slow_machine_passes(phone):
    few = PROFILE.liveness.model_copy(update={"min_windows": 3})  # a check waits for more of them
    factor = judge_liveness(attempt([], rate=8, stills=0), few)
    assert (factor.verdict, factor.reason) == ("passed", "live")


def test_a_change_of_persons_is_seen_on_a_slow_machine_too(phone):
    class Swapped:
        def face(self, number):
            return (ANNA if number < 40 else BERT).face(number)

    factor = judge_liveness(attempt([], Swapped(), rate=8, stills=0, moves=lambda *_: {}), PROFILE.liveness)
    assert (factor.verdict, factor.reason) == ("failed", "person-changed")


def test_stills_of_another_pose_are_no_forgery_where_the_machine_is_too_slow(phone):
    factor = judge_freshness(attempt(phone.selfie, still_yaw=lambda yaw: yaw + 25, rate=4), PROFILE.freshness)
    assert (factor.verdict, factor.reason) == ("inconclusive", "low-rate")


def test_stills_that_a_busy_browser_took_late_show_what_the_stream_showed_when_they_were_taken(phone):
    told, untold = (judge_freshness(attempt(phone.selfie, late=0.8, told=t), PROFILE.freshness) for t in (True, False))
    assert told.verdict == "passed"
    assert untold.verdict != "passed", "the head had not turned when they were asked for"


@pytest.mark.parametrize(
    ("how", "reason"),
    [({"still_yaw": lambda yaw: yaw + 25}, "other-pose"), ({"in_stills": BERT}, "other-face")],
)
def test_stills_that_do_not_show_what_the_stream_showed_fail_freshness(phone, how, reason):
    factor = judge_freshness(attempt(phone.selfie, **how), PROFILE.freshness)
    assert (factor.verdict, factor.reason) == ("failed", reason)


@pytest.mark.parametrize(
    "how",
    [
        {"challenge": Challenge(("blink twice", "look left", "look right"))},
        {"still_yaw": lambda yaw: 0.0},
    ],
)
def test_stills_of_a_face_that_only_looks_ahead_tell_nothing(phone, how):
    capture = attempt(phone.selfie, **how)
    factor = judge_freshness(capture, PROFILE.freshness)
    assert (factor.verdict, factor.reason) == ("inconclusive", "nothing-telling")


def test_stills_handed_in_before_fail_freshness(genuine):
    earlier = [still.sketches[0].to_bytes() for still in genuine.stills]
    assert judge_freshness(genuine, PROFILE.freshness).verdict == "passed"
    again = judge_freshness(genuine, PROFILE.freshness, seen=earlier[-1:])
    assert (again.verdict, again.reason) == ("failed", "handed-in-before")


def test_one_shot_handed_in_many_times_fails_freshness(phone):
    once = phone.selfie()
    capture = attempt(lambda: once)
    factor = judge_freshness(capture, PROFILE.freshness)
    assert (factor.verdict, factor.reason) == ("failed", "copies-of-one-shot")


def test_copies_of_two_shots_hidden_by_noise_leave_open_whether_they_are_fresh(phone, enrolled, genuine):
    shots, rng = [phone.selfie().rgb for _ in range(2)], np.random.default_rng(5)

    def copy(number: int) -> Picture:
        grain = rng.normal(0.0, 8.0, shots[0].shape)
        return Picture.from_array(np.clip(shots[number % 2] + grain, 0, 255).astype(np.uint8), f"copy {number}")

    def judged(pictures):
        capture = attempt(pictures)
        return judge_freshness(capture, PROFILE.freshness, camera=judge_camera([enrolled], capture, PROFILE.camera))

    copies = judged(map(copy, range(99)))
    assert (copies.verdict, copies.reason) == ("inconclusive", "like-earlier-stills")
    own = judged(phone.selfie)
    assert (own.verdict, own.reason) == ("passed", "fresh")
    assert float(own.details["shared unevenly among these"]) < 0.05


def test_stills_nobody_asked_for_fail_freshness(phone):
    capture = attempt(phone.selfie)
    capture.add(phone.selfie(), 99, 3.0)
    factor = judge_freshness(capture, PROFILE.freshness)
    assert (factor.verdict, factor.reason) == ("failed", "not-asked-for")
    assert capture.refusals[-1].code == "unknown"


def test_a_still_that_comes_twice_or_late_is_refused_and_the_others_count(phone):
    capture = attempt(phone.selfie)
    number, taken = capture.ask(5.0), len(capture.stills)
    late = capture.add(phone.selfie(), number, 5.0 + PROFILE.freshness.max_delay_s + 0.1)
    assert (code_of(late), len(capture.stills)) == ("late", taken)
    assert judge_freshness(capture, PROFILE.freshness).verdict == "passed"
    again = capture.add(phone.selfie(), 1, 5.0)
    assert code_of(again) == "repeated"


def test_a_planted_pattern_is_found_by_the_photos_it_was_made_from(phone, stranger, enrolled):
    seen_by_eve = enumerate(scenes.varied(SHAPE, 6, seed=5))
    stolen = [phone.camera.photograph_jpeg(scene, shot=500 + shot) for shot, scene in seen_by_eve]
    copy = Fingerprint.from_images(stolen)

    def forged() -> Picture:
        return Picture.from_array(plant_fingerprint(stranger.selfie().rgb, copy, 1.0), "forged")

    capture = attempt(forged)
    finding = judge_camera([enrolled], capture, PROFILE.camera)
    assert finding.factor.verdict == "passed"
    factor = judge_freshness(capture, PROFILE.freshness, published=[gather(photo) for photo in stolen], camera=finding)
    assert (factor.verdict, factor.reason) == ("failed", "planted")


def test_the_best_of_several_cameras_counts_against_a_raised_threshold(genuine, enrolled, stranger):
    other = Candidate("c2", "Laptop", Fingerprint.from_images(stranger.walls(4)))
    finding = judge_camera([other, enrolled], genuine, PROFILE.camera)
    assert finding.camera is enrolled
    assert finding.factor.threshold == pytest.approx(50 + 2 * math.log(2))


@pytest.mark.parametrize(("others", "verdict"), [(0, "passed"), (1, "passed"), (2, "inconclusive")])
def test_the_probability_counts_the_cameras_that_were_compared(genuine, enrolled, monkeypatch, others, verdict):
    """Four in ten million are few enough for two cameras, not for three; one of another size does not count."""

    def scored(fingerprint, evidence):
        found = match(fingerprint, evidence)
        return replace(found, p_value=4e-7) if fingerprint is enrolled.fingerprint else replace(found, pce=1.0)

    monkeypatch.setattr("bank.factors.match", scored)
    small = Candidate("c3", "Small", Fingerprint.from_images(Device(9, (256, 320)).walls(4)))
    same = [Candidate(f"c{n}", "Same size", replace(enrolled.fingerprint)) for n in range(others)]
    factor = judge_camera([enrolled, small, *same], genuine, PROFILE.camera).factor
    assert factor.verdict == verdict
    assert factor.details["cameras compared"] == 1 + others
    assert factor.details["false-alarm probability"] == pytest.approx(4e-7 * (1 + others))
    assert factor.threshold == pytest.approx(50 + 2 * math.log(1 + others))


def test_with_a_camera_of_another_size_nothing_can_be_compared_and_the_size_is_named(genuine):
    small = Candidate("c3", "Small", Fingerprint.from_images(Device(9, (256, 320)).walls(4)))
    finding = judge_camera([small], genuine, PROFILE.camera)
    assert (finding.factor.verdict, finding.factor.reason) == ("inconclusive", "other-size")
    assert "640x480" in finding.factor.advice
    assert judge_region(finding, genuine, PROFILE.face_region).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda rgb: rgb[:, ::-1], "mirrored: selfie apps do that"),
        (lambda rgb: rgb[::-1, ::-1], "turned by 180 degrees"),
        (np.rot90, "turned by 90 degrees counter-clockwise"),
    ],
)
def test_turned_stills_are_named_and_not_accepted(phone, stranger, enrolled, turn, words):
    def stills(device) -> Capture:
        capture = Capture(PROFILE, None, Table())
        for _ in range(PROFILE.camera.min_stills):
            rgb = np.ascontiguousarray(turn(device.selfie().rgb))
            capture.upload(Picture.from_array(rgb, "turned"))
        return capture

    factor = judge_camera([enrolled], stills(phone), PROFILE.camera).factor
    assert (factor.verdict, factor.reason) == ("inconclusive", "turned")
    assert words in factor.advice
    factor = judge_camera([enrolled], stills(stranger), PROFILE.camera).factor
    assert factor.reason == ("other-size" if turn is np.rot90 else "other-camera")


def test_too_few_stills_are_inconclusive_however_well_they_match(phone, enrolled):
    capture = attempt(phone.selfie, stills=3)
    finding = judge_camera([enrolled], capture, PROFILE.camera)
    assert (finding.factor.verdict, finding.factor.reason) == ("inconclusive", "few-stills")


def test_nothing_enrolled_nothing_handed_in_is_inconclusive_everywhere(enrolled):
    empty = Capture(PROFILE, None, Table())
    assert set(verdicts(empty, [], None).values()) == {"inconclusive"}
    assert set(verdicts(empty, [enrolled]).values()) == {"inconclusive"}


def test_uploaded_photos_say_nothing_of_liveness_and_freshness(phone, enrolled):
    profile, reader = Policy.load().profile("photos"), Table()
    capture = Capture(profile, None, reader)
    reader.answer = FaceSeen(None, BOX, 1, ANNA.face(1), "")
    for _ in range(3):
        capture.upload(phone.selfie())
    found = {factor.name: factor.verdict for factor in judge(capture, profile, ANNA.template, [enrolled])[0]}
    assert found == {
        "face": "passed",
        "liveness": "inconclusive",
        "camera": "passed",
        "face region": "passed",
        "freshness": "inconclusive",
    }


PHOTOS = Policy.load().profile("photos")


def uploaded(*devices: Device, before=lambda number, picture: picture) -> Capture:
    """Photos by several devices, one of each, that show the enrolled face."""
    capture = Capture(PHOTOS, None, reader := Table())
    reader.answer = FaceSeen(None, BOX, 1, ANNA.face(1), "")
    for number, device in enumerate(devices):
        capture.upload(before(number, device.selfie()))
    return capture


@pytest.mark.parametrize("strange", [0, 1, 2])
def test_a_photo_of_another_camera_among_others_fails_the_camera_and_is_named(phone, stranger, enrolled, strange):
    devices = [phone, phone]
    devices.insert(strange, stranger)
    finding = judge_camera([enrolled], uploaded(*devices), PHOTOS.camera)
    assert finding.found is not None
    assert finding.found.pce > finding.factor.threshold, "all together score high enough"
    assert (finding.factor.verdict, finding.factor.reason) == ("failed", "photos-of-another-camera")
    assert finding.factor.advice.startswith(f"Photo {strange + 1} of 3 does not show the registered camera's pattern")
    assert finding.factor.score < 20, "what decides is told, not what the others score"
    assert [one.verdict for one in finding.photos] == ["failed" if n == strange else "passed" for n in range(3)]


def test_a_photo_that_shows_too_little_among_others_leaves_it_open(enrolled):
    phone, stranger = Device(7), Device(8)  # whose shots no other test has taken

    def faint(number: int, picture: Picture) -> Picture:
        if number != 1:
            return picture
        mixed = 0.93 * stranger.selfie().rgb + 0.07 * picture.rgb
        return Picture.from_array(np.rint(mixed).astype(np.uint8), "faint")

    finding = judge_camera([enrolled], uploaded(phone, phone, phone, before=faint), PHOTOS.camera)
    assert 25 < finding.photos[1].found.pce < 50
    assert (finding.factor.verdict, finding.factor.reason) == ("inconclusive", "weak-photos")
    assert "Photo 2 of 3 shows too little" in finding.factor.advice


def test_photos_that_each_match_pass_with_the_score_of_the_weakest(phone, enrolled):
    finding = judge_camera([enrolled], uploaded(phone, phone, phone), PHOTOS.camera)
    assert finding.factor.verdict == "passed"
    assert finding.factor.score == min(one.found.pce for one in finding.photos)
    assert finding.factor.details["photo 2"] == finding.photos[1].found.pce


def test_a_face_swapped_into_one_of_several_photos_does_not_hide_behind_the_others(phone, stranger, enrolled):
    def swapped(number: int, picture: Picture) -> Picture:
        if number != 2:
            return picture
        left, top, width, height = (int(side) for side in BOX)
        rgb, here = picture.rgb.copy(), np.s_[top : top + height, left : left + width]
        rgb[here] = stranger.selfie().rgb[here]
        return Picture.from_array(rgb, "swap")

    found = dict.fromkeys(("camera", "face region"), "")
    for factor in judge(uploaded(*[phone] * 6, before=swapped), PHOTOS, ANNA.template, [enrolled])[0]:
        found[factor.name] = factor.verdict
    assert (found["camera"], found["face region"]) == ("passed", "failed")


def test_a_second_face_in_a_still_is_told(phone):
    capture = Capture(PROFILE, None, reader := Table())
    reader.answer = FaceSeen(None, BOX, 2, ANNA.face(1), "")
    capture.upload(phone.selfie())
    factor = judge_face(ANNA.template, capture, PROFILE.face)
    assert (factor.verdict, factor.reason) == ("inconclusive", "two-faces")


def test_stills_of_another_size_and_too_many_are_refused(phone):
    capture = Capture(PROFILE, None, Table())
    for _ in range(PROFILE.capture.max_stills):
        capture.upload(phone.selfie())
    assert code_of(capture.upload(phone.selfie())) == "too-many"
    capture = Capture(PROFILE, None, Table())
    capture.upload(phone.selfie())
    assert code_of(capture.upload(Device(3, (256, 320)).selfie())) == "other-size"


def test_a_blank_still_is_refused():
    capture = Capture(PROFILE, None, Table())
    blank = Picture.from_array(np.full((480, 640, 3), 90, np.uint8))
    assert code_of(capture.upload(blank)) == "unusable"
    assert capture.stills == []


def test_the_common_region_is_face_in_every_still_it_counts(phone):
    capture = Capture(PROFILE, None, reader := Table())
    boxes = [BOX._replace(left=BOX.left + dx) for dx in (0, 10, -10, 5, 0)] + [FaceBox(20, 20, 150, 160)]
    for one in boxes:
        reader.answer = FaceSeen(None, one, 1, None, "")
        capture.upload(phone.selfie())
    stills, box = common_region(capture.stills)
    assert len(stills) == 5
    assert box is not None
    for still in stills:
        assert still.region is not None
        assert still.region.left <= box.left
        assert box.left + box.width <= still.region.left + still.region.width
