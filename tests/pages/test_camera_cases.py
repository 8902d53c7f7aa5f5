"""Kinds of photos and sets that once led the camera factor astray: the command line, the bank and the app say the same.

Two cameras in one set, one exposure saved many times, and photos turned or mirrored have their tests beside the rooms
(`tests/prnu/test_main.py`, `tests/bank/test_enrol.py`, `tests/bank/test_factors.py`, and here `test_register.py` and
`test_check.py`); what was in one of the rooms only is here.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bank.enrol import camera_sample
from bank.errors import EnrolmentError
from bank.pictures import Picture
from bank.policy import Policy
from prnu import Fingerprint, ImageError, match, scenes
from prnu.__main__ import MATCHED, NO_MATCH, UNUSABLE, main
from prnu.sensor import SimulatedCamera
from tests.pictures import TiffPage, tiff

SHAPE, LARGE = (256, 320), (288, 352)
RULES = Policy.load().enrolment
OWN, OTHER = (SimulatedCamera(SHAPE, seed=seed, prnu=0.02, jpeg_quality=None) for seed in (1, 2))

DIAGONAL = np.random.default_rng(5).standard_normal(sum(SHAPE))[sum(np.ogrid[: SHAPE[0], : SHAPE[1]])][..., None]
"""What a phone's software may add to all its pictures."""


def encoded(pixels: np.ndarray, kind: str = "JPEG", quality: int = 95) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, quality=quality)
    return file.getvalue()


def added(pixels: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(pixels + 0.7 * DIAGONAL), 0, 255).astype(np.uint8)


def raw_file(width: int = 400, height: int = 300) -> bytes:
    """A DNG: a preview that can be read, and a sensor's data that cannot."""
    preview = TiffPage(np.full((height, width, 3), 90, np.uint8), {254: ("I", [1]), 50706: ("B", [1, 4, 0, 0])})
    return tiff(preview, TiffPage(np.zeros((600, 800), np.uint16), {262: ("H", [32803])}))


@pytest.fixture(scope="module")
def walls() -> list[np.ndarray]:
    return [OWN.photograph(scenes.flat(SHAPE, seed=n), shot=n) for n in range(7)]


@pytest.fixture(scope="module")
def selfie() -> np.ndarray:
    return OWN.photograph(scenes.sky(SHAPE, seed=1), shot=50)


@pytest.fixture
def files(tmp_path):
    """Write files, and give their paths."""

    def write(given: dict[str, bytes]) -> list[str]:
        for name, data in given.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        return [str(tmp_path / name) for name in given]

    return write


