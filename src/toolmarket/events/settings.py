"""Settings of the event stream."""

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class EventsSettings(BaseSettings):
    """How streams behave."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_EVENTS_", extra="forbid", frozen=True)

    heartbeat_seconds: PositiveFloat = Field(
        15.0, description="A quiet stream sends a comment this often, so that proxies keep it open."
    )
    queue_events: PositiveInt = Field(
        1_000, description="A reader that is this many events behind is dropped and resumes later."
    )
