"""The manifest: the document of a version, published at `/schemas/manifest/v1`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from toolmarket.kit.schemas import Schema

JsonSchema = dict[str, Any]
ARGUMENT_PLACE = "$argument"
OPERATION_NAME = r"^[a-z][a-z0-9_]{0,47}$"
SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$"
SEMVER = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$"
TOOL_NAME = r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?/[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$"


class Category(StrEnum):
    """The closed list of categories."""

    ai = "ai"
    analytics = "analytics"
    commerce = "commerce"
    communication = "communication"
    content = "content"
    crm = "crm"
    data = "data"
    design = "design"
    developer = "developer"
    documents = "documents"
    education = "education"
    entertainment = "entertainment"
    finance = "finance"
    health = "health"
    hr = "hr"
    infrastructure = "infrastructure"
    legal = "legal"
    location = "location"
    logistics = "logistics"
    marketing = "marketing"
    media = "media"
    productivity = "productivity"
    science = "science"
    search = "search"
    security = "security"
    social = "social"
    storage = "storage"
    support = "support"
    travel = "travel"
    weather = "weather"
    other = "other"


class OAuthFlow(Schema):
    """One OAuth 2 flow, as OpenAPI describes it."""

    authorization_url: str | None = None
    token_url: str | None = None
    refresh_url: str | None = None
    scopes: dict[str, str] = {}


class AuthScheme(Schema):
    """How the outside service knows who calls, in OpenAPI's vocabulary.

    `parameter` is OpenAPI's `name`: the header, query or cookie name of an apiKey scheme.
    """

    type: Literal["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"]
    description: str = ""
    location: Literal["header", "query", "cookie"] | None = None
    parameter: str | None = None
    scheme: Annotated[str | None, Field(description="Of type http, in lower case: basic, bearer, ...")] = None
    bearer_format: str | None = None
    flows: dict[
        Literal["authorizationCode", "clientCredentials", "implicit", "password", "deviceAuthorization"],
        OAuthFlow,
    ] = {}
    openid_connect_url: str | None = None


class Auth(Schema):
    """The auth schemes by name, and whose credential a call carries."""

    schemes: dict[str, AuthScheme] = {}
    binding: Literal["per_user", "shared", "either"] = "either"


class Egress(Schema):
    """The only hosts that calls may reach: `host`, `host:port`, `*.host`, or `{config_field}` of a URL."""

    hosts: list[str] = []


class Limits(Schema):
    """Limits of one call, lowered further by the installation."""

    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 30
    response_bytes: Annotated[int, Field(gt=0, le=33_554_432)] = 4_194_304
    rate_per_minute: Annotated[int | None, Field(gt=0)] = None


class Effects(Schema):
    """What a call does to the world."""

    kind: Literal["read", "create", "update", "delete", "opaque"] = "opaque"
    read_only: bool = False
    destructive: bool = True
    idempotent: bool = False
    open_world: bool = True
    data_read: list[str] = []
    data_emitted: list[str] = []
    reversible_by: Annotated[str | None, Field(description="The operation that undoes this one.")] = None
    dry_run: Literal["native", "none"] = "none"

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if self.read_only and (self.kind in {"create", "update", "delete"} or self.destructive):
            raise ValueError(f"an operation that is read_only cannot be {self.kind} or destructive")
        return self


class Parameter(Schema):
    """Where one argument travels in the request, with OpenAPI's serialisation rules.

    `argument` is the property of the input schema, `name` its name on the wire. `content_type` is
    set for a parameter that OpenAPI describes by `content`: its value is serialised in that type.
    """

    argument: str
    name: str
    location: Literal["path", "query", "header", "cookie", "querystring"]
    style: Literal[
        "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "cookie"
    ] = "simple"
    explode: bool = False
    allow_reserved: bool = False
    allow_empty: bool = False
    content_type: str | None = None


class PartEncoding(Schema):
    """How one property of a form or multipart body is written."""

    content_type: str | None = None
    style: Literal["form", "spaceDelimited", "pipeDelimited", "deepObject"] | None = None
    explode: bool = True
    allow_reserved: bool = False
    binary: Annotated[bool, Field(description="The value is a file: base64 text in the arguments.")] = False
    headers: dict[str, str] = {}


class Body(Schema):
    """The request body: the argument `argument` holds it whole, or `template` says what is sent.

    `binary` bodies arrive as base64 text in the arguments and leave as bytes. In a `template`, each
    `{"$argument": "name"}` stands for that argument; where it is not given, the member or item that
    holds it is left out. Everything else in it is sent as it stands, hidden from the model.
    """

    argument: str = "body"
    template: Annotated[
        dict[str, Any] | list[Any] | None,
        Field(description="A JSON value with places for arguments.", exclude_if=lambda value: value is None),
    ] = None
    content_type: str = "application/json"
    required: bool = False
    binary: bool = False
    encoding: dict[str, PartEncoding] = {}


class Pagination(Schema):
    """How to fetch further pages of a list, joined into one answer.

    `items` and `next` are JSON pointers into the answer; `parameter` is the argument that takes the
    next value. Kind `link` follows the `Link: rel=next` header and needs neither.
    """

    kind: Literal["cursor", "page", "offset", "link"]
    items: str = ""
    next: str | None = None
    parameter: str | None = None
    max_pages: Annotated[int, Field(ge=1, le=50)] = 5


class Retry(Schema):
    """When a call is tried again; applies only where repeating is safe."""

    attempts: Annotated[int, Field(ge=1, le=5)] = 3
    statuses: list[int] = [429, 502, 503, 504]
    backoff_seconds: Annotated[float, Field(ge=0, le=30)] = 0.25


class HttpImplementation(Schema):
    """One HTTP request.

    `server` is a URL that may hold `{config_field}`; `path` may hold `{name}` of path parameters.
    `security` lists alternatives, each a set of schemes that are used together; an empty one means
    that the call works without a credential.
    """

    kind: Literal["http"] = "http"
    method: Annotated[str, Field(pattern=r"^[A-Z][A-Z-]*$")]
    server: str
    path: str
    parameters: list[Parameter] = []
    body: Body | None = None
    accept: str = "application/json"
    security: list[dict[str, list[str]]] = []
    pagination: Pagination | None = None
    retry: Retry = Retry()
    shape: Annotated[str | None, Field(description="A jq program over the answer.", max_length=4_000)] = None


class McpImplementation(Schema):
    """One tool of an upstream MCP server; its own name and schema are kept verbatim."""

    kind: Literal["mcp"] = "mcp"
    server: str
    transport: Literal["streamable-http", "sse"] = "streamable-http"
    tool: str
    upstream: Annotated[dict[str, Any], Field(description="The upstream's tool object, verbatim.")] = {}
    security: list[dict[str, list[str]]] = []
    retry: Retry = Retry()
    shape: Annotated[str | None, Field(max_length=4_000)] = None


Implementation = Annotated[HttpImplementation | McpImplementation, Field(discriminator="kind")]


class Example(Schema):
    """An input that works, for people and models."""

    title: str = ""
    input: dict[str, Any] = {}


class Operation(Schema):
    """One callable thing: one MCP tool, one REST route, one function schema."""

    name: Annotated[str, Field(pattern=OPERATION_NAME)]
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=8_000, description="What the model reads.")] = ""
    human_description: Annotated[str, Field(max_length=8_000)] = ""
    tags: list[str] = []
    input_schema: JsonSchema = {"type": "object", "properties": {}, "additionalProperties": False}
    output_schema: JsonSchema | None = None
    fixed_inputs: Annotated[dict[str, Any], Field(description="Set by the tool, hidden from the model.")] = {}
    implementation: Implementation
    effects: Effects = Effects()
    deprecated: bool = False
    examples: list[Example] = []


class McpPassThrough(Schema):
    """Resources and prompts of an upstream MCP server, carried through as they are."""

    server: str
    transport: Literal["streamable-http", "sse"] = "streamable-http"
    capabilities: dict[str, Any] = {}
    resources: list[dict[str, Any]] = []
    resource_templates: list[dict[str, Any]] = []
    prompts: list[dict[str, Any]] = []


class Manifest(Schema):
    """The document of a version."""

    name: Annotated[str, Field(pattern=TOOL_NAME)]
    version: Annotated[str, Field(pattern=SEMVER)] = "1.0.0"
    title: Annotated[str, Field(min_length=1, max_length=120)]
    summary: Annotated[str, Field(max_length=100)] = ""
    description: Annotated[str, Field(max_length=40_000, description="Markdown.")] = ""
    categories: Annotated[list[Category], Field(min_length=1, max_length=3)] = [Category.other]
    domains: list[str] = []
    tags: list[str] = []
    icon: Annotated[str | None, Field(description="A data URL of an image.", max_length=65_536)] = None
    licence: str | None = None
    repository: str | None = None
    auth: Auth = Auth()
    egress: Egress = Egress()
    limits: Limits = Limits()
    config_schema: JsonSchema = {"type": "object", "properties": {}, "additionalProperties": False}
    depends_on: dict[str, str] = {}
    compatibility: dict[str, str] = {}
    operations: Annotated[list[Operation], Field(max_length=2_000)] = []
    mcp: McpPassThrough | None = None

    @model_validator(mode="after")
    def _operation_names_are_unique(self) -> Self:
        seen: set[str] = set()
        for operation in self.operations:
            if operation.name in seen:
                raise ValueError(f"two operations are named {operation.name}")
            seen.add(operation.name)
        return self


class State(StrEnum):
    """The life of a published version."""

    published = "published"
    deprecated = "deprecated"
    yanked = "yanked"
    quarantined = "quarantined"


class VersionSummary(Schema):
    """What lists show of a version."""

    id: UUID
    tool_id: UUID
    name: str
    version: str
    state: State
    title: str
    summary: str
    operation_count: int
    effects: list[str]
    latest_version: str


class PublishedVersion(Schema):
    """A version as the rooms above see it."""

    id: UUID
    org_id: UUID
    tool_id: UUID
    name: str
    version: str
    state: State
    state_message: str
    replacement: str | None
    notes: str
    definition_digest: bytes
    published_by: UUID
    published_at: datetime
    manifest: Manifest
