"""Strings that break programs survive a round trip through ours."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.requirements import requirement
from tests.security.matrix import Things
from tests.security.stage import echo, stage_of

STRINGS = json.loads((Path(__file__).parents[1] / "data" / "json" / "naughty_strings.json").read_text())
# Not in the list, and worse: what the database or the encoding cannot hold.
IMPOSSIBLE = ["\x00", "a\x00b"]
NAME_CHARACTERS = 120


@pytest.fixture(scope="module")
async def owner(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Things]:
    async with (
        echo() as (upstream, _),
        stage_of(postgres_url, tmp_path_factory.mktemp("naughty"), upstream=upstream) as people,
    ):
        client = people.client(await people.key(await people.person("owner")))
        yield Things(client, "acme", upstream)


@requirement("1.f/naughty-names")
async def test_a_key_keeps_its_name(owner):
    for name in STRINGS:
        answer = await owner.owner.post("/v1/keys", json={"name": name})
        if 1 <= len(name) <= NAME_CHARACTERS:
            assert answer.json()["name"] == name
        else:
            assert answer.status_code == 422

    page = {"items": [], "next_cursor": None}
    kept = []
    while not kept or page["next_cursor"]:
        params = {"limit": 200, **({"cursor": page["next_cursor"]} if page["next_cursor"] else {})}
        page = (await owner.owner.get("/v1/keys", params=params)).json()
        kept += [item["name"] for item in page["items"]]
    assert {name for name in STRINGS if 1 <= len(name) <= NAME_CHARACTERS} <= set(kept)


@requirement("1.f/naughty-descriptions")
async def test_a_draft_keeps_its_description(owner):
    draft = await owner.draft()
    description = "\n".join(STRINGS)
    manifest = {**draft["manifest"], "description": description, "tags": STRINGS[:40]}
    path = f"/v1/drafts/{draft['draft_id']}"

    saved = await owner.owner.put(path, json={"manifest": manifest}, headers={"If-Match": '"1"'})
    read = await owner.owner.get(path)

    assert saved.json()["manifest"]["description"] == description
    assert read.json()["manifest"]["description"] == description


@requirement("1.f/naughty-reviews")
async def test_a_review_keeps_its_text(owner):
    made = await owner.run()
    path = f"/v1/tools/{made['tool']}/reviews"
    parts = ["\n".join(STRINGS[start : start + 25]) for start in range(0, len(STRINGS), 25)]

    for part in parts:
        assert len(part) <= 4_000
        assert (await owner.owner.put(f"{path}/mine", json={"stars": 3, "text": part})).json()["text"] == part
        assert (await owner.owner.get(path)).json()["items"][0]["text"] == part


async def test_a_search_for_anything_is_answered(owner):
    for words in [*STRINGS, *IMPOSSIBLE]:
        answer = await owner.owner.get("/v1/tools", params={"q": words})
        assert answer.status_code in {200, 400, 422}, f"{words!r}: {answer.text}"


@pytest.mark.parametrize("text", IMPOSSIBLE)
async def test_what_cannot_be_kept_is_refused(owner, text):
    client: httpx.AsyncClient = owner.owner
    connection = {"name": text, "kind": "bearer", "secret": {"token": "t"}, "hosts": ["x.test"]}

    assert (await client.post("/v1/keys", json={"name": text})).status_code == 422
    assert (await client.post("/v1/connections", json=connection)).status_code == 422
    assert (await client.post("/v1/toolsets", json={"name": text, "slug": "s"})).status_code == 422
    assert (await client.post("/v1/session", json={"email": text, "password": text})).status_code == 422
    created = await client.post("/v1/drafts", json={"name": "acme/nul", "title": text})
    assert created.status_code == 422
