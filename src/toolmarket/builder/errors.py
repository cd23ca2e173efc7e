"""Refusals of the builder."""

from toolmarket.kit.problems import NotFound, PreconditionFailed, Unprocessable


class ImportNotFound(NotFound):
    code, title = "import-not-found", "There is no such import that you may see."


class ImportNeedsSource(Unprocessable):
    code, title = "import-needs-source", "Give the content of a description, or its address."


class DraftNotFound(NotFound):
    code, title = "draft-not-found", "There is no such draft that you may see."


class DraftChanged(PreconditionFailed):
    code, title = "changed-meanwhile", "Somebody changed this draft meanwhile."


class OperationUnknown(NotFound):
    code, title = "operation-unknown", "The draft has no operation of that name."


class NameForeign(Unprocessable):
    code, title = "name-foreign", "A tool's namespace is that of your organisation."
