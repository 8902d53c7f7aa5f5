"""Whose face is it? Find the face, turn it into 128 numbers, compare them with those of the enrolled one.

Detection is YuNet (Wu, Peng and Yu, Machine Intelligence Research 20, 2023), recognition SFace (Zhong et al., IEEE
Transactions on Image Processing 30, 2021), both as the OpenCV zoo has them.
"""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from skimage import transform

from liveness.models import DETECTOR, MODELS, RECOGNISER, model_path

FloatArray: TypeAlias = npt.NDArray[np.float32]
PointArray: TypeAlias = npt.NDArray[np.float64]
FrameArray: TypeAlias = npt.NDArray[np.uint8]

THRESHOLD = 0.45
"""Cosine similarity from which two faces are one person's. On 68 photos the lowest of one person was .551, the
highest of two people .431; OpenCV's .363 lets some of those in. On single frames of 11 clips and the photos .481 and
.468 (30 of 188,631 pairs, all of one still smile and one generated face), against a template of five frames .679 and
.442: decide on templates, not on single frames."""

MIN_WIDTH = 40.0
"""Pixels of face width below which a face is refused. At 40 the worst pair of one person had .57, at 24 .50."""

MIN_STRENGTH = 9.0
"""Length of SFace's output, before it is made 1, below which a face is not readable; clear faces have 10 to 15. One
person's frames missed the threshold in 31 % of pairs at 8.5 to 9, 2 % at 9 to 9.5; two people's reached .56 below 8."""

CUT_OFF = 0.15
"""Share of the aligned face that may lie outside the picture. Whole faces had up to .06, halved ones .25 and more."""

_SCORE = 0.8  # of a detection that counts as a face: real ones have .85 to .95, patterns in the background up to .78
_TINY = 0.3  # height relative to the largest face below which another one is a passer-by or a picture on the wall
_LONG_SIDES = (640, 320)  # of the frame that is searched; the second for close-ups: YuNet knows faces up to 300 pixels
_SIDE = 112  # of the aligned face
# Where SFace expects right eye, left eye, tip of the nose, right and left corner of the mouth.
_IDEAL = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])
_CORNERS = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]], np.float32)
_MAGIC = b"LENSLOCK-FACE\x01"  # the last is the version
_LAYOUT = struct.Struct(f"<{len(_MAGIC)}s32sI512s")  # magic, the model's SHA-256, frames, 128 float32 numbers

_REASONS = {
    "no-face": "There is no face in the picture. Look into the camera, with the whole face in view and in even light.",
    "two-faces": "There is more than one face in the picture. Only you should be in it.",
    "too-small": f"The face is less than {MIN_WIDTH:.0f} pixels wide. Move closer.",
    "off-centre": "A part of the face is outside the picture. Move to its middle, and back a little.",
    "turned": "The face is turned too far to the side. Look straight into the camera.",
    "too-dark": "The face is too dark. Turn on a light in front of you.",
    "too-bright": "The face is too bright. Turn away from the lamp or the window.",
    "blurred": "The face is blurred. Hold still, and wipe the lens.",
    "covered": "The face cannot be made out. Take off dark glasses or a mask, and keep hands and hair away.",
    "mixed": "The frames show different people. Take them again, of one person only.",
    "bad-template": "This is not a face template, or it is damaged. Register the face again.",
    "other-model": "The face template was made with another model. Register the face again.",
}


class FaceError(ValueError):
    """A face cannot be recognised. The message says why and what to do.

    Attributes
    ----------
    code : str
        no-face, two-faces, too-small, off-centre, turned, too-dark, too-bright, blurred or covered; mixed, of several
        frames; bad-template or other-model, of a template.
    advice : str
        What to do: the message without its first sentence.
    """

    def __init__(self, code: str) -> None:
        super().__init__(_REASONS[code])
        self.code, self.advice = code, _REASONS[code].partition(". ")[2]


