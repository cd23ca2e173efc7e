"""Credentials of recorded requests become auth schemes; their values are forgotten."""

import re
from typing import Literal

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import naming, secrecy
from toolmarket.importers.exchanges import Content, Exchange, cookies_of
from toolmarket.importers.reports import Report

Place = Literal["header", "query", "cookie"]
_CLIENT = naming.word_set(
    """
    accept accept-encoding accept-language age alt-used baggage cache-control connection content-length
    content-type cookie date dnt expect forwarded host http2-settings if-match if-modified-since
    if-none-match if-unmodified-since keep-alive origin pragma priority proxy-authenticate
    proxy-authorization proxy-connection purpose range referer save-data te trailer transfer-encoding
    upgrade upgrade-insecure-requests user-agent via x-forwarded-for x-forwarded-host x-forwarded-proto
    x-real-ip x-requested-with traceparent tracestate x-request-id x-correlation-id x-amzn-trace-id
    idempotency-key x-idempotency-key postman-token x-client-data
    """
)
_CLIENT_PREFIXES = (":", "sec-", "cf-", "x-b3-", "x-datadog-", "x-newrelic", "access-control-")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\s+\S")


class Credentials:
    """Takes the credentials out of exchanges.

    `schemes` are those that were met, `secrets` the values, for masking only.
    """

    def __init__(self, report: Report) -> None:
        self.schemes: dict[str, catalog.AuthScheme] = {}
        self.secrets = secrecy.Secrets()
        self._report = report
        self._by_place: dict[tuple[str, str, str], str] = {}

    def kinds(self) -> list[str]:
        """Such as apiKey:header, http:bearer."""
        found = {
            f"apiKey:{scheme.location}" if scheme.type == "apiKey" else f"http:{scheme.scheme}"
            for scheme in self.schemes.values()
            if scheme.type in {"apiKey", "http"}
        }
        found |= {
            f"oauth2:{flow}"
            for scheme in self.schemes.values()
            if scheme.type == "oauth2"
            for flow in scheme.flows
        }
        return sorted(found) or ["none"]

    def take(self, exchange: Exchange) -> None:
        """Move an exchange's credentials into schemes; what the client writes by itself goes too."""
        used = list(exchange.schemes)
        if exchange.user is not None:
            used.append(self.basic(exchange.user))
            exchange.user = None
        exchange.headers = [pair for pair in exchange.headers if not self._header(*pair, exchange, used)]
        exchange.query = [pair for pair in exchange.query if not self._query(*pair, exchange, used)]
        for name, value in exchange.cookies:
            self._cookie(name, value, exchange, used)
        exchange.cookies = []
        exchange.schemes = list(dict.fromkeys(used))
        self._contents(exchange)

    def basic(self, userinfo: str) -> str:
        """The scheme of a user with a password."""
        self.basic_values(userinfo)
        return self.add("basic", catalog.AuthScheme(type="http", scheme="basic"))

    def basic_values(self, userinfo: str) -> None:
        """Forget a user with a password that no scheme is made of."""
        user, _, password = userinfo.partition(":")
        for value in (user, password, userinfo):
            self.secrets.add(value)

    def bearer(self, value: str = "") -> str:
        """The scheme of a bearer token."""
        self.secrets.add(value)
        return self.add("bearer", catalog.AuthScheme(type="http", scheme="bearer"))

    def api_key(self, location: Place, parameter: str, value: str = "") -> str:
        """The scheme of a key in a header, a query parameter or a cookie."""
        self.secrets.add(value)
        scheme = catalog.AuthScheme(type="apiKey", location=location, parameter=parameter)
        name = "_".join(naming.words(parameter)) or "api_key"
        return self.add(name, scheme)

    def add(self, name: str, scheme: catalog.AuthScheme) -> str:
        """The name under which the scheme is kept; an equal one is kept once."""
        place = (scheme.type, scheme.location or scheme.scheme or name, (scheme.parameter or "").casefold())
        known = self._by_place.get(place)
        if known is not None:
            return known
        base, number = name[:60], 2
        name = base
        while name in self.schemes:
            name, number = f"{base}_{number}", number + 1
        self.schemes[name], self._by_place[place] = scheme, name
        return name

    def _header(self, name: str, value: str, exchange: Exchange, used: list[str]) -> bool:
        """Whether the header is no argument."""
        low = name.casefold().strip()
        if low == "authorization":
            used.append(self._authorization(value))
        elif low == "cookie":
            exchange.cookies += cookies_of(value)
        elif low in {"proxy-authorization", "postman-token"}:
            self.secrets.add(value)
        elif low in _CLIENT or low.startswith(_CLIENT_PREFIXES):
            if secrecy.is_secret_value(value):
                self.secrets.add(value)
        elif secrecy.is_secret_name(name) or secrecy.is_secret_value(value):
            used.append(self.api_key("header", name, value))
            self._told(
                f"The header {name[:80]} is taken as a credential of the installation.", exchange, "headers"
            )
        else:
            return False
        return True

    def _authorization(self, value: str) -> str:
        match = _SCHEME.match(value)
        kind = match[1].casefold() if match else ""
        if kind == "basic":
            self.secrets.add(value)
            return self.basic("")
        if kind == "bearer":
            return self.bearer(value)
        self.secrets.add(value)
        for piece in re.findall(r'[^\s,;="]{8,}', value):
            if secrecy.is_secret_value(piece):
                self.secrets.add(piece)
        scheme = catalog.AuthScheme(
            type="apiKey", location="header", parameter="Authorization",
            description="The whole value of the Authorization header.",
        )  # fmt: skip
        return self.add("authorization", scheme)

    def _query(self, name: str, value: str, exchange: Exchange, used: list[str]) -> bool:
        named = secrecy.is_secret_name(name) or name.casefold() in {"key", "appid", "app_id"}
        if not named and not secrecy.is_secret_value(value):
            return False
        if not named and not _is_token(value):
            return False
        used.append(self.api_key("query", name, value))
        self._told(
            f"The query parameter {name[:80]} is taken as a credential of the installation.",
            exchange,
            "query",
        )
        return True

    def _cookie(self, name: str, value: str, exchange: Exchange, used: list[str]) -> None:
        self.secrets.add(value)
        if secrecy.is_secret_name(name) or secrecy.is_secret_value(value) or "sess" in name.casefold():
            used.append(self.api_key("cookie", name))
            self._told(
                f"The cookie {name[:80]} is taken as a credential of the installation.", exchange, "cookies"
            )
        else:
            self._told(f"The cookie {name[:80]} is left out.", exchange, "cookies that are left out")

    def _contents(self, exchange: Exchange) -> None:
        for segment in exchange.segments:
            if secrecy.is_secret_value(segment) and not _is_template(segment):
                self.secrets.add(segment)
        for _, value in exchange.query:
            if secrecy.is_secret_value(value):
                self.secrets.add(value)
        contents = [exchange.content, *(answer.content for answer in exchange.answers)]
        for content in filter(None, contents):
            self._content(content, exchange, sent=content is exchange.content)

    def _content(self, content: Content, exchange: Exchange, *, sent: bool) -> None:
        if content.is_json():
            self.secrets.gather(content.json())
        for part in content.parts:
            self.secrets.gather({part.name: part.value})
            if sent and secrecy.is_secret_name(part.name):
                self._report.warning(
                    f"{part.name[:80]} in the body looks like a credential; its value is not kept.",
                    exchange.pointer, kind="credentials in bodies",
                )  # fmt: skip

    def _told(self, message: str, exchange: Exchange, kind: str) -> None:
        self._report.info(message, exchange.pointer, kind=f"credentials in {kind}")


