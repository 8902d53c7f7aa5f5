"""What a picture's EXIF data says of its history, against itself and the picture. All of it is easily forged."""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import ExifTags, Image
from PIL.ExifTags import GPS, IFD, Base

from prnu.images import FloatArray
from provenance.finding import Finding, cleaned, quoted
from provenance.software import software_findings

Tags: TypeAlias = Mapping[int, Any]

PREVIEW_LIMIT = 6.0
"""Grey levels by which the picture and its preview may differ in one of 8x8 fields.

Measured: at most 1.9 in 42 camera files of three phones, 4.8 in four files of an image editor, 2.6 in 96 self-made
ones. With a tenth of width and height replaced, 90 % of 96 self-made ones exceed it, with a fifth 99 %.
"""

# What Pillow raises on damaged metadata: found by fuzzing, or known from its code.
_READER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError, AttributeError, MemoryError),
    *(RuntimeError, struct.error, Image.DecompressionBombError),
)
_PREVIEW_PIXELS = 4_000_000
_SLACK = timedelta(minutes=1)  # between times of one shot
_GPS_SLACK = timedelta(minutes=10)  # a position may be a little old
_FIRST_YEAR = 1995  # of EXIF: earlier dates come from a clock that was not set
_SUMMARY = (
    (Base.Make, Base.Model, Base.Software, Base.DateTime, Base.Orientation),
    (
        *(Base.LensModel, Base.ExposureTime, Base.FNumber, Base.ISOSpeedRatings, Base.FocalLength),
        *(Base.DateTimeOriginal, Base.OffsetTimeOriginal, Base.SubsecTimeOriginal),
        *(Base.ExifImageWidth, Base.ExifImageHeight),
    ),
)


def read_metadata(image: Image.Image, luma: FloatArray, now: datetime) -> tuple[dict[str, str], list[Finding]]:
    """Check a picture's metadata against itself and against the picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened; only PNG is decoded, because its texts may follow the picture.
    luma : ndarray, shape (H, W), float32, 0..255
        The picture in sensor orientation.
    now : datetime
        With its time zone.

    Returns
    -------
    summary : dict
        Some EXIF fields by name, as text; where and by whom it was taken is left out.
    findings : list of Finding
    """
    main, shot, gps, preview, damaged = _directories(image)
    findings = []
    if damaged:
        findings.append(Finding("exif-damaged", "warn", "Parts of its EXIF data cannot be read: they are damaged."))
    findings += _camera(main)
    findings += _times(main, shot, gps, now)
    findings += _sizes(main, shot, luma)
    findings += _preview(image, preview, luma)
    names = [_text(main.get(tag)) for tag in (Base.Software, Base.ProcessingSoftware)]
    comments = [_text(tags.get(tag)) for tags, tag in ((shot, Base.UserComment), (main, Base.ImageDescription))]
    findings += software_findings(image, names, comments)
    return _summary(main, shot, gps), findings


def preview_difference(luma: FloatArray, preview: FloatArray) -> float:
    """Largest difference in mean grey level between a picture and its preview, in one of 8x8 fields.

    The preview may be turned, and may be squeezed or have dark bars, as cameras do for photos of another shape.

    Parameters
    ----------
    luma, preview : ndarray, shape (H, W), float32, 0..255

    Returns
    -------
    float, 0..255
    """
    fields = _fields(luma)
    aspect = luma.shape[1] / luma.shape[0]
    turned = [np.rot90(preview, turns) for turns in range(4)]
    parts = [part for whole in turned for part in (whole, _without_bars(whole, aspect))]
    return min(float(np.abs(_fields(part) - fields).max()) for part in parts)


def _directories(image: Image.Image) -> tuple[Tags, Tags, Tags, Tags, bool]:
    """EXIF's directories (main, shot, GPS, preview), and whether one of them is damaged."""
    reads: tuple[Callable[[], Tags], ...] = (
        lambda: dict(image.getexif()),
        lambda: image.getexif().get_ifd(IFD.Exif),
        lambda: image.getexif().get_ifd(IFD.GPSInfo),
        lambda: image.getexif().get_ifd(IFD.IFD1) if image.format != "TIFF" else {},  # of a TIFF it is another page
    )
    found: list[Tags] = []
    damaged = False
    for read in reads:
        try:
            found.append(read())
        except _READER_ERRORS:
            found.append({})
            damaged = True
    main, shot, gps, preview = found
    # Pillow rather warns than fails, but then finds nothing. An empty GPS directory is honest: some phones write it.
    damaged = damaged or bool(image.info.get("exif") and not main) or (IFD.Exif in main and not shot)
    return main, shot, gps, preview, damaged


