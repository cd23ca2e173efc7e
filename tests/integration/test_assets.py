"""The files of the browser application."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from toolmarket.app.assets import Assets

TEXT = b"console.log('a page')\n" * 100


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "page-1a2b.js").write_bytes(TEXT)
    (tmp_path / "page-1a2b.js.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / "small.css").write_text("a{}")
    app = Starlette()
    app.mount("/assets", Assets(directory=tmp_path))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


async def test_a_packed_file_is_sent_to_those_who_take_it(client: httpx.AsyncClient) -> None:
    packed = await client.get("/assets/page-1a2b.js", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/assets/page-1a2b.js", headers={"Accept-Encoding": "identity"})

    assert packed.content == plain.content == TEXT
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert {answer.headers["content-type"].split(";")[0] for answer in (packed, plain)} <= {
        "text/javascript",
        "application/javascript",
    }


async def test_files_are_kept_for_ever_and_not_sent_twice(client: httpx.AsyncClient) -> None:
    first = await client.get("/assets/small.css")
    again = await client.get("/assets/small.css", headers={"If-None-Match": first.headers["etag"]})

    assert "immutable" in first.headers["cache-control"]
    assert first.headers["vary"] == "Accept-Encoding"
    assert (again.status_code, again.content) == (304, b"")
