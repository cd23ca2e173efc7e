"""Finding tools by words, for catalogues that are too large to read."""

import math
import re
from collections import Counter
from typing import Any

import orjson

from toolmarket.runtime.gateway.ports import BYTES_A_TOKEN, Catalogue, ToolEntry

SEARCH, CALL = "search_tools", "call_tool"
MOST = 20
_WORD = re.compile(r"[a-z0-9]+")
_NAME_WEIGHT, _TEXT_WEIGHT, _PARAMETER_WEIGHT = 3.0, 1.0, 1.0


def search_tool(catalogue: Catalogue) -> bytes:
    """The tool object of `search_tools`, with what reading the whole list would cost."""
    return orjson.dumps(
        {
            "name": SEARCH,
            "title": "Search tools",
            "description": f"Find the right tool among {len(catalogue.tools)} by describing the task. Gives "
            f"tool objects with their input schemas; call them by name or with {CALL}. Reading the "
            f"whole list instead costs about {catalogue.tokens} tokens.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "query": {"type": "string", "description": "What you want to do, in a few words."},
                    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 5},
                },
                "required": ["query"],
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": False},
        }
    )


def call_tool() -> bytes:
    """The tool object of `call_tool`."""
    return orjson.dumps(
        {
            "name": CALL,
            "title": "Call a tool",
            "description": f"Call a tool that {SEARCH} found.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "Name of the tool."},
                    "arguments": {"type": "object", "description": "Its arguments."},
                },
                "required": ["name"],
                "additionalProperties": False,
            },
        }
    )


def words(text: str) -> list[str]:
    """The words of a text, in lower case, a plural s cut off."""
    found = _WORD.findall(text.lower().replace("_", " "))
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found]


def find(catalogue: Catalogue, query: str, limit: int = 5) -> list[ToolEntry]:
    """The tools that fit the words best; rare words weigh more, and a name more than a text."""
    asked = set(words(query))
    weights = [(entry, _terms(entry)) for entry in catalogue.tools]
    seen = Counter(term for _, terms in weights for term in terms)
    total = len(weights)
    scored = []
    for position, (entry, terms) in enumerate(weights):
        score = sum(terms[term] * math.log(1 + total / seen[term]) for term in asked if term in terms)
        if score > 0:
            scored.append((-score / math.sqrt(len(terms) + 4), position, entry))
    return [entry for _, _, entry in sorted(scored, key=lambda item: item[:2])[:limit]]


def _terms(entry: ToolEntry) -> dict[str, float]:
    operation = entry.operation
    terms: dict[str, float] = {}
    parts = (
        (_NAME_WEIGHT, f"{entry.mcp_name} {operation.title}"),
        (_TEXT_WEIGHT, f"{operation.description} {' '.join(operation.tags)}"),
        (_PARAMETER_WEIGHT, " ".join(operation.input_schema.get("properties", {}))),
    )
    for weight, text in parts:
        for word in words(text):
            terms[word] = max(terms.get(word, 0.0), weight)
    return terms


def found(catalogue: Catalogue, arguments: dict[str, Any]) -> dict[str, Any]:
    """The result of `search_tools`."""
    query = str(arguments.get("query", ""))
    limit = arguments.get("limit")
    limit = limit if isinstance(limit, int) and 1 <= limit <= MOST else 5
    tools = [orjson.loads(entry.tool_json) for entry in find(catalogue, query, limit)]
    text = orjson.dumps(tools).decode()
    content: dict[str, Any] = {
        "tools": tools,
        "catalogue_tools": len(catalogue.tools),
        "catalogue_tokens": catalogue.tokens,
        "answer_tokens": len(text) // BYTES_A_TOKEN,
    }
    told = text if tools else "No tool fits these words. Try others, or fewer."
    return {"content": [{"type": "text", "text": told}], "structuredContent": content}
