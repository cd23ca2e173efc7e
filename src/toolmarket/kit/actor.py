"""Who asks: the principal of a request, set by identity, read by everyone."""

from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol
from uuid import UUID

from fastapi import Depends, Request

from toolmarket.kit.problems import Forbidden, Unauthorized


class Target(Protocol):
    """Anything that belongs to an organisation."""

    @property
    def org_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal in one organisation, with the verbs it holds there.

    `principal_id` is the id of the user, key or agent that asks; `user_id` the person behind it
    (the owner of a key). `verbs` is already role ∩ grant.
    """

    principal_id: UUID
    kind: Literal["user", "key", "agent", "system"]
    org_id: UUID
    user_id: UUID
    role: str
    label: str
    verbs: frozenset[str]
    session_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    platform_role: str | None = None
    address: str = ""
    demo: bool = field(default=False, compare=False)

    def can(self, verb: str, target: Target | None = None) -> bool:
        """Whether this actor may do `verb`, on `target` where there is one."""
        return verb in self.verbs and (target is None or target.org_id == self.org_id)

    def require(self, verb: str, target: Target | None = None) -> None:
        """Refuse what `can` denies.

        Raises:
            Forbidden: the actor lacks the verb.
        """
        if not self.can(verb, target):
            raise Forbidden(f"This needs the permission `{verb}`. Ask an administrator of your organisation.")


async def current_actor(request: Request) -> Actor:
    """The actor that identity's middleware found. Asynchronous, for a plain function would cost a thread.

    Raises:
        Unauthorized: nobody is signed in.
    """
    actor = request.scope.get("actor")
    if not isinstance(actor, Actor):
        raise Unauthorized
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]
