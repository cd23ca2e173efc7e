"""A remote MCP server becomes a manifest: its tools, and what else it offers, as it says them itself."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import errors
from toolmarket.importers.schemas import Imported, Note
from toolmarket.kit.json_schema import SchemaBroken, Validator
from toolmarket.kit.mcp_messages import Message, RpcError, UpstreamFailed, header_fault
from toolmarket.kit.mcp_peers import Endpoint, Nobody, Session
from toolmarket.kit.mcp_pool import Upstreams, open_session
from toolmarket.kit.mcp_upstream import LegacySession
from toolmarket.kit.redaction import redactor

PAGES = 100
ANSWER_BYTES = 33_554_432
_NAME_LENGTH = 48
_WORDS = re.compile(r"[^a-z0-9]+")
_KINDS = {
    "delete": ("delete", "remove", "drop", "purge", "destroy"),
    "create": ("create", "add", "send", "post", "insert", "upload", "write"),
    "update": ("update", "set", "edit", "modify", "rename", "move", "patch"),
}


async def import_mcp(
    upstreams: Upstreams,
    url: str,
    *,
    name: str | None = None,
    transport: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Imported:
    """Ask a server what it offers and write it down.

    Args:
        name: `namespace/slug` of the tool; by default made from what the server calls itself.
        transport: `streamable-http` or `sse`; by default the first, and the other where it fails.
        headers: the credential to import with; it is not kept, but its kind becomes the auth scheme.

    Raises:
        McpServerUnusable: no protocol answer came, or it asks for a credential.
    """
    clean = redactor(_secrets(headers or {})).clean
    endpoint = Endpoint(url, frozenset(), headers or {}, transport or "streamable-http", ANSWER_BYTES, clean)
    try:
        session, endpoint = await _open(upstreams, endpoint, guess=transport is None)
    except (UpstreamFailed, RpcError) as failure:
        raise _unusable(failure) from failure
    try:
        offered = await _read(session)
        capabilities, versions = await _both_eras(upstreams, endpoint, session)
    except (UpstreamFailed, RpcError) as failure:
        raise _unusable(failure) from failure
    finally:
        await session.close()
    return _written(endpoint, session.server, offered, capabilities, versions, name)


def _secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Header values with and without their scheme: no manifest holds them, whatever the server repeats."""
    return tuple(part for value in headers.values() for part in {value, value.rpartition(" ")[2]})


def _unusable(failure: UpstreamFailed | RpcError) -> errors.McpServerUnusable:
    if isinstance(failure, UpstreamFailed) and failure.status in {401, 403}:
        return errors.McpServerUnusable("The server asks for a credential. Import it with one.")
    return errors.McpServerUnusable(f"The server does not answer as an MCP server: {failure}")


async def _open(upstreams: Upstreams, endpoint: Endpoint, *, guess: bool) -> tuple[Session, Endpoint]:
    try:
        return await open_session(upstreams.wire, endpoint, Nobody(), modern_first=True), endpoint
    except UpstreamFailed as failure:
        if not guess or failure.status not in {400, 404, 405, 406, 415}:
            raise
    old = replace(endpoint, transport="sse")
    return await open_session(upstreams.wire, old, Nobody(), modern_first=False), old


async def _read(session: Session) -> dict[str, list[Message]]:
    """All lists that the server says it has."""
    capabilities = session.server.get("capabilities") or {}
    wanted = {"tools": ("tools/list", "tools")}
    if "resources" in capabilities:
        wanted["resources"] = ("resources/list", "resources")
        wanted["templates"] = ("resources/templates/list", "resourceTemplates")
    if "prompts" in capabilities:
        wanted["prompts"] = ("prompts/list", "prompts")
    if "tools" not in capabilities:
        del wanted["tools"]
    return {key: await _pages(session, method, member) for key, (method, member) in wanted.items()}


async def _pages(session: Session, method: str, member: str) -> list[Message]:
    found: list[Message] = []
    params: Message = {}
    for _ in range(PAGES):
        page = await session.call(method, params, Nobody())
        found += [each for each in page.get(member) or [] if isinstance(each, dict)]
        if not page.get("nextCursor"):
            break
        params = {"cursor": page["nextCursor"]}
    return found


async def _both_eras(upstreams: Upstreams, endpoint: Endpoint, session: Session) -> tuple[Message, list[str]]:
    """What the server can do in either era; logging and subscriptions exist in the older one only."""
    told = session.server.get("capabilities") or {}
    if session.era == "legacy":
        return told, [str(session.server.get("protocolVersion"))]
    older = LegacySession(upstreams.wire, endpoint)
    try:
        await older.initialize(Nobody())
    except (UpstreamFailed, RpcError):
        return told, [session.era]
    await older.close()
    return {**(older.server.get("capabilities") or {}), **told}, [session.era, older.version]


def _written(
    endpoint: Endpoint,
    server: Message,
    offered: dict[str, list[Message]],
    capabilities: Message,
    versions: list[str],
    name: str | None,
) -> Imported:
    info = server.get("serverInfo") or (server.get("_meta") or {}).get(
        "io.modelcontextprotocol/serverInfo", {}
    )
    scheme_name, schemes = _auth(endpoint.headers)
    notes: list[Note] = []
    operations = _operations(offered.get("tools", []), endpoint, scheme_name, notes)
    target = urlsplit(endpoint.url)
    title = str(info.get("title") or info.get("name") or target.hostname or "MCP server")[:120]
    manifest = catalog.Manifest(
        name=name or f"imported/{_slug(title)}",
        title=title,
        summary=str(info.get("description") or f"Tools of the MCP server {title}.")[:100],
        description=str(server.get("instructions") or info.get("description") or "")[:40_000],
        domains=[target.hostname] if target.hostname else [],
        auth=catalog.Auth(schemes=schemes),
        egress=catalog.Egress(hosts=[target.netloc.rpartition("@")[2]]),
        compatibility={"mcp": ", ".join(versions)},
        operations=operations,
        mcp=catalog.McpPassThrough(
            server=endpoint.url,
            transport="sse" if endpoint.transport == "sse" else "streamable-http",
            capabilities=capabilities,
            resources=offered.get("resources", []),
            resource_templates=offered.get("templates", []),
            prompts=offered.get("prompts", []),
        ),
    )
    return Imported(
        manifest=manifest,
        notes=notes,
        source_version=versions[0],
        auth_kinds=[_kind(scheme) for scheme in schemes.values()],
        defined_operations=len(offered.get("tools", [])),
    )


