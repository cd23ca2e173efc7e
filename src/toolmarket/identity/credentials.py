"""Secrets of our own: API keys, session tokens, CSRF tokens, passwords. Pure functions.

Keys and tokens hold 256 random bits, so their SHA-256 is as good as a slow hash; passwords do not
and are hashed with argon2id.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import zlib
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX_CHARACTERS, SECRET_CHARACTERS, CHECKSUM_CHARACTERS = 8, 43, 6
KEY_FORM = re.compile(rf"tm_[0-9A-Za-z]{{{PREFIX_CHARACTERS}}}_[0-9A-Za-z]{{49}}")
TOKEN_FORM = re.compile(r"[0-9A-Za-z_-]{43}")
# OWASP's least memory for argon2id: 19 MiB, so that a burst of sign-ins does not fill the process.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NOBODY_HASH = _HASHER.hash(secrets.token_urlsafe(32))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the only moment when its text is known."""

    text: str
    prefix: str
    sha256: bytes


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), CHECKSUM_CHARACTERS)


def new_key() -> NewKey:
    """Make an API key: `tm_<8 readable>_<43 of 32 random bytes><6 of CRC-32>`, in base 62."""
    prefix = "tm_" + "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_CHARACTERS))
    body = f"{prefix}_{_base62(int.from_bytes(os.urandom(32), 'big'), SECRET_CHARACTERS)}"
    text = body + _checksum(body)
    return NewKey(text=text, prefix=prefix, sha256=digest(text))


def looks_like_key(text: str) -> bool:
    """Whether form and checksum are those of a key: tells typing errors without asking the database."""
    body, checksum = text[:-CHECKSUM_CHARACTERS], text[-CHECKSUM_CHARACTERS:]
    return KEY_FORM.fullmatch(text) is not None and _checksum(body) == checksum


def new_token() -> str:
    """Make a session token of 32 random bytes."""
    return secrets.token_urlsafe(32)


def looks_like_token(text: str) -> bool:
    """Whether this has the form of a session token."""
    return TOKEN_FORM.fullmatch(text) is not None


def digest(text: str | bytes) -> bytes:
    """What is stored and looked up instead of a key or token."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).digest()


def csrf_token(session_token: str) -> str:
    """The CSRF token of a session: bound to its secret, so there is none to fix or to store."""
    derived = hmac.digest(session_token.encode(), b"toolmarket csrf", "sha256")
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")


def csrf_matches(session_token: str, sent: str) -> bool:
    """Whether the sent CSRF token is the session's, compared in constant time."""
    return hmac.compare_digest(csrf_token(session_token).encode(), sent.encode())


def hash_password(password: str) -> str:
    """The argon2id hash of a password; takes some 20 ms of a core."""
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long for an account that does not exist (None)."""
    try:
        _HASHER.verify(password_hash or NOBODY_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
