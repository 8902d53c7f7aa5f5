"""EXIF data as cameras write it, and as no library would."""

from __future__ import annotations

import functools
import io
import struct
from typing import Any

import numpy as np
from PIL import Image

from prnu import scenes
from prnu.sensor import SimulatedCamera

SHAPE = (270, 360)
MAIN = {0x010F: "LensLock", 0x0110: "Camera 1", 0x0112: 1, 0x0132: "2024:05:14 11:30:00"}
SHOT = {
    0x829A: [(1, 100)],
    0x9003: "2024:05:14 11:30:00",
    0x9004: "2024:05:14 11:30:00",
    0x9010: "+02:00",
    0x9011: "+02:00",
    0x9290: "25",
    0x9291: "25",
    0x9292: "25",
    0xA002: SHAPE[1],
    0xA003: SHAPE[0],
}
GPS = {0x0007: [(9, 1), (29, 1), (48, 1)], 0x001D: "2024:05:14"}


def exif(main: dict, shot: dict, gps: dict, preview: bytes = b"") -> bytes:
    """An APP1 segment's content, little-endian; a field of None is left out."""

    def build(at_shot: int = 0, at_gps: int = 0, at_preview: int = 0) -> list[bytes]:
        pointers: dict[int, Any] = {}
        if shot:
            pointers[0x8769] = at_shot
        if gps:
            pointers[0x8825] = at_gps
        small = {0x0103: 6, 0x0201: at_preview, 0x0202: len(preview)} if preview else {}
        offset, parts = 8, []
        for fields in ({**main, **pointers}, shot, gps, small):
            parts.append(_directory(fields, offset))
            offset += len(parts[-1])
        if small:  # the main directory names the next one
            at = 8 + 2 + 12 * sum(value is not None for value in {**main, **pointers}.values())
            head = parts[0]
            parts[0] = head[: at - 8] + struct.pack("<I", 8 + sum(map(len, parts[:3]))) + head[at - 4 :]
        return parts

    sizes = [len(part) for part in build()]
    parts = build(8 + sizes[0], 8 + sum(sizes[:2]), 8 + sum(sizes))
    return b"Exif\0\0II*\0\x08\0\0\0" + b"".join(parts) + preview


def _directory(fields: dict, offset: int) -> bytes:
    fields = {tag: value for tag, value in sorted(fields.items()) if value is not None}
    if not fields:
        return b""
    entries, extra = b"", b""
    after = offset + 2 + 12 * len(fields) + 4
    for tag, value in fields.items():
        if isinstance(value, str):
            kind, count, data = 2, len(value.encode()) + 1, value.encode() + b"\0"
        elif isinstance(value, bytes):
            kind, count, data = 7, len(value), value
        elif isinstance(value, list):
            kind, count, data = 5, len(value), b"".join(struct.pack("<II", *pair) for pair in value)
        else:
            kind, count, data = 4, 1, struct.pack("<I", value)
        if len(data) > 4:
            place, extra = struct.pack("<I", after + len(extra)), extra + data + b"\0" * (len(data) % 2)
        else:
            place = data.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, count) + place
    return struct.pack("<H", len(fields)) + entries + b"\0\0\0\0" + extra


@functools.cache
def photo(name: str = "coffee") -> np.ndarray:
    return SimulatedCamera(SHAPE, 1, jpeg_quality=None).photograph(scenes.photo(name, SHAPE, 1), shot=0)


def encode(pixels: np.ndarray, format_: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format_, **options)
    return out.getvalue()


def preview_of(pixels: np.ndarray, size: tuple[int, int] = (160, 120)) -> bytes:
    return encode(np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)), quality=75)


def camera_file(
    pixels: np.ndarray | None = None,
    main: dict | None = None,
    shot: dict | None = None,
    gps: dict | None = None,
    preview: bytes | None = None,
    format_: str = "JPEG",
    **options,
) -> bytes:
    """A file as a camera writes it, all of it consistent, but for the fields that are given."""
    pixels = photo() if pixels is None else pixels
    preview = preview_of(photo()) if preview is None else preview
    data = exif({**MAIN, **(main or {})}, {**SHOT, **(shot or {})}, {**GPS, **(gps or {})}, preview)
    quality = {"quality": 92} if format_ in ("JPEG", "MPO", "WEBP", "HEIF") else {}
    return encode(pixels, format_, exif=data, **{**quality, **options})
