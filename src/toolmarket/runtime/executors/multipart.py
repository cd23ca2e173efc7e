"""Request bodies of type `multipart/*`.

Source:
    RFC 7578; the WHATWG HTML standard, "multipart form data" (escaping of names); OpenAPI 3.2.0,
    "Encoding Object".
"""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from toolmarket.catalog.schemas import PartEncoding
from toolmarket.runtime.executors.serialise import Unserialisable, checked_header, json_text, scalar

OCTETS = "application/octet-stream"
_DATA_URL = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_PLAIN = PartEncoding()


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a file argument, with what is known about them."""

    data: bytes
    content_type: str | None = None
    filename: str | None = None


def read_file(value: Any, argument: str) -> File:
    """Read a file from an argument: base64 text, a data URL, or `{data, filename, content_type}`.

    Raises:
        Unserialisable: it is none of these.
    """
    if isinstance(value, dict) and isinstance(value.get("data"), str):
        file = read_file(value["data"], argument)
        kind = value.get("content_type") or file.content_type
        return File(file.data, kind, value.get("filename"))
    if not isinstance(value, str):
        raise Unserialisable(f"{argument} must be a file as base64 text.")
    match = _DATA_URL.match(value)
    if match is None:
        return File(decode_base64(value, argument))
    rest = value[match.end() :]
    if ";base64" in match[2].lower():
        return File(decode_base64(rest, argument), match[1] or None)
    return File(unquote_to_bytes(rest), match[1] or None)


def decode_base64(text: str, argument: str) -> bytes:
    """Read base64 in either alphabet, with or without padding and line breaks."""
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Unserialisable(f"{argument} is not valid base64.") from None


def encode_multipart(value: Any, content_type: str, encoding: dict[str, PartEncoding]) -> tuple[bytes, str]:
    """The members of an object (or the items of an array) as parts.

    An array of a form becomes one part for each item, all of the same name.

    Returns:
        The body, and its content type with the boundary.

    Raises:
        Unserialisable: a part has no form.
    """
    boundary = secrets.token_hex(16)
    named = content_type.partition(";")[0].strip().lower() == "multipart/form-data"
    pieces: list[bytes] = []
    for name, item in _parts(value):
        headers, data = _part(name, item, encoding.get(name, _PLAIN), named=named)
        head = "".join(f"{key}: {checked_header(key, text)}\r\n" for key, text in headers.items())
        pieces += [f"--{boundary}\r\n{head}\r\n".encode(), data, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces), f"{content_type.partition(';')[0].strip()}; boundary={boundary}"


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [("", item) for item in value]
    if not isinstance(value, dict):
        raise Unserialisable("A multipart body must be an object.")
    return [
        (name, item)
        for name, member in value.items()
        for item in (member if isinstance(member, list) else [member])
        if item is not None
    ]


def _part(name: str, value: Any, encoding: PartEncoding, *, named: bool) -> tuple[dict[str, str], bytes]:
    kind = (encoding.content_type or "").partition(",")[0].strip()
    filename = None
    if encoding.binary:
        file = read_file(value, name)
        filename = file.filename or name or "file"
        kind = file.content_type or ("" if "*" in kind else kind) or OCTETS
        data = file.data
    elif isinstance(value, str):
        data = value.encode("utf-8", "replace")
    elif isinstance(value, dict | list) or "json" in kind:
        kind, data = kind or "application/json", json_text(value)
    else:
        data = scalar(value).encode()
    headers = dict(encoding.headers)
    if named:
        headers["Content-Disposition"] = _disposition(name, filename)
    if kind:
        headers["Content-Type"] = kind
    return headers, data


def _disposition(name: str, filename: str | None) -> str:
    text = f'form-data; name="{_quoted(name)}"'
    return text if filename is None else f'{text}; filename="{_quoted(filename)}"'


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
