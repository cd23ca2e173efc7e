"""Keys, tokens and passwords."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.identity import credentials
from toolmarket.identity.authentication import Credential, read_credential

KEY = credentials.new_key().text
TOKEN = credentials.new_token()


@requirement("10.2.d/key-form")
def test_a_key_shows_where_it_belongs_and_is_stored_as_its_hash():
    key = credentials.new_key()

    assert key.text.startswith(key.prefix + "_")
    assert len(key.text) - len(key.prefix) - 1 == 43 + 6
    assert key.sha256 == hashlib.sha256(key.text.encode()).digest()
    assert credentials.looks_like_key(key.text)


def test_two_keys_differ():
    assert len({credentials.new_key().text for _ in range(100)}) == 100


@given(st.integers(0, len(KEY) - 1), st.sampled_from(credentials.ALPHABET))
def test_one_wrong_character_is_seen_without_the_database(place, character):
    typed = KEY[:place] + character + KEY[place + 1 :]

    assert credentials.looks_like_key(typed) == (typed == KEY)


@given(st.text(max_size=100))
def test_any_text_can_be_asked_about(text):
    assert not credentials.looks_like_key(text)
    credentials.looks_like_token(text)


def test_a_csrf_token_is_of_one_session_only():
    other = credentials.new_token()

    assert credentials.csrf_matches(TOKEN, credentials.csrf_token(TOKEN))
    assert not credentials.csrf_matches(TOKEN, credentials.csrf_token(other))
    assert not credentials.csrf_matches(TOKEN, "")
    assert not credentials.csrf_matches(TOKEN, "ü")


def test_a_password_matches_its_hash_and_no_other():
    stored = credentials.hash_password("correct horse")

    assert stored.startswith("$argon2id$")
    assert credentials.password_matches(stored, "correct horse")
    assert not credentials.password_matches(stored, "battery staple")
    assert not credentials.password_matches(None, "correct horse")
    assert not credentials.password_matches("no hash", "correct horse")


def test_a_header_wins_over_a_cookie_even_when_it_is_wrong():
    cookie = (b"cookie", f"a=b; toolmarket_session={TOKEN}; c=d".encode())

    assert read_credential([cookie]) == Credential("session", TOKEN)
    assert read_credential([cookie, (b"authorization", b"Bearer " + KEY.encode())]) == Credential("key", KEY)
    assert read_credential([cookie, (b"authorization", b"Basic abc")]) is None
    assert read_credential([(b"cookie", b"toolmarket_session=short")]) is None
    assert read_credential([(b"cookie", b"xtoolmarket_session=" + TOKEN.encode())]) is None
    assert read_credential([(b"authorization", b"bearer \xff\xfe")]) is None
