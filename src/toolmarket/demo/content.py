"""Who and what the demo has."""

from dataclasses import dataclass, field
from typing import Any, Literal

from toolmarket.identity.schemas import PlatformRole, Role

ROLES: tuple[Role, ...] = ("owner", "admin", "builder", "publisher", "reviewer", "auditor", "member")
ACCOUNTS: tuple[tuple[str, Role, PlatformRole | None], ...] = (
    *((role, role, None) for role in ROLES),
    ("platform-admin", "admin", "admin"),
    ("moderator", "member", "moderator"),
)
KEY_ROLES = ("admin", "builder", "publisher", "member")
CLIENTS = (("claude-code", "2.4.1"), ("cursor", "3.1.0"), ("openai-agents", "1.8.2"), ("curl", "8.9.1"))


@dataclass(frozen=True, slots=True)
class DemoTool:
    """A tool to import, publish and install.

    `document` is a file of `documents/`, or "acme" for our own service, of which `tags` choose the
    operations. `first` names the operation that comes first, with an input that works.
    """

    slug: str
    alias: str
    document: str
    summary: str
    category: str
    first: str
    example: dict[str, Any]
    tags: tuple[str, ...] = ()
    credential: Literal["", "key", "basic", "bearer"] = ""
    calls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """An organisation with its people and tools."""

    slug: str
    name: str
    people: tuple[str, ...]
    tools: tuple[DemoTool, ...]


_ACME = (
    DemoTool(
        "acme-orders",
        "orders",
        "acme",
        "Read, place and cancel orders of furniture.",
        "commerce",
        "list_orders",
        {"status": "open", "limit": 5},
        ("orders",),
        "key",
        {
            "list_orders": [{"limit": 20}, {"status": "open"}, {"status": "shipped", "limit": 50}],
            "create_order": [
                {"body": {"customer": "Harbour Hotel", "lines": [{"sku": "CHAIR-04", "quantity": 6}]}},
                {"body": {"customer": "Studio Nine", "lines": [{"sku": "TABLE-01", "quantity": 1}]}},
            ],
        },
    ),
    DemoTool(
        "acme-weather",
        "weather",
        "acme",
        "Forecast the weather where furniture is delivered.",
        "weather",
        "get_forecast",
        {"city": "Oslo", "days": 3},
        ("weather",),
        "",
        {"get_forecast": [{"city": "Lisbon"}, {"city": "Kyoto", "days": 7}], "list_cities": [{}]},
    ),
    DemoTool(
        "acme-documents",
        "docs",
        "acme",
        "Search the handbook, delivery terms and care instructions.",
        "documents",
        "search_documents",
        {"words": "oak"},
        ("documents",),
        "bearer",
        {"search_documents": [{"words": "warranty"}, {"words": "returns"}]},
    ),
    DemoTool(
        "acme-faults",
        "faults",
        "acme",
        "Slow and failing answers, to see how failures look.",
        "developer",
        "answer_slowly",
        {"milliseconds": 120},
        ("faults",),
        "",
        {
            "answer_slowly": [{"milliseconds": 80}, {"milliseconds": 240}],
            "answer_with_status": [{"status": 503}, {"status": 404}, {"status": 200}],
        },
    ),
)
_REAL_FIRST = (
    DemoTool(
        "canada-holidays",
        "holidays",
        "canada-holidays",
        "Public holidays of Canada by province.",
        "productivity",
        "holidays",
        {},
        calls={"provinces": [{}], "province": [{"provinceId": "MB"}]},
    ),
    DemoTool(
        "color-names",
        "colors",
        "color-names",
        "Names for colours, and colours for names.",
        "design",
        "get_names",
        {"name": "teal"},
        calls={"get_lists": [{}]},
    ),
)
_REAL_SECOND = (
    DemoTool(
        "groundhog-day",
        "groundhogs",
        "groundhog-day",
        "Groundhogs and their predictions.",
        "entertainment",
        "predictions",
        {},
        calls={"groundhogs": [{}]},
    ),
    DemoTool(
        "openfigi",
        "figi",
        "openfigi",
        "Identifiers of financial instruments.",
        "finance",
        "post_search",
        {"body": {"query": "ibm", "exchCode": "US"}},
        credential="key",
        calls={"get_mapping_values_by_key": [{"key": "idType"}]},
    ),
    DemoTool(
        "tcgdex",
        "cards",
        "tcgdex",
        "Trading cards, sets and series.",
        "entertainment",
        "get_sets",
        {},
        calls={"get_series": [{}], "cards": [{}]},
    ),
    DemoTool(
        "twilio-monitor",
        "monitor",
        "twilio-monitor",
        "Alerts and events of a telephone account.",
        "communication",
        "list_alert",
        {},
        credential="basic",
        calls={"list_event": [{}]},
    ),
)
_WEATHER_AGAIN = tuple(tool for tool in _ACME if tool.alias in {"weather", "orders"})
_PEOPLE = ("Maren Okafor", "Jonas Weber", "Priya Nair", "Lucia Ferri", "Tom Aalto", "Ines Duarte", "Noah Kim")
_OTHERS = ("Sara Holm", "Emre Demir", "Chloe Martin", "Diego Rojas", "Anna Kowal", "Liam Byrne", "Mei Tanaka")

ORGANISATIONS = (
    DemoOrganisation("acme", "Acme Furniture", _PEOPLE, (*_ACME, *_REAL_FIRST)),
    DemoOrganisation("lindqvist", "Lindqvist Freight", _OTHERS, (*_WEATHER_AGAIN, *_REAL_SECOND)),
)
