"""What every room calls to tell others what happened, and what a listener reads."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


async def emit(session: AsyncSession, *, org_id: UUID, type: str, subject: str, data: dict[str, Any]) -> None:
    """Tell, at the commit of the caller's transaction, that something happened.

    Args:
        type: one of the catalogue, such as `builder.draft.saved.v1`.
        subject: the id of the thing it happened to.
        data: JSON values as the catalogue describes them; ids and facts, no secrets.
    """
