"""Keys of the bodies of audit events: one a person, wrapped by one of the installation.

Deleting the rows of a person makes every body about them unreadable, while the chain, which runs
over the ciphertext, stays whole.
"""

import contextlib
import functools
import os
import time
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from toolmarket.audit.errors import KeyMismatch
from toolmarket.audit.settings import AuditSettings
from toolmarket.kit.ids import new_id, noise
from toolmarket.kit.settings import KitSettings

KEY_BYTES, NONCE_BYTES = 32, 12
# A key serves a week: with random nonces, fewer than 2^32 messages may use one (NIST SP 800-38D, 8.3).
PERIOD_SECONDS = 7 * 86_400
CACHED_PEOPLE = 20_000
# An erased person's key leaves the memory of other processes within this.
CACHED_SECONDS = 60.0


def present_period() -> int:
    """The number of the present week."""
    return int(time.time()) // PERIOD_SECONDS


class PersonKey:
    """What encrypts the bodies about one person in one organisation."""

    __slots__ = ("_cipher", "id", "org_id", "person_id", "read_again_at")

    def __init__(self, key_id: UUID, org_id: UUID, person_id: UUID, secret: bytes) -> None:
        self.id = key_id
        self.org_id = org_id
        self.person_id = person_id
        self.read_again_at = time.monotonic() + CACHED_SECONDS
        self._cipher = AESGCM(secret)

    def seal(self, event_id: UUID, body: bytes) -> bytes:
        """Encrypt the body of this event; it opens for no other."""
        nonce = noise(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, body, event_id.bytes)

    def open(self, event_id: UUID, sealed: bytes) -> bytes | None:
        """Decrypt a body, or None where it is not the one that was sealed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], event_id.bytes)
        except (InvalidTag, ValueError):
            return None


class ProcessKeys:
    """The wrapping key of the installation, and the keys of people that this process has opened."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)
        self._people: dict[tuple[UUID, UUID], PersonKey] = {}

    def make(self, org_id: UUID, person_id: UUID) -> tuple[PersonKey, bytes]:
        """A fresh key of this week, and its wrapped form for the table."""
        key_id, secret, nonce = new_id(), os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        wrapped = nonce + self._cipher.encrypt(nonce, secret, key_id.bytes + org_id.bytes + person_id.bytes)
        return PersonKey(key_id, org_id, person_id, secret), wrapped

    def unwrap(self, key_id: UUID, org_id: UUID, person_id: UUID, wrapped: bytes) -> PersonKey:
        """The key of a row.

        Raises:
            KeyMismatch: another installation key wrapped it.
        """
        bound = key_id.bytes + org_id.bytes + person_id.bytes
        try:
            secret = self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
        except InvalidTag:
            raise KeyMismatch(
                "The audit key of this process is not the one that the database was used with."
            ) from None
        return PersonKey(key_id, org_id, person_id, secret)

    def cached(self, org_id: UUID, person_id: UUID) -> PersonKey | None:
        """The key that this process read within the last minute."""
        key = self._people.get((org_id, person_id))
        return key if key is not None and key.read_again_at > time.monotonic() else None

    def keep(self, key: PersonKey) -> None:
        """Remember a key whose row is committed."""
        if len(self._people) >= CACHED_PEOPLE:
            self._people.clear()
        self._people[key.org_id, key.person_id] = key

    def forget(self, person_id: UUID) -> None:
        """Drop what this process holds of a person."""
        for cached in [pair for pair in self._people if pair[1] == person_id]:
            del self._people[cached]


def read_or_make(path: Path) -> bytes:
    """The key in a file, made at first use; two processes that start at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise KeyMismatch(f"{path} must hold exactly {KEY_BYTES} bytes.")
    return secret


@functools.cache
def process_keys() -> ProcessKeys:
    """The keys of this process, as the settings say where they lie."""
    path = AuditSettings().key_file or KitSettings().data_dir / "keys" / "audit.key"
    return ProcessKeys(read_or_make(path))