def _camera(main: Tags) -> Iterator[Finding]:
    make, model = _text(main.get(Base.Make)), _text(main.get(Base.Model))
    camera = model if model.startswith(make) else f"{make} {model}".strip()
    if camera:
        text = f"The file names the camera {quoted(camera)}. Anybody can write any name there."
        yield Finding("camera-named", "info", text)
    else:
        text = "The file names no camera. Messengers, websites and editors remove the name, so that alone is not odd."
        yield Finding("camera-missing", "info", text)


def _times(main: Tags, shot: Tags, gps: Tags, now: datetime) -> Iterator[Finding]:
    """Compare when the picture says that it was taken, stored, changed and located."""
    clocks: dict[str, datetime] = {}
    offsets: dict[str, timedelta] = {}
    odd: list[Finding] = []
    for word, tags, tag, fraction_tag in (
        ("taken", shot, Base.DateTimeOriginal, Base.SubsecTimeOriginal),
        ("stored", shot, Base.DateTimeDigitized, Base.SubsecTimeDigitized),
        ("changed", main, Base.DateTime, Base.SubsecTime),
    ):
        if tag not in tags:
            continue
        text, fraction = _text(tags[tag]), _text(shot.get(fraction_tag))
        clock = _clock(text)
        if not text.strip(" :0") or (clock and clock.year < _FIRST_YEAR):
            yield Finding("clock-unset", "info", f'The time "{word}" is not set: perhaps the clock never was.')
        elif clock is None:
            said = f'The time "{word}" reads {quoted(text)}, which is not how cameras write it.'
            odd.append(Finding("time-malformed", "warn", said))
        elif not re.fullmatch(r"\d*", fraction, re.ASCII):
            said = f'The fraction of the time "{word}" reads {quoted(fraction)}, which is not how cameras write it.'
            odd.append(Finding("time-malformed", "warn", said))
        else:
            clocks[word] = clock + timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    for word, tag in (("taken", Base.OffsetTimeOriginal), ("changed", Base.OffsetTime)):
        text = _text(shot.get(tag))
        offset = _offset(text)
        if offset is not None:
            offsets[word] = offset
        elif text.strip(" :"):
            said = f'The time zone of the time "{word}" reads {quoted(text)}, which is not how cameras write it.'
            odd.append(Finding("time-malformed", "warn", said))
    located = _gps_time(gps)
    odd += _contradictions(clocks, offsets, located, now)
    yield from odd
    if not odd and len(clocks) + (located is not None) > 1:
        text = "The times in the file agree with each other. Whoever forges them can see to that."
        yield Finding("times-agree", "good", text)


def _contradictions(
    clocks: Mapping[str, datetime], offsets: Mapping[str, timedelta], located: datetime | None, now: datetime
) -> Iterator[Finding]:
    """Compare times of which those on the camera's clock are not in UTC, but in the zone of their offset, if known."""
    for word, clock in clocks.items():
        # Without a time zone it may be from where the day begins first.
        if clock > now + offsets.get(word, timedelta(hours=14)) + _GPS_SLACK:
            text = f'The time "{word}", {clock:%Y-%m-%d %H:%M}, is in the future: a clock is wrong, or it was made up.'
            yield Finding("time-future", "warn", text)
    taken, stored, changed = (clocks.get(word) for word in ("taken", "stored", "changed"))
    if taken and stored and abs(stored - taken) > _SLACK:
        text = f"It was taken at {taken:%Y-%m-%d %H:%M} and stored at {stored:%Y-%m-%d %H:%M}: perhaps a scan or copy."
        yield Finding("time-stored", "info", text)
    if taken and changed:
        apart = changed - taken
        if len(offsets) == 2:
            apart -= offsets["changed"] - offsets["taken"]
        if apart > _SLACK:
            text = (
                f"It says that it was changed at {changed:%Y-%m-%d %H:%M}, after it was taken at "
                f"{taken:%Y-%m-%d %H:%M}. Turning or renaming a photo can do that too."
            )
            yield Finding("time-changed", "warn", text)
        elif apart < -_SLACK:
            text = "It says that it was changed before it was taken. A clock may have been wrong."
            yield Finding("time-order", "warn", text)
        elif timedelta(0) < abs(apart) < timedelta(seconds=1) and taken.microsecond and changed.microsecond:
            text = "The fractions of a second of its times differ. Some cameras write them so, and some programs."
            yield Finding("time-fraction", "info", text)
    if taken and located:
        zone = taken - located
        known = offsets.get("taken")
        least, most = (known, known) if known is not None else (timedelta(hours=-12), timedelta(hours=14))
        if not least - _GPS_SLACK <= zone <= most + _GPS_SLACK:
            text = "The time by satellite (GPS) does not fit the camera's clock. An old position has the same effect."
            yield Finding("time-gps", "warn", text)


