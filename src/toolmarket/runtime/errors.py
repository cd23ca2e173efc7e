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


class ShapeRefused(Unprocessable):
    """The jq program of an operation gives no result; its subclasses say why."""

    code = ""


class ShapeInvalid(ShapeRefused):
    code, title = "shape-invalid", "jq does not understand the program."


class ShapeFailed(ShapeRefused):
    code, title = "shape-failed", "The jq program does not fit the answer."


class ShapeTooSlow(ShapeRefused):
    code, title = "shape-too-slow", "The jq program took too long."


class ShapeTooLarge(ShapeRefused):
    code, title = "shape-too-large", "The answer is too large for a jq program."


class ShapeBusy(ShapeRefused):
    code, title = "shape-busy", "All workers for jq programs are busy. Try again."


REFUSALS = {
    kind.code: kind
    for kind in (ConnectionMissing, ConnectionUnusable, VersionQuarantined, InstallationPaused)
}
