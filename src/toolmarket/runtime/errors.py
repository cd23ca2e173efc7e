"""Refusals of a call."""

from toolmarket.kit.problems import Conflict, Forbidden, NotFound, Unprocessable


class ArgumentsInvalid(Unprocessable):
    code, title = "arguments-invalid", "The arguments do not fit the operation's input schema."


class KeyReused(Unprocessable):
    code, title = "idempotency-key-reused", "This key was used for a call with another body."


class KeyInProgress(Conflict):
    code, title = "idempotency-in-progress", "The first call with this key has not ended yet."


class RunNotFound(NotFound):
    code, title = "run-not-found", "There is no such run that you may see."


class ConnectionMissing(Conflict):
    code, title = "connection-missing", "The call needs a credential that is not bound."


class ConnectionUnusable(Forbidden):
    code, title = "connection-unusable", "The bound credential cannot be used for this call."


class VersionQuarantined(Conflict):
    code, title = "version-quarantined", "The version is quarantined; nothing of it runs."


class InstallationPaused(Conflict):
    code, title = "installation-paused", "The installation is paused."


REFUSALS = {
    kind.code: kind
    for kind in (ConnectionMissing, ConnectionUnusable, VersionQuarantined, InstallationPaused)
}
