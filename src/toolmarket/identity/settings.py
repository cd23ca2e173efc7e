"""Settings of identity."""

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """How long credentials live, and how often they may be tried."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_IDENTITY_", extra="forbid", frozen=True)

    session_idle_minutes: PositiveInt = Field(720, description="A session ends after this long without use.")
    session_days: PositiveInt = Field(30, description="A session ends after this long, used or not.")
    signin_window_seconds: PositiveInt = Field(900, description="Wrong sign-ins are counted over this long.")
    signin_account_attempts: PositiveInt = Field(10, description="Wrong sign-ins to one account in a window.")
    signin_address_attempts: PositiveInt = Field(
        60, description="Wrong sign-ins from one address in a window."
    )
    signin_refusal_milliseconds: PositiveInt = Field(
        400, description="A refused sign-in answers after exactly this long, so that its time tells nothing."
    )
    cache_seconds: PositiveInt = Field(
        30, description="A credential is read again after this long; revocation does not wait for it."
    )
    request_bytes: PositiveInt = Field(33_554_432, description="Largest request body.")
