"""Acme: a small API of our own that the demo calls. Orders, weather, documents, and faults on purpose."""

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Query, Response
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import APIKeyHeader, OAuth2
from pydantic import BaseModel, Field

API_KEY = "acme-demo-key"
BEARER = "acme-demo-token"
CLIENT = ("acme-demo-client", "acme-demo-secret")
SPACE = UUID("5f1c0d5e-4c61-4b57-8f0e-2f7d4e9c1a00")
CITIES = ("Oslo", "Lisbon", "Kyoto", "Nairobi", "Toronto", "Lima")
Status = Literal["open", "shipped", "cancelled"]
key_header = APIKeyHeader(name="X-Acme-Key", scheme_name="AcmeKey", auto_error=False)
token_header = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/acme/token", scopes={"documents:read": "Read the documents."}
        )
    ),
    scheme_name="AcmeToken",
    auto_error=False,
)


class Line(BaseModel):
    """One line of an order."""

    sku: str = Field(examples=["CHAIR-04"])
    quantity: int = Field(ge=1, le=500, examples=[2])


class OrderCreate(BaseModel):
    """An order to place."""

    customer: str = Field(min_length=1, max_length=120, examples=["Lindqvist Freight"])
    lines: list[Line] = Field(min_length=1, max_length=50)


class Order(OrderCreate):
    """A placed order."""

    id: UUID
    status: Status
    total_cents: int
    placed_at: datetime


class Forecast(BaseModel):
    """The weather of one day."""

    city: str
    day: date
    low_celsius: int
    high_celsius: int
    sky: Literal["clear", "cloudy", "rain", "snow"]


class Document(BaseModel):
    """A stored text."""

    id: str
    title: str
    words: int
    text: str


def require_key(key: Annotated[str | None, Depends(key_header)]) -> None:
    """Refuse callers without Acme's key."""
    if key != API_KEY:
        raise HTTPException(401, {"error": {"code": "bad_key", "message": "Send a valid X-Acme-Key."}})


def require_token(authorization: Annotated[str | None, Depends(token_header)]) -> None:
    """Refuse callers without a token of Acme's."""
    if authorization != f"Bearer {BEARER}":
        raise HTTPException(401, {"error": {"code": "bad_token", "message": "Send a valid bearer token."}})


def create_acme() -> FastAPI:
    """The application; its orders live in memory and start anew with it."""
    app = FastAPI(
        title="Acme",
        version="1.4.0",
        summary="Orders, weather and documents of a furniture maker.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/acme/openapi.json",
    )
    _add_orders(app)
    _add_weather(app)
    _add_tokens(app)
    _add_documents(app)
    _add_faults(app)
    return app


