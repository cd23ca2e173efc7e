"""What is taken for a credential, and what is not."""

import pytest

from toolmarket.importers.secrecy import MASK, Secrets, is_secret_name, is_secret_value, without_secrets


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "X-Api-Key",
        "apikey",
        "api_key",
        "accessToken",
        "client-secret",
        "PHPSESSID",
        "sid",
        "password",
        "X-CSRF-Token",
        "Ocp-Apim-Subscription-Key",
        "x-functions-key",
        "DD-API-KEY",
        "stripe_signature",
    ],
)
def test_names_of_credentials(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "page_token",
        "nextPageToken",
        "max_tokens",
        "author",
        "key",
        "assignee",
        "monkey",
        "pinned",
        "tokenize",
    ],
)
def test_names_that_only_look_so(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE1234",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "dGhpcyBpcyBhIDEgdGVzdCA0IHlvdSA5",
    ],
)
def test_values_of_credentials(text: str) -> None:
    assert is_secret_value(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T08:00:00.000+02:00",
        "9f1c2b34-0000-4000-8000-0123456789ab",
        "12345678901234567890",
        "a plain sentence",
        "summer-sale-2024-in-berlin-7",
        "https://example.com/a/b/c/d",
        "internationalization",
        "/v1/users/42/posts/7/x",
    ],
)
def test_values_that_are_none(text: str) -> None:
    assert not is_secret_value(text)


def test_strong_values_are_masked_within_texts_and_plain_ones_only_as_a_whole() -> None:
    secrets = Secrets()
    secrets.add("Bearer Abc-123-x")
    secrets.add("password")

    assert secrets.cleaned("say abc-123-X twice") == f"say {MASK} twice"
    assert secrets.cleaned("the password field") == "the password field"
    assert secrets.cleaned("password") == MASK


def test_examples_have_no_members_that_carry_credentials() -> None:
    given = {
        "name": "Jo",
        "password": "x",
        "tokens": 3,
        "inner": [{"api_key": "y", "id": 1}],
        "free": "{{a}}",
    }

    assert without_secrets(given) == {"name": "Jo", "tokens": 3, "inner": [{"id": 1}]}