def _sizes(main: Tags, shot: Tags, luma: FloatArray) -> Iterator[Finding]:
    width, height = (_number(shot.get(tag)) for tag in (Base.ExifImageWidth, Base.ExifImageHeight))
    real = (luma.shape[1], luma.shape[0])
    if width >= 1 and height >= 1:
        said = f"EXIF says {width:g}x{height:g} pixels, the picture has {real[0]}x{real[1]}"
        if (width, height) == real:
            text = (
                "The picture has the size that its EXIF data gives. Programs that cut or scale it usually renew that."
            )
            yield Finding("size-agrees", "good", text)
        elif (height, width) == real:
            yield Finding("size-turned", "info", f"{said}: a program has turned it.")
        else:
            yield Finding("size-differs", "warn", f"{said}: it was cut or scaled after that was written.")
    orientation = main.get(Base.Orientation, 1)
    if orientation not in range(9):  # 0 is not in the standard, but common for "unknown"
        text = f"Its orientation reads {quoted(orientation, 20)}, which is not how cameras write it."
        yield Finding("orientation-malformed", "warn", text)


def _preview(image: Image.Image, preview: Tags, luma: FloatArray) -> Iterator[Finding]:
    """Compare the picture with the small preview that cameras put into EXIF, and that some editors forget to renew."""
    start, length = (_number(preview.get(tag)) for tag in (Base.JpegIFOffset, Base.JpegIFByteCount))
    exif = image.info.get("exif")
    if not (0 <= start < math.inf and 0 < length < math.inf and isinstance(exif, bytes)):
        return
    data = exif.removeprefix(b"Exif\0\0")[int(start) :][: int(length)]
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as small:
            if small.width * small.height > _PREVIEW_PIXELS:
                raise ValueError("larger than previews are")
            pixels = np.asarray(small.convert("L"), np.float32)
    except _READER_ERRORS:
        text = "The small preview inside its EXIF data cannot be read: it is damaged, or none."
        yield Finding("preview-damaged", "warn", text)
        return
    difference = preview_difference(luma, pixels)
    if difference <= PREVIEW_LIMIT:
        text = "The small preview inside the file shows the same picture. Most programs renew it, so this is no proof."
        yield Finding("preview-agrees", "good", text)
    else:
        text = (
            f"The small preview inside the file shows another picture, up to {difference:.0f} of 255 grey levels off. "
            "A photo that was cut or changed by a program that did not renew the preview looks like that."
        )
        yield Finding("preview-differs", "warn", text)


def _fields(picture: FloatArray) -> FloatArray:
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), (8, 8), interpolation=cv2.INTER_AREA), np.float32)


def _without_bars(preview: FloatArray, aspect: float) -> FloatArray:
    """The middle of a preview that has the picture's aspect, if what is left out is dark; else all of it."""
    height, width = preview.shape
    rows, columns = min(height, round(width / aspect)), min(width, round(height * aspect))
    top, left = (height - rows) // 2, (width - columns) // 2
    middle = np.s_[top : top + rows, left : left + columns]
    bars = preview.copy()
    bars[middle] = 0
    return preview if min(rows, columns) < 8 or bars.max() > 48 else preview[middle]


def _summary(main: Tags, shot: Tags, gps: Tags) -> dict[str, str]:
    summary = {}
    for tags, wanted in zip((main, shot), _SUMMARY, strict=True):
        for tag in wanted:
            value = _text(tags.get(tag)) or f"{_number(tags.get(tag)):.6g}"
            if value != "nan":
                summary[ExifTags.TAGS[tag]] = cleaned(value)
    if gps:
        summary["GPSInfo"] = "present"
    return summary


def _text(value: object) -> str:
    """Text of a field, of which the zero bytes of any encoding are dropped; empty for a number."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.replace("\0", "").strip() if isinstance(text, str) else ""


def _number(value: Any) -> float:
    """A number; NaN for anything else."""
    if isinstance(value, str | bytes):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError):
        return math.nan


def _clock(text: str) -> datetime | None:
    """Time on a camera's clock; the zone is not UTC, but unknown."""
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _offset(text: str) -> timedelta | None:
    found = re.fullmatch(r"([+-])(\d\d):([0-5]\d)", text, re.ASCII)
    if not found or int(found[2]) > 14:
        return timedelta(0) if text == "Z" else None
    east = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return east if found[1] == "+" else -east


def _gps_time(gps: Tags) -> datetime | None:
    """Time by the satellites, in UTC; None where it is missing or malformed."""
    day, parts = _clock(f"{_text(gps.get(GPS.GPSDateStamp))} 00:00:00"), gps.get(GPS.GPSTimeStamp)
    if day is None or not isinstance(parts, tuple) or len(parts) != 3:
        return None
    hours, minutes, seconds = (_number(part) for part in parts)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        return None
    return day + timedelta(seconds=int(hours * 3600 + minutes * 60 + seconds))
