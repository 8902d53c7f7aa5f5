from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import select

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import EnrolmentError, LimitReached, NotFound, TokenError
from bank.pictures import Picture
from bank.policy import Policy
from bank.risk import RequestContext
from bank.tables import Attempt, Base, Customer
from bank.versions import software_version
from testing.selfie import Device, Person, Table, perform
from tests.bank.rows import ON_SQLITE

RULES = Policy.load().enrolment
ANNA, BERT = Person(1), Person(2)
HOME = RequestContext(address="192.0.2.7", device="A browser", location=(48.2, 16.37))


@pytest.fixture(scope="module")
def phone():
    return Device(7)


@pytest.fixture(scope="module")
def stranger():
    return Device(8)


@pytest.fixture(scope="module")
def phone_sample(phone):
    return camera_sample(phone.walls(12), "Phone", RULES)


@pytest.fixture(scope="module")
def stranger_sample(stranger):
    return camera_sample(stranger.walls(12), "Laptop", RULES)


@pytest.fixture
def bank(database_url, clock):
    made = Bank(database_url, clock=clock)
    yield made
    made.close()


@pytest.fixture
def anna(bank, phone_sample):
    return bank.enrol("Anna", faces=ANNA.template, photos=phone_sample)


def attempt(bank, name, pictures, person=ANNA, context=HOME, **how):
    reader = Table()
    ongoing = bank.begin(name, context, reader=reader)
    perform(ongoing.capture, reader, person, pictures, **how)
    return ongoing


def entries(bank, **filters):
    with bank.store.read() as session:
        return list(audit.entries(session, newest_first=False, **filters))


def test_a_genuine_selfie_is_accepted_and_the_record_says_why(bank, anna, phone):
    decision = bank.verify(attempt(bank, "anna", phone.selfie))
    assert decision.accepted
    assert decision.outcome == decision.reason == "accepted"
    (entry,) = entries(bank, kind="decision")
    assert entry.customer_id == decision.customer == anna.id
    assert entry.attempt_id == decision.attempt
    assert [factor["name"] for factor in entry.body["factors"]] == [factor.name for factor in decision.factors]
    assert {"score", "threshold", "verdict", "reason"} <= entry.body["factors"][2].keys()
    context = entry.body["context"]
    assert context["software"] == software_version()
    assert context["policy"].startswith(bank.policy.version)
    assert all(len(sha256) == 64 for sha256 in context["models"].values())
    assert bank.customer("Anna").last_accepted_at is not None


def test_the_record_holds_no_name_address_device_picture_or_template(bank, anna, phone):
    bank.verify(attempt(bank, "Anna", phone.selfie))
    text = json.dumps([entry.body for entry in entries(bank)])
    for secret in ("Anna", "192.0.2.7", "A browser", "Phone"):
        assert secret not in text
    assert len(text) < 20_000


@pytest.mark.parametrize("who", ["another person", "another camera"])
def test_the_wrong_person_or_camera_is_refused_by_name(bank, anna, phone, stranger, who):
    if who == "another person":
        decision = bank.verify(attempt(bank, "Anna", phone.selfie, BERT))
        assert decision.reason.startswith("face: other-person")
    else:
        decision = bank.verify(attempt(bank, "Anna", stranger.selfie))
        assert decision.reason == "camera: other-camera"
    assert (decision.accepted, decision.outcome) == (False, "refused")
    assert {factor.name for factor in decision.factors} == {"face", "liveness", "camera", "face region", "freshness"}


def test_a_still_of_an_earlier_attempt_is_refused(bank, anna, phone):
    shots = [phone.selfie() for _ in range(8)]
    assert bank.verify(attempt(bank, "Anna", shots)).accepted
    again = bank.verify(attempt(bank, "Anna", shots))
    assert again.reason == "freshness: handed-in-before"


def noisier(picture, sigma=3.0, seed=0):
    """The same shot, under noise that nobody sees."""
    noise = np.random.default_rng(seed).normal(0.0, sigma, picture.rgb.shape)
    return Picture.from_array(np.clip(picture.rgb + noise, 0, 255).astype(np.uint8), picture.name)


