"""The first answer of an idempotency key, kept and given again."""

from uuid import UUID

from toolmarket.runtime import errors, journal
from toolmarket.runtime.evidence import Taken
from toolmarket.runtime.schemas import RunResult
from toolmarket.runtime.spool import pack_result, unpack_result


def remember(taken: Taken, key: str, result: RunResult) -> tuple[UUID, UUID, str, bytes]:
    """The row that keeps an answer: organisation, principal, key, packed result."""
    return (taken.plan.org_id, taken.actor.principal_id, key, pack_result(result))


def recall(begun: journal.Begun) -> RunResult:
    """The first outcome of a repeated call.

    Raises:
        KeyReused: the body was another one.
        KeyInProgress: the first call has not ended.
    """
    if not begun.same_body:
        raise errors.KeyReused(f"Run {begun.run_id} used it. Take a fresh key for another call.")
    if begun.answer is None:
        raise errors.KeyInProgress(
            f"Follow run {begun.run_id}, or ask again in a moment.",
            headers={"Retry-After": "1"},
            extra={"run_id": str(begun.run_id)},
        )
    return unpack_result(begun.answer)
