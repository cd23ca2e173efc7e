"""Organisations, people and the rooms below the gateway, served in this process for tests."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from toolmarket.identity import middleware, schemas, service
from toolmarket.identity.router import router as identity_router
from toolmarket.kit.actor import Actor
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.egress import Egress
from toolmarket.kit.problems import CONTENT_TYPE, Problem
from toolmarket.kit.settings import KitSettings
from toolmarket.vault.router import router as vault_router
from toolmarket.vault.service import KeyRing

BASE_URL = "http://toolmarket.test"
ROLES = ("owner", "admin", "builder", "publisher", "reviewer", "auditor", "member")


@dataclass(frozen=True)
class Parts:
    """What routes find at `app.state.parts`."""

    settings: KitSettings
    database: Database
    authenticator: service.Authenticator
    keyring: KeyRing
    egress: Egress | None = None


@dataclass
class Person:
    """Somebody with an account and a place in an organisation."""

    actor: Actor
    email: str
    password: str
    key: str = ""


@dataclass
class People:
    """Makes organisations and people, and clients that act for them."""

    database: Database
    app: Any
    parts: Any
    organisations: dict[str, UUID] = field(default_factory=dict)

    @property
    def authenticator(self) -> service.Authenticator:
        """The one of this process."""
        return self.parts.authenticator

    async def organisation(self, slug: str) -> UUID:
        """Found an organisation, or find it again."""
        if slug not in self.organisations:
            async with self.database.system_transaction() as session:
                made = await service.create_organisation(session, slug=slug, name=slug.title())
            self.organisations[slug] = made.id
        return self.organisations[slug]

    async def person(
        self, role: str = "owner", *, slug: str = "acme", platform_role: str | None = None
    ) -> Person:
        """A new person with a role and a key in an organisation."""
        org_id = await self.organisation(slug)
        email, password = f"{role}-{secrets.token_hex(4)}@{slug}.test", secrets.token_urlsafe(12)
        async with self.database.system_transaction() as session:
            new = service.NewUser(
                email=email, name=f"{role} of {slug}", password=password, platform_role=platform_role
            )
            user = await service.create_user(session, new)
            actor = await service.add_member(session, org_id=org_id, user_id=user.id, role=role)
        return Person(actor, email, password)

    async def key(self, person: Person, **wish: Any) -> str:
        """A new key of a person, made past the question whether the person may make one."""
        able = Actor(
            **{name: getattr(person.actor, name) for name in Actor.__slots__ if name != "verbs"},
            verbs=person.actor.verbs | {"keys:write"},
        )
        async with self.database.transaction(person.actor.org_id) as session:
            made = await service.create_key(session, able, schemas.KeyCreate(name="test", **wish))
        return made.key

    def client(self, key: str = "", *, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A client, of nobody or with a key."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(app=self.app, client=(address, 4000))
        return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)

    async def signed_in(self, person: Person, *, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A client with the person's session and its CSRF token."""
        client = self.client(address=address)
        answer = await client.post("/v1/session", json={"email": person.email, "password": person.password})
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client


def small_app(parts: Parts) -> Any:
    """Identity and vault behind the doorkeeper."""
    app = FastAPI()
    app.state.parts = parts
    app.include_router(identity_router)
    app.include_router(vault_router)

    @app.exception_handler(Problem)
    async def refuse(_: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(
            problem.document(), problem.status, headers=problem.headers, media_type=CONTENT_TYPE
        )

    return middleware.Doorkeeper(app, authenticator=parts.authenticator, base_url=parts.settings.base_url)


@asynccontextmanager
async def people_of(
    database: Database,
    folder: Path,
    *,
    egress: Egress | None = None,
    public_url: str = BASE_URL,
    **settings: Any,
) -> AsyncIterator[People]:
    """People on a database, with the one listener of this process."""
    changes = Changes(database.url)
    await changes.start()
    quick = {"signin_refusal_milliseconds": 1, **settings}
    authenticator = service.Authenticator(database, changes, service.IdentitySettings(**quick))
    here = KitSettings(data_dir=folder, public_url=public_url)
    parts = Parts(here, database, authenticator, KeyRing(folder / "keys"), egress)
    try:
        yield People(database, small_app(parts), parts)
    finally:
        await changes.stop()
