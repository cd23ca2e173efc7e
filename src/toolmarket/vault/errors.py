"""The refusals of the vault."""

from toolmarket.kit.problems import Conflict, NotFound, Unavailable, Unprocessable


class ConnectionNotFound(NotFound):
    code, title = "connection-not-found", "There is no such connection, or it is not yours to use."


class ConnectionNameTaken(Conflict):
    code, title = "connection-name-taken", "There is a connection with this name."


class SecretInvalid(Unprocessable):
    code, title = "secret-invalid", "The secret does not fit the kind of the connection."


class HostInvalid(Unprocessable):
    code, title = "host-invalid", "This is not a host."


class HostNotBound(Conflict):
    code, title = "connection-host-mismatch", "The credential may not be sent to this host."


class PlacementUnfit(Conflict):
    code, title = "connection-kind-mismatch", "The credential does not fit how the service wants it."


class KeyMissing(Unavailable):
    code, title = "vault-key-missing", "The key that sealed this credential is not on this machine."
