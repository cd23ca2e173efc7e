"""What every room calls to leave a trace, and what an auditor reads."""

from typing import Any, TypedDict, Unpack
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from toolmarket.kit.actor import Actor


class Facts(TypedDict, total=False):
    """What else is known about an action.

    `before` and `after` are the states around it, as JSON values and without secrets; None (the
    default) for something new or gone. `outcome` is `ok`, or why it did not happen, such as `denied`.
    """

    before: Any
    after: Any
    outcome: str


async def record(
    session: AsyncSession, actor: Actor, action: str, *, target: UUID | str, **facts: Unpack[Facts]
) -> None:
    """Record, in the caller's transaction, that the actor did something.

    Args:
        action: what was done, `<thing>.<past participle>`, such as `review.written`.
        target: what it was done to.
    """
