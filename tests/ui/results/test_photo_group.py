"""Several photos of which each stands for itself: by a small simulated camera and another one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from prnu import Fingerprint, Search, scenes
from prnu.sensor import SimulatedCamera
from ui.results.photo import Photo
from ui.results.photo_group import PhotoGroup, check_group, rank_group
from ui.text import photo_group as wording

SHAPE = (320, 480)
OWN, OTHER = (SimulatedCamera(SHAPE, seed=seed, prnu=0.02) for seed in (41, 42))
NAME = "Phone · Anna"


def photo(camera: SimulatedCamera, name: str, shot: int) -> Photo:
    return Photo(name, camera.photograph_jpeg(scenes.sky(SHAPE, seed=shot), shot=shot), name)


def ignore(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0


@pytest.fixture(scope="module")
def prints() -> dict[str, Fingerprint]:
    def enrolled(camera: SimulatedCamera) -> Fingerprint:
        return Fingerprint.from_images(camera.photograph(scenes.flat(SHAPE, seed=n), shot=n) for n in range(8))

    return {NAME: enrolled(OWN), "Tablet · Bert": enrolled(OTHER)}


@pytest.fixture(scope="module")
def files() -> dict[str, Photo]:
    made = {f"own {n}.jpg": photo(OWN, f"own {n}.jpg", 100 + n) for n in range(3)}
    made["IMG_3.jpg"] = photo(OTHER, "IMG_3.jpg", 200)
    made["text.jpg"] = Photo("text.jpg", b"no picture", "text")
    small = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(90, 110, (300, 300, 3), np.uint8)).save(small, "PNG")
    made["small.png"] = Photo("small.png", small.getvalue(), "small")
    with Image.open(made["own 0.jpg"].open()) as image:
        again = io.BytesIO()
        image.save(again, "JPEG", quality=92)
    made["again.jpg"] = Photo("again.jpg", again.getvalue(), "again")
    return made


def group_of(prints, files, *names: str, search: Search | None = None) -> PhotoGroup:
    return check_group(NAME, prints[NAME], [files[name] for name in names], search, ignore)


def test_a_foreign_photo_is_named_and_the_others_are_not_its_cover(prints, files):
    group = group_of(prints, files, "own 0.jpg", "own 1.jpg", "IMG_3.jpg")
    assert [group.belongs(member) for member in group.members] == [True, True, False]
    told = wording.verdict(group)
    assert told.kind == "attention"
    assert told.headline == (
        "2 of 3 photos are consistent with the registered camera **Phone · Anna**; **IMG\\_3.jpg** is not."
    )
    assert "each on its own" in told.detail
    assert told.reasons
    words = [row.verdict for row in wording.rows(group)]
    assert words == ["✓ Consistent", "✓ Consistent", "✗ No sign"]


def test_each_photo_has_the_score_that_it_has_alone(prints, files):
    both = group_of(prints, files, "own 0.jpg", "IMG_3.jpg")
    for member, name in zip(both.members, ("own 0.jpg", "IMG_3.jpg"), strict=True):
        (alone,) = group_of(prints, files, name).members
        assert member.check is not None
        assert alone.check is not None
        assert member.check.match.pce == pytest.approx(alone.check.match.pce)
        assert member.check.evidence.images == 1


def test_photos_that_all_match_are_told_of_with_their_scores(prints, files):
    told = wording.verdict(group_of(prints, files, "own 0.jpg", "own 1.jpg"))
    assert told.kind == "match"
    assert told.headline == "Both photos are consistent with the registered camera **Phone · Anna**."


def test_what_cannot_be_used_is_said_of_that_file_only(prints, files):
    group = group_of(prints, files, "text.jpg", "own 0.jpg", "small.png", "again.jpg", "IMG_3.jpg")
    assert [row.verdict for row in wording.rows(group)] == [
        "– Not compared", "✓ Consistent", "– Not compared", "– Counted already", "✗ No sign",
    ]  # fmt: skip
    text = {row.name: row.text for row in wording.rows(group)}
    assert "not a picture" in text["text.jpg"]
    assert "300x300 pixels" in text["small.png"]
    assert "same exposure as own 0.jpg" in text["again.jpg"]
    told = wording.verdict(group)
    assert told.headline.startswith("1 of 2 photos is consistent")
    assert "2 files could not be compared, 1 is the same exposure as another: see the table" in told.detail


def test_none_of_several_foreign_photos_shows_a_sign(prints, files):
    told = wording.verdict(
        check_group(NAME, prints[NAME], [photo(OTHER, f"{n}", 210 + n) for n in range(3)], None, ignore)
    )
    assert told.kind == "no-match"
    assert told.headline == "None of these 3 photos shows a sign of the registered camera **Phone · Anna**."


def test_files_that_are_no_photos_are_no_verdict(prints, files):
    told = wording.verdict(group_of(prints, files, "text.jpg", "small.png"))
    assert told.kind == "unclear"
    assert told.headline == "None of these files could be compared."


def test_many_names_are_not_listed_in_a_sentence(prints, files):
    strangers = [photo(OTHER, f"stranger {n}.jpg", 220 + n) for n in range(5)]
    told = wording.verdict(check_group(NAME, prints[NAME], [files["own 0.jpg"], *strangers], None, ignore))
    assert told.headline.endswith("; 5 are not.")
    assert "stranger" not in told.headline + told.detail


def test_weak_photos_that_cannot_tell_alone_may_tell_together():
    weak = SimulatedCamera(SHAPE, seed=43, prnu=0.0028, jpeg_quality=97)
    walls = (weak.photograph(scenes.flat(SHAPE, seed=n), shot=n) for n in range(16))
    photos = [photo(weak, f"{n}.jpg", 300 + n) for n in range(10)]
    group = check_group("Weak · Anna", Fingerprint.from_images(walls), photos, None, ignore)
    standings = [member.standing for member in group.members]
    assert standings.count("together") >= 4, standings
    row = next(row for row, how in zip(wording.rows(group), standings, strict=True) if how == "together")
    assert row.verdict == "✓ With the others"
    assert row.text.startswith("Cannot tell alone.")
    assert "together, and each carries its share" in wording.verdict(group).detail


def test_which_of_several_cameras_took_each_is_told(prints, files):
    chosen = [files[name] for name in ("own 0.jpg", "own 1.jpg", "IMG_3.jpg")]
    group = rank_group(list(prints), prints.__getitem__, chosen, None, ignore)
    assert group.camera == NAME
    told = wording.verdict(group)
    assert told.headline == (
        "2 of 3 photos are consistent with **Phone · Anna**; **IMG\\_3.jpg** is with **Tablet · Bert**."
    )
    assert [row.camera for row in wording.rows(group)] == [NAME, NAME, "Tablet · Bert"]


def test_with_a_search_photos_are_not_added_up(prints, files):
    group = group_of(prints, files, "own 0.jpg", "IMG_3.jpg", search=Search(shift=2))
    assert group.weak is None
    assert wording.verdict(group).headline.startswith("1 of 2 photos is consistent")


def test_noise_is_let_go_of_and_measured_again_when_it_is_looked_at(prints, files):
    group = group_of(prints, files, "own 0.jpg", "IMG_3.jpg")
    check = group.checks[0]
    assert check.measured is None
    assert check.map is not None
    assert check.evidence.shape == SHAPE
    assert check.measured is not None


def test_a_group_rests_on_every_camera_that_was_compared(prints, files):
    group = rank_group(list(prints), prints.__getitem__, [files["own 0.jpg"], files["IMG_3.jpg"]], None, ignore)
    assert group.rests_on(["Tablet · Bert"])
    assert not group.rests_on(["Another · Camera"])
