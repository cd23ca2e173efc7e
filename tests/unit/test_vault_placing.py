"""Where a credential goes in a request, and where it may go at all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.requirements import requirement

from toolmarket.vault import errors, placing
from toolmarket.vault.schemas import Placement, Secret

KEY = {"key": "k-0123456789abcdef"}


@pytest.mark.parametrize(
    ("location", "place"), [("header", "headers"), ("query", "query"), ("cookie", "cookies")]
)
def test_an_api_key_goes_where_the_service_wants_it(location, place):
    injection = placing.place("api_key", KEY, Placement("apiKey", location=location, parameter="X-Key"))

    assert getattr(injection, place) == {"X-Key": KEY["key"]}
    assert sum(map(len, (injection.headers, injection.query, injection.cookies))) == 1
    assert KEY["key"] in injection.secrets


def test_basic_hides_the_password_in_every_spelling():
    parts = {"username": "ann", "password": 'p"ss word'}

    injection = placing.place("basic", parts, Placement("http", scheme="basic"))

    pair = base64.b64encode(b'ann:p"ss word').decode()
    assert injection.headers == {"Authorization": f"Basic {pair}"}
    assert set(injection.secrets) == {'p"ss word', "p%22ss%20word", "p%22ss+word", 'p\\"ss word', pair}


def test_basic_without_password_hides_the_name():
    injection = placing.place(
        "basic", {"username": "sk_live", "password": ""}, Placement("http", scheme="basic")
    )

    assert "sk_live" in injection.secrets


@pytest.mark.parametrize("placement", [Placement("http", scheme="bearer"), Placement("oauth2")])
def test_a_token_is_borne(placement):
    injection = placing.place("bearer", {"token": "t-1"}, placement)

    assert injection.headers == {"Authorization": "Bearer t-1"}


@pytest.mark.parametrize(
    ("kind", "parts", "placement"),
    [
        ("api_key", KEY, Placement("http", scheme="basic")),
        ("basic", {"username": "a", "password": "b"}, Placement("http", scheme="bearer")),
        ("basic", {"username": "a", "password": "b"}, Placement("apiKey", "header", "X")),
        ("bearer", {"token": "t"}, Placement("mutualTLS")),
        ("bearer", {"token": "t"}, Placement("http", scheme="digest")),
    ],
)
def test_a_credential_of_another_kind_is_refused(kind, parts, placement):
    with pytest.raises(errors.PlacementUnfit):
        placing.place(kind, parts, placement)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("api_key", {"token": "t"}),
        ("api_key", {"key": ""}),
        ("api_key", {"key": "line\r\nX-Other: 1"}),
        ("api_key", {"key": "k" * 8_193}),
        ("api_key", {"key": "k", "token": "t"}),
        ("basic", {"username": "a"}),
        ("basic", {"username": "a:b", "password": "c"}),
        ("bearer", {}),
    ],
)
def test_a_secret_that_cannot_travel_is_refused(kind, secret):
    with pytest.raises(errors.SecretInvalid):
        placing.secret_parts(kind, Secret(**secret))


def test_a_secret_is_not_shown_when_printed():
    assert "hidden" not in repr(Secret(key="hidden"))
    assert "hidden" not in repr(placing.place("bearer", {"token": "hidden"}, Placement("oauth2")))


def test_a_short_secret_has_no_hint():
    assert placing.hint("api_key", {"key": "k-0123456789abcdef"}) == "…cdef"
    assert placing.hint("api_key", {"key": "0123456789"}) == "…"


@requirement("10.2.d/host-binding")
@pytest.mark.parametrize(
    ("pattern", "url", "allowed"),
    [
        ("api.example.com", "https://api.example.com/v1?x=1", True),
        ("api.example.com", "https://API.EXAMPLE.COM./v1", True),
        ("api.example.com", "https://api.example.com:8443/", True),
        ("api.example.com:8443", "https://api.example.com:8443/", True),
        ("api.example.com:8443", "https://api.example.com/", False),
        ("*.example.com", "https://api.example.com/", True),
        ("*.example.com", "https://a.b.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://evilexample.com/", False),
        ("example.com", "https://example.com.evil.net/", False),
        ("example.com", "https://example.com@evil.net/", False),
        ("example.com", "https://evil.net/#example.com", False),
        ("example.com", "https://evil.net\\example.com/", False),
        ("example.com", "ftp://example.com/", False),
        ("example.com", "example.com", False),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/x", True),
        ("127.0.0.1:9000", "http://2130706433:9000/x", True),
        ("[::1]:9000", "http://[::1]:9000/", True),
    ],
)
def test_a_credential_goes_to_its_hosts_only(pattern, url, allowed):
    assert placing.host_allowed([placing.normalise_pattern(pattern)], url) is allowed


@pytest.mark.parametrize(
    "pattern", ["", "*", "*.", "*.com", "https://x.y", "a b", "x:99999999", "*.1.2.3.4", "a/b"]
)
def test_what_is_no_host_is_refused(pattern):
    with pytest.raises(errors.HostInvalid):
        placing.normalise_pattern(pattern)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_answered(pattern, url):
    assert placing.host_allowed([pattern], url) in {True, False}
