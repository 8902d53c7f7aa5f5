"""Pictures that no library would write."""

from __future__ import annotations

import struct
import zlib


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
