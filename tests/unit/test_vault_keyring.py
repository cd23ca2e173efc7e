"""The key-encryption keys and what they seal."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.requirements import requirement

from toolmarket.vault.errors import KeyMissing
from toolmarket.vault.keyring import KeyRing, binding

HERE = binding(uuid4(), uuid4())


@requirement("10.2.d/sealed-at-rest")
def test_what_is_sealed_opens_here_and_nowhere_else(tmp_path):
    ring = KeyRing(tmp_path)

    sealed = ring.seal(b"secret", HERE)

    assert b"secret" not in sealed.sealed + sealed.wrapped_key
    assert ring.unseal(sealed, HERE) == b"secret"
    with pytest.raises(KeyMissing):
        ring.unseal(sealed, binding(uuid4(), uuid4()))


def test_two_seals_of_one_secret_have_nothing_in_common(tmp_path):
    ring = KeyRing(tmp_path)

    first, second = ring.seal(b"secret", HERE), ring.seal(b"secret", HERE)

    assert first.sealed != second.sealed
    assert first.wrapped_key != second.wrapped_key
    with pytest.raises(KeyMissing):
        ring.unseal(replace(first, wrapped_key=second.wrapped_key), HERE)


def test_a_rotated_ring_opens_old_seals_in_every_process(tmp_path):
    ring, elsewhere = KeyRing(tmp_path), KeyRing(tmp_path)
    old = ring.seal(b"old", HERE)

    ring.rotate()
    new = ring.seal(b"new", HERE)

    assert new.key_id > old.key_id
    assert ring.unseal(old, HERE) == b"old"
    assert elsewhere.unseal(new, HERE) == b"new"


def test_the_files_are_for_their_owner_only(tmp_path):
    KeyRing(tmp_path / "keys")

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()] == [0o600]


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        rings = list(pool.map(lambda _: KeyRing(tmp_path), range(64)))

    sealed = rings[0].seal(b"secret", HERE)
    assert [ring.unseal(sealed, HERE) for ring in rings] == [b"secret"] * 64


def test_a_lost_key_is_told(tmp_path):
    sealed = KeyRing(tmp_path / "one").seal(b"secret", HERE)

    with pytest.raises(KeyMissing):
        KeyRing(tmp_path / "two").unseal(replace(sealed, key_id="0009"), HERE)
