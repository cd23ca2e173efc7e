"""No disguise of a secret survives."""

import base64
import json
from urllib.parse import quote, quote_plus

import orjson
from hypothesis import given
from hypothesis import strategies as st

from toolmarket.kit.redaction import Redactor

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=40).filter(
    lambda text: len(set(text)) > 4
)
AROUND = st.binary(max_size=20)


@given(SECRETS)
def test_every_plain_form_is_replaced(secret: str) -> None:
    cleaner = Redactor((secret,))
    raw = secret.encode()

    for form in (
        raw,
        json.dumps(secret).encode(),
        orjson.dumps(secret),
        quote(secret, safe="").encode(),
        quote(secret, safe="").lower().encode() if secret.islower() else quote_plus(secret).encode(),
        base64.b64encode(raw),
        base64.urlsafe_b64encode(raw),
        raw.hex().encode(),
    ):
        assert form.strip(b'"') not in cleaner.clean(b"<" + form + b">")


@given(SECRETS, AROUND, AROUND)
def test_base64_of_longer_data_does_not_carry_the_secret(secret: str, before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + secret.encode() + after)

    cleaned = Redactor((secret,)).clean(b'{"x":"' + encoded + b'"}')

    assert b"[redacted]" in cleaned or b"000" in cleaned
    orjson.loads(cleaned)


def test_an_answer_with_nothing_to_hide_is_the_same_object() -> None:
    body = b'{"a": 1}'

    assert Redactor(("secret-key",)).clean(body) is body
    assert Redactor(()).clean(body) is body


def test_a_secret_of_digits_leaves_valid_json() -> None:
    cleaned = Redactor(("12345678",)).clean(b'{"pin": 12345678, "text": "12345678"}')

    assert b"12345678" not in cleaned
    assert cleaned.count(b"00000000") == 2


def test_a_tiny_secret_does_not_garble_everything() -> None:
    assert Redactor(("a",)).clean(b"banana") == b"banana"


def test_headers_lose_secrets_and_cookies() -> None:
    headers = {"X-A": "Bearer secret-key", "Set-Cookie": "session=1", "X-B": "fine"}

    assert Redactor(("secret-key",)).clean_headers(headers) == {"X-A": "Bearer [redacted]", "X-B": "fine"}