@dataclass(frozen=True, eq=False)
class FaceTemplate:
    """An enrolled face: all that is kept of it.

    Attributes
    ----------
    vector : ndarray, shape (128,), float32
        Of length 1, the mean of several embeddings.
    frames : int
        How many.
    """

    vector: FloatArray
    frames: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", _unit(self.vector))

    def to_bytes(self) -> bytes:
        """Return format, model, number of frames and vector, and the SHA-256 of all that: 594 bytes."""
        model = bytes.fromhex(MODELS[RECOGNISER].sha256)
        body = _LAYOUT.pack(_MAGIC, model, self.frames, self.vector.astype("<f4").tobytes())
        return body + hashlib.sha256(body).digest()

    @classmethod
    def from_bytes(cls, data: bytes) -> FaceTemplate:
        """Read what `to_bytes` wrote; raise `FaceError` if it did not, or for another model than today's."""
        body, digest = data[:-32], data[-32:]
        if len(body) != _LAYOUT.size or not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
            raise FaceError("bad-template")
        _, model, frames, numbers = _LAYOUT.unpack(body)
        if model.hex() != MODELS[RECOGNISER].sha256:
            raise FaceError("other-model")
        return cls(np.frombuffer(numbers, "<f4"), frames)


@dataclass(frozen=True)
class FaceComparison:
    """How alike two faces are.

    Attributes
    ----------
    similarity, threshold : float
        Cosine of the angle between the embeddings, -1..1 (two people have about 0, one person .6 to .9), and that
        from which it is one person.
    """

    similarity: float
    threshold: float = THRESHOLD

    @property
    def passed(self) -> bool:
        """Whether it is the same person."""
        return self.similarity >= self.threshold

    @property
    def advice(self) -> str:
        """What came out, in words for a person."""
        figures = f"similarity {self.similarity:.2f}, {self.threshold:.2f} or more is needed"
        if self.passed:
            return f"The face matches the registered one ({figures})."
        if self.similarity >= self.threshold - 0.1:
            return f"The face is not alike enough ({figures}). Look straight into the camera, in good light."
        return f"This is not the registered face ({figures})."


class FaceMatcher:
    """Turns faces into embeddings, and compares these. Belongs to one thread, as its networks do.

    Fetches its models on first need; raises `liveness.models.ModelError` if they are not to be had.
    """

    def __init__(self) -> None:
        self._detector = cv2.FaceDetectorYN.create(str(model_path(DETECTOR)), "", (320, 320), _SCORE, 0.3, 50)
        self._network = cv2.dnn.readNetFromONNX(str(model_path(RECOGNISER)))

    def embed(self, rgb: FrameArray) -> FloatArray:
        """Turn the only face in a frame into numbers that tell people apart.

        Parameters
        ----------
        rgb : ndarray, shape (H, W, 3), uint8

        Returns
        -------
        ndarray, shape (128,), float32
            Of length 1.

        Raises
        ------
        FaceError
            If there is no face, a second one that is not tiny, or it is too small, cut off or not readable.
        """
        rgb = _checked(rgb)
        faces = self._detect(rgb)
        if not len(faces):
            raise FaceError("no-face")
        if (faces[1:, 3] >= _TINY * faces[0, 3]).any():
            raise FaceError("two-faces")
        if faces[0, 2] < MIN_WIDTH:
            raise FaceError("too-small")
        points = faces[0, 4:14].reshape(5, 2).astype(np.float64)
        aligned, outside = _align(rgb, points)
        if outside > CUT_OFF:
            raise FaceError("off-centre")
        # FaceRecognizerSF.feature() fails on this file in OpenCV 5.0.0: the graph has more inputs than the picture.
        self._network.setInput(cv2.dnn.blobFromImage(aligned), "data")
        vector = self._network.forward().ravel()
        if flaw := _flaw(points, aligned, float(np.linalg.norm(vector))):
            raise FaceError(flaw)
        return _unit(vector)

    def try_embed(self, rgb: FrameArray) -> tuple[FloatArray | None, str]:
        """Do as `embed`, where a face that cannot be read just now is no error.

        Parameters
        ----------
        rgb : ndarray, shape (H, W, 3), uint8

        Returns
        -------
        ndarray, shape (128,), float32, or None
        str
            Code of the `FaceError` that says why there is none; empty where there is one.
        """
        try:
            return self.embed(rgb), ""
        except FaceError as error:
            return None, error.code

    def template(self, frames: Iterable[FrameArray]) -> FaceTemplate:
        """Make a template from several frames of one person: the mean of their embeddings, made of length 1.

        Frames without a usable face are left out, and so are those whose face is not that of the others.

        Parameters
        ----------
        frames : iterable of ndarray, shape (H, W, 3), uint8; sizes may differ

        Raises
        ------
        FaceError
            If fewer than half of the frames have a usable face (with the commonest code of the others), or fewer than
            two thirds of these agree (mixed).
        """
        vectors: list[FloatArray] = []
        errors: Counter[str] = Counter()
        for frame in frames:
            try:
                vectors.append(self.embed(frame))
            except FaceError as error:
                errors[error.code] += 1
        if len(vectors) < max(errors.total(), 1):
            raise FaceError(errors.most_common(1)[0][0] if errors else "no-face")
        table = np.stack(vectors)
        alike = table @ table.T
        agree = alike[np.median(alike, axis=1).argmax()] >= THRESHOLD  # with the frame that is most like the others
        if 3 * agree.sum() < 2 * len(vectors):
            raise FaceError("mixed")
        return FaceTemplate(table[agree].mean(axis=0), int(agree.sum()))

    def _detect(self, rgb: FrameArray) -> FloatArray:
        """Find faces, largest first: rows of left, top, width, height, x and y of the five points, and score."""
        height, width = rgb.shape[:2]
        for side in _LONG_SIDES:
            scale = min(1.0, side / max(width, height))
            size = max(1, round(width * scale)), max(1, round(height * scale))
            self._detector.setInputSize(size)
            small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
            _, rows = self._detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
            if rows is not None:
                rows[:, :14] *= np.tile((width / size[0], height / size[1]), 7)
                return rows[np.argsort(-rows[:, 2] * rows[:, 3])]
        return np.empty((0, 15), np.float32)

    @staticmethod
    def similarity(a: FloatArray | FaceTemplate, b: FloatArray | FaceTemplate) -> float:
        """Cosine of the angle between two embeddings or templates, -1..1."""
        a, b = (_unit(face.vector if isinstance(face, FaceTemplate) else face) for face in (a, b))
        return float(np.clip(a @ b, -1.0, 1.0))

    @staticmethod
    def compare(enrolled: FloatArray | FaceTemplate, face: FloatArray | FaceTemplate) -> FaceComparison:
        """Compare a face with the enrolled one."""
        return FaceComparison(FaceMatcher.similarity(enrolled, face))


