"""Shapes of the audit trail."""

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from toolmarket.kit.schemas import Schema

PRINTABLE = r"^[^\x00-\x1f]*$"


class AuditEvent(Schema):
    """One thing that somebody did. `label`, `address` and `details` are gone once the person is erased."""

    id: UUID
    at: datetime
    action: Annotated[str, Field(description="What was done, such as `tool.published`.")]
    target: Annotated[str, Field(description="The id of what it was done to.")]
    outcome: Annotated[str, Field(description="`ok`, or why it did not happen.")]
    principal_id: UUID
    principal_kind: Literal["user", "key", "agent", "system"]
    person_id: Annotated[UUID, Field(description="The person, or the owner of the key.")]
    on_behalf_of_id: UUID | None
    trace_id: UUID | None
    rule_version: int | None
    before_sha256: Annotated[str | None, Field(description="Hash of the state before, as hex.")]
    after_sha256: str | None
    readable: Annotated[bool, Field(description="False once the person was erased.")]
    label: Annotated[str | None, Field(description="Name at that time.")]
    address: Annotated[str | None, Field(description="Network address it came from.")]
    details: Annotated[dict[str, Any], Field(description="The states before and after, where recorded.")]


class AuditFilter(Schema):
    """Which events, newest first."""

    action: Annotated[
        str | None,
        Field(max_length=100, pattern=PRINTABLE, description="An action, or a beginning with `*`."),
    ] = None
    target: Annotated[str | None, Field(max_length=200, pattern=PRINTABLE)] = None
    principal_id: UUID | None = None
    outcome: Annotated[str | None, Field(max_length=40, pattern=PRINTABLE)] = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    runs: Annotated[bool, Field(description="Also every run; they have a list of their own.")] = False
    cursor: Annotated[UUID | None, Field(description="The `next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Finding(Schema):
    """One thing that is wrong with the chain."""

    kind: Annotated[
        Literal[
            "changed",
            "removed",
            "added",
            "reordered",
            "block_missing",
            "block_changed",
            "block_replaced",
            "head_differs",
        ],
        Field(
            description="What happened to the event or, for `block_*`, to the block itself;"
            " `head_differs`: the chain is not the one of the checkpoint."
        ),
    ]
    block: Annotated[int | None, Field(description="Number of the block; None for an added event.")] = None
    event_id: UUID | None = None


class Checkpoint(Schema):
    """The end of the chain at an earlier time, kept elsewhere."""

    block: Annotated[int, Field(ge=1)]
    hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class CheckpointQuery(Schema):
    """A checkpoint as parameters of an address; both or none."""

    head_block: Annotated[int | None, Field(ge=1, description="`head_block` of an earlier answer.")] = None
    head_hash: Annotated[
        str | None, Field(pattern="^[0-9a-f]{64}$", description="`head_hash` of the same answer.")
    ] = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.head_block is None) != (self.head_hash is None):
            raise ValueError("Give `head_block` and `head_hash` together.")
        return self

    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint, where one was given."""
        if self.head_block is None or self.head_hash is None:
            return None
        return Checkpoint(block=self.head_block, hash=self.head_hash)


class Verification(Schema):
    """What a check of the whole chain of an organisation found."""

    valid: bool
    events: Annotated[int, Field(description="Events in the chain.")]
    blocks: int
    expired: Annotated[int, Field(description="Events dropped by retention; their digests remain.")]
    pending: Annotated[int, Field(description="Events too fresh to be in the chain.")]
    head_block: Annotated[int, Field(description="Number of the last block, 0 before the first.")]
    head_hash: Annotated[
        str, Field(description="Keep it elsewhere: passed as a checkpoint, it shows a rewritten chain.")
    ]
    findings: Annotated[list[Finding], Field(description="The first hundred.")]


class RunEvent(NamedTuple):
    """What the audit trail keeps of one run; `target` is the id of the installation."""

    run_id: UUID
    target: str
    operation: str
    outcome: str
    channel: str
    trace_id: UUID | None = None
    rule_version: int | None = None
