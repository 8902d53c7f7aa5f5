from __future__ import annotations

from pathlib import Path

import pytest

from prnu.shelf import Shelf
from ui import cameras


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path))
    return tmp_path


def test_the_shelf_is_where_lenslock_home_says(home):
    assert cameras.shelf().folder == home / "fingerprints"


def test_the_shelf_is_in_the_users_data_folder_otherwise(monkeypatch):
    monkeypatch.delenv("LENSLOCK_HOME", raising=False)
    assert cameras.shelf().folder.parent.name == "lenslock"
    assert cameras.shelf().folder.is_absolute()


def test_registered_cameras_are_described(home, phone):
    assert cameras.registered() == []
    Shelf(home / "fingerprints").save("Phone (simulated)", phone)
    (camera,) = cameras.registered()
    assert (camera.width, camera.height, camera.photos) == (1280, 720, 20)
    assert camera.simulated
    assert camera.expected == pytest.approx(phone.expected_pce())


def test_a_replaced_fingerprint_is_read_anew(home, phone):
    shelf = cameras.shelf()
    shelf.save("A", phone)
    before = cameras.registered()
    shelf.save("A", type(phone)(phone.pattern, 3, 0.2), replace=True)
    assert before[0].photos == 20
    assert cameras.registered()[0].photos == 3


def test_a_damaged_file_is_listed_with_its_problem(home, phone):
    path: Path = cameras.shelf().save("A", phone)
    path.write_bytes(path.read_bytes()[:-1])
    (camera,) = cameras.registered()
    assert camera.problem
