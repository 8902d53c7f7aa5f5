"""Pictures that no library would write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Tag = tuple[str, Sequence[int]]  # B, H or I as in struct, and values


@dataclass
class TiffPage:
    """One picture of a TIFF: pixels, further tags by number, and pictures that it points to."""

    pixels: np.ndarray
    tags: Mapping[int, Tag] = field(default_factory=dict)
    parts: Sequence[TiffPage] = ()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    sums = (struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + crc for (kind, body), crc in zip(chunks, sums, strict=True)
    )


def huge_png(side: int = 30_000, depth: int = 8) -> bytes:
    """A valid black PNG: one compressed strip of 100 rows, repeated."""
    row = bytes(1 + side * depth // 8)
    deflate = zlib.compressobj(9, wbits=-15)
    strip = deflate.compress(row * 100) + deflate.flush(zlib.Z_FULL_FLUSH)
    adler = len(row) * side % 65521 << 16 | 1  # of zeros
    data = b"\x78\xda" + strip * (side // 100) + zlib.compressobj(wbits=-15).flush() + struct.pack(">I", adler)
    return png((b"IHDR", struct.pack(">IIBBBBB", side, side, depth, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))


def tiff(*pages: TiffPage, order: Literal["<", ">"] = "<", head: bytes = b"", big: bool = False) -> bytes:
    """A TIFF of uncompressed pages, with whatever tags they have; `head` follows its header."""
    kind, room, count = ("Q", 8, "Q") if big else ("I", 4, "H")
    data = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42))
    data += struct.pack(f"{order}HHQ", 8, 0, 0) if big else struct.pack(f"{order}I", 0)
    first = len(data) - room
    data += head + bytes(-len(head) % 8)

    def write(page: TiffPage) -> tuple[int, int]:
        """Add a page after its parts; tell where its directory is, and where that tells the next."""
        tags = dict(page.tags)
        if page.parts:
            tags[330] = ("I", [write(part)[0] for part in page.parts])
        pixels = page.pixels.astype(page.pixels.dtype.newbyteorder(order)).tobytes()
        height, width, bands = (*page.pixels.shape, 1)[:3]
        bits = 8 * page.pixels.dtype.itemsize
        data.extend(bytes(-len(data) % 8))
        own = {256: ("I", [width]), 257: ("I", [height]), 258: ("H", [bits] * bands), 259: ("H", [1])}
        own |= {262: ("H", [2 if bands == 3 else 1]), 273: ("I", [len(data)]), 277: ("H", [bands])}
        own |= {278: ("I", [height]), 279: ("I", [len(pixels)])}
        data.extend(pixels)
        entries = bytearray()
        for tag, (form, values) in sorted((own | tags).items()):
            packed = struct.pack(f"{order}{len(values)}{form}", *values)
            if len(packed) > room:
                data.extend(bytes(-len(data) % 8))
                packed, place = struct.pack(f"{order}{kind}", len(data)), packed
                data.extend(place)
            entries += struct.pack(f"{order}HH{kind}", tag, {"B": 1, "H": 3, "I": 4}[form], len(values))
            entries += packed.ljust(room, b"\0")
        data.extend(bytes(-len(data) % 8))
        at = len(data)
        data.extend(struct.pack(f"{order}{count}", len(own | tags)) + entries + bytes(room))
        return at, len(data) - room

    for page in pages:
        at, following = write(page)
        struct.pack_into(f"{order}{kind}", data, first, at)
        first = following
    return bytes(data)
