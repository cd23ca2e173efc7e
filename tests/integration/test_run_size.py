"""The row of a run: whole, and small enough with its indexes."""

from collections.abc import Iterable

from sqlalchemy import text
from tests.perf import run_size
from tests.requirements import requirement

from toolmarket.kit.database import Database
from toolmarket.runtime.record import RUN_COLUMNS

ROWS = 50_000
DATABASE_ONLY = {"tx"}
"""The number of the transaction, which the database writes."""

FORM = {
    "organisation": ["org_id"],
    "installation": ["installation_id"],
    "operation": ["operation_id", "operation_name"],
    "version": ["version_id"],
    "principal": ["principal_id", "principal_kind", "user_id"],
    "on behalf of": ["on_behalf_of_id"],
    "client": ["client_name", "client_version"],
    "session": ["session_key"],
    "channel": ["channel"],
    "parent run, chain, step": ["parent_run_id", "chain_id", "step"],
    "environment": ["environment"],
    "times": ["started_at", "queue_micros", "own_micros", "upstream_micros", "total_micros"],
    "retries": ["retries"],
    "bytes": ["bytes_in", "bytes_out"],
    "answer tokens and their counter": ["answer_tokens", "token_counter"],
    "worker": ["worker_cpu_milliseconds", "worker_peak_mib"],
    "outcome": ["outcome", "problem_code", "http_status", "upstream_code", "error_template_id"],
    "decision": ["decision_id", "rule_version"],
    "price": ["price_version", "cost_micros", "cost_parts"],
    "trace": ["trace_id"],
    "record": ["id", "durability", "demo"],
}
"""What is known of a run, fixed for good; later rooms fill what is still empty."""


def flat(columns: Iterable[Iterable[str]]) -> list[str]:
    return [name for group in columns for name in group]


@requirement("4.1.a/run-row")
async def test_the_row_of_a_run_holds_everything_that_is_known_of_it(database: Database) -> None:
    columns = text("""
        select attname from pg_attribute
        where attrelid = 'runtime_runs'::regclass and attnum > 0 and not attisdropped
        order by attnum""")
    async with database.system_transaction() as session:
        in_table = (await session.scalars(columns)).all()

    assert sorted(flat(FORM.values())) == sorted(RUN_COLUMNS)
    assert sorted(in_table) == sorted([*RUN_COLUMNS, *DATABASE_ONLY])


@requirement("4.1.a/run-size")
async def test_a_million_runs_fit_into_500_megabytes_with_their_indexes(database: Database) -> None:
    await run_size.fill(database.url, ROWS)

    found = await run_size.sizes(database.url)

    assert len(found) >= 4
    assert sum(found.values()) / ROWS <= run_size.MOST_MEGABYTES