def _align(rgb: FrameArray, points: PointArray) -> tuple[FrameArray, float]:
    """Turn and scale a face to where the recogniser expects it. Tell also which share of it is beyond the picture."""
    found = transform.SimilarityTransform.from_estimate(points, _IDEAL)
    matrix = found.params[:2] if found else np.zeros((2, 3))  # of points that are all one, nothing is inside
    picture = _CORNERS / _SIDE * rgb.shape[1::-1] @ matrix[:, :2].T + matrix[:, 2]
    inside, _ = cv2.intersectConvexConvex(picture.astype(np.float32), _CORNERS)
    return cv2.warpAffine(rgb, matrix, (_SIDE, _SIDE)), 1.0 - inside / _SIDE**2


def _checked(rgb: npt.NDArray[Any]) -> FrameArray:
    rgb = np.ascontiguousarray(rgb)
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
        raise ValueError(f"A frame must be RGB, uint8 of shape (H, W, 3), got {rgb.dtype} of shape {rgb.shape}.")
    return rgb


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    if vector.shape != (128,) or not 0.0 < length < np.inf:
        raise ValueError(f"An embedding must be 128 finite numbers, got shape {vector.shape}, length {length:g}.")
    return (vector / length).astype(np.float32)


def _flaw(points: PointArray, aligned: FrameArray, strength: float) -> str:
    """Code of what is wrong with an aligned face, empty if nothing is. The strength decides, the rest finds a reason.

    But for dark glasses: behind them the upper quartile around the lighter eye is .21 to .36 of the cheeks' median
    (drawn in, letting 20 % through), for bare eyes and clear glasses .56 to 1.4.
    """
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY).astype(np.float32)
    cheeks = np.median(np.hstack([grey[64:84, 26:42], grey[64:84, 70:86]]))
    if max(np.percentile(eye, 75) for eye in (grey[45:58, 28:49], grey[45:58, 63:84])) < 0.45 * cheeks:
        return "covered"
    if strength >= MIN_STRENGTH:
        return ""
    right, left, nose = points[:3]
    across = left - right
    if abs((nose - right) @ across / (across @ across + 1e-9) - 0.5) > 0.25:
        return "turned"
    grey = grey[16:100, 16:96]
    if grey.mean() < 45.0:
        return "too-dark"
    if (grey >= 240.0).mean() > 0.2:
        return "too-bright"
    detail = cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 0.7), cv2.CV_32F).std()
    return "blurred" if detail < 0.1 * grey.std() else "covered"
