"""A wire for upstreams behind OAuth: the SDK's provider over the guarded transport, its person a script."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)

from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_peers import Endpoint, Reply
from toolmarket.kit.transports import guarded_transport

CLIENT_DOCUMENT = "https://conformance-test.local/client-metadata.json"
REDIRECT = "http://127.0.0.1:3000/callback"


class Storage:
    """Tokens and registration in memory."""

    def __init__(self, registered: OAuthClientInformationFull | None) -> None:
        self.tokens: OAuthToken | None = None
        self.registered = registered

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.registered

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.registered = client_info


class Person:
    """Agrees to everything: opens the authorization page and reads the code from where it leads."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http
        self.location = ""

    async def open(self, url: str) -> None:
        answer = await self.http.get(url, follow_redirects=False)
        self.location = answer.headers["location"]

    async def code(self) -> AuthorizationCodeResult:
        query = parse_qs(urlsplit(self.location).query)
        found = {name: query[name][0] for name in ("code", "state", "iss") if name in query}
        return AuthorizationCodeResult(**found)


class _Reply:
    def __init__(self, response: httpx2.Response) -> None:
        self.status, self.headers = response.status_code, response.headers
        self._response = response

    def chunks(self) -> AsyncIterator[bytes]:
        return self._response.aiter_bytes()


class OAuthWire:
    """Sends messages through httpx2, whose auth flow answers 401 and 403 by itself."""

    def __init__(self, egress: Egress, url: str, context: Mapping[str, Any]) -> None:
        self.http = httpx2.AsyncClient(transport=guarded_transport(egress), timeout=20, trust_env=False)
        person = Person(httpx2.AsyncClient(transport=guarded_transport(egress), timeout=20, trust_env=False))
        registered = None
        if "client_id" in context:
            registered = OAuthClientInformationFull(
                client_id=context["client_id"],
                client_secret=context.get("client_secret"),
                token_endpoint_auth_method="client_secret_basic",
                redirect_uris=[REDIRECT],
                issuer=context.get("issuer"),
            )
        metadata = OAuthClientMetadata(
            client_name="toolmarket",
            redirect_uris=[REDIRECT],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
        )
        self.http.auth = OAuthClientProvider(
            url,
            metadata,
            Storage(registered),
            redirect_handler=person.open,
            callback_handler=person.code,
            client_metadata_url=CLIENT_DOCUMENT,
        )

    @asynccontextmanager
    async def send(
        self, method: str, endpoint: Endpoint, headers: Mapping[str, str], body: bytes | None
    ) -> AsyncIterator[Reply]:
        """One request, authorised on the way."""
        request = self.http.build_request(method, endpoint.url, headers=dict(headers), content=body)
        response = await self.http.send(request, stream=True)
        try:
            yield _Reply(response)
        finally:
            await response.aclose()
