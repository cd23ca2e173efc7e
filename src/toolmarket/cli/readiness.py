"""What would keep the product from starting, found before anything is started."""

import asyncio

from toolmarket.audit.settings import AuditSettings
from toolmarket.events.settings import EventsSettings
from toolmarket.identity.settings import IdentitySettings
from toolmarket.kit.settings import KitSettings
from toolmarket.kit.urls import EgressSettings, UrlPolicy
from toolmarket.runtime.gateway.settings import GatewaySettings
from toolmarket.runtime.settings import RuntimeSettings
from toolmarket.vault.settings import VaultSettings

ROOMS = (AuditSettings, EventsSettings, IdentitySettings, GatewaySettings, RuntimeSettings, VaultSettings)


def mistake_of(settings: KitSettings) -> str:
    """What is wrong and how to mend it, in one line; empty where nothing is.

    Raises:
        ValidationError: a room's setting cannot be read.
    """
    for room in ROOMS:
        room()
    try:
        UrlPolicy(EgressSettings())
    except ValueError as error:
        return f"TOOLMARKET_EGRESS_ALLOW cannot be read: {error}"
    try:
        asyncio.run(_listen_once(settings.host, settings.port))
    except OSError as error:
        reason = error.strerror or str(error)
        return (
            f"Nothing can listen on {settings.host}:{settings.port} ({reason}). "
            "Choose another port with TOOLMARKET_PORT."
        )
    return ""


async def _listen_once(host: str, port: int) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, host, port)
    server.close()
    await server.wait_closed()
