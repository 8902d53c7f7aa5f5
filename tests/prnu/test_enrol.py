from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from prnu import match, scenes
from prnu.enrol import Enrolment, EnrolmentRefused
from prnu.images import as_luma
from prnu.sensor import SimulatedCamera
from testing.some import some

SHAPE = (480, 640)
SMALL = (256, 320)


def test_good_pictures_become_a_fingerprint_that_matches(rig):
    enrolment = Enrolment()
    for seed in range(6):
        step = enrolment.add(rig.camera.photograph_jpeg(scenes.flat(SHAPE, seed=seed)), f"wall {seed}.jpg")
        assert (step.accepted, step.message) == (True, "")
    assert match(enrolment.fingerprint(), rig.photos[0]).passed()
    assert some(enrolment.preview()).images == 6


def test_bad_pictures_are_left_out_with_a_reason_and_the_rest_counts(rig, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    turned = Image.fromarray(rig.camera.photograph(scenes.flat(SHAPE, seed=0)))
    exif = turned.getexif()
    exif[274] = 6
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", quality=95, exif=exif)
    enrolment = Enrolment()
    steps = {
        "good": enrolment.add(rig.photos[0], "good"),
        "turned": enrolment.add(buffer.getvalue(), "turned"),
        "text": enrolment.add(text),
        "pixel": enrolment.add(np.zeros((1, 1), np.uint8), "pixel"),
        "black": enrolment.add(np.zeros(SHAPE, np.uint8), "black"),
        "white": enrolment.add(np.full(SHAPE, 255, np.uint8), "white"),
        "size": enrolment.add(rig.photos[1][:400], "size"),
        "again": enrolment.add(rig.photos[0], "again"),
    }
    assert [name for name, step in steps.items() if step.accepted] == ["good", "turned"]
    messages = {step.message for step in steps.values() if not step.accepted}
    assert len(messages) == 6
    assert all(message.endswith(".") for message in messages)
    assert steps["text"].name == "notes.jpg"
    assert enrolment.fingerprint().images == 2


def test_still_scene_is_refused_with_advice(rig):
    enrolment = Enrolment()
    for _ in range(12):
        assert enrolment.add(rig.camera.photograph(scenes.photo("coffee", SHAPE))).accepted
    with pytest.raises(EnrolmentRefused, match=r"same scene in all photos.*blank wall"):
        enrolment.fingerprint()
    assert enrolment.preview() is not None


def test_nothing_usable_is_refused():
    enrolment = Enrolment()
    assert enrolment.preview() is None
    with pytest.raises(EnrolmentRefused, match="no usable photo"):
        enrolment.fingerprint()


def test_crop_uses_the_centre_and_tells_who_is_too_small(rig):
    enrolment = Enrolment(crop=(400, 600))
    assert enrolment.add(rig.photos[0]).accepted
    assert enrolment.fingerprint().shape == (400, 600)
    low = Enrolment(crop=(400, 600)).add(rig.photos[1][:390], "low.png")
    assert "smaller than the crop" in low.message


# Sets of photos as people have them


@pytest.fixture(scope="module")
def walls():
    """Eight walls of each of two cameras, as files."""
    cameras = [SimulatedCamera(SMALL, seed=seed, prnu=0.012) for seed in (1, 2)]
    return [[camera.photograph_jpeg(scenes.flat(SMALL, seed=n)) for n in range(8)] for camera in cameras]


@pytest.fixture(scope="module")
def probe():
    return SimulatedCamera(SMALL, seed=1, prnu=0.012).photograph_jpeg(scenes.sky(SMALL, seed=1))


def enrolled(**pictures) -> Enrolment:
    enrolment = Enrolment()
    for name, picture in pictures.items():
        enrolment.add(picture, name)
    return enrolment


def named(prefix, pictures):
    return {f"{prefix}{number}": picture for number, picture in enumerate(pictures)}


def codes(enrolment) -> set[str]:
    return {issue.code for issue in enrolment.quality.issues}


def left_out(enrolment) -> dict[str, str]:
    return {step.name: step.message for step in enrolment.steps if not step.accepted}


def turned_over(jpeg, turn):
    return np.ascontiguousarray(turn(as_luma(jpeg)))


@pytest.mark.parametrize("share", [(8, 8), (8, 3), (4, 4), (2, 2)])
def test_two_cameras_in_one_set_are_refused_and_their_groups_named(walls, share):
    a, b = (one[:count] for one, count in zip(walls, share, strict=True))
    enrolment = enrolled(**named("a", a), **named("b", b))
    with pytest.raises(EnrolmentRefused) as refused:
        enrolment.fingerprint()
    text = str(refused.value)
    assert f"not of one sensor: of {sum(share)}" in text
    for prefix, count in zip("ab", share, strict=True):
        names = ", ".join(f"{prefix}{number}" for number in range(min(count, 6)))
        assert f"{count} agree with each other ({names}" in text
    assert "Register each camera" in text
    assert not left_out(enrolment)
    assert enrolment.preview() is not None


def test_odd_ones_out_are_left_out_and_named_and_leave_no_trace(walls, probe):
    stranger = {"first": walls[1][0], **named("a", walls[0][:6]), "last": walls[1][1]}
    enrolment = enrolled(**stranger)
    assert left_out(enrolment).keys() == {"first", "last"}
    assert all("another camera took it" in message for message in left_out(enrolment).values())
    (issue,) = (issue for issue in enrolment.quality.issues if issue.code == "odd-ones-out")
    assert "first, last" in issue.advice
    assert len(enrolment.sketches) == enrolment.quality.images == enrolment.fingerprint().images == 6
    clean = enrolled(**named("a", walls[0][:6])).fingerprint()
    assert np.allclose(enrolment.fingerprint().pattern, clean.pattern, atol=1e-5)
    assert match(enrolment.fingerprint(), probe).passed()
    assert not match(enrolment.fingerprint(), walls[1][2]).passed()


@pytest.mark.parametrize("kind", [bytes, np.asarray, io.BytesIO])
def test_odd_ones_out_are_read_again_from_whatever_they_came_in(walls, kind, tmp_path):
    give = {bytes: lambda jpeg: jpeg, np.asarray: as_luma, io.BytesIO: io.BytesIO}[kind]
    enrolment = enrolled(odd=give(walls[1][0]), **named("a", [give(jpeg) for jpeg in walls[0][:4]]))
    assert left_out(enrolment).keys() == {"odd"}
    assert enrolment.fingerprint().images == 4


def test_later_pictures_can_turn_who_is_odd(walls):
    enrolment = enrolled(**named("b", walls[1][:4]), a0=walls[0][0])
    assert left_out(enrolment).keys() == {"a0"}
    for number, jpeg in enumerate(walls[0][1:4], 1):
        enrolment.add(jpeg, f"a{number}")
    assert codes(enrolment) >= {"several-cameras"}
    assert not left_out(enrolment)


def test_a_genuine_weak_camera_is_taken_whole():
    weak = SimulatedCamera(SMALL, seed=5, prnu=0.005)
    enrolment = enrolled(**named("w", [weak.photograph_jpeg(scenes.flat(SMALL, seed=n)) for n in range(8)]))
    assert not left_out(enrolment)
    assert codes(enrolment) <= {"few"}
    assert enrolment.fingerprint().images == 8


def test_photos_of_as_many_cameras_are_said_to_agree_in_nothing():
    cameras = [SimulatedCamera(SMALL, seed=seed, prnu=0.012) for seed in range(5)]
    enrolment = enrolled(**named("c", [camera.photograph_jpeg(scenes.flat(SMALL, seed=1)) for camera in cameras]))
    assert codes(enrolment) == {"few", "no-agreement"}


def saved_again(jpeg, how) -> bytes:
    with Image.open(io.BytesIO(jpeg)) as image:
        pixels = np.asarray(image.convert("RGB"), np.float32)
    if how == "brighter":
        pixels = pixels * 1.04 + 2
    elif how == "sub-noise":
        pixels = pixels + np.random.default_rng(3).normal(0, 1.0, pixels.shape[:2]).astype(np.float32)[..., None]
    quality = int(how[1:]) if how.startswith("q") else 95
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize("how", ["q99", "q85", "q75", "brighter", "sub-noise"])
def test_one_exposure_saved_again_counts_once_and_is_said(walls, how):
    enrolment = enrolled(one=walls[0][0], two=walls[0][1], again=saved_again(walls[0][0], how), three=walls[0][2])
    assert left_out(enrolment) == {"again": "The same exposure as one, saved again: it counts once."}
    assert enrolment.quality.images == enrolment.fingerprint().images == len(enrolment.sketches) == 3


def test_a_worn_copy_that_came_first_is_known_once_there_are_others():
    # Saved once more at quality 75, it shares too little with the better copy to be told with nothing to compare.
    camera = SimulatedCamera((480, 640), seed=1, prnu=0.012)
    files = [camera.photograph_jpeg(scenes.flat((480, 640), seed=n), shot=n) for n in range(6)]
    worn, better = (saved_again(files[0], f"q{quality}") for quality in (75, 90))
    enrolment = Enrolment()
    assert enrolment.add(worn, "worn").accepted
    assert enrolment.add(better, "better").accepted
    for number, file in enumerate(files[1:], 1):
        enrolment.add(file, f"w{number}")
    assert left_out(enrolment) == {"better": "The same exposure as worn, saved again: it counts once."}
    assert (enrolment.fingerprint().images, enrolment.quality.images) == (6, 6)
    without = enrolled(worn=worn, **{f"w{n}": file for n, file in enumerate(files[1:], 1)})
    np.testing.assert_allclose(enrolment.fingerprint().pattern, without.fingerprint().pattern, atol=1e-3)


def test_different_exposures_of_the_strongest_sensor_are_no_copies():
    strong = SimulatedCamera(SMALL, seed=5, prnu=0.015, full_well=5_000.0, jpeg_quality=None)
    enrolment = enrolled(**named("s", [strong.photograph(scenes.flat(SMALL, seed=n)) for n in range(4)]))
    assert not left_out(enrolment)


def test_the_size_that_most_photos_have_decides_and_the_turned_one_is_said(walls):
    turned = turned_over(walls[0][7], np.rot90)
    enrolment = enrolled(turned=turned, **named("a", walls[0][:5]))
    assert enrolment.fingerprint().shape == SMALL
    assert left_out(enrolment) == {
        "turned": "256x320 pixels, the others have 320x256. It has been turned by a quarter: use the original file."
    }
    assert [step.name for step in enrolment.steps] == ["turned", *(f"a{n}" for n in range(5))]
    assert enrolment.fingerprint().images == len(enrolment.sketches) == 5


def test_sizes_are_compared_before_the_crop(walls):
    large = SimulatedCamera((288, 352), seed=9)
    enrolment = Enrolment(crop=(256, 256))
    for number in range(3):
        enrolment.add(walls[0][number], f"small{number}")
        enrolment.add(large.photograph_jpeg(scenes.flat(large.shape, seed=number)), f"large{number}")
    with pytest.raises(EnrolmentRefused, match=r"3 photos have 320x256 pixels and as many 352x288: nobody can tell"):
        enrolment.fingerprint()
    enrolment.add(walls[0][3], "small3")
    assert left_out(enrolment).keys() == {f"large{number}" for number in range(3)}
    assert all("352x288 pixels, the others have 320x256" in message for message in left_out(enrolment).values())
    assert enrolment.fingerprint().images == 4


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda luma: luma[:, ::-1], "mirrored (selfie apps do that)"),
        (lambda luma: luma[::-1, ::-1], "turned by 180 degrees (viewers and editors do that"),
    ],
)
def test_turned_photos_in_a_set_are_left_out_as_such(walls, turn, words):
    straight = named("a", walls[0][:6])
    enrolment = enrolled(**straight, odd=turned_over(walls[0][7], turn))
    assert words in left_out(enrolment)["odd"]
    half = enrolled(**straight, **named("t", [turned_over(jpeg, turn) for jpeg in walls[0][6:]]), t2=walls[1][0])
    assert words in next(issue.advice for issue in half.quality.issues if issue.code == "several-cameras")