def _is_token(value: str) -> bool:
    """Whether a query value is more than a cursor: signed or with a known prefix."""
    return value.startswith("eyJ") or bool(re.match(r"[A-Za-z]{2,12}[-_]", value))


def _is_template(segment: str) -> bool:
    return "{" in segment or segment.startswith((":", "$", "<"))


def mask(exchange: Exchange, secrets: secrecy.Secrets) -> None:
    """Take every credential that was met anywhere out of all texts of an exchange."""
    clean = secrets.cleaned
    exchange.segments = [clean(segment) for segment in exchange.segments]
    exchange.query = [(clean(name), clean(value)) for name, value in exchange.query]
    exchange.headers = [(clean(name), clean(value)) for name, value in exchange.headers]
    exchange.title, exchange.description = clean(exchange.title), clean(exchange.description)
    exchange.tags = [clean(tag) for tag in exchange.tags]
    exchange.variables = {name: clean(value) for name, value in exchange.variables.items()}
    exchange.told = {key: clean(text) for key, text in exchange.told.items()}
    for content in filter(None, [exchange.content, *(answer.content for answer in exchange.answers)]):
        for part in content.parts:
            part.name, part.value = clean(part.name), clean(part.value)
            part.description = clean(part.description)
        if not content.is_json():
            content.text = clean(content.text)