def _slug(title: str) -> str:
    return _WORDS.sub("-", title.lower()).strip("-")[:48].strip("-") or "mcp-server"


def _auth(headers: Mapping[str, str]) -> tuple[str | None, dict[str, catalog.AuthScheme]]:
    """The scheme of the credential that the import was made with."""
    for name, value in headers.items():
        if name.lower() != "authorization":
            return "key", {"key": catalog.AuthScheme(type="apiKey", location="header", parameter=name)}
        scheme = value.partition(" ")[0].lower()
        return scheme, {scheme: catalog.AuthScheme(type="http", scheme=scheme)}
    return None, {}


def _kind(scheme: catalog.AuthScheme) -> str:
    return f"{scheme.type}:{scheme.location or scheme.scheme}"


def _operations(
    tools: list[Message], endpoint: Endpoint, scheme: str | None, notes: list[Note]
) -> list[catalog.Operation]:
    names: set[str] = set()
    operations = []
    for position, tool in enumerate(tools):
        upstream_name, pointer = str(tool.get("name", "")), f"/tools/{position}"
        fault = header_fault(tool.get("inputSchema"))
        if not upstream_name or fault:
            left_out = (
                f"Left out {upstream_name or 'a tool without a name'}: {fault or 'it cannot be called'}."
            )
            notes.append(Note(level="warning", pointer=pointer, message=left_out))
            continue
        name = operation_name(upstream_name, names)
        names.add(name)
        if name != upstream_name:
            message = f"{upstream_name} is named {name} here; the server is still called by its own name."
            notes.append(Note(level="info", pointer=pointer, message=message, operation=name))
        operations.append(_operation(tool, name, endpoint, scheme, notes))
    if operations:
        hints = "Effects come from the server's own hints, which nobody has verified."
        notes.append(Note(level="info", message=hints))
    return operations


def operation_name(upstream_name: str, taken: set[str]) -> str:
    """A valid operation name that is close to the upstream's, and not taken."""
    name = re.sub(r"[^a-z0-9_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", upstream_name).lower())
    name = name.strip("_") or "tool"
    if not name[0].isalpha():
        name = f"tool_{name}"
    name = name[:_NAME_LENGTH]
    free, number = name, 2
    while free in taken:
        suffix = f"_{number}"
        free, number = name[: _NAME_LENGTH - len(suffix)] + suffix, number + 1
    return free


def _operation(
    tool: Message, name: str, endpoint: Endpoint, scheme: str | None, notes: list[Note]
) -> catalog.Operation:
    hints = tool.get("annotations") if isinstance(tool.get("annotations"), dict) else {}
    description = str(tool.get("description") or "")
    if len(description) > 8_000:
        notes.append(
            Note(level="warning", message="The description was cut to 8,000 characters.", operation=name)
        )
    return catalog.Operation(
        name=name,
        title=str(tool.get("title") or (hints or {}).get("title") or "")[:200],
        description=description[:8_000],
        input_schema=_schema(tool.get("inputSchema"), name, notes) or {"type": "object"},
        output_schema=_schema(tool.get("outputSchema"), name, notes),
        implementation=catalog.McpImplementation(
            server=endpoint.url,
            transport="sse" if endpoint.transport == "sse" else "streamable-http",
            tool=str(tool["name"]),
            upstream=tool,
            security=[{scheme: []}] if scheme else [],
        ),
        effects=effects(str(tool["name"]), hints or {}),
    )


def _schema(schema: Any, name: str, notes: list[Note]) -> Message | None:
    """The schema as it came, where arguments can be checked against it."""
    if not isinstance(schema, dict):
        return None
    try:
        Validator(schema)
    except SchemaBroken as fault:
        message = f"A schema of the server is not valid, so arguments are not checked against it: {fault}"
        notes.append(Note(level="warning", message=message, operation=name))
        return None
    return schema


def effects(name: str, hints: Mapping[str, Any]) -> catalog.Effects:
    """What a tool does to the world, by its own untrusted hints; without hints the worst is assumed.

    Source:
        MCP schema, ToolAnnotations: readOnlyHint is false by default, destructiveHint and openWorldHint
        true, idempotentHint false; the last two of them mean nothing where the tool only reads.
    """
    open_world = hints.get("openWorldHint") is not False
    if hints.get("readOnlyHint") is True:
        return catalog.Effects(
            kind="read", read_only=True, destructive=False, idempotent=True, open_world=open_world
        )
    first = re.split(r"[^a-z]+", name.lower(), maxsplit=1)[0]
    kind = next((kind for kind, verbs in _KINDS.items() if first in verbs), "opaque")
    return catalog.Effects.model_validate(
        {
            "kind": kind,
            "destructive": hints.get("destructiveHint") is not False,
            "idempotent": hints.get("idempotentHint") is True,
            "open_world": open_world,
        }
    )
