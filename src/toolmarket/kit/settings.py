"""Settings of the installation as a whole; each room owns its own besides."""

import os
from pathlib import Path

from pydantic import Field, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/toolmarket")
    return Path.home() / ".local" / "share" / "toolmarket"


class KitSettings(BaseSettings):
    """Where this installation lives and how it is reached."""

    model_config = SettingsConfigDict(env_prefix="TOOLMARKET_", frozen=True)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Everything that must survive a restart: database, keys, spool.",
    )
    host: str = Field("127.0.0.1", description="Address that the web process listens on.")
    port: PositiveInt = Field(8000, description="Port that the web process listens on.")
    public_url: str = Field(
        "", description="Address under which people and agents reach it; default: host and port."
    )
    database_url: str = Field("", description="A PostgreSQL server of your own; default: the embedded one.")
    embedded_postgres_user: str = Field(
        "", description="As root: the account that runs the embedded PostgreSQL."
    )

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
