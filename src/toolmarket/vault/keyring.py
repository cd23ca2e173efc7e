"""Key-encryption keys in files, and the sealing of one credential under them.

Each credential has a data key of its own, wrapped by a key-encryption key; both seals are bound to
organisation and connection, so that a row copied to another place does not open.
"""

import base64
import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from toolmarket.vault.errors import KeyMissing

KEY_BYTES, NONCE_BYTES = 32, 12
SUFFIX = ".kek"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A credential at rest."""

    sealed: bytes
    wrapped_key: bytes
    key_id: str


def binding(org_id: UUID, connection_id: UUID) -> bytes:
    """What a seal is bound to."""
    return f"{org_id}|{connection_id}".encode()


class KeyRing:
    """The key-encryption keys of an installation, one file each in a folder.

    The newest key seals, every one opens. Files are made whole or not at all, and several processes
    that start at once on an empty folder agree on one key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._keys = self._read()
        if not self._keys:
            self._write("0001")

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return max(self._keys)

    def rotate(self) -> str:
        """Add a key, which seals from now on; the old ones open what they sealed."""
        self._keys = self._read()
        self._write(f"{int(self.newest) + 1:04}")
        return self.newest

    def seal(self, plain: bytes, bound_to: bytes) -> Sealed:
        """Encrypt under a fresh data key."""
        key_id, data_key = self.newest, AESGCM.generate_key(bit_length=256)
        return Sealed(
            sealed=_encrypt(data_key, plain, bound_to),
            wrapped_key=_encrypt(self._key(key_id), data_key, bound_to + b"|" + key_id.encode()),
            key_id=key_id,
        )

    def unseal(self, sealed: Sealed, bound_to: bytes) -> bytes:
        """Decrypt.

        Raises:
            KeyMissing: the key is not in the folder, or the seal is not of this place.
        """
        key = self._key(sealed.key_id)
        try:
            data_key = _decrypt(key, sealed.wrapped_key, bound_to + b"|" + sealed.key_id.encode())
            return _decrypt(data_key, sealed.sealed, bound_to)
        except InvalidTag:
            raise KeyMissing(f"Key {sealed.key_id} does not open this credential.") from None

    def _key(self, key_id: str) -> bytes:
        if key_id not in self._keys:
            self._keys = self._read()
        try:
            return self._keys[key_id]
        except KeyError:
            raise KeyMissing(f"Key {key_id} is not in the keys folder.") from None

    def _read(self) -> dict[str, bytes]:
        return {
            path.stem: base64.b64decode(path.read_bytes(), validate=True)
            for path in self._folder.glob("*" + SUFFIX)
        }

    def _write(self, key_id: str) -> None:
        draft = self._folder / f".{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
                file.flush()
                os.fsync(file.fileno())
            # Another process that was first keeps its key: a link never replaces.
            with contextlib.suppress(FileExistsError):
                (self._folder / (key_id + SUFFIX)).hardlink_to(draft)
        finally:
            draft.unlink()
        _sync_folder(self._folder)
        self._keys = self._read()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
