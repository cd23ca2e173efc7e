"""HTTP of identity."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Cookie, Header, Query, Request, Response, status

from toolmarket.identity import errors, schemas, service
from toolmarket.identity.authentication import COOKIE, Authenticator
from toolmarket.identity.middleware import client_address
from toolmarket.kit.actor import CurrentActor
from toolmarket.kit.database import Database, Session, SystemSession
from toolmarket.kit.problems import Forbidden, Unauthorized, Unprocessable, problems
from toolmarket.kit.schemas import Page

router = APIRouter(prefix="/v1", tags=["identity"])
Token = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]
Cursor = Annotated[UUID | None, Query(description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]


def _set_cookie(request: Request, response: Response, token: str) -> None:
    parts = request.app.state.parts
    response.set_cookie(
        COOKIE,
        token,
        max_age=parts.authenticator.settings.session_days * 86_400,
        httponly=True,
        samesite="lax",
        secure=parts.settings.base_url.startswith("https://"),
        path="/",
    )


@router.post(
    "/session", responses=problems(errors.WrongCredentials, errors.NoOrganisation, errors.TooManyAttempts)
)
async def sign_in(
    request: Request,
    response: Response,
    wish: schemas.SignIn,
    old_token: Token = None,
    user_agent: Annotated[str, Header(include_in_schema=False)] = "",
) -> schemas.Session:
    """Sign in with e-mail address and password; the session is in the cookie, always a new one."""
    database: Database = request.app.state.parts.database
    authenticator: Authenticator = request.app.state.parts.authenticator
    attempt = service.Attempt(
        email=wish.email,
        password=wish.password,
        address=client_address(request.scope),
        client=user_agent[:200],
    )
    token = await service.sign_in(database, authenticator.settings, attempt)
    async with database.system_transaction() as session:
        if old_token:
            await service.sign_out(session, request.scope.get("actor"), old_token)
        answer = await service.read_session(session, token)
    _set_cookie(request, response, token)
    return answer


@router.get("/session", responses=problems(Unauthorized))
async def read_session(session: SystemSession, actor: CurrentActor, token: Token = None) -> schemas.Session:
    """Who is signed in, where, and what they may do."""
    if actor.session_id is None or token is None:
        raise Unauthorized("There is no session: this is a key.")
    return await service.read_session(session, token)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, session: SystemSession, response: Response, token: Token = None) -> None:
    """Sign out; who is not signed in stays so."""
    if token:
        await service.sign_out(session, request.scope.get("actor"), token)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.put("/session/organisation", responses=problems(Unauthorized, Forbidden, errors.OrganisationNotFound))
async def choose_organisation(
    request: Request,
    response: Response,
    session: SystemSession,
    actor: CurrentActor,
    choice: schemas.OrganisationChoice,
) -> schemas.Session:
    """Work in another of one's organisations; the cookie and the CSRF token change."""
    token = await service.choose_organisation(session, actor, choice.organisation_id)
    _set_cookie(request, response, token)
    return await service.read_session(session, token)


@router.get("/members", responses=problems(Unauthorized, Forbidden))
async def list_members(
    session: Session, actor: CurrentActor, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.Member]:
    """The people of the organisation."""
    return await service.list_members(session, actor, cursor=cursor, limit=limit)


@router.patch(
    "/members/{member_id}",
    responses=problems(
        Unauthorized, Forbidden, errors.GrantTooWide, errors.MemberNotFound, errors.LastOwner, Unprocessable
    ),
)
async def change_role(
    session: Session, actor: CurrentActor, member_id: UUID, change: schemas.MemberChange
) -> schemas.Member:
    """Give a member another role."""
    return await service.change_role(session, actor, member_id, change.role)


@router.get("/keys", responses=problems(Unauthorized, Forbidden))
async def list_keys(
    session: Session, actor: CurrentActor, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.Key]:
    """One's own API keys, or everybody's for who may manage them."""
    return await service.list_keys(session, actor, cursor=cursor, limit=limit)


@router.post(
    "/keys",
    status_code=status.HTTP_201_CREATED,
    responses=problems(Unauthorized, Forbidden, errors.GrantTooWide, Unprocessable),
)
async def create_key(session: Session, actor: CurrentActor, wish: schemas.KeyCreate) -> schemas.CreatedKey:
    """Make an API key; its secret is shown in this answer only."""
    return await service.create_key(session, actor, wish)


@router.delete(
    "/keys/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Unauthorized, Forbidden, errors.KeyNotFound),
)
async def revoke_key(session: Session, actor: CurrentActor, key_id: UUID) -> None:
    """End an API key, everywhere within a second."""
    await service.revoke_key(session, actor, key_id)


@router.get("/permissions", responses=problems(Unauthorized))
async def list_permissions(_actor: CurrentActor) -> schemas.Permissions:
    """Every permission, and the roles as sets of them."""
    return service.list_permissions()
