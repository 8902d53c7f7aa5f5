"""A sketch of a picture's noise: 3 kB that tell whether two files show the very same shot, though noise was added."""

from __future__ import annotations

import functools
import math
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from prnu.images import FloatArray
from prnu.spectrum import whitened

BITS, PART_BITS = 16384, 8192
"""Signs in a sketch of a whole picture, and of a part of it. Correlations are told to pi / 2 over the root of that:
.012 and .017."""

SALT_BYTES = 16

OLD_BITS = 1024
"""Signs in the sketches of earlier versions."""

_OLD_SEED = 20090127  # of those: fixed for good, as they are kept and compared later
_PICTURE, _STILL = b"\x02", b"\x03"  # what a sketch begins with; the old ones have no such mark, and 128 bytes


@dataclass(frozen=True)
class Sketch:
    """Signs of random projections of a picture's noise.

    Which projections follows from the salt, and only sketches of one salt can be compared. It is a secret: who knows
    the projections hides a shot by noise in just these few of a million directions, where the sensor's pattern loses
    nothing. What a picture shows cannot be told from a sketch: each sign is that of a sum over places all over a
    picture of which the content was taken away, and there are fewer signs than a fiftieth of a million pixels. Put back
    where they came from, they explain less than 1 in 200 of its brightness, edges or fine detail.

    Attributes
    ----------
    salt : bytes
        `SALT_BYTES` of them.
    whole : bytes
        `BITS` signs, of all of the picture.
    part : bytes or None
        `PART_BITS` signs, of a part of it such as the face; empty where there was none. None: no part was looked for.
    """

    salt: bytes
    whole: bytes
    part: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return mark, salt and signs."""
        mark = _PICTURE if self.part is None else _STILL
        return mark + self.salt + self.whole + (self.part or b"")

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch:
        """Read what `to_bytes` wrote; ValueError if it did not."""
        salt, whole, part = (data[1 : 1 + SALT_BYTES], data[1 + SALT_BYTES : _WHOLE_END], data[_WHOLE_END:])
        sizes = {_PICTURE: (0,), _STILL: (0, PART_BITS // 8)}.get(data[:1], ())
        if len(data) < _WHOLE_END or len(part) not in sizes:
            raise ValueError(f"a noise sketch has {_WHOLE_END} bytes or {PART_BITS // 8} more, got {len(data)}")
        return cls(salt, whole, None if data[:1] == _PICTURE else part)


_WHOLE_END = 1 + SALT_BYTES + BITS // 8


def new_salt() -> bytes:
    """Draw a salt."""
    return secrets.token_bytes(SALT_BYTES)


@functools.cache
def _process_salt() -> bytes:
    return new_salt()


def noise_sketch(pattern: FloatArray) -> bytes:
    """Sketch a picture that is enrolled, as `noise_sketches` does, with a salt that this process drew once.

    So all pictures of an enrolment have one salt. The sketch carries it, and must be kept as secret as a fingerprint.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        As for `noise_sketches`.

    Returns
    -------
    bytes
        About 2 kB, see `Sketch.to_bytes`.
    """
    return noise_sketches(pattern, [_process_salt()])[0].to_bytes()


def noise_sketches(
    pattern: FloatArray, salts: Sequence[bytes], part: tuple[int, int, int, int] | Sequence[int] | None = None
) -> list[Sketch]:
    """Boil a picture's noise down to signs of random projections; see `sketches_of`.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        The picture's weighted residual, as `prnu.Evidence.pattern` of a single picture has it.
    salts : sequence of bytes
    part : (left, top, width, height), optional
    """
    return sketches_of(whitened(pattern), salts, part)


def sketches_of(
    noise: FloatArray, salts: Sequence[bytes], part: tuple[int, int, int, int] | Sequence[int] | None = None
) -> list[Sketch]:
    """Sketch noise of which the spectrum was made flat (`prnu.spectrum.whitened`).

    Two shots of one camera share only its weak fixed pattern; two files of one shot share all its noise, whatever
    noise was added to one of them: it lowers the correlation, but as much as it lowers the sensor's pattern. The
    spectrum is flat, as it is for the match: else noise in a narrow band would hide the shot from the sketch and not
    the pattern from the match.

    Parameters
    ----------
    noise : ndarray, shape (H, W), float32
    salts : sequence of bytes
        A sketch is made with each.
    part : (left, top, width, height), optional
        A part to sketch on its own, in pixels. A face moves, so that two shots share nothing there but the sensor's
        pattern, even where the background stands still and leaves the same traces in both. Empty: there was none.

    Returns
    -------
    list of Sketch
    """
    made = []
    for salt in salts:
        signs = _project(noise, PART_BITS, salt, part) if part else b""
        made.append(Sketch(salt, _project(noise, BITS, salt), None if part is None else signs))
    return made


def shared_noise(sketch: Sketch, others: Sequence[Sketch]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Estimate how strongly the noise of a picture correlates with that of others.

    The share of signs that agree is 1/2 + asin(correlation) / pi (Charikar, "Similarity estimation techniques from
    rounding algorithms", STOC 2002).

    Parameters
    ----------
    sketch : Sketch
    others : sequence of Sketch
        Of the same salt, and of pictures of the same size.

    Returns
    -------
    whole, part : ndarray, shape (n,), float64, -1..1
        Of the whole pictures and of their parts; NaN where one of the two has no part.

    Raises
    ------
    ValueError
        If salts differ.
    """
    if any(other.salt != sketch.salt for other in others):
        raise ValueError("only noise sketches of one salt can be compared")
    whole = _correlation(sketch.whole, [other.whole for other in others])
    part = np.full(len(others), math.nan)
    with_part = [number for number, other in enumerate(others) if sketch.part and other.part]
    part[with_part] = _correlation(sketch.part or b"", [others[number].part or b"" for number in with_part])
    return whole, part


