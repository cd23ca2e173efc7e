"""A small MCP server to bring in: docs/how-to/use-an-mcp-server.md.

python examples/mcp_server.py [PORT]

Needs the package `mcp` (version 2), which the product's own environment has.
"""

import sys
from typing import Annotated

from mcp.server import MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

server = MCPServer("Warehouse", instructions="Shelves of a furniture warehouse.")
SHELVES = {"CHAIR-04": 61, "TABLE-01": 7}


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def count_stock(sku: Annotated[str, Field(description="Such as CHAIR-04.")]) -> dict[str, int]:
    """Count what lies on the shelf."""
    return {"count": SHELVES.get(sku, 0)}


@server.tool(annotations=ToolAnnotations(destructive_hint=False))
def add_stock(sku: str, count: Annotated[int, Field(ge=1, le=1_000)]) -> dict[str, int]:
    """Put something on the shelf."""
    SHELVES[sku] = SHELVES.get(sku, 0) + count
    return {"count": SHELVES[sku]}


if __name__ == "__main__":
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 9000)
