"""Refusals of the audit trail."""

from toolmarket.kit.problems import Unavailable


class KeyMismatch(Unavailable):
    code, title = "audit-key-mismatch", "The key of the audit trail does not fit."
