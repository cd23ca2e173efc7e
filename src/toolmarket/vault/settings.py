"""Settings of the vault."""

from pathlib import Path

from pydantic import Field, PositiveFloat
from pydantic_settings import BaseSettings, SettingsConfigDict


class VaultSettings(BaseSettings):
    """Where the keys lie, and how long a test of a connection may take."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_VAULT_", extra="forbid", frozen=True)

    keys_dir: Path | None = Field(
        None,
        description="Folder of the key-encryption keys, shared by all processes; default: `keys` in the "
        "data directory. Whoever loses it loses every stored credential.",
    )
    test_seconds: PositiveFloat = Field(10.0, description="A test of a connection ends after this long.")
