"""Many believable run rows, written the way the product writes them: COPY by the recorder."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from toolmarket.kit.database import Database
from toolmarket.kit.ids import new_id
from toolmarket.runtime.record import CHANNELS, OUTCOMES, PRINCIPAL_KINDS, RUN_COLUMNS, RunRow

OPERATIONS = ("create_order", "get_order", "list_orders", "search_documents", "get_forecast")
CLIENTS = (("claude-code", "2.1.4"), ("cursor-vscode", "1.0.0"), ("python-httpx", "0.28.1"), (None, None))


@dataclass(frozen=True)
class Tenant:
    """One organisation with its people, keys and installations; `weight` is its share of the runs."""

    weight: int = 1
    org_id: UUID = field(default_factory=new_id)
    people: tuple[UUID, ...] = field(default_factory=lambda: tuple(new_id() for _ in range(8)))
    keys: tuple[UUID, ...] = field(default_factory=lambda: tuple(new_id() for _ in range(24)))
    installations: tuple[tuple[UUID, UUID], ...] = field(
        default_factory=lambda: tuple((new_id(), new_id()) for _ in range(20))
    )

    def owner_of(self, key: int) -> UUID:
        """The person behind the key at that place."""
        return self.people[key % len(self.people)]


def run_row(tenant: Tenant, **values: Any) -> RunRow:
    """A run of a tenant that went well just now, changed by `values`."""
    at = values.pop("at", None) or datetime.now(UTC)
    installation_id, version_id = tenant.installations[0]
    row = dict.fromkeys(RUN_COLUMNS, None) | dict.fromkeys(
        ("cost_micros", "queue_micros", "retries", "channel", "environment", "durability", "outcome"), 0
    )
    row |= {
        "id": new_id(int(at.timestamp() * 1000)),
        "org_id": tenant.org_id,
        "installation_id": installation_id,
        "operation_id": operation_id(tenant, 0, 0),
        "version_id": version_id,
        "principal_id": tenant.keys[0],
        "user_id": tenant.owner_of(0),
        "trace_id": uuid4(),
        "started_at": at,
        "own_micros": 300,
        "upstream_micros": 20_000,
        "total_micros": 20_310,
        "queue_micros": 10,
        "bytes_in": 900,
        "bytes_out": 300,
        "answer_tokens": 220,
        "token_counter": 1,
        "http_status": 200,
        "principal_kind": PRINCIPAL_KINDS.index("key"),
        "demo": False,
        "operation_name": OPERATIONS[0],
    }
    return RunRow(**(row | values))


def operation_id(tenant: Tenant, installation: int, operation: int) -> UUID:
    """The id of an operation of the installation at that place."""
    return UUID(int=tenant.installations[installation][1].int ^ (operation + 1))


def runs(tenants: Sequence[Tenant], count: int, *, over: timedelta, seed: int = 7) -> Iterator[RunRow]:
    """Runs up to now in the order of time: mostly good, most of them through MCP by API keys."""
    chance = random.Random(seed)
    began = datetime.now(UTC) - over
    weights = [tenant.weight for tenant in tenants]
    for number in range(count):
        tenant = chance.choices(tenants, weights)[0]
        place = min(int(chance.expovariate(0.3)), len(tenant.installations) - 1)
        yield _believable(tenant, place, chance, began + over * (number / count))


def _believable(tenant: Tenant, place: int, chance: random.Random, at: datetime) -> RunRow:
    key = min(int(chance.expovariate(0.3)), len(tenant.keys) - 1)
    operation = chance.randrange(len(OPERATIONS))
    client, version = chance.choice(CLIENTS)
    upstream = int(chance.lognormvariate(10, 1))
    good = chance.random() < 0.96
    return run_row(
        tenant,
        at=at,
        installation_id=tenant.installations[place][0],
        version_id=tenant.installations[place][1],
        operation_id=operation_id(tenant, place, operation),
        operation_name=OPERATIONS[operation],
        principal_id=tenant.keys[key],
        user_id=tenant.owner_of(key),
        upstream_micros=upstream,
        total_micros=upstream + 310,
        outcome=0 if good else chance.randrange(1, len(OUTCOMES)),
        problem_code=None if good else "upstream-failed",
        http_status=200 if good else 502,
        channel=CHANNELS.index("mcp") if chance.random() < 0.7 else 0,
        client_name=client,
        client_version=version,
        session_key=f"{key:032x}",
    )


async def record_runs(database: Database, rows: Iterator[RunRow], *, together: int) -> None:
    """Write rows, so many in each transaction."""
    async with (await database.recorder()).acquire() as connection:
        while batch := list(islice(rows, together)):
            await connection.copy_records_to_table("runtime_runs", columns=RUN_COLUMNS, records=batch)
