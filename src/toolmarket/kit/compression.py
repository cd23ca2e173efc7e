"""Unpacking of answers within a bound, so that a small body cannot become a huge one."""

import zlib

_ANY_HEADER = 47  # zlib detects gzip and zlib headers by itself with this window size
_RAW_DEFLATE = -15
ACCEPTED = "gzip, deflate"


class EncodingUnknown(ValueError):
    """The body is packed in a way that was not asked for, or is damaged."""


class UnpackedTooLarge(ValueError):
    """The unpacked body exceeds the bound."""


def unpack(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """Undo a `Content-Encoding`, never holding more than `limit_bytes` of the result.

    Raises:
        EncodingUnknown: an encoding other than gzip and deflate, or damaged data.
        UnpackedTooLarge: more than `limit_bytes` come out.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    if len(names) > 2:
        raise EncodingUnknown("The answer is packed more than twice.")
    for name in reversed(names):
        if name in {"gzip", "x-gzip", "deflate"}:
            body = _inflate(body, limit_bytes)
        elif name != "identity":
            raise EncodingUnknown(f"The answer is packed as {name[:40]}, which was not asked for.")
    return body


def _inflate(body: bytes, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes
    while body:
        try:
            part, body = _member(body, room)
        except zlib.error:
            raise EncodingUnknown("The packed answer is damaged.") from None
        parts.append(part)
        room -= len(part)
        if room < 0:
            raise UnpackedTooLarge(f"The unpacked answer exceeds {limit_bytes} bytes.")
    return b"".join(parts)


def _member(body: bytes, room: int) -> tuple[bytes, bytes]:
    """Unpack one gzip member (or zlib stream): at most `room` + 1 bytes of it, and what follows it."""
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        part = unpacker.decompress(body, room + 1)
    except zlib.error:
        unpacker = zlib.decompressobj(_RAW_DEFLATE)
        part = unpacker.decompress(body, room + 1)
    if len(part) <= room and not unpacker.eof:
        raise EncodingUnknown("The packed answer ends too early.")
    return part, unpacker.unused_data
