"""Taking credentials out of whatever an outside service sends back."""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = b"[redacted]"
_SHORTEST = 4


class Redactor:
    """Replaces the literal, base64, percent-encoded, JSON-escaped and hexadecimal forms of secrets.

    Secrets of fewer than four bytes are left: they would be found everywhere.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        found = {form for secret in secrets for form in _forms(secret.encode("utf-8", "replace"))}
        # Longest first, so that the whole of a form goes before a part of it is found.
        self._forms = sorted(found, key=len, reverse=True)
        self._texts = [form.decode("utf-8", "replace") for form in self._forms]

    def clean(self, data: bytes) -> bytes:
        """The data without secrets; the very same object where none is found."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, _mask(form))
        return data

    def clean_text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._texts:
            if form in text:
                text = text.replace(form, MASK.decode())
        return text

    def clean_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers without secrets, and without the cookies that the service sets."""
        told = "\n".join([*headers, *headers.values()])
        if not any(form in told for form in self._texts):
            return {name: value for name, value in headers.items() if name.lower() != "set-cookie"}
        return {
            self.clean_text(name): self.clean_text(value)
            for name, value in headers.items()
            if name.lower() != "set-cookie"
        }


@lru_cache(maxsize=256)
def redactor(secrets: tuple[str, ...]) -> Redactor:
    """The redactor of a credential; kept, since its calls repeat."""
    return Redactor(secrets)


def _mask(form: bytes) -> bytes:
    # A secret of digits may stand as a bare number: the answer must stay valid JSON.
    return b"0" * len(form) if form.isdigit() else MASK


def _forms(secret: bytes) -> set[bytes]:
    if len(secret) < _SHORTEST:
        return set()
    text = secret.decode("utf-8", "replace")
    forms = {
        secret,
        json.dumps(text)[1:-1].encode(),
        json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace"),
        json.dumps(text)[1:-1].replace("/", "\\/").encode(),
        secret.hex().encode(),
        secret.hex().upper().encode(),
    }
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        forms |= {encoded.encode(), _lower_triples(encoded).encode()}
    return {form for form in forms | _base64_forms(secret) if len(form) >= _SHORTEST}


def _lower_triples(encoded: str) -> str:
    head, *rest = encoded.split("%")
    return head + "".join("%" + part[:2].lower() + part[2:] for part in rest)


def _base64_forms(secret: bytes) -> set[bytes]:
    """The base64 texts of the secret at each of the three alignments, within longer data or alone.

    Only the characters that the secret alone determines are taken, so short secrets yield little:
    forms of fewer than eight characters are left out.
    """
    forms: set[bytes] = set()
    for shift in range(3):
        data = b"\0" * shift + secret
        begin = (shift * 8 + 5) // 6
        end = len(data) * 8 // 6
        for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
            forms.add(encoded[begin:end])
    whole = {base64.b64encode(secret), base64.urlsafe_b64encode(secret)}
    return {form for form in forms | whole if len(form) >= 8}
