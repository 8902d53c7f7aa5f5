"""The shelf keeps fingerprints under any name, inside its folder, and for its owner only."""

from __future__ import annotations

import stat

import numpy as np
import pytest

from prnu import Fingerprint, FingerprintError
from prnu.shelf import Shelf

NAMES = [
    "LG D605",
    "my phone (black), v2 + case - 2024_05",
    "../../etc/passwd",
    "..",
    ".",
    ".hidden",
    "a/b\\c",
    "camera.llfp",
    "50%",
    "%2E%2E",
    "100%25 'sure' \"yes\" $HOME `id` ; * ? < > |",
    "Müllers Täschchen",
    "Камера тёти Нины",
    "后置摄像头",
    "📷🙂",
    "~root",
    "-rf",
    "CON",
    "x" * 60,
]


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "home" / "cameras")


def fingerprint(seed: int = 0) -> Fingerprint:
    pattern = np.random.default_rng(seed).normal(0, 0.01, (256, 264)).astype(np.float32)
    return Fingerprint(pattern, 7, 0.25)


@pytest.mark.parametrize("name", NAMES)
def test_any_printable_name_comes_back_and_stays_inside_the_folder(shelf, name):
    path = shelf.save(name, fingerprint())
    assert path == shelf.path(name)
    assert path.parent == shelf.folder
    assert list(shelf.folder.iterdir()) == [path]
    assert shelf.names() == [name]
    assert shelf.load(name).images == 7
    shelf.delete(name)
    assert shelf.names() == []


def test_all_names_live_side_by_side_with_their_own_fingerprints(shelf):
    for seed, name in enumerate(NAMES):
        shelf.save(name, fingerprint(seed))
    assert sorted(shelf.names()) == sorted(NAMES)
    for seed, name in enumerate(NAMES):
        assert np.abs(shelf.load(name).pattern - fingerprint(seed).pattern).max() < 1e-4


def test_names_that_differ_in_case_only_are_two_cameras(shelf):
    for seed, name in enumerate(("phone", "Phone", "PHONE")):
        shelf.save(name, fingerprint(seed))
    assert shelf.names() == ["PHONE", "Phone", "phone"]
    assert np.abs(shelf.load("Phone").pattern - fingerprint(1).pattern).max() < 1e-4


def test_names_are_sorted_as_people_sort(shelf):
    for name in ("beta", "Alpha", "alpha 2", "Gamma"):
        shelf.save(name, fingerprint())
    assert shelf.names() == ["Alpha", "alpha 2", "beta", "Gamma"]


def test_spaces_around_a_name_do_not_count(shelf):
    shelf.save("  phone ", fingerprint())
    assert shelf.names() == ["phone"]
    assert shelf.load(" phone").images == 7
    with pytest.raises(FingerprintError, match="already"):
        shelf.save("phone  ", fingerprint())


@pytest.mark.parametrize("name", ["", "   ", "\n", "two\nlines", "tab\there", "null\0", "x" * 61, "\x1b[31m", "\udc80"])
def test_names_that_cannot_be_shown_are_refused(shelf, name):
    for call in (shelf.path, shelf.load, shelf.delete, lambda name: shelf.save(name, fingerprint())):
        with pytest.raises(FingerprintError, match="give it 1 to 60 printable characters"):
            call(name)
    assert not shelf.folder.exists()


def test_name_that_makes_too_long_a_file_name_is_refused(shelf):
    shelf.save("ж" * 39, fingerprint())
    with pytest.raises(FingerprintError, match=r"too long for a file\. Choose a shorter one"):
        shelf.save("ж" * 60, fingerprint())
    assert shelf.names() == ["ж" * 39]


def test_camera_is_replaced_only_on_request(shelf):
    shelf.save("phone", fingerprint(1))
    with pytest.raises(FingerprintError, match=r"There is a camera named 'phone' already\. Choose another name"):
        shelf.save("phone", fingerprint(2))
    assert np.abs(shelf.load("phone").pattern - fingerprint(1).pattern).max() < 1e-4
    shelf.save("phone", fingerprint(2), replace=True)
    assert np.abs(shelf.load("phone").pattern - fingerprint(2).pattern).max() < 1e-4
    assert shelf.names() == ["phone"]


def test_only_the_owner_can_read_folder_and_files(shelf):
    path = shelf.save("phone", fingerprint())
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_empty_and_missing_folder_hold_no_camera(shelf):
    assert shelf.names() == []
    assert not shelf.folder.exists()
    with pytest.raises(FingerprintError, match=r"There is no camera named 'phone'\. Registered: none yet"):
        shelf.load("phone")
    shelf.folder.mkdir(parents=True)
    assert shelf.names() == []


def test_unknown_camera_lists_the_known_ones(shelf):
    for name in ("b", "A"):
        shelf.save(name, fingerprint())
    with pytest.raises(FingerprintError, match=r"There is no camera named 'c'\. Registered: A, b"):
        shelf.load("c")


def test_deleting_what_is_not_there_does_nothing(shelf):
    shelf.delete("phone")
    shelf.save("phone", fingerprint())
    shelf.delete("tablet")
    assert shelf.names() == ["phone"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_damaged_file_is_reported_and_can_be_replaced_or_deleted(shelf, damage):
    path = shelf.save("phone", fingerprint())
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    path.write_bytes({"cut": data[:-100], "flipped": bytes(flipped), "text": b"hello", "empty": b""}[damage])
    with pytest.raises(FingerprintError, match=r"damaged|not a LensLock fingerprint"):
        shelf.load("phone")
    assert shelf.names() == ["phone"]
    shelf.save("phone", fingerprint(), replace=True)
    assert shelf.load("phone").images == 7


def test_foreign_files_are_no_cameras(shelf):
    shelf.save("phone", fingerprint())
    data = shelf.path("phone").read_bytes()
    for foreign in ("notes.txt", "a.b.llfp", ".llfp", "%zz.llfp", "two%0Alines.llfp", "x" * 70 + ".llfp", "%ff.llfp"):
        (shelf.folder / foreign).write_bytes(data)
    (shelf.folder / ".phone.llfp.tmp123").write_bytes(data)  # left over from a crash
    (shelf.folder / "folder.llfp").mkdir()
    assert shelf.names() == ["phone"]
    assert all(shelf.load(name) for name in shelf.names())


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "cameras"):
        with pytest.raises(FingerprintError, match=r"file.*cannot be written"):
            Shelf(folder).save("phone", fingerprint())
        assert Shelf(folder).names() == []
