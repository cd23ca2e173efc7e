"""The run row: its columns, in the order of COPY, and how one is made."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from toolmarket.runtime.schemas import Channel, Outcome

OUTCOMES = tuple(Outcome)
CHANNELS = tuple(Channel)
PRINCIPAL_KINDS = ("user", "key", "agent", "system")
DURABILITY = ("spooled", "strict")
ENVIRONMENTS = ("live", "sandbox")
TOKEN_COUNTERS = ("none", "bytes/4")


class RunRow(NamedTuple):
    """One row of `runtime_runs`. Times are microseconds; the enumerations are positions in this file."""

    id: UUID
    org_id: UUID
    installation_id: UUID | None
    operation_id: UUID
    version_id: UUID | None
    principal_id: UUID
    user_id: UUID
    trace_id: UUID
    started_at: Any
    queue_micros: int
    own_micros: int
    upstream_micros: int
    total_micros: int
    bytes_in: int
    bytes_out: int
    answer_tokens: int | None
    retries: int
    http_status: int | None
    outcome: int
    channel: int
    environment: int
    durability: int
    token_counter: int
    principal_kind: int
    demo: bool
    operation_name: str
    client_name: str | None
    client_version: str | None
    session_key: str | None
    problem_code: str | None
    upstream_code: str | None
    on_behalf_of_id: UUID | None = None
    decision_id: UUID | None = None
    parent_run_id: UUID | None = None
    chain_id: UUID | None = None
    cost_micros: int = 0
    worker_cpu_milliseconds: int | None = None
    worker_peak_mib: int | None = None
    error_template_id: int | None = None
    rule_version: int | None = None
    price_version: int | None = None
    step: str | None = None
    cost_parts: str | None = None


RUN_COLUMNS = RunRow._fields


class DetailRow(NamedTuple):
    """One row of `runtime_details`: what was said, for the trace."""

    id: UUID
    org_id: UUID
    arguments: bytes
    answer: bytes
    content_type: str
    trace: bytes


DETAIL_COLUMNS = DetailRow._fields


@dataclass(slots=True)
class Record:
    """Everything that one finished call leaves behind, written in one transaction.

    `audit` is a row of audit's COPY, `facts` are rows of billing's. `remembered` is the stored
    answer of an idempotency key.
    """

    run: RunRow
    detail: DetailRow
    audit: tuple[Any, ...]
    facts: tuple[tuple[Any, ...], ...] = ()
    remembered: tuple[UUID, UUID, str, bytes] | None = None
    strict: bool = False


class News(NamedTuple):
    """What is told of a run once it is committed; `outcome` is a position in `OUTCOMES`."""

    id: UUID
    org_id: UUID
    outcome: int


@dataclass(slots=True)
class Encoded:
    """A record as COPY takes it: rows of runs, details and audit events as bytes.

    It waits in memory until it is copied, and takes a tenth of what the objects would.
    """

    run: News
    rows: tuple[bytes, bytes, bytes]
    facts: tuple[tuple[Any, ...], ...] = ()


def clean(text: str | None, most: int = 120) -> str | None:
    """Text that PostgreSQL takes: without NUL and lone surrogates, bounded."""
    if text is None or (text.isascii() and text.isprintable() and len(text) <= most):
        return text
    return "".join(letter for letter in text[:most] if letter.isprintable())
