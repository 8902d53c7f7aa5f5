"""Faces are told apart, and what cannot be told is refused with the right words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from liveness import identity, models
from liveness.identity import THRESHOLD, FaceComparison, FaceError, FaceMatcher, FaceTemplate
from liveness.models import DETECTOR, RECOGNISER
from tests import needs

DATA = needs.DATA / "faces"


@pytest.fixture(scope="session")
def matcher() -> FaceMatcher:
    needs.models(DETECTOR, RECOGNISER)
    return FaceMatcher()


@pytest.fixture(scope="session")
def photos() -> Path:
    return DATA / "photos"


def code_of(matcher: FaceMatcher, frame: np.ndarray) -> str:
    with pytest.raises(FaceError) as caught:
        matcher.embed(frame)
    assert caught.value.advice
    assert str(caught.value).endswith(caught.value.advice)
    return caught.value.code


def with_dark_glasses(matcher: FaceMatcher, frame: np.ndarray) -> np.ndarray:
    right, left = matcher._detect(frame)[0, 4:8].reshape(2, 2)
    apart = float(np.hypot(*(left - right)))
    glasses = frame.copy()
    for eye in (right, left):
        axes = int(0.42 * apart), int(0.3 * apart)
        cv2.ellipse(glasses, (int(eye[0]), int(eye[1])), axes, 0, 0, 360, (18, 16, 15), -1)
    return cv2.addWeighted(glasses, 0.85, frame, 0.15, 0)


def enlarged(frame: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def turned(frame: np.ndarray, degrees: float) -> np.ndarray:
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(frame, matrix, (width, height), borderValue=(120, 120, 120))


def jpeg(frame: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=128).astype(np.float32)
    return vector / np.linalg.norm(vector)


SAME_FACE = {
    "itself": lambda frame: frame,
    "shifted": lambda frame: np.roll(frame, (20, -60), (0, 1)),
    "darker": lambda frame: (frame * 0.4).astype(np.uint8),
    "brighter": lambda frame: np.clip(frame * 1.4, 0, 255).astype(np.uint8),
    "compressed": lambda frame: jpeg(frame, 25),
    "mirrored": lambda frame: frame[:, ::-1],
    "tilted": lambda frame: turned(frame, 15),
    "a third of the size": lambda frame: enlarged(frame, 0.33),
    "three times the size": lambda frame: enlarged(frame, 3),
    "a little blurred": lambda frame: cv2.GaussianBlur(frame, (0, 0), 3),
    "grey": lambda frame: np.repeat(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    "a close-up": lambda frame: enlarged(frame[60:400, 180:460], 3),
}


@pytest.mark.parametrize("change", SAME_FACE)
def test_a_changed_picture_of_a_face_is_still_that_face(matcher, portrait, change):
    enrolled, seen = matcher.embed(portrait), matcher.embed(SAME_FACE[change](portrait))
    assert matcher.similarity(enrolled, seen) > 0.7


def test_an_embedding_is_128_numbers_of_length_one(matcher, portrait):
    found = matcher.embed(portrait)
    assert (found.shape, found.dtype) == ((128,), np.float32)
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_array_equal(found, matcher.embed(portrait.copy()))


NOBODY = {
    "black": np.zeros((480, 640, 3), np.uint8),
    "white": np.full((480, 640, 3), 255, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8),
    "a cat": skimage.data.chelsea(),
    "coffee": skimage.data.coffee(),
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": np.zeros((1, 5000, 3), np.uint8),
}


@pytest.mark.parametrize("picture", NOBODY)
def test_a_picture_without_a_face_has_no_face(matcher, picture):
    assert code_of(matcher, NOBODY[picture]) == "no-face"


def test_two_faces_side_by_side_are_refused(matcher, portrait):
    assert code_of(matcher, np.hstack([portrait, portrait])) == "two-faces"
    assert code_of(matcher, np.hstack([portrait, np.pad(enlarged(portrait, 0.5), ((0, 240), (0, 0), (0, 0)))])) == (
        "two-faces"
    )


def test_a_picture_of_a_face_on_the_wall_is_no_second_face(matcher, portrait):
    frame = portrait.copy()
    frame[:90, :120] = enlarged(portrait, 0.1875)[:90]
    assert len(matcher._detect(frame)) == 2
    assert matcher.similarity(matcher.embed(portrait), matcher.embed(frame)) > 0.9


SPOILT = {
    "too-small": lambda frame: enlarged(frame, 0.25),
    "too-dark": lambda frame: (frame * 0.06).astype(np.uint8),
    "too-bright": lambda frame: np.clip(frame * 2.3, 0, 255).astype(np.uint8),
    "blurred": lambda frame: cv2.GaussianBlur(frame, (0, 0), 10),
}


@pytest.mark.parametrize("code", SPOILT)
def test_a_spoilt_frame_is_refused_with_its_reason(matcher, portrait, code):
    assert code_of(matcher, SPOILT[code](portrait)) == code


def test_half_a_face_at_any_edge_is_off_centre(matcher, portrait):
    centre, mouth = 310, 232
    for half in (portrait[:, centre - 12 :], portrait[:, : centre + 12], portrait[:mouth]):
        assert code_of(matcher, half) == "off-centre"


def test_dark_glasses_are_refused_as_covering_the_face(matcher, portrait):
    assert code_of(matcher, with_dark_glasses(matcher, portrait)) == "covered"


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
        None,
    ],
)
def test_what_is_no_rgb_frame_is_an_error(matcher, frame):
    with pytest.raises(ValueError, match=r"RGB, uint8 of shape \(H, W, 3\), got"):
        matcher.embed(frame)


def test_random_pieces_of_a_picture_are_refused_or_the_same_face(matcher, portrait):
    rng, enrolled = np.random.default_rng(4), matcher.embed(portrait)
    for _ in range(60):
        (top, left), (height, width) = rng.integers(0, 300, 2), rng.integers(8, 480, 2)
        piece = turned(portrait, rng.uniform(-180, 180))[top : top + height, left : left + width]
        try:
            found = matcher.embed(enlarged(piece, rng.uniform(0.3, 2)) if rng.random() < 0.5 else piece)
        except FaceError:
            continue
        assert matcher.similarity(enrolled, found) > 0.3


def test_alignment_puts_the_eyes_where_the_recogniser_looks_and_tells_what_is_missing():
    centred = identity._IDEAL - 56
    points = centred @ [[0, 2], [-2, 0]] + [200, 150]  # lying on the side, twice the size
    frame = np.zeros((300, 400, 3), np.uint8)
    for x, y in points:
        cv2.circle(frame, (round(x), round(y)), 4, (255, 255, 255), -1)
    aligned, outside = identity._align(frame, points)
    assert outside == pytest.approx(0.0, abs=1e-6)
    for x, y in identity._IDEAL:
        assert aligned[round(y), round(x)].min() > 128
    _, outside = identity._align(frame, centred)
    assert outside == pytest.approx(0.75, abs=1e-6)


def test_alignment_is_the_similarity_of_least_squares():
    rng = np.random.default_rng(5)
    frame = rng.integers(0, 256, (300, 400, 3), np.uint8)
    for _ in range(20):
        angle, size = rng.uniform(-np.pi, np.pi), rng.uniform(0.3, 3)
        turn = size * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        points = (identity._IDEAL - 56) @ turn + rng.uniform(60, 240, 2) + rng.normal(0, 6 * size, (5, 2))
        x, y, one, none = points[:, 0], points[:, 1], np.ones(5), np.zeros(5)
        equations = np.concatenate([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
        (cosine, sine, right, down), *_ = np.linalg.lstsq(equations, identity._IDEAL.T.ravel())
        expected = cv2.warpAffine(frame, np.array([[cosine, -sine, right], [sine, cosine, down]]), (112, 112))
        aligned, _ = identity._align(frame, points)
        assert np.abs(aligned.astype(int) - expected).mean() < 0.01


def test_points_that_are_all_one_are_a_face_outside_the_picture():
    _, outside = identity._align(np.zeros((300, 400, 3), np.uint8), np.full((5, 2), 50.0))
    assert outside == 1.0


def test_a_template_is_the_mean_of_its_frames(matcher, portrait):
    frames = [SAME_FACE[change](portrait) for change in ("itself", "darker", "mirrored")]
    found = matcher.template(iter(frames))
    mean = np.mean([matcher.embed(frame) for frame in frames], axis=0)
    np.testing.assert_allclose(found.vector, mean / np.linalg.norm(mean), atol=1e-6)
    assert found.frames == 3


def test_frames_without_a_face_do_not_spoil_a_template(matcher, portrait):
    blank = NOBODY["black"]
    found = matcher.template([blank, portrait, portrait, blank])
    assert found.frames == 2
    assert matcher.similarity(found, matcher.embed(portrait)) == pytest.approx(1.0, abs=1e-6)


def test_too_many_useless_frames_give_their_commonest_reason(matcher, portrait):
    two, blank = np.hstack([portrait, portrait]), NOBODY["black"]
    with pytest.raises(FaceError) as caught:
        matcher.template([blank, two, portrait, two])
    assert caught.value.code == "two-faces"
    with pytest.raises(FaceError) as caught:
        matcher.template([])
    assert caught.value.code == "no-face"


class Lookalikes(FaceMatcher):
    """Takes embeddings for frames."""

    def __init__(self):
        pass

    def embed(self, rgb):
        return rgb


def test_another_persons_frame_is_left_out_of_a_template():
    found = Lookalikes().template([unit(1), unit(1), unit(2), unit(1)])
    assert found.frames == 3
    np.testing.assert_allclose(found.vector, unit(1), atol=1e-6)


@pytest.mark.parametrize("people", [[1, 2], [1, 1, 2, 2], [1, 2, 3]])
def test_frames_of_different_people_make_no_template(people):
    with pytest.raises(FaceError, match="different people"):
        Lookalikes().template([unit(person) for person in people])


def test_a_template_survives_being_stored_to_the_bit():
    template = FaceTemplate(unit(1), frames=7)
    data = template.to_bytes()
    assert len(data) == 594
    back = FaceTemplate.from_bytes(data)
    np.testing.assert_allclose(back.vector, template.vector, atol=1e-7)
    assert back.frames == 7
    assert back.vector.dtype == np.float32


def test_a_damaged_template_is_refused():
    data = FaceTemplate(unit(1)).to_bytes()
    for at in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[at] ^= 1
        with pytest.raises(FaceError) as caught:
            FaceTemplate.from_bytes(bytes(damaged))
        assert caught.value.code == "bad-template"
    for wrong in (b"", data[:-1], data + b"\0", b"\x80\x04K\x01."):
        with pytest.raises(FaceError, match="not a face template"):
            FaceTemplate.from_bytes(wrong)


def test_a_template_of_another_model_is_refused(monkeypatch):
    data = FaceTemplate(unit(1)).to_bytes()
    other = replace(models.MODELS[RECOGNISER], sha256="0" * 64)
    monkeypatch.setitem(models.MODELS, RECOGNISER, other)
    with pytest.raises(FaceError, match="another model"):
        FaceTemplate.from_bytes(data)


@pytest.mark.parametrize("vector", [np.zeros(128), np.full(128, np.nan), np.ones(127), np.ones((1, 128))])
def test_what_is_no_embedding_is_not_compared(vector):
    with pytest.raises(ValueError, match="128 finite numbers"):
        FaceMatcher.similarity(unit(1), vector.astype(np.float32))
    with pytest.raises(ValueError, match="128 finite numbers"):
        FaceTemplate(vector.astype(np.float32))


def test_similarity_is_the_cosine_of_embeddings_and_templates_of_any_length():
    assert FaceMatcher.similarity(unit(1), 3 * unit(1)) == pytest.approx(1.0)
    assert FaceMatcher.similarity(FaceTemplate(unit(1)), -unit(1)) == pytest.approx(-1.0)
    assert FaceMatcher.similarity(unit(1), unit(2)) == pytest.approx(float(unit(1) @ unit(2)), abs=1e-6)


@pytest.mark.parametrize(
    ("similarity", "passed", "words"),
    [
        (0.83, True, "matches the registered one (similarity 0.83, 0.45 or more is needed)"),
        (0.45, True, "matches"),
        (0.4499, False, "not alike enough"),
        (0.12, False, "not the registered face"),
    ],
)
def test_a_comparison_says_in_words_what_came_out(similarity, passed, words):
    found = FaceComparison(similarity)
    assert found.passed is passed
    assert words in found.advice


def read(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@pytest.mark.data
def test_real_people_are_told_apart_without_an_error(matcher, photos):
    whole = [path for path in sorted(photos.glob("*/*")) if "partial" not in path.name]
    found = np.stack([matcher.embed(read(path)) for path in whole])
    first, second = np.triu_indices(len(whole), 1)
    scores = (found @ found.T)[first, second]
    same = np.array([whole[i].parent == whole[j].parent for i, j in zip(first, second, strict=True)])
    assert (same.sum(), (~same).sum()) == (11, 44)
    assert scores[same].min() > THRESHOLD + 0.15
    assert scores[~same].max() < THRESHOLD - 0.15


@pytest.mark.data
def test_real_faces_cut_in_half_are_off_centre(matcher, photos):
    for path in photos.glob("*/*partial*"):
        assert code_of(matcher, read(path)) == "off-centre"


@pytest.mark.data
def test_dark_glasses_on_real_faces_are_noticed_and_bare_eyes_are_not_taken_for_them(matcher, photos):
    for path in photos.glob("*/*"):
        if "partial" not in path.name:
            matcher.embed(read(path))
            assert code_of(matcher, with_dark_glasses(matcher, read(path))) == "covered"


@pytest.mark.data
def test_two_real_people_are_refused_as_such(matcher, photos):
    _, frame = cv2.VideoCapture(str(DATA / "real" / "intel_headpose_two_people.gif")).read()
    assert code_of(matcher, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)) == "two-faces"