def old_sketch(pattern: FloatArray) -> bytes:
    """Sketch a picture's noise as earlier versions did, to compare it with what they kept: 128 bytes.

    The projections are the same for all, so this is no protection from anybody who knows them.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        As for `noise_sketches`.
    """
    flat = pattern.ravel()
    size = flat.size // OLD_BITS
    sums = np.einsum("ij,ij->i", flat[: size * OLD_BITS].reshape(OLD_BITS, size), _old_signs(size))
    return np.packbits(sums > 0).tobytes()


def old_correlation(sketch: bytes, others: Sequence[bytes]) -> npt.NDArray[np.float64]:
    """Do as `shared_noise` with sketches of earlier versions, to .05; ValueError if one is none."""
    if any(len(one) != OLD_BITS // 8 for one in (sketch, *others)):
        raise ValueError(f"an old noise sketch has {OLD_BITS // 8} bytes")
    return _correlation(sketch, others)


def _project(
    noise: FloatArray, bits: int, salt: bytes, part: tuple[int, int, int, int] | Sequence[int] | None = None
) -> bytes:
    """Signs of sums, each over pixels all over a part, with random signs; a pixel's place in the frame decides.

    So boxes that differ by some pixels, as those of one face in two files do, give nearly the same sketch.
    """
    height, width = noise.shape
    left, top, across, down = part or (0, 0, width, height)
    here = np.s_[top : top + down, left : left + across]
    sums_of, plus = (plane[here] for plane in _places(noise.shape, bits, salt))
    signed = np.where(plus, noise[here], -noise[here])
    sums = np.bincount(sums_of.ravel(), signed.ravel(), bits)
    # A sum of nothing must not agree with that of another picture more often than chance has it.
    chance = np.random.default_rng(zlib.crc32(signed.tobytes())).integers(0, 2, bits)
    return np.packbits(np.where(sums == 0.0, chance, sums > 0.0).astype(bool)).tobytes()


def _places(shape: tuple[int, ...], bits: int, salt: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """To which sum each pixel of a frame belongs, and whether it is added."""
    rng = np.random.default_rng([bits, int.from_bytes(salt)])
    height, width = shape
    sums_of = (rng.integers(0, bits, (height, 1)) + np.arange(width)) % bits
    plus = np.unpackbits(np.frombuffer(rng.bytes(-(-height * width // 8)), np.uint8))[: height * width]
    return sums_of, plus.reshape(shape).astype(bool)


def _correlation(sketch: bytes, others: Sequence[bytes]) -> npt.NDArray[np.float64]:
    if not others:
        return np.empty(0)
    table = np.frombuffer(b"".join(others), np.uint8).reshape(len(others), -1)
    differing = np.bitwise_count(table ^ np.frombuffer(sketch, np.uint8)).sum(axis=1, dtype=np.int64)
    correlation: npt.NDArray[np.float64] = np.sin(math.pi * (0.5 - differing / (8 * len(sketch))))
    return correlation


@functools.lru_cache(maxsize=4)
def _old_signs(size: int) -> FloatArray:
    signs = np.random.default_rng(_OLD_SEED).integers(0, 2, (OLD_BITS, size), np.int8)
    return signs.astype(np.float32) * 2 - 1
