from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from bank import Bank, CameraInfo, CustomerInfo
from bank.enrol import camera_sample
from bank.errors import NotFound
from ui.results import camera as camera_
from ui.shell.bank import _opened, fingerprint_of, registered_cameras

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def bank(tmp_path, monkeypatch):
    """An empty bank, which the app uses, too."""
    for name in ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path))
    opened = Bank()
    yield opened
    opened.close()
    _opened.clear()


def info(label: str, expected: float | None) -> CameraInfo:
    return CameraInfo("id", label, 640, 480, "JPEG", 8, expected, NOW)


def test_cameras_are_named_by_label_and_owner():
    anna = CustomerInfo("1", "Anna", NOW, None, 0, (info("Phone", 900.0), info("Tablet (simulated)", None)))
    sample = CustomerInfo("2", "Sample person (simulated)", NOW, None, 0, (info("Phone", 900.0),))
    phone, tablet, other = camera_.cameras_of([anna, sample])
    assert (phone.name, other.name) == ("Phone · Anna", "Phone · Sample person (simulated)")
    assert [camera.simulated for camera in (phone, tablet, other)] == [False, True, True]
    assert (phone.width, phone.height, phone.photos, phone.expected) == (640, 480, 8, 900.0)
    assert math.isnan(tablet.expected)


def test_registered_cameras_and_their_fingerprints_come_from_the_bank(bank, walls):
    assert registered_cameras() == []
    sample = camera_sample([photo.data for photo in walls], "Phone", bank.policy.enrolment)
    bank.enrol("Anna", photos=sample)
    (camera,) = registered_cameras()
    assert camera.expected == pytest.approx(sample.fingerprint.expected_pce())
    assert fingerprint_of(camera).images == 8
    bank.remove_camera("Anna", "Phone")
    with pytest.raises(NotFound):
        fingerprint_of(camera)


def test_no_fingerprint_lies_on_the_disk_as_it_is(bank, walls, tmp_path):
    sample = camera_sample([photo.data for photo in walls], "Phone", bank.policy.enrolment)
    bank.enrol("Anna", photos=sample)
    plain = sample.fingerprint.to_bytes()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or plain[200:264] not in file.read_bytes()