def test_a_still_of_an_earlier_attempt_is_known_under_noise(bank, anna, phone):
    shots = [phone.selfie() for _ in range(8)]
    assert bank.verify(attempt(bank, "Anna", shots)).accepted
    again = bank.verify(attempt(bank, "Anna", [noisier(shot, 4.0, n) for n, shot in enumerate(shots)]))
    assert again.factor("camera").verdict == "passed"
    assert again.reason == "freshness: handed-in-before"


def test_one_shot_under_different_noise_is_one_shot(bank, anna, phone):
    shots = [phone.selfie(), phone.selfie()]
    copies = [noisier(shots[number % 2], 2.5, number) for number in range(8)]
    assert bank.verify(attempt(bank, "Anna", copies)).factor("freshness").reason == "copies-of-one-shot"


def test_a_still_of_an_attempt_that_was_given_up_is_remembered(bank, anna, phone):
    shots = [phone.selfie() for _ in range(8)]
    attempt(bank, "Anna", shots).capture.close()
    assert bank.verify(attempt(bank, "Anna", shots)).reason == "freshness: handed-in-before"


def test_of_attempts_side_by_side_not_two_accept_the_same_stills(bank, anna, phone):
    shots = [phone.selfie() for _ in range(8)]
    ongoing = [attempt(bank, "Anna", shots) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        decisions = list(pool.map(bank.verify, ongoing))
    assert [decision.accepted for decision in decisions] == [False] * 3
    assert bank.verify(attempt(bank, "Anna", phone.selfie)).accepted


def test_an_enrolled_photo_is_no_fresh_still_under_noise_either(bank, phone, anna):
    copies = [noisier(Picture.from_file(photo)) for photo in phone.walls(8)]
    assert bank.verify(attempt(bank, "Anna", copies)).factor("freshness").reason == "handed-in-before"


def test_an_enrolled_photo_is_no_fresh_still(bank, phone, anna):
    decision = bank.verify(attempt(bank, "Anna", [Picture.from_file(photo) for photo in phone.walls(8)]))
    assert decision.factor("freshness").reason == "handed-in-before"


def test_an_attempt_is_decided_once_and_in_time(bank, anna, phone, clock):
    ongoing = attempt(bank, "Anna", phone.selfie)
    bank.verify(ongoing)
    with pytest.raises(TokenError) as told:
        bank.verify(ongoing)
    assert told.value.code == "used"
    late = attempt(bank, "Anna", phone.selfie)
    clock.advance(bank.policy.limits.token_s + 1)
    with pytest.raises(TokenError) as told:
        bank.verify(late)
    assert told.value.code == "expired"
    assert len(entries(bank, kind="decision")) == 1


@pytest.mark.slow
def test_five_refused_attempts_lock_out_and_the_record_says_so(bank, anna, stranger, phone, clock):
    for _ in range(bank.policy.limits.failures):
        assert bank.verify(attempt(bank, "Anna", stranger.selfie)).outcome == "refused"
        clock.advance(1)
    with pytest.raises(LimitReached) as told:
        bank.begin("Anna", HOME, reader=Table())
    assert told.value.code == "locked-out"
    assert 0 < told.value.retry_after_s <= bank.policy.limits.lock_s
    assert entries(bank)[-1].kind == "not-admitted"
    clock.advance(told.value.retry_after_s + 1)
    assert bank.verify(attempt(bank, "Anna", phone.selfie)).accepted


def test_inconclusive_twice_asks_for_another_way(bank, anna, phone):
    first = bank.verify(attempt(bank, "Anna", phone.selfie, stills=3))
    second = bank.verify(attempt(bank, "Anna", phone.selfie, stills=3))
    assert (first.outcome, first.step_up) == ("step-up", "retry")
    assert (second.outcome, second.step_up) == ("step-up", "out-of-band")
    assert "Confirm in another way" in second.advice
    assert not first.accepted
    assert not second.accepted


def test_an_answer_to_another_challenge_is_not_judged(bank, anna, phone):
    from bank.errors import EvidenceError
    from liveness.session import LivenessSession

    ongoing = attempt(bank, "Anna", phone.selfie)
    easier = bank.begin("Anna", HOME, reader=Table(), stream=False)
    easier.capture.session = LivenessSession(ongoing.challenge)
    with pytest.raises(EvidenceError, match="challenge"):
        bank.verify(easier)


def test_new_places_are_told_and_decide_nothing(bank, anna, phone, clock):
    assert bank.verify(attempt(bank, "Anna", phone.selfie)).accepted
    clock.advance(600)
    far = RequestContext(address="198.51.100.9", device="Another browser", location=(-33.9, 151.2))
    decision = bank.verify(attempt(bank, "Anna", phone.selfie, context=far))
    assert decision.accepted
    assert {"new-address", "new-device", "impossible-travel"} <= {signal.code for signal in decision.signals}


def test_a_second_camera_is_added_and_either_is_accepted(bank, anna, phone, stranger, stranger_sample):
    info = bank.enrol("Anna", photos=stranger_sample)
    assert [camera.label for camera in info.cameras] == ["Laptop", "Phone"]
    for device in (phone, stranger):
        decision = bank.verify(attempt(bank, "Anna", device.selfie))
        assert decision.accepted
        assert decision.factor("camera").details["cameras compared"] == 2


def test_a_camera_of_another_customer_is_refused_unless_allowed(bank, anna, phone):
    again = camera_sample((shot for shot in phone.walls(24)[12:]), "My phone", RULES)
    with pytest.raises(EnrolmentError, match="registered to another customer"):
        bank.enrol("Bert", faces=BERT.template, photos=again)
    assert [info.name for info in bank.customers()] == ["Anna"]
    bank.enrol("Bert", faces=BERT.template, photos=again, allow_shared=True)
    assert bank.verify(attempt(bank, "Bert", phone.selfie, BERT)).accepted


def test_one_camera_under_two_labels_is_refused(bank, anna, phone):
    again = camera_sample((shot for shot in phone.walls(24)[12:]), "Again", RULES)
    with pytest.raises(EnrolmentError, match="same camera as this customer's “Phone”"):
        bank.enrol("Anna", photos=again)


def test_enrolling_again_needs_the_word_and_replaces(bank, anna, phone, stranger, stranger_sample):
    from dataclasses import replace

    sample = replace(stranger_sample, label="phone")
    with pytest.raises(EnrolmentError, match="already"):
        bank.enrol("Anna", photos=sample)
    with pytest.raises(EnrolmentError, match="face enrolled already"):
        bank.enrol("Anna", faces=BERT.template)
    info = bank.enrol("Anna", faces=BERT.template, photos=sample, replace=True)
    assert [camera.label for camera in info.cameras] == ["phone"]
    assert bank.verify(attempt(bank, "Anna", stranger.selfie, BERT)).accepted
    assert bank.verify(attempt(bank, "Anna", phone.selfie, BERT)).reason == "camera: other-camera"


def test_a_failed_enrolment_keeps_nothing(bank, anna, phone_sample):
    with pytest.raises(EnrolmentError):
        bank.enrol("Carl", faces=BERT.template, photos=phone_sample)
    with bank.store.read() as session:
        assert len(session.scalars(select(Customer)).all()) == 1
    assert [entry.kind for entry in entries(bank)] == ["enrolled"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb\x00"])
def test_a_name_that_cannot_be_used_is_told(bank, name):
    with pytest.raises(EnrolmentError, match="1 to 80 printable characters"):
        bank.enrol(name, faces=ANNA.template)


def test_too_few_and_unusable_photos_are_told(phone):
    with pytest.raises(EnrolmentError, match=r"2 of 3 photos can be used, at least 4 .* not a picture"):
        camera_sample([*phone.walls(2), b"no picture"], "Phone", RULES)


def test_a_fingerprint_too_weak_to_be_found_again_is_refused(monkeypatch):
    from prnu import scenes
    from prnu.sensor import SimulatedCamera

    camera = SimulatedCamera((256, 320), seed=3, prnu=0.0005)
    walls = [camera.photograph_jpeg(scenes.flat((256, 320), seed=n), shot=n) for n in range(5)]
    with pytest.raises(EnrolmentError, match="too weak"):
        camera_sample(walls, "Toy", RULES)


def test_somebody_unknown_is_told(bank):
    for call in (bank.customer, bank.begin, bank.export, bank.delete):
        with pytest.raises(NotFound, match="no customer named 'Nobody'"):
            call("Nobody")


def test_an_export_holds_all_but_the_fingerprint(bank, anna, phone, phone_sample):
    bank.verify(attempt(bank, "Anna", phone.selfie))
    export = bank.export("Anna")
    assert export["customer"]["name"] == "Anna"
    assert export["customer"]["cameras"][0]["label"] == "Phone"
    assert bytes.fromhex(export["face template"]) == ANNA.template.to_bytes()
    assert export["attempts"][0]["decision"]["outcome"] == "accepted"
    assert {"enrolled", "decision"} <= {entry["kind"] for entry in export["audit"]}
    assert phone_sample.fingerprint.to_bytes().hex()[200:300] not in json.dumps(export)
    assert "forge" in export["left out"]


def test_a_deleted_customer_leaves_ids_in_the_audit_and_nothing_else(bank, anna, phone):
    bank.verify(attempt(bank, "Anna", phone.selfie))
    bank.delete("Anna")
    assert bank.customers() == []
    with bank.store.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in ("vault", "audit", "audit_head"):
                assert session.execute(select(table)).all() == [], table.name
        assert audit.verify_chain(session).intact
    assert [entry.kind for entry in entries(bank)] == ["enrolled", "decision", "deleted"]


def test_a_removed_camera_is_no_longer_accepted(bank, anna, phone, stranger_sample):
    bank.enrol("Anna", photos=stranger_sample)
    bank.remove_camera("Anna", "PHONE")
    assert bank.verify(attempt(bank, "Anna", phone.selfie)).reason == "camera: other-camera"
    with pytest.raises(NotFound, match=r"no camera 'Phone'. Enrolled: “Laptop”"):
        bank.remove_camera("Anna", "Phone")


@pytest.mark.slow
@ON_SQLITE
def test_published_photos_give_a_planted_pattern_away(bank, anna, phone, stranger):
    from prnu import Fingerprint, scenes
    from prnu.forgery import plant_fingerprint
    from testing.selfie import SHAPE

    varied = enumerate(scenes.varied(SHAPE, 6, seed=5))
    stolen = [phone.camera.photograph_jpeg(scene, shot=500 + shot) for shot, scene in varied]
    copy = Fingerprint.from_images(stolen)

    def forged():
        return Picture.from_array(plant_fingerprint(stranger.selfie().rgb, copy, 0.5), "forged")

    leaked = bank.verify(attempt(bank, "Anna", forged))
    assert leaked.factor("camera").verdict == "passed"  # a leaked fingerprint defeats the camera factor
    assert bank.publish("Anna", "Phone", stolen) == 6
    assert bank.verify(attempt(bank, "Anna", forged)).reason == "freshness: planted"
    assert bank.verify(attempt(bank, "Anna", phone.selfie)).accepted


def test_what_passed_its_limit_goes_by_itself(bank, anna, phone, clock):
    bank.verify(attempt(bank, "Anna", phone.selfie))
    left = bank.begin("Anna", HOME, reader=Table())
    clock.advance(hours=1, seconds=bank.policy.limits.token_s + 1)
    bank.begin("Anna", HOME, reader=Table())
    with bank.store.read() as session:
        assert session.get_one(Attempt, left.id).outcome == "abandoned"
    assert "abandoned" in [entry.kind for entry in entries(bank)]
    clock.advance(days=bank.policy.retention.inactive_days + 1)
    bank.tidy()
    assert bank.customers() == []


def test_an_attempt_cut_short_is_recorded_and_its_token_is_spent(bank, anna, phone, clock, monkeypatch):
    import bank.bank as module

    ongoing = attempt(bank, "Anna", phone.selfie)
    with monkeypatch.context() as patch:
        patch.setattr(module, "judge", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            bank.verify(ongoing)
    with pytest.raises(TokenError):
        bank.verify(ongoing)
    clock.advance(hours=1, seconds=bank.policy.limits.token_s + 1)
    bank.tidy()
    assert entries(bank)[-1].kind == "interrupted"
    assert entries(bank)[-1].attempt_id == ongoing.id
