"""The demo, as a script finds it that drives a running product."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.product import PROGRAM, Product, running
from tests.requirements import requirement


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="toolmarket-demo-") as name:
        Path(name).chmod(0o755)
        with running(Path(name), demo=True) as product:
            yield product


@pytest.fixture(scope="module")
def demo(product: Product) -> dict[str, Any]:
    return product.described()


def first_key(demo: dict[str, Any], organisation: str) -> httpx.Client:
    key = next(each["key"] for each in demo["api_keys"] if each["organisation"] == organisation)
    return httpx.Client(base_url=demo["base_url"], headers={"Authorization": f"Bearer {key}"})


def complaint(product: Product) -> str:
    """What a start that cannot succeed says."""
    ended = subprocess.run(
        [*PROGRAM, "serve"], env=product.environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    return ended.stderr


def refused_within_a_second(client: httpx.Client) -> int:
    """The last answer, which must become a refusal within a second."""
    deadline = time.monotonic() + 1
    while (status := client.get("/v1/runs").status_code) == 200 and time.monotonic() < deadline:
        continue
    return status


@requirement("12.3.c/demo-describes-itself")
def test_the_description_names_every_role_and_a_dozen_installations(demo: dict[str, Any]) -> None:
    roles = {account["role"] for account in demo["accounts"]}

    assert roles >= {"owner", "admin", "builder", "publisher", "reviewer", "auditor", "member"}
    assert roles >= {"platform admin", "platform moderator"}
    assert len({account["organisation"] for account in demo["accounts"]}) == 2
    assert len(demo["installations"]) == 12
    assert demo["mcp_url"] == demo["base_url"] + "/mcp"


@requirement("12.3.c/demo-is-waited-for")
def test_who_asks_while_the_product_still_starts_is_answered_when_it_is_complete() -> None:
    with tempfile.TemporaryDirectory(prefix="toolmarket-early-") as name:
        Path(name).chmod(0o755)
        starting = Product(Path(name), demo=True)
        early = subprocess.Popen(
            [*PROGRAM, "demo", "--json"], env=starting.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            starting.start()
            answer, _ = early.communicate(timeout=120)
        finally:
            starting.stop()

    assert early.returncode == 0
    assert len(json.loads(answer)["installations"]) == 12


@requirement("3.3.a/demo-installations-answer")
def test_the_first_operation_of_each_installation_answers_its_example(demo: dict[str, Any]) -> None:
    outcomes = {}
    for installation in demo["installations"]:
        operation = installation["operations"][0]
        path = f"/v1/installations/{installation['id']}/operations/{operation['name']}/runs"
        with first_key(demo, installation["organisation"]) as client:
            answer = client.post(path, json=operation["example_input"])
        outcomes[operation["mcp_name"], installation["organisation"]] = answer.json().get("outcome")

    assert set(outcomes.values()) == {"ok"}, outcomes


def test_the_first_key_lists_days_of_runs_that_were_really_made(demo: dict[str, Any]) -> None:
    for organisation in ("acme", "lindqvist"):
        with first_key(demo, organisation) as client:
            runs = client.get("/v1/runs", params={"limit": 200}).json()

        assert runs["total"] >= 400
        shown = [run for run in runs["items"] if run["demo"]]
        assert len({run["started_at"][:10] for run in shown}) >= 2
        assert {run["outcome"] for run in shown} >= {"ok"}
        assert all(run["own_milliseconds"] + run["upstream_milliseconds"] > 0 for run in shown)


def test_everybody_can_sign_in(demo: dict[str, Any]) -> None:
    refused = []
    for account in demo["accounts"]:
        with httpx.Client(base_url=demo["base_url"]) as client:
            wish = {"email": account["email"], "password": account["password"]}
            if client.post("/v1/session", json=wish).status_code != 200:
                refused.append(account["email"])

    assert refused == []


@requirement("12.3.c/second-start")
def test_a_second_start_is_quick_and_knows_the_same_demo(product: Product, demo: dict[str, Any]) -> None:
    product.interrupt()
    started = time.monotonic()
    product.start()
    again = product.described()

    assert time.monotonic() - started < 30
    assert again["api_keys"] == demo["api_keys"]


@requirement("12.3.c/a-wrong-setting-is-one-line")
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TOOLMARKET_PORT", "abc", "port"),
        ("TOOLMARKET_EGRESS_ALLOW", "nonsense", "TOOLMARKET_EGRESS_ALLOW"),
        ("TOOLMARKET_RUNTIME_STRICT", "perhaps", "strict"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    told = complaint(Product(tmp_path, **{name: value}))

    assert words in told
    assert len(told.strip().splitlines()) == 1


def test_a_port_in_use_is_told_before_anything_starts(product: Product, tmp_path: Path) -> None:
    other = Product(tmp_path, TOOLMARKET_PORT=str(product.port))

    assert str(product.port) in complaint(other)
    assert not (tmp_path / "data" / "postgres").exists()


def test_an_organisation_is_founded_from_the_command_line(product: Product) -> None:
    answer = subprocess.run(
        [*PROGRAM, "found", "globex", "boss@globex.example"],
        env=product.environment,
        input="a-long-password\na-long-password\n",
        capture_output=True,
        text=True,
        check=False,
    )
    wish = {"email": "boss@globex.example", "password": "a-long-password"}

    assert answer.returncode == 0, answer.stderr
    assert httpx.post(f"{product.base_url}/v1/session", json=wish).json()["role"] == "owner"


def test_one_command_takes_the_demo_away(product: Product, demo: dict[str, Any]) -> None:
    with first_key(demo, "acme") as client:
        before = client.get("/v1/runs").status_code
        product.command("demo", "--remove", "--yes")
        after = refused_within_a_second(client)

    assert (before, after) == (200, 401)
    assert "whole" in product.command("audit", "verify")
