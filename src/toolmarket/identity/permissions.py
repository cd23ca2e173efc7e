"""The one table of permission verbs, and the roles as sets of them.

A verb is `<things>:<action>`. Rights of a person are those of the role in the organisation, plus
those of a platform role; rights of a key are its owner's rights cut down to its grant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that a principal may do.

    `risk` is what harm a wrong use does: low is undone by the next click, high moves rights,
    money or credentials, or reaches other organisations.
    """

    name: str
    description: str
    risk: Risk


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("organisation:read", "See the organisation and its settings.", "low"),
        Verb("organisation:manage", "Change the organisation's settings.", "high"),
        Verb("organisation:delete", "Delete the organisation with everything in it.", "high"),
        Verb("members:read", "See who belongs to the organisation.", "low"),
        Verb("members:manage", "Change the roles of members.", "high"),
        Verb("keys:read", "See one's own API keys.", "low"),
        Verb("keys:write", "Make and revoke one's own API keys.", "medium"),
        Verb("keys:manage", "See and revoke the API keys of everybody.", "high"),
        Verb("connections:read", "See which connections there are, never their secrets.", "low"),
        Verb("connections:use", "Let calls carry a connection's credential.", "medium"),
        Verb("connections:write", "Keep personal connections.", "medium"),
        Verb("connections:manage", "Keep the connections that everybody shares.", "high"),
        Verb("imports:read", "See imported API descriptions.", "low"),
        Verb("imports:write", "Import API descriptions.", "low"),
        Verb("drafts:read", "See drafts.", "low"),
        Verb("drafts:write", "Create and edit drafts.", "low"),
        Verb("drafts:delete", "Delete and restore drafts.", "medium"),
        Verb("drafts:try", "Call an operation of a draft.", "medium"),
        Verb("tools:read", "See tools and their versions.", "low"),
        Verb("tools:publish", "Publish versions of the organisation's tools.", "high"),
        Verb("tools:manage", "Yank and deprecate versions of the organisation's tools.", "high"),
        Verb("tools:review", "Review a version before it is published.", "medium"),
        Verb("listings:write", "Change how the organisation's tools are presented.", "medium"),
        Verb("reviews:write", "Review a tool that the organisation has used.", "low"),
        Verb("installations:read", "See what is installed.", "low"),
        Verb("installations:write", "Install, configure, upgrade and remove tools.", "high"),
        Verb("toolsets:read", "See toolsets.", "low"),
        Verb("toolsets:write", "Put together toolsets for agents.", "medium"),
        Verb("runs:create", "Call installed operations.", "medium"),
        Verb("runs:read", "See one's own runs.", "low"),
        Verb("runs:read-all", "See the runs of everybody.", "medium"),
        Verb("events:read", "Follow the live events.", "low"),
        Verb("analytics:read", "See performance, usage and cost.", "low"),
        Verb("scans:read", "See the findings about versions.", "low"),
        Verb("policies:read", "See policies and violations.", "low"),
        Verb("policies:write", "Change policies.", "high"),
        Verb("approvals:read", "See approvals.", "low"),
        Verb("approvals:decide", "Approve and refuse what others ask for.", "high"),
        Verb("audit:read", "Read the audit trail.", "medium"),
        Verb("audit:export", "Export the audit trail.", "high"),
        Verb("billing:read", "See charges and plans.", "low"),
        Verb("billing:manage", "Change plans and payment.", "high"),
        Verb("limits:manage", "Change rate limits and quotas.", "high"),
        Verb("webhooks:manage", "Send events to outside addresses.", "high"),
        Verb("platform:moderate", "Review and hide what organisations present in public.", "high"),
        Verb("platform:quarantine", "Stop every run of a version, everywhere.", "high"),
        Verb("platform:manage", "Operate the installation: limits, egress, health.", "high"),
    )
}

_LOOK = {
    "organisation:read",
    "members:read",
    "keys:read",
    "connections:read",
    "tools:read",
    "installations:read",
    "toolsets:read",
    "runs:read",
    "events:read",
    "policies:read",
    "approvals:read",
    "scans:read",
}
_USE = {"keys:write", "connections:use", "connections:write", "runs:create", "reviews:write"}
_BUILD = {
    "imports:read",
    "imports:write",
    "drafts:read",
    "drafts:write",
    "drafts:delete",
    "drafts:try",
}
_PLATFORM = {"platform:moderate", "platform:quarantine", "platform:manage"}
_OWN = {"organisation:delete", "billing:manage"}
_EVERY = set(VERBS) - _PLATFORM

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(_EVERY),
    "admin": frozenset(_EVERY - _OWN),
    "builder": frozenset(_LOOK | _USE | _BUILD | {"toolsets:write", "analytics:read"}),
    "publisher": frozenset(
        _LOOK
        | _USE
        | {"imports:read", "drafts:read", "tools:publish", "tools:manage", "listings:write"}
        | {"analytics:read", "billing:read"}
    ),
    "reviewer": frozenset(
        _LOOK | {"imports:read", "drafts:read", "tools:review", "approvals:decide", "runs:read-all"}
    ),
    "auditor": frozenset(
        _LOOK
        | {"imports:read", "drafts:read", "runs:read-all", "analytics:read", "audit:read", "audit:export"}
        | {"billing:read"}
    ),
    "member": frozenset(_LOOK | _USE),
}
PLATFORM_ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset(_PLATFORM),
    "moderator": frozenset({"platform:moderate", "platform:quarantine"}),
}


def role_verbs(role: str, platform_role: str | None = None) -> frozenset[str]:
    """The verbs of a role and, where there is one, a platform role; an unknown role has none."""
    verbs = ROLES.get(role, frozenset())
    return verbs | PLATFORM_ROLES.get(platform_role, frozenset()) if platform_role else verbs


def granted_verbs(owner_role: str, key_role: str, subset: Iterable[str] | None) -> frozenset[str]:
    """The verbs of a key: its owner's present rights, cut down to its role and to its own list.

    Platform rights never pass to a key.
    """
    verbs = role_verbs(owner_role) & role_verbs(key_role)
    return verbs if subset is None else verbs & frozenset(subset)
