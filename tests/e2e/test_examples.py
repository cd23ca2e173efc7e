"""Examples and the tutorial do what they say, on the running product."""

import re
import subprocess
import sys
from typing import Any

from tests.architecture.sources import ROOT
from tests.product import Product
from tests.requirements import requirement

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def run(product: Product, *command: str, **environment: str) -> str:
    """The output of a program that is started in the checkout."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**product.environment, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def key(demo: dict[str, Any]) -> str:
    return str(next(each["key"] for each in demo["api_keys"] if each["organisation"] == "acme"))


@requirement("10.2.a/main-job")
def test_the_script_goes_from_a_description_to_recorded_runs(
    demo: dict[str, Any], live_product: Product
) -> None:
    told = run(live_product, "sh", "examples/first-tool.sh")

    assert told.splitlines()[-3:-1] == ["ok", "2"]
    assert told.splitlines()[-1].startswith(f"{demo['base_url']}/runs/")


def test_the_tutorial_works_when_it_is_copied(demo: dict[str, Any], live_product: Product) -> None:
    text = (ROOT / "docs" / "tutorial" / "first-tool.md").read_text()
    script = "\n".join(block for block in BLOCK.findall(text) if "make run" not in block)

    told = run(live_product, "sh", "-ec", script)

    assert '"outcome":"ok"' in told
    assert "done:" in told
    assert '"total": 2' in told


def test_a_program_lists_and_calls_tools(demo: dict[str, Any], live_product: Product) -> None:
    program = [sys.executable, "examples/agents/mcp_client.py"]
    access = {"TOOLMARKET_KEY": key(demo), "TOOLMARKET_MCP_URL": demo["mcp_url"]}

    listed = run(live_product, *program, **access)
    called = run(live_product, *program, "weather_list_cities", "{}", **access)

    assert "weather_list_cities: " in listed
    assert called.startswith("done: ")


def test_the_standard_library_is_enough(demo: dict[str, Any], live_product: Product) -> None:
    program = [sys.executable, "examples/agents/rest.py"]
    weather = next(each["id"] for each in demo["installations"] if each["alias"] == "weather")
    access = {"TOOLMARKET_KEY": key(demo), "TOOLMARKET_URL": demo["base_url"]}

    good = run(live_product, *program, weather, "list_cities", "{}", **access)
    refused = run(live_product, *program, weather, "get_forecast", '{"days": 99}', **access)

    assert '"outcome": "ok"' in good
    assert '"code": "arguments-invalid"' in refused
