"""Settings of the audit trail."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AuditSettings(BaseSettings):
    """Where the key of the audit trail lies."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_AUDIT_", extra="forbid", frozen=True)

    key_file: Path | None = Field(
        None,
        description="32 bytes that wrap the keys of people; default: `keys/audit.key` in the data directory,"
        " made at the first start. Every process of an installation needs the same one.",
    )
