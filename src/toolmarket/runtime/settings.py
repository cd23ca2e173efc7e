"""Settings of the calls."""

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """How calls are carried and recorded."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_RUNTIME_", extra="forbid", frozen=True)

    strict: bool = Field(
        False, description="Record every call strictly: committed before its answer, read-only ones too."
    )
    request_bytes: PositiveInt = Field(8_388_608, description="Largest body of a call.")
    search_threshold: PositiveInt = Field(
        60, description="Above so many tools an MCP client gets search_tools and call_tool besides."
    )
