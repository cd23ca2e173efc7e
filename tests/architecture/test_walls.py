"""Dangerous things happen in one place each."""

import ast
import re
from collections.abc import Iterable

from tests.architecture.sources import ROOT, modules

NETWORK = {
    *("aiohttp", "httpx", "httpx2", "requests", "urllib3", "websockets", "xmlrpc"),
    *("socket", "http.client", "urllib.request", "ftplib"),
}
NETWORK_HOMES = {"kit/egress.py", "kit/transports.py"}
STARTERS = re.compile(
    r"(^|\.)(Popen|create_subprocess_(exec|shell)|fork|forkpty|posix_spawnp?|exec[lv]p?e?|system|popen|check_output|"
    r"ProcessPoolExecutor)$|^subprocess\.run$|^multiprocessing\."
)
STARTER_HOMES = {"kit/processes.py", "kit/launch.py"}
LOGGING = {"exception", "error", "warning", "critical"}


def among(name: str, families: Iterable[str]) -> bool:
    return any(name == family or name.startswith(family + ".") for family in families)


def users(families: Iterable[str], homes: set[str]) -> list[str]:
    """Files outside of `homes` that import one of these."""
    return [
        f"{module.name} imports {name}"
        for module in modules()
        if not any(module.name == home or module.name.startswith(home + "/") for home in homes)
        for name in module.imported()
        if among(name, families)
    ]


def test_the_network_is_reached_through_egress_only() -> None:
    assert users(NETWORK, NETWORK_HOMES) == []
    assert [m.name for m in modules() if "asyncio.open_connection" in m.called()] == []


def test_the_protocol_sdk_stays_in_gateway_executor_and_importer() -> None:
    homes = {"runtime/gateways", "runtime/gateway", "runtime/executors", "importers", "app", "demo"}

    assert users({"mcp"}, homes) == []


def test_children_are_started_by_processes_only() -> None:
    wrong = [
        f"{module.name} calls {name}"
        for module in modules()
        if module.name not in STARTER_HOMES
        for name in module.called()
        if STARTERS.search(name)
    ]

    assert wrong == []


def test_only_the_vault_decrypts() -> None:
    """The audit trail keeps its own keys, one a person, so that erasing a person is destroying a key."""
    wrong = [
        module.name
        for module in modules()
        if module.room != "vault"
        and module.name != "audit/keys.py"
        and any(
            name.split(".")[-1] in {"decrypt", "AESGCM", "Fernet", "ChaCha20Poly1305"}
            for name in module.called()
        )
    ]

    assert wrong == []


def test_jq_runs_in_workers_only() -> None:
    assert users({"jq"}, {"runtime/shaping_worker.py"}) == []


def handles_all(handler: ast.ExceptHandler) -> bool:
    kinds = ast.walk(handler.type) if handler.type else []
    return handler.type is None or bool(
        {"Exception", "BaseException"} & {node.id for node in kinds if isinstance(node, ast.Name)}
    )


def tells(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises again or logs."""
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING)
        for node in ast.walk(handler)
    )


def test_no_error_is_swallowed() -> None:
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and handles_all(node) and not tells(node)
    ]

    assert wrong == []


def test_no_rule_is_switched_off_and_nothing_is_left_for_later() -> None:
    marks = re.compile(r"#\s*(noqa|type:\s*ignore(?!\[))|\b(TODO|FIXME|XXX)\b")
    wrong = [module.name for module in modules() if marks.search(module.text)]

    assert wrong == []


def test_no_test_is_skipped() -> None:
    marks = re.compile(r"pytest\.(mark\.(skip|skipif|xfail)|skip|xfail|importorskip)\b")
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != "test_walls.py"]

    assert [str(path.relative_to(ROOT)) for path in tests if marks.search(path.read_text())] == []