@pytest.fixture
def command(capsys):
    """Run the command line; gives its exit code and all that it said."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        return code, " ".join("".join(capsys.readouterr()).split())

    return run


@pytest.fixture
def registered(app, act):
    """Make a fingerprint in the app; gives the page and all that it says."""

    def register(given: dict[str, bytes]):
        press, open_page, said = act
        page = open_page(app, "register")
        page.file_uploader(key="enrol_files").set_value([(name, data, "image/jpeg") for name, data in given.items()])
        page = press(page.run(), "Make the fingerprint")
        return page, said(page)

    return register


@pytest.fixture
def checked(app, act, bank, walls):
    """Check a photo in the app, whose one camera is the own; gives all that the page says."""

    def check(name: str, data: bytes) -> str:
        press, open_page, said = act
        bank.enrol("Anna", photos=camera_sample([encoded(wall) for wall in walls], "Phone", RULES))
        page = open_page(app, "check")
        page.file_uploader(key="check_files").set_value([(name, data, "image/jpeg")])
        return said(press(page.run(), "Check the photo"))

    return check


def test_one_turned_photo_that_sorts_first_is_left_out_and_not_the_others(walls, files, command, registered, selfie):
    turned = {"0_turned.jpg": encoded(np.rot90(walls[6]))}
    given = turned | {f"wall_{n}.jpg": encoded(wall) for n, wall in enumerate(walls[:5])}
    words = "256x320 pixels, the others have 320x256. It has been turned by a quarter: use the original file."
    folder = {f"cam/enrol/{name}": data for name, data in given.items()} | {"cam/probe/p.jpg": encoded(selfie)}
    first = files(folder)[0]
    code, said = command("evaluate", first.removesuffix("/cam/enrol/0_turned.jpg"))
    assert code == MATCHED
    assert f"skipped cam/enrol/0_turned.jpg: {words}" in said
    page, said = registered(given)
    assert words in said
    assert [metric.value for metric in page.metric][:2] == ["5", "1"]


def test_a_camera_without_a_photo_to_compare_is_named_and_changes_the_exit_code(walls, files, command):
    folder = {f"cam/enrol/{n}.jpg": encoded(wall) for n, wall in enumerate(walls[:5])}
    first = files(folder | {"cam/probe/p.jpg": encoded(np.rot90(walls[6]))})[0]
    code, said = command("evaluate", first.removesuffix("/cam/enrol/0.jpg"))
    assert code == UNUSABLE
    assert "not in the table cam: Its one photo to probe could not be compared with its own fingerprint" in said


def test_sizes_that_differ_are_refused_also_where_a_crop_would_make_them_alike(walls, files, command, registered):
    large = SimulatedCamera(LARGE, seed=9, prnu=0.02, jpeg_quality=None)
    given = {f"a{n}.jpg": encoded(wall) for n, wall in enumerate(walls[:3])}
    given |= {f"b{n}.jpg": encoded(large.photograph(scenes.flat(LARGE, seed=n), shot=n)) for n in range(3)}
    words = "3 photos have 320x256 pixels and as many 352x288: nobody can tell which are meant"
    paths = files(given)
    code, said = command("fingerprint", *paths, "-o", f"{paths[0]}.llfp", "--crop", "256x256")
    assert code == UNUSABLE
    assert words in said
    given |= {"a3.jpg": encoded(walls[3]), "b3.jpg": encoded(large.photograph(scenes.flat(LARGE, seed=3), shot=3))}
    with pytest.raises(EnrolmentError, match="4 photos have 320x256 pixels and as many 352x288"):
        camera_sample(given.values(), "Phone", RULES, crop=(256, 256))
    page, _ = registered(given)
    assert "4 photos have 320x256 pixels and as many 352x288" in page.error[0].value


@pytest.mark.parametrize("size", [(400, 300), (256, 195)], ids=["a large preview", "a small preview"])
def test_a_raw_file_is_called_one_and_its_preview_is_never_read(walls, files, command, registered, size):
    raw = raw_file(*size)
    words = (
        "raw file (DNG), from which no photo has been made yet. Use the camera's JPEG of it, or export it in full size"
    )
    fingerprint = files({"raw.dng": raw, "wall.jpg": encoded(walls[0])})
    code, said = command("fingerprint", *fingerprint, "-o", f"{fingerprint[1]}.llfp")
    assert code == MATCHED
    assert words in said
    code, said = command("match", f"{fingerprint[1]}.llfp", fingerprint[0])
    assert code == UNUSABLE
    assert words in said
    with pytest.raises(ImageError, match="raw file"):
        Picture.from_file(raw, "raw.dng")
    given = {f"wall{n}.jpg": encoded(wall) for n, wall in enumerate(walls[:4])} | {"raw.dng": raw}
    page, said = registered(given)
    assert words in said
    assert [metric.value for metric in page.metric][:2] == ["4", "1"]


def test_hif_and_its_like_are_read_everywhere(walls, selfie, files, command, registered, bank):
    kinds = {".HIF": "HEIF", ".jfif": "JPEG", ".jpe": "JPEG", ".mpo": "JPEG", ".heic": "HEIF"}
    given = {f"{n}{suffix}": encoded(walls[n], kind) for n, (suffix, kind) in enumerate(kinds.items())}
    paths = files(
        {f"cam/enrol/{name}": data for name, data in given.items()} | {"cam/probe/p.HIF": encoded(selfie, "HEIF")}
    )
    code, said = command("evaluate", paths[0].removesuffix("/cam/enrol/0.HIF"))
    assert code == MATCHED
    assert "1 same-camera pair," in said
    bank.enrol("Bert", photos=camera_sample(paths[:5], "Phone", RULES))
    assert bank.customer("Bert").cameras[0].images == 5
    page, _ = registered(given)
    assert [metric.value for metric in page.metric][:2] == ["5", "0"]


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda rgb: rgb[::-1, ::-1], "turned by 180 degrees: viewers and editors do that"),
        (np.rot90, "turned by 90 degrees counter-clockwise: viewers and editors do that"),
        (lambda rgb: np.rot90(rgb[:, ::-1]), "mirrored and turned by 90 degrees"),
    ],
)
def test_a_photo_turned_by_any_quarter_is_found_and_said_in_the_app(selfie, checked, turn, words):
    said = checked("turned.jpg", encoded(turn(selfie)))
    assert words in said
    assert "Turned back, it is consistent with the registered camera" in said
    assert "ways to turn the photo over counts" in said


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((360, 288), "scaled down, which no search can undo: use the original photo"),
        ((800, 640), "search for a zoom of 2 if it was enlarged from one"),
    ],
)
def test_a_scaled_photo_gets_no_advice_that_cannot_help(size, words, app, act, bank):
    shape = (320, 400)
    camera = SimulatedCamera(shape, seed=3, prnu=0.02, jpeg_quality=None)
    own = camera_sample(
        [encoded(camera.photograph(scenes.flat(shape, seed=n), shot=n)) for n in range(5)], "Tab", RULES
    )
    bank.enrol("Anna", photos=own)
    press, open_page, said = act
    page = open_page(app, "check")
    scaled = Image.fromarray(camera.photograph(scenes.sky(shape, seed=1), shot=50)).resize(
        size, Image.Resampling.LANCZOS
    )
    page.file_uploader(key="check_files").set_value([("scaled.jpg", encoded(np.asarray(scaled)), "image/jpeg")])
    page = press(page.run(), "Check the photo")
    assert words in said(page)
    assert ("search for" in said(page)) == ("zoom" in words)


def test_what_software_adds_is_taken_out_and_said_so_that_other_cameras_do_not_match(
    walls, selfie, files, command, registered
):
    given = {f"wall{n}.jpg": encoded(added(wall)) for n, wall in enumerate(walls)}
    words = "share a pattern that repeats itself"
    others = added(OTHER.photograph(scenes.sky(SHAPE, seed=2), shot=3))
    probes = {"other.jpg": encoded(others), "own.jpg": encoded(added(selfie))}
    assert match(Fingerprint.from_images([added(wall) for wall in walls]), others).passed(), "untreated it would match"
    paths = files(given | probes)
    code, said = command("fingerprint", *paths[: len(walls)], "-o", f"{paths[0]}.llfp")
    assert code == MATCHED
    assert words in said
    assert [command("match", f"{paths[0]}.llfp", path)[0] for path in paths[-2:]] == [NO_MATCH, MATCHED]
    sample = camera_sample(given.values(), "Phone", RULES)
    assert any(words in issue.advice for issue in sample.quality.issues)
    assert [match(sample.fingerprint, data).passed() for data in probes.values()] == [False, True]
    page, said = registered(given)
    assert any(words in warning.value for warning in page.warning)
    assert "Photos without filters serve better" in said
