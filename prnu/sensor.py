"""Simulated cameras: sensors with a known noise pattern, for teaching and tests where there is no real camera.

Left out: lens blur and distortion, automatic exposure, sharpening, defective pixels, video. A figure measured here
says how a method behaves under this model, and nothing about a real device.
"""

from __future__ import annotations

import functools
import io
import itertools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from prnu.images import FloatArray
from prnu.scenes import check_count, check_number, check_rgb, check_shape

SIMULATED = "LensLock simulated camera"
"""Make and Software in the EXIF data, and the comment, of every simulated file."""

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "laptop": {"shape": (720, 1280), "prnu": 0.006, "full_well": 2000.0, "denoise": 0.5, "jpeg_quality": 95},
        "webcam": {"shape": (960, 1280), "prnu": 0.007, "full_well": 1000.0, "denoise": 0.7, "jpeg_quality": 90},
        "smartphone": {"shape": (1080, 1920), "prnu": 0.008, "full_well": 2500.0, "denoise": 0.4, "jpeg_quality": 95},
    }
)
"""Parameters of the named cameras; none is a product. Chosen so that 12 flats enrolled at 1280x720 match photos of
varied scenes at a median PCE of about 470, 220 and 1600. Four real cameras have 410 to 2330."""

_WHITE, _BLACK = 4095, 64  # of the 12-bit converter
_RGGB = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2))  # row, column, channel
_LUMA_SHARE = 0.6  # of a photosite's deviation, left after demosaicing and the sum of three channels
_TONE_SLOPE = 280.0  # grey levels per unit of light, sRGB at mid grey
_ELECTRONS = ("read_noise", "dark_current", "dsnu", "column_offset")
_RANGES = {"prnu": (0.0, 0.2), "full_well": (50.0, 1e6), "denoise": (0.0, 1.0), **dict.fromkeys(_ELECTRONS, (0.0, 1e3))}
_BRIGHTEST = 1e6  # of a scene; keeps float32 from overflowing


def srgb_to_linear(encoded: npt.ArrayLike) -> FloatArray:
    """Relative light (0..1, float32) of sRGB values in 0..1, after IEC 61966-2-1."""
    v = np.asarray(encoded, np.float64)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4).astype(np.float32)


def linear_to_srgb(light: npt.ArrayLike) -> FloatArray:
    """Encoded sRGB values (0..1, float32) of relative light, which is clipped to 0..1. After IEC 61966-2-1."""
    v = np.clip(np.asarray(light, np.float64), 0, 1)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055).astype(np.float32)


