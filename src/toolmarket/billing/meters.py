"""Metering facts: what was used, each under an id that a repeated record cannot double."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

TABLE = "billing_facts"
COLUMNS = ("run_id", "id", "org_id", "installation_id", "quantity", "meter", "component")
CALL = ("call", "operation")


def fact_id(run_id: UUID, meter: str, component: str) -> UUID:
    """The stable id of a fact, also the idempotency key towards an outside biller."""
    return UUID(bytes=hashlib.sha256(f"{run_id}|{meter}|{component}".encode()).digest()[:16])


def encode_facts(
    run_id: UUID, org_id: UUID, installation_id: UUID, quantities: Mapping[tuple[str, str], int]
) -> tuple[tuple[Any, ...], ...]:
    """The facts of a run as rows for COPY into `TABLE`, members as in `COLUMNS`.

    Args:
        quantities: (meter, component) → how much.
    """
    return tuple(
        (run_id, fact_id(run_id, meter, component), org_id, installation_id, quantity, meter, component)
        for (meter, component), quantity in quantities.items()
    )
