"""The hash chain: what is hashed, and what a block that was tampered with looks like.

A verifier needs these functions and the rows, nothing else of the server. The chain runs over the
encrypted bodies, so that erasing a person's key leaves it whole.
"""

import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

DIGEST_BYTES = 32
NIL = UUID(int=0)


class Link(NamedTuple):
    """The hashed content of one event."""

    id: UUID
    org_id: UUID
    principal_id: UUID
    person_id: UUID
    on_behalf_of_id: UUID | None
    trace_id: UUID | None
    key_id: UUID
    rule_version: int | None
    principal_kind: str
    action: str
    target: str
    outcome: str
    before_sha256: bytes | None
    after_sha256: bytes | None
    body: bytes


class Block(NamedTuple):
    """Some events of one organisation in their final order."""

    seq: int
    previous_hash: bytes
    hash: bytes
    event_ids: Sequence[UUID]
    digests: bytes


class Flaw(NamedTuple):
    """One thing that is wrong: where and how."""

    kind: str
    seq: int
    event_id: UUID | None = None


def event_digest(link: Link) -> bytes:
    """SHA-256 over every field, each with its length, so that no two events share an encoding."""
    fields = (
        link.id.bytes,
        link.org_id.bytes,
        link.principal_id.bytes,
        link.person_id.bytes,
        link.on_behalf_of_id.bytes if link.on_behalf_of_id else b"",
        link.trace_id.bytes if link.trace_id else b"",
        link.key_id.bytes,
        b"" if link.rule_version is None else b"%d" % link.rule_version,
        link.principal_kind.encode(),
        link.action.encode(),
        link.target.encode(),
        link.outcome.encode(),
        link.before_sha256 or b"",
        link.after_sha256 or b"",
        link.body,
    )
    lengths = struct.pack(">15I", *map(len, fields))
    return hashlib.sha256(lengths + b"".join(fields)).digest()


def first_hash(org_id: UUID) -> bytes:
    """What the first block of an organisation stands on."""
    return hashlib.sha256(b"toolmarket.audit.v1" + org_id.bytes).digest()


def block_hash(previous_hash: bytes, digests: bytes) -> bytes:
    """The hash of a block, from its predecessor's and the digests of its events in order."""
    return hashlib.sha256(previous_hash + digests).digest()


def check_block(
    block: Block, previous: Block | None, links: Mapping[UUID, Link], *, org_id: UUID, retained_from: UUID
) -> Iterator[Flaw]:
    """What is wrong with a block and its events.

    Args:
        links: the events of the block that the table still holds.
        retained_from: events before this id have been dropped by retention.
    """
    expected = previous.hash if previous else first_hash(org_id)
    if block.seq != (previous.seq + 1 if previous else 1):
        yield Flaw("block_missing", block.seq - 1)
    elif block.previous_hash != expected:
        yield Flaw("block_replaced", block.seq - 1 or 1)
    if block.hash != block_hash(block.previous_hash, block.digests):
        yield Flaw("block_changed", block.seq)
    if len(block.digests) != DIGEST_BYTES * len(block.event_ids):
        yield Flaw("block_changed", block.seq)
        return
    yield from _check_events(block, links, retained_from)


def _check_events(block: Block, links: Mapping[UUID, Link], retained_from: UUID) -> Iterator[Flaw]:
    digests = [block.digests[at : at + DIGEST_BYTES] for at in range(0, len(block.digests), DIGEST_BYTES)]
    for event_id, digest in zip(block.event_ids, digests, strict=True):
        link = links.get(event_id)
        if link is None:
            if event_id >= retained_from:
                yield Flaw("removed", block.seq, event_id)
            continue
        found = event_digest(link)
        if found != digest:
            yield Flaw("reordered" if found in digests else "changed", block.seq, event_id)