_DECODE = srgb_to_linear(np.arange(256) / 255)
_TONE = np.rint(255 * linear_to_srgb(np.arange(65536) / 65535)).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class SimulatedCamera:
    """A colour camera whose sensor pattern is known, because it is drawn from a seed.

    A photosite under light of mean I electrons delivers ``I (1 + K) + dark + offset + noise``: equation 1 of [1]_
    without the gamma, which the tone curve applies later. K is the PRNU; the noise has variance
    ``I (1 + K) + dark + read_noise^2`` [2]_ [3]_. Shot noise is drawn from a normal distribution instead of a
    Poisson one: they agree from about 20 electrons on, and below it read noise dominates. Then: saturation at full
    well, a 12-bit converter, white balance, demosaicing of an RGGB mosaic, the sRGB tone curve, denoising, JPEG.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the sensor; even (the mosaic repeats every two), at least 64 each.
    seed : int, 0 or more
        The sensor. The same seed, model and shape give the same pattern bit for bit (for one NumPy version).
    model : str
        Name of the product line. Cameras of two models share nothing, even with the same seed.
    prnu : float, 0..0.2
        Standard deviation of K. Real sensors have about .005 to .015.
    full_well : float, 50..1e6
        Electrons of a saturated photosite at the gain in use. A higher ISO is a smaller full well.
    read_noise, dark_current : float, 0..1000
        Electrons; standard deviation per read, and mean per exposure (taken off again as the black level).
    dsnu, column_offset : float, 0..1000
        Electrons; standard deviation of the fixed offset of each photosite, and of each column. The column pattern
        belongs to the model: all its cameras share it, and a fingerprint must not rely on it [1]_.
    white_balance : (float, float, float)
        Gains of red, green and blue, 1..8. The sensor sees a channel that much darker than green at gain 1.
    denoise : float, 0..1
        Share of the noise that the camera smooths away where there is no detail. 0 is off.
    jpeg_quality : int 1..100 or None
        Of `photograph`, with 4:2:0 chroma. None is lossless. A parameter not as described here is a ValueError.

    Attributes
    ----------
    pattern : ndarray, shape (H, W), float32, read-only
        The sensor's true K: what a fingerprint estimates.

    References
    ----------
    .. [1] M. Chen, J. Fridrich, M. Goljan, J. Lukáš, "Determining image origin and integrity using sensor noise",
       IEEE TIFS 3(1), 2008, equations 1-2 and section III-B (artefacts that cameras of one model share).
    .. [2] G. E. Healey, R. Kondepudy, "Radiometric CCD camera calibration and noise estimation", IEEE TPAMI 16(3),
       1994, equations 1-5.
    .. [3] J. R. Janesick, "Photon Transfer", SPIE Press, 2007, chapters 3 and 5.

    Examples
    --------
    >>> camera = SimulatedCamera((480, 640), seed=7)
    >>> camera.label
    'simulated generic camera, seed 7'
    >>> camera.photograph(np.full((480, 640, 3), 128, np.uint8)).shape
    (480, 640, 3)
    """

    shape: tuple[int, int] = (720, 1280)
    seed: int = 0
    _: KW_ONLY
    model: str = "generic"
    prnu: float = 0.01
    full_well: float = 3000.0
    read_noise: float = 3.0
    dark_current: float = 4.0
    dsnu: float = 0.4
    column_offset: float = 0.2
    white_balance: tuple[float, float, float] = (1.9, 1.0, 1.6)
    denoise: float = 0.0
    jpeg_quality: int | None = 95
    pattern: FloatArray = field(init=False, repr=False)
    _offset: FloatArray = field(init=False, repr=False)
    _shots: Iterator[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keep = functools.partial(object.__setattr__, self)  # the dataclass is frozen for everybody else
        rows, columns = check_shape(self.shape)
        if rows % 2 or columns % 2:
            advice = f"Use {(rows - rows % 2, columns - columns % 2)}."
            raise ValueError(f"shape: expected even sides, as the mosaic repeats every two; got {self.shape}. {advice}")
        keep("shape", (rows, columns))
        keep("seed", check_count("seed", self.seed))
        for name, (low, high) in _RANGES.items():
            keep(name, check_number(name, getattr(self, name), low, high))
        keep("model", str(self.model))
        keep("white_balance", check_rgb("white_balance", self.white_balance, 1, 8))
        if self.jpeg_quality is not None:
            keep("jpeg_quality", check_count("jpeg_quality", self.jpeg_quality, 1, 100))

        rng = self._random(0)
        pattern = rng.standard_normal(self.shape, np.float32) * np.float32(self.prnu)
        offset = rng.standard_normal(self.shape, np.float32) * np.float32(self.dsnu)
        model = np.random.default_rng([zlib.crc32(self.model.encode()), columns])
        offset += model.standard_normal(columns, np.float32) * np.float32(self.column_offset)
        pattern.flags.writeable = offset.flags.writeable = False
        keep("pattern", pattern)
        keep("_offset", offset)
        keep("_shots", itertools.count())

    @classmethod
    def preset(cls, name: str, seed: int = 0, **changes: Any) -> SimulatedCamera:
        """A camera with the parameters of `PRESETS[name]`, some of them changed if you like.

        >>> SimulatedCamera.preset("webcam", seed=3, shape=(480, 640)).label
        'simulated webcam camera, seed 3'
        """
        if name not in PRESETS:
            raise ValueError(f"preset: expected one of {', '.join(PRESETS)}; got {name!r}.")
        return cls(**{"model": name, "seed": seed, **PRESETS[name], **changes})

    @property
    def label(self) -> str:
        """What to call it on a page or in a file; says that it is simulated."""
        return f"simulated {self.model} camera, seed {self.seed}"

    def raw(self, scene: npt.ArrayLike, *, shot: int | None = None, exposure: float = 1.0) -> npt.NDArray[np.uint16]:
        """The converter's output, before any processing. Parameters as for `photograph`.

        The RGGB mosaic, shape (H, W), uint16: black at 64, saturation at 4095, so that
        ``(raw - 64.0) * full_well / 4031`` is electrons.
        """
        exposure = check_number("exposure", exposure, 1e-3, 1e3)
        shot = next(self._shots) if shot is None else check_count("shot", shot)
        light = _fit(_linear(scene), self.shape)

        charge = np.empty(self.shape, np.float32)
        for row, column, channel in _RGGB:
            gain = self.full_well * exposure / self.white_balance[channel]
            np.multiply(light[row::2, column::2, channel], np.float32(gain), out=charge[row::2, column::2])
        charge += charge * self.pattern
        deviation = np.sqrt(np.maximum(charge, 0) + np.float32(self.dark_current + self.read_noise**2))
        deviation *= self._random(1, shot).standard_normal(self.shape, np.float32)
        charge += deviation
        charge += self._offset
        np.minimum(charge, np.float32(self.full_well), out=charge)
        charge *= np.float32((_WHITE - _BLACK) / self.full_well)
        charge += np.float32(_BLACK + 0.5)  # and cut: the conversion rounds
        return np.clip(charge, 0, _WHITE, out=charge).astype(np.uint16)

    def photograph(
        self, scene: npt.ArrayLike, *, shot: int | None = None, exposure: float = 1.0
    ) -> npt.NDArray[np.uint8]:
        """A photo of `scene`, as the camera's file decodes.

        Parameters
        ----------
        scene : array_like, shape (h, w, 3)
            Light in front of the lens: uint8 sRGB, or floating point, linear, 0..1e6, 1 saturating green at
            exposure 1. A scene of another shape is scaled until it covers the sensor, and its middle is taken:
            scaling what is in front of the lens does no harm to the pattern behind it. A photo must never be scaled.
        shot : int, 0 or more, optional
            Which draw of the random noise. By default the next one, counting from 0 with each new camera.
        exposure : float, 0.001..1000
            Factor on the light.

        Returns
        -------
        ndarray, shape (H, W, 3), uint8
            RGB.
        """
        rgb = self._develop(self.raw(scene, shot=shot, exposure=exposure))
        if self.jpeg_quality is None:
            return rgb
        return np.array(Image.open(io.BytesIO(self._jpeg(rgb, self.jpeg_quality))), np.uint8)

    def photograph_jpeg(self, scene: npt.ArrayLike, *, shot: int | None = None, exposure: float = 1.0) -> bytes:
        """The JPEG file that `photograph` decodes, which says in EXIF and comment that it is simulated.

        A lossless camera has none: ValueError.
        """
        if self.jpeg_quality is None:
            raise ValueError("jpeg_quality is None, so this camera writes no JPEG. Give it a quality, such as 95.")
        return self._jpeg(self._develop(self.raw(scene, shot=shot, exposure=exposure)), self.jpeg_quality)

    def _random(self, *purpose: int) -> np.random.Generator:
        entropy = [self.seed, zlib.crc32(self.model.encode()), *purpose]
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))

    def _develop(self, raw: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        mosaic = raw.astype(np.float32)
        mosaic -= np.float32(_BLACK)
        for row, column, channel in _RGGB:
            mosaic[row::2, column::2] *= np.float32(self.white_balance[channel] * 65535 / (_WHITE - _BLACK))
        levels = np.clip(mosaic, 0, 65535, out=mosaic).astype(np.uint16)
        # OpenCV names a mosaic after its second row: its BayerBG is RGGB.
        rgb = _TONE[cv2.cvtColor(levels, cv2.COLOR_BayerBG2RGB_EA)]
        return self._smooth(rgb) if self.denoise else rgb

    def _smooth(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Local Wiener filter on luma (detail stays, noise goes), plain blur on chroma, as camera firmware does."""
        luma, red, blue = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
        plane = luma.astype(np.float32)
        low = cv2.GaussianBlur(plane, (3, 3), 0)
        detail = cv2.subtract(plane, low)
        variance = cv2.blur(cv2.multiply(detail, detail), (7, 7))
        at_mid_grey = 0.2 * self.full_well + self.dark_current + self.read_noise**2
        noise = np.float32((_LUMA_SHARE * _TONE_SLOPE / self.full_well) ** 2 * at_mid_grey)
        gain = 1 - np.float32(self.denoise) * noise / np.maximum(variance, noise)
        smooth = [cv2.addWeighted(c, 1 - self.denoise, cv2.blur(c, (5, 5)), self.denoise, 0) for c in (red, blue)]
        ycc = cv2.merge([cv2.convertScaleAbs(low + detail * gain), *smooth])
        return np.asarray(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB), np.uint8)

    def _jpeg(self, rgb: npt.NDArray[np.uint8], quality: int) -> bytes:
        exif = Image.Exif()
        exif[ExifTags.Base.Make] = exif[ExifTags.Base.Software] = SIMULATED
        exif[ExifTags.Base.Model] = self.label
        file = io.BytesIO()
        Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling="4:2:0", exif=exif, comment=SIMULATED)
        return file.getvalue()


def _linear(scene: npt.ArrayLike) -> FloatArray:
    """Linear light, (h, w, 3) float32, of a scene as `SimulatedCamera.photograph` takes it."""
    array = np.asarray(scene)
    if array.ndim != 3 or array.shape[2] != 3 or min(array.shape) < 1:
        raise ValueError(f"scene: expected RGB of shape (h, w, 3), got {array.shape}. Stack a grey scene three times.")
    if array.dtype == np.uint8:
        return np.asarray(cv2.LUT(np.ascontiguousarray(array), _DECODE), np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise ValueError(f"scene: expected uint8 (sRGB) or floating point (linear), got {array.dtype}. Convert it.")
    light = np.ascontiguousarray(array, np.float32)
    low, high = float(light.min()), float(light.max())
    if not 0 <= low <= high <= _BRIGHTEST:
        raise ValueError(f"scene: expected linear light, 0..{_BRIGHTEST:g}, got {low:g}..{high:g}. Clip it first.")
    return light


def _fit(light: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Scale `light` until it covers `shape`, keeping its proportions, and take the middle."""
    if light.shape[:2] == shape:
        return light
    h, w = light.shape[:2]
    scale = max(shape[0] / h, shape[1] / w)
    rows, columns = max(shape[0], round(h * scale)), max(shape[1], round(w * scale))
    scaled = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (rows - shape[0]) // 2, (columns - shape[1]) // 2
    middle = scaled[top : top + shape[0], left : left + shape[1]]
    return np.asarray(np.maximum(middle, 0), np.float32)  # cubic interpolation undershoots
