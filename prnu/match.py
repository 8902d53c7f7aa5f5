"""Compare pictures with a camera's fingerprint: PCE, p-value, and the peak around it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft
from scipy.stats import norm

from prnu.evidence import Evidence, Image, each, gather
from prnu.fingerprint import Fingerprint, FingerprintError
from prnu.images import MIN_SIDE, FloatArray, ImageError, as_luma
from prnu.residual import SETTINGS
from prnu.spectrum import SpectrumArray, whitened_spectrum

THRESHOLD = 50.0
"""PCE from which a picture is consistent with a camera (Mukherjee and Mohanty; Goljan et al. 2009 use 60)."""

FALSE_ALARM = 1e-6
"""Largest p-value of a match. Strong JPEG compression inflates the PCE of other cameras (deviation of its root 1.8 at
quality 75 instead of 1), so a PCE alone would promise more than it keeps."""

LEAST = 1e-12
"""Least false-alarm probability that is told: nobody has seen enough cameras to speak of less."""

LATTICE = 8
"""Pitch of the shifts that share JPEG's block grid with the peak; they give the p-value's noise level."""

_FULL_RESOLUTION = 24_000_000  # pixels from which it may be that of a sensor that joins pixels otherwise
_EXCLUDED = 5  # pixels each way around the peak that are not noise: the 11x11 of Goljan et al. 2009
_AROUND = 32  # pixels each way around the peak that are kept for plotting


@dataclass(frozen=True)
class Search:
    """Places at which to look for a fingerprint besides the native one. Each one looked at raises the threshold.

    Attributes
    ----------
    shift : int
        Pixels by which the picture may be displaced, each way.
    crop : bool
        The picture may be cut out of any place of the frame.
    zooms : sequence of float
        Digital zooms to try, each at least 1: the camera cut out the frame's centre and enlarged it by this factor.
    """

    shift: int = 0
    crop: bool = False
    zooms: Sequence[float] = (1.0,)

    def __post_init__(self) -> None:
        """Refuse impossible searches."""
        if self.shift < 0:
            raise ValueError(f"shift must be 0 or more pixels, got {self.shift}")
        if not self.zooms or min(self.zooms) < 1.0:
            raise ValueError(f"zooms must be factors of 1 or more, got {list(self.zooms)}")


@dataclass(frozen=True, eq=False)
class Match:
    """How well pictures agree with a fingerprint.

    Attributes
    ----------
    pce : float
        Peak-to-correlation energy with the sign of the peak (Goljan, Fridrich and Filler, "Large scale test of sensor
        fingerprint camera identification", SPIE 7254, 2009, eq. 7). Below about 30 it is noise.
    p_value : float
        Probability that pictures of another camera score as much, for the number of places searched. From the
        correlations at shifts that share JPEG's 8x8 grid: other shifts would make it seem smaller than it is.
    z : float
        The correlation in standard deviations of those.
    ncc : float
        Normalised correlation coefficient of whitened residual and pattern, -1..1.
    deviation : float
        Standard deviation that `ncc` has by chance: `z` is the one over the other.
    shift : (int, int)
        Rows and columns by which the picture lies off its native place, or a crop off the frame's centre: a picture
        cut from 4 rows below the centre has -4. (0, 0) without a search.
    zoom : float
        Digital zoom at which it was found; 1 without a search.
    searched : int
        Number of places looked at.
    images : int
        Number of pictures.
    surface : ndarray, shape (65, 65), float32
        Signed PCE around the peak, which is in the middle. Smaller only for tiny frames.
    """

    pce: float
    p_value: float
    z: float
    ncc: float
    deviation: float
    shift: tuple[int, int]
    zoom: float
    searched: int
    images: int
    surface: FloatArray

    def threshold(self, threshold: float = THRESHOLD, cameras: int = 1) -> float:
        """PCE to reach for the number of places searched and of cameras to choose from: `threshold` for one of each."""
        return raised_threshold(threshold, self.searched * cameras)

    def false_alarm(self, cameras: int = 1) -> float:
        """Probability that pictures of none of so many cameras score as much with any: at most n p (Bonferroni).

        Sidak's 1 - (1 - p)^n asks for scores that do not depend on each other, and those of one picture with cameras of
        one make may. At the level of a match both are the same number: they differ by half of n p, as a share of it.
        """
        return min(cameras * self.p_value, 1.0)

    def passed(self, threshold: float = THRESHOLD, cameras: int = 1, false_alarm: float = FALSE_ALARM) -> bool:
        """Tell whether the pictures are consistent with the camera: PCE and p-value must both say so.

        Parameters
        ----------
        threshold : float
            PCE to reach, for one place and one camera.
        cameras : int, 1 or more
            Those that were compared, where this is one of several to choose from: each is one more chance to score
            high by accident, so both conditions are made stricter.
        false_alarm : float
            Largest p-value.
        """
        return self.pce >= self.threshold(threshold, cameras) and self.false_alarm(cameras) <= false_alarm


def raised_threshold(threshold: float, searched: int) -> float:
    """PCE that keeps a threshold's false-alarm probability when the best of `searched` places counts.

    The tail of the normal distribution falls at least as fast as exp(-PCE / 2), so 2 ln(searched) more suffices.
    """
    return threshold + 2.0 * math.log(searched)


def match(fingerprint: Fingerprint, images: Image | Evidence | Iterable[Image], search: Search | None = None) -> Match:
    """Compare pictures with a fingerprint, at the native place unless a search is asked for.

    Parameters
    ----------
    fingerprint : Fingerprint
    images : path, file, bytes, array, an iterable of them, or Evidence
        Several pictures count together, each pixel weighted by how much it can tell.
    search : Search, optional
        Other shifts, crops and digital zooms to try; zooms that leave a picture larger than the fingerprint are passed
        over. Slower and, as the threshold rises, blinder: only for
        pictures that are known not to be in the camera's native geometry. Needs pictures, not an `Evidence`,
        where zooms are tried.

    Returns
    -------
    Match

    Raises
    ------
    ImageError
        If a picture cannot be used, or does not have the fingerprint's size and no search allows for that.
    FingerprintError
        If the fingerprint was made with other settings.

    Examples
    --------
    >>> from prnu.sensor import SimulatedCamera
    >>> from prnu import scenes
    >>> shape = (256, 320)
    >>> camera, other = SimulatedCamera(shape, seed=1), SimulatedCamera(shape, seed=2)
    >>> walls = [camera.photograph(scenes.flat(shape, seed=n)) for n in range(8)]
    >>> fingerprint = Fingerprint.from_images(walls)
    >>> match(fingerprint, camera.photograph(scenes.sky(shape, seed=1))).passed()
    True
    >>> match(fingerprint, other.photograph(scenes.sky(shape, seed=1))).passed()
    False
    """
    check_settings(fingerprint)
    if search is None:
        evidence = gather(images)
        check_shape(fingerprint, evidence)
        return find_peak(fingerprint, evidence.spectrum, evidence.images)
    if not isinstance(images, Evidence):
        images = list(each(images))
    trials = []
    too_large: Evidence | None = None
    for zoom in search.zooms:
        evidence = gather(_zoomed_out(images, zoom))
        if evidence.shape[0] > fingerprint.shape[0] or evidence.shape[1] > fingerprint.shape[1]:
            too_large = too_large or evidence
            continue
        canvas, margins = _centred(fingerprint, evidence)
        spans = [
            (-m - search.shift, s - m + search.shift + 1) if search.crop else (-search.shift, search.shift + 1)
            for m, s in margins
        ]
        trials.append((whitened_spectrum(canvas), evidence.images, spans, zoom))
    if too_large and not trials:
        check_shape(fingerprint, too_large)
    places = sum((rows[1] - rows[0]) * (columns[1] - columns[0]) for _, _, (rows, columns), _ in trials)
    return max((find_peak(fingerprint, *trial, places) for trial in trials), key=lambda found: found.pce)


def check_settings(fingerprint: Fingerprint) -> None:
    """Refuse a fingerprint that other settings made.

    Raises
    ------
    FingerprintError
    """
    if fingerprint.settings != SETTINGS:
        raise FingerprintError(
            f"The fingerprint was made with settings {fingerprint.settings!r}, this LensLock compares {SETTINGS!r}. "
            "Register the camera again."
        )


def check_shape(fingerprint: Fingerprint, evidence: Evidence, name: str = "") -> None:
    """Refuse pictures of another size than the fingerprint's.

    Raises
    ------
    ImageError
    """
    if evidence.shape == fingerprint.shape:
        return
    (h, w), (height, width) = evidence.shape, fingerprint.shape
    problem = f"{w}x{h} pixels, this camera was registered with {width}x{height}"
    raise ImageError(name or evidence.name, problem, _remedy(evidence.shape, fingerprint.shape))


def _remedy(shape: tuple[int, int], registered: tuple[int, int]) -> str:
    """What helps with a picture of another size; a search only where it can find something."""
    (h, w), (height, width) = shape, registered
    if (w, h) == (height, width):
        return "It has been turned by a quarter: use the original file"
    if _modes_of_one_sensor(shape, registered):
        mode = "It seems to be of another resolution mode of the camera: the normal one joins pixels"
        return f"{mode}, so the modes cannot be compared. Use a photo in the mode that was registered, not scaled"
    original = "Use the original photo in that setting, neither scaled nor cropped"
    alike = abs(h * width - w * height) <= max(height, width)  # of one shape, but for a pixel that rounding takes
    if alike and w < width:
        return "It seems to have been scaled down, which no search can undo: use the original photo"
    if w <= width and h <= height:
        return f"{original}, or search for a crop if it was cut out of one"
    if alike:
        zoom = math.ceil(1000 * max(w / width, h / height)) / 1000  # rounded up, so that it fits when scaled down
        return f"{original}, or search for a zoom of {zoom:g} if it was enlarged from one"
    return original


def _modes_of_one_sensor(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Tell whether sizes differ as those of a phone's normal and full resolution, 12 and 48 to 200 megapixels, do."""
    (h, w), (height, width) = sorted((a, b))
    times = round(width / w)
    near = abs(width / w - times) < 0.02 * times and abs(height / h - times) < 0.02 * times
    return times in (2, 3, 4) and near and height * width >= _FULL_RESOLUTION


def find_peak(
    fingerprint: Fingerprint,
    spectrum: SpectrumArray,
    images: int,
    spans: Sequence[tuple[int, int]] = ((0, 1), (0, 1)),
    zoom: float = 1.0,
    searched: int = 1,
) -> Match:
    """Find and judge the highest correlation among some shifts.

    Parameters
    ----------
    fingerprint : Fingerprint
    spectrum : ndarray, shape (H, W // 2 + 1), complex64
        Whitened, of a pattern of the fingerprint's size.
    images, zoom, searched
        As in `Match`.
    spans : two pairs of int
        First and last (excluded) shift of rows and of columns.

    Returns
    -------
    Match
    """
    height, width = fingerprint.shape
    surface = scipy.fft.irfft2(spectrum * fingerprint.spectrum.conj(), s=fingerprint.shape, workers=-1)
    rows, columns = (np.arange(*span) for span in spans)
    allowed = surface[np.ix_(rows % height, columns % width)]
    best = np.unravel_index(int(allowed.argmax()), allowed.shape)
    dy, dx = int(rows[best[0]]), int(columns[best[1]])
    peak = float(surface[dy % height, dx % width])

    energy = cv2.norm(surface, cv2.NORM_L2SQR)
    near = surface[np.ix_(_window(dy, _EXCLUDED, height), _window(dx, _EXCLUDED, width))]
    noise = (energy - cv2.norm(near, cv2.NORM_L2SQR)) / (surface.size - near.size)
    lattice = surface[np.ix_(_lattice(dy, height), _lattice(dx, width))]
    deviation = math.sqrt((cv2.norm(lattice, cv2.NORM_L2SQR) - peak**2) / (lattice.size - 1))
    # Parseval: the pattern's energy is the mean power of its whole spectrum, of which rfft2 keeps one half.
    scale = math.sqrt(2.0 * cv2.norm(np.abs(spectrum), cv2.NORM_L2SQR) / surface.size) * fingerprint.norm
    if not deviation * noise * scale > 0.0:
        raise ImageError("image", "there is no noise in it to compare", "Use a photo straight from the camera")
    around = surface[np.ix_(_window(dy, _AROUND, height), _window(dx, _AROUND, width))]
    z = peak / deviation
    return Match(
        pce=math.copysign(peak**2 / noise, peak),
        p_value=float(-np.expm1(searched * norm.logcdf(z))),
        z=z,
        ncc=peak / scale,
        deviation=deviation / scale,
        shift=(dy, dx),
        zoom=zoom,
        searched=searched,
        images=images,
        surface=np.copysign(around**2 / np.float32(noise), around),
    )


def _window(centre: int, radius: int, size: int) -> npt.NDArray[np.intp]:
    radius = min(radius, (size - 1) // 2)
    return np.arange(centre - radius, centre + radius + 1) % size


def _lattice(centre: int, size: int) -> npt.NDArray[np.intp]:
    """Indices of all shifts in [-size/2, size/2) that differ from `centre` by multiples of the lattice's pitch."""
    signed = np.arange(size) - size // 2
    return signed[(signed - centre) % LATTICE == 0] % size


def _zoomed_out(images: Evidence | Sequence[Image], zoom: float) -> Evidence | Iterable[FloatArray]:
    """Undo a digital zoom: scale pictures down to the pixels they were enlarged from."""
    if isinstance(images, Evidence):
        if zoom != 1.0:
            raise ValueError("a search over zooms needs the pictures themselves, not an Evidence")
        return images
    return (_scaled_down(as_luma(image), zoom) for image in images)


def _scaled_down(luma: FloatArray, zoom: float) -> FloatArray:
    if zoom == 1.0:
        return luma
    height, width = (round(side / zoom) for side in luma.shape)
    if min(height, width) < MIN_SIDE:
        raise ImageError("image", f"only {width}x{height} pixels at a zoom of {zoom:g}", "Try smaller zooms")
    return np.clip(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), 0, 255)


def _centred(fingerprint: Fingerprint, evidence: Evidence) -> tuple[FloatArray, list[tuple[int, int]]]:
    """Put a smaller pattern into the middle of the frame; return it with (margin before, margin in all) per axis."""
    margins = []
    for size, full in zip(evidence.shape, fingerprint.shape, strict=True):
        margins.append(((full - size) // 2, full - size))
    canvas = np.zeros(fingerprint.shape, dtype=np.float32)
    (top, _), (left, _) = margins
    canvas[top : top + evidence.shape[0], left : left + evidence.shape[1]] = evidence.pattern
    return canvas, margins
