"""Event streams, mirrored headers and names of the MCP client and importer."""

from collections.abc import AsyncIterator

import pytest

from toolmarket.importers.mcp import effects, operation_name
from toolmarket.kit.mcp_messages import (
    UpstreamFailed,
    argument_headers,
    encode_header,
    header_fault,
    read_events,
)
from toolmarket.runtime.gateway.passing import matches


async def chunked(text: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_events_are_cut_wherever_the_network_cuts(size: int, end: str) -> None:
    lines = [
        ": ping",
        "",
        "id: 1",
        "event: message",
        "data: {",
        "data: }",
        "",
        "retry: 50",
        "data: ü",
        "",
        "",
    ]

    events = [
        event
        async for event in read_events(chunked(end.join(lines).encode(), size), limit_bytes=1_000)
        if event.data or event.retry_milliseconds
    ]

    assert [(event.data, event.id) for event in events] == [("{\n}", "1"), ("ü", None)]
    assert events[1].retry_milliseconds == 50


async def test_an_endless_event_is_cut_off() -> None:
    with pytest.raises(UpstreamFailed):
        async for _ in read_events(chunked(b"data: " + b"x" * 5_000, 100), limit_bytes=1_000):
            pass


@pytest.mark.parametrize(
    ("value", "written"),
    [("plain", "plain"), (" edge", "=?base64?IGVkZ2U=?="), ("ü", "=?base64?w7w=?="), ("", "")],
)
def test_header_values_survive(value: str, written: str) -> None:
    assert encode_header(value) == written


def test_annotated_arguments_travel_as_headers_and_absent_ones_do_not() -> None:
    schema = {
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "deep": {"properties": {"count": {"type": "integer", "x-mcp-header": "Count"}}},
            "verbose": {"type": "boolean", "x-mcp-header": "Verbose"},
        }
    }

    assert header_fault(schema) is None
    assert argument_headers(schema, {"region": "eu", "deep": {"count": 2}, "verbose": None}) == {
        "Mcp-Param-Region": "eu",
        "Mcp-Param-Count": "2",
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "string", "x-mcp-header": ""}}},
        {"properties": {"a": {"type": "string", "x-mcp-header": "two words"}}},
        {"properties": {"a": {"type": "number", "x-mcp-header": "A"}}},
        {"properties": {"a": {"items": {"type": "string", "x-mcp-header": "A"}}}},
        {
            "properties": {
                "a": {"type": "string", "x-mcp-header": "A"},
                "b": {"type": "string", "x-mcp-header": "a"},
            }
        },
    ],
)
def test_wrong_annotations_are_found(schema: dict) -> None:
    assert header_fault(schema)


@pytest.mark.parametrize(
    ("upstream", "name"),
    [
        ("get_weather", "get_weather"),
        ("getWeather", "get_weather"),
        ("files.read/Now!", "files_read_now"),
        ("2fa", "tool_2fa"),
        ("日本", "tool"),
        ("x" * 90, "x" * 48),
    ],
)
def test_any_upstream_name_becomes_a_valid_one(upstream: str, name: str) -> None:
    assert operation_name(upstream, set()) == name
    assert operation_name(upstream, {name}) == f"{name[:46]}_2"


def test_hints_are_read_pessimistically() -> None:
    unknown = effects("do_it", {})
    reading = effects("get", {"readOnlyHint": True, "destructiveHint": True})
    removing = effects("delete_file", {"idempotentHint": True, "openWorldHint": False})

    assert (unknown.kind, unknown.destructive, unknown.open_world) == ("opaque", True, True)
    assert (reading.kind, reading.read_only, reading.destructive) == ("read", True, False)
    assert (removing.kind, removing.idempotent, removing.open_world) == ("delete", True, False)


@pytest.mark.parametrize(
    ("template", "uri", "fits"),
    [
        ("test://template/{id}/data", "test://template/1/data", True),
        ("test://template/{id}/data", "test://template/1/other", False),
        ("file:///{+path}", "file:///a/b/c", True),
        ("a+b://{x}", "aab://1", False),
    ],
)
def test_templates_match_their_uris(template: str, uri: str, fits: bool) -> None:
    assert matches(template, uri) is fits
