"""What one million recorded runs take on disk, index by index: `python -m tests.perf.run_size [rows]`.

The rows arrive as the product writes them: by COPY, several in a transaction, the organisations mixed.
"""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import asyncpg

from tests.many_runs import Tenant, record_runs, runs
from toolmarket.kit import migrations
from toolmarket.kit.database import Database
from toolmarket.kit.postgres import EmbeddedPostgres

ROWS = 1_000_000
MOST_MEGABYTES = 500
TOGETHER = 20
SIZES = """
    select coalesce(regexp_replace(index.relname, '^runtime_runs_[^_]+_', ''), 'rows') as part,
        sum(pg_relation_size(coalesce(index.oid, run.oid))) as bytes
    from pg_inherits join pg_class run on run.oid = inhrelid
        left join lateral (
            select null::oid as oid, null::name as relname
            union all
            select indexrelid, relname from pg_index join pg_class on oid = indexrelid
            where indrelid = run.oid
        ) index on true
    where inhparent = 'runtime_runs'::regclass
    group by 1 order by 2 desc"""


async def sizes(url: str) -> dict[str, int]:
    """Bytes of the rows and of each index, over all months."""
    connection = await asyncpg.connect(url)
    try:
        return {row["part"]: int(row["bytes"]) for row in await connection.fetch(SIZES)}
    finally:
        await connection.close()


async def fill(url: str, rows: int) -> None:
    """Record so many runs of four weeks."""
    database = Database(url)
    tenants = [Tenant(weight=weight) for weight in (60, 25, 10, 4, 1)]
    await record_runs(database, runs(tenants, rows, over=timedelta(days=28)), together=TOGETHER)
    await database.close()


def main() -> int:
    """Measure, print, and tell by the exit code whether the budget holds."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder)) as url:
            migrations.upgrade(url)
            asyncio.run(fill(url, rows))
            found = asyncio.run(sizes(url))
    scale = 1_000_000 / rows / 1e6
    for part, size in found.items():
        print(f"{part:28} {size * scale:7.1f} MB a million")
    total = sum(found.values()) * scale
    print(f"{'together':28} {total:7.1f} MB a million, at most {MOST_MEGABYTES}")
    return int(total > MOST_MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
