"""The auth helpers of Postman become auth schemes; their values are forgotten."""

from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import wording
from toolmarket.importers.credentials import Credentials, Place
from toolmarket.importers.reading import as_dict, as_list
from toolmarket.importers.reports import Report

_OPEN = {
    "key", "in", "addTokenTo", "grant_type", "authUrl", "accessTokenUrl", "refreshTokenUrl", "redirect_uri",
    "scope", "tokenName", "headerPrefix", "algorithm", "client_authentication", "tokenType", "useBrowser",
    "region", "service", "realm", "signatureMethod", "version", "addParamsToHeader",
    "addEmptyParamsToSign", "disableRetryRequest",
}  # fmt: skip
_FLOWS = {
    "authorization_code": "authorizationCode",
    "authorization_code_with_pkce": "authorizationCode",
    "client_credentials": "clientCredentials",
    "implicit": "implicit",
    "password_credentials": "password",
}


def scheme_names(auth: Any, credentials: Credentials, report: Report, pointer: str) -> list[str]:
    """The schemes of an auth helper; none of `noauth`."""
    node = as_dict(auth)
    kind = wording.text(node.get("type"))
    values = _values(node.get(kind))
    for name, value in values.items():
        if name not in _OPEN:
            credentials.secrets.add(value)
    if kind == "basic":
        return [credentials.basic("")]
    if kind == "bearer":
        return [credentials.bearer()]
    if kind == "apikey":
        place: Place = "query" if values.get("in") == "query" else "header"
        return [credentials.api_key(place, values.get("key") or "X-API-Key")]
    if kind == "oauth2":
        return [credentials.add("oauth2", _oauth2(values))]
    if kind and kind != "noauth":
        report.warning(
            f"The auth helper {kind[:40]} is left out: tools sign in with keys, Basic, Bearer or OAuth 2.",
            pointer, kind="auth helpers that are left out",
        )  # fmt: skip
    return []


def _values(node: Any) -> dict[str, str]:
    """The values of a helper: a list of pairs since 2.1, an object before."""
    if isinstance(node, dict):
        return {name: wording.text(value) for name, value in node.items()}
    pairs = (as_dict(entry) for entry in as_list(node))
    return {wording.text(pair.get("key")): wording.text(pair.get("value")) for pair in pairs}


def _oauth2(values: dict[str, str]) -> catalog.AuthScheme:
    told = values.get("grant_type") or ("authorization_code" if _url(values.get("authUrl")) else "")
    flow = _FLOWS.get(told, "clientCredentials" if _url(values.get("accessTokenUrl")) else "")
    if not flow:
        return catalog.AuthScheme(type="http", scheme="bearer", description="An OAuth 2 access token.")
    scopes = values.get("scope", "").replace(",", " ").split()
    return catalog.AuthScheme.model_validate(
        {
            "type": "oauth2",
            "flows": {
                flow: {
                    "authorization_url": _url(values.get("authUrl")),
                    "token_url": _url(values.get("accessTokenUrl")),
                    "refresh_url": _url(values.get("refreshTokenUrl")),
                    "scopes": {scope: "" for scope in scopes if "{{" not in scope},
                }
            },
        }
    )


def _url(value: str | None) -> str | None:
    if not value or "{{" in value or not value.startswith(("https://", "http://")):
        return None
    return value.split("?", 1)[0]
