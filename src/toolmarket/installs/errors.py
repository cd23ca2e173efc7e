"""Refusals around installations."""

from toolmarket.kit.problems import Conflict, NotFound, PreconditionFailed, Unprocessable


class InstallationNotFound(NotFound):
    code, title = "installation-not-found", "There is no such installation that you may see."


class InstallationChanged(PreconditionFailed):
    code, title = "changed-meanwhile", "Somebody changed this installation meanwhile."


class OperationNotFound(NotFound):
    code, title = "operation-not-found", "The installation has no such operation."


class AliasTaken(Conflict):
    code, title = "alias-taken", "Another installation has this alias."


class ConfigInvalid(Unprocessable):
    code, title = "config-invalid", "The configuration does not fit what the tool asks for."


class BindingInvalid(Unprocessable):
    code, title = "binding-invalid", "The connection does not fit the tool."


class NotInstallable(Conflict):
    code, title = "not-installable", "This version cannot be installed in its state."


class ToolsetNotFound(NotFound):
    code, title = "toolset-not-found", "There is no such toolset that you may see."


class ToolsetTaken(Conflict):
    code, title = "toolset-taken", "Another toolset has this address."


class NamesCollide(Conflict):
    code, title = "names-collide", "Without a prefix, two operations would have the same name."
