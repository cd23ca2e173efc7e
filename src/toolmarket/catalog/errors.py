"""Refusals of the catalogue."""

from toolmarket.kit.problems import Conflict, NotFound, Unprocessable


class ToolNotFound(NotFound):
    code, title = "tool-not-found", "There is no such tool that you may see."


class VersionNotFound(NotFound):
    code, title = "version-not-found", "The tool has no such version."


class VersionExists(Conflict):
    code, title = "version-exists", "A published version never changes; choose the next number."


class VersionTooSmall(Conflict):
    code, title = "version-too-small", "The change asks for a larger step of the version number."


class NamespaceTaken(Conflict):
    code, title = "namespace-taken", "The namespace belongs to another organisation."


class TransitionRefused(Conflict):
    code, title = "transition-refused", "The version cannot go from its state to that one."


class ManifestInvalid(Unprocessable):
    code, title = "manifest-invalid", "The manifest has mistakes; each is named with its place."