def _add_orders(app: FastAPI) -> None:
    placed: dict[UUID, Order] = {order.id: order for order in (_sample_order(i) for i in range(1, 41))}
    router = APIRouter(prefix="/acme", tags=["orders"], dependencies=[Depends(require_key)])

    @router.get("/orders", operation_id="list_orders")
    async def list_orders(
        status: Annotated[Status | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> list[Order]:
        """List orders, the newest first, by status if you like."""
        found = [order for order in placed.values() if status is None or order.status == status]
        return sorted(found, key=lambda order: order.placed_at, reverse=True)[:limit]

    @router.get("/orders/{order_id}", operation_id="get_order")
    async def get_order(order_id: UUID) -> Order:
        """Read one order with its lines and total."""
        if order_id not in placed:
            raise HTTPException(404, {"error": {"code": "no_order", "message": f"No order {order_id}."}})
        return placed[order_id]

    @router.post("/orders", operation_id="create_order", status_code=201)
    async def create_order(draft: OrderCreate) -> Order:
        """Place an order for a customer."""
        total = sum(line.quantity * _price_cents(line.sku) for line in draft.lines)
        made = uuid5(SPACE, f"{draft.model_dump_json()}{len(placed)}")
        placed[made] = Order(
            **draft.model_dump(), id=made, status="open", total_cents=total, placed_at=datetime.now(UTC)
        )
        return placed[made]

    @router.delete("/orders/{order_id}", operation_id="cancel_order")
    async def cancel_order(order_id: UUID) -> Order:
        """Cancel an open order. A shipped one stays."""
        order = await get_order(order_id)
        if order.status == "shipped":
            raise HTTPException(409, {"error": {"code": "shipped", "message": "It has left the house."}})
        placed[order_id] = order.model_copy(update={"status": "cancelled"})
        return placed[order_id]

    app.include_router(router)


def _add_weather(app: FastAPI) -> None:
    router = APIRouter(prefix="/acme", tags=["weather"])

    @router.get("/weather/forecast", operation_id="get_forecast")
    async def get_forecast(
        city: Annotated[str, Query(max_length=80, examples=["Oslo"])],
        days: Annotated[int, Query(ge=1, le=10)] = 3,
    ) -> list[Forecast]:
        """Forecast the weather of a city for the coming days."""
        today = datetime.now(UTC).date()
        return [_forecast(city, today + timedelta(days=offset)) for offset in range(days)]

    @router.get("/weather/cities", operation_id="list_cities")
    async def list_cities() -> list[str]:
        """List the cities that have a station."""
        return list(CITIES)

    app.include_router(router)


def _add_tokens(app: FastAPI) -> None:
    @app.post("/acme/token", operation_id="get_token", tags=["token"], include_in_schema=False)
    async def get_token(
        grant_type: Annotated[Literal["client_credentials"], Form()],
        client_id: Annotated[str, Form()],
        client_secret: Annotated[str, Form()],
    ) -> dict[str, str | int]:
        """Give a token to the demo's client."""
        if (grant_type, client_id, client_secret) != ("client_credentials", *CLIENT):
            raise HTTPException(401, {"error": "invalid_client"})
        return {"access_token": BEARER, "token_type": "Bearer", "expires_in": 3600}


def _add_documents(app: FastAPI) -> None:
    router = APIRouter(prefix="/acme", tags=["documents"], dependencies=[Depends(require_token)])

    @router.get("/documents", operation_id="search_documents")
    async def search_documents(
        words: Annotated[str, Query(max_length=200, examples=["oak table"])] = "",
    ) -> list[Document]:
        """Search the handbook, delivery terms and care instructions."""
        found = [_document(title) for title in _TITLES]
        return [each for each in found if words.lower() in f"{each.title} {each.text}".lower()]

    @router.get("/documents/{document_id}", operation_id="get_document")
    async def get_document(document_id: str) -> Document:
        """Read one document whole."""
        for title in _TITLES:
            if _document(title).id == document_id:
                return _document(title)
        raise HTTPException(404, {"error": {"code": "no_document", "message": f"No {document_id}."}})

    app.include_router(router)


def _add_faults(app: FastAPI) -> None:
    router = APIRouter(prefix="/acme", tags=["faults"])

    @router.get("/faults/slow", operation_id="answer_slowly")
    async def answer_slowly(
        milliseconds: Annotated[int, Query(ge=0, le=20_000, examples=[120])] = 500,
    ) -> dict[str, int]:
        """Answer after a while."""
        await asyncio.sleep(milliseconds / 1000)
        return {"waited_milliseconds": milliseconds}

    @router.get("/faults/status", operation_id="answer_with_status")
    async def answer_with_status(
        response: Response, status: Annotated[int, Query(ge=200, le=599, examples=[503])] = 503
    ) -> dict[str, Any]:
        """Answer with a status of your choice."""
        response.status_code = status
        return {"error": {"code": f"asked_for_{status}", "message": "You asked for this."}}

    app.include_router(router)


_TITLES = ("Care of oak tables", "Delivery terms", "Warranty", "Assembly of the shelf Nord", "Returns")


def _document(title: str) -> Document:
    text = f"{title}. Keep the receipt. Ask the workshop when in doubt; it answers within two days."
    return Document(id=title.lower().replace(" ", "-"), title=title, words=len(text.split()), text=text)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _price_cents(sku: str) -> int:
    return 1_900 + _number(sku) % 48_000


def _forecast(city: str, day: date) -> Forecast:
    noise = _number(f"{city}{day}")
    low = noise % 24 - 6
    skies: tuple[Literal["clear", "cloudy", "rain", "snow"], ...] = ("clear", "cloudy", "rain", "snow")
    sky = skies[noise // 7 % 4]
    return Forecast(city=city, day=day, low_celsius=low, high_celsius=low + 4 + noise % 7, sky=sky)


def _sample_order(number: int) -> Order:
    customers = ("Lindqvist Freight", "Harbour Hotel", "Studio Nine", "Municipal Library")
    statuses: tuple[Status, ...] = (
        "open",
        "shipped",
        "shipped",
        "cancelled",
    )
    lines = [Line(sku=f"CHAIR-{number % 9:02}", quantity=1 + number % 4)]
    return Order(
        id=uuid5(SPACE, str(number)),
        customer=customers[number % 4],
        lines=lines,
        status=statuses[number % 4],
        total_cents=sum(line.quantity * _price_cents(line.sku) for line in lines),
        placed_at=datetime.now(UTC) - timedelta(hours=7 * number),
    )
