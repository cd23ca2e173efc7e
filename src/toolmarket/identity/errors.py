"""The refusals of identity."""

from toolmarket.kit.problems import Conflict, Forbidden, NotFound, TooManyRequests, Unauthorized


class WrongCredentials(Unauthorized):
    code, title = "wrong-credentials", "E-mail address or password is wrong."


class TooManyAttempts(TooManyRequests):
    code, title = "too-many-attempts", "Too many wrong sign-ins. Wait, then try again."


class NoOrganisation(Forbidden):
    code, title = "no-organisation", "You belong to no organisation."


class CsrfTokenInvalid(Forbidden):
    code, title = "csrf-token-invalid", "The request does not carry the token of your session."


class ForeignOrigin(Forbidden):
    code, title = "foreign-origin", "The request comes from another site."


class MemberNotFound(NotFound):
    code, title = "member-not-found", "There is no such member."


class OrganisationNotFound(NotFound):
    code, title = "organisation-not-found", "There is no such organisation, or you are not a member."


class KeyNotFound(NotFound):
    code, title = "key-not-found", "There is no such API key."


class GrantTooWide(Forbidden):
    code, title = "grant-too-wide", "Nobody can grant more than they may do themselves."


class LastOwner(Conflict):
    code, title = "last-owner", "An organisation needs an owner. Name another one first."


class AlreadyExists(Conflict):
    code, title = "already-exists", "There is one with this name or address."
