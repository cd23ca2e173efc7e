"""Settings of the MCP endpoint."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """How the MCP endpoint is reached and how it tells what is there."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_GATEWAY_", extra="forbid", frozen=True)

    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Further values of the Host header to accept (`tools.example.com`), separated by "
        "commas; the public address and this machine's own names are accepted always.",
    )
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further browser origins to accept (`https://chat.example.com`), by commas."
    )
    authorization_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Issuers of OAuth tokens, told to clients in the resource metadata, by commas."
    )
    request_bytes: PositiveInt = Field(4_194_304, description="Largest message of a client.")
    session_idle_minutes: PositiveFloat = Field(
        30, description="A session of the older protocol revisions ends after so long without a message."
    )
    sessions: PositiveInt = Field(10_000, description="Open sessions per process.")
    sessions_per_key: PositiveInt = Field(500, description="Open sessions of one key, of those.")
    request_state_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Secrets of at least 32 characters that seal the state a client carries between two "
        "rounds of a call; the first seals, all open. All web processes need the same ones. Without "
        "them each process makes one of its own.",
        repr=False,
    )

    @field_validator("hosts", "origins", "authorization_servers", "request_state_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
