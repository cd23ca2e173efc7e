"""The objects that a process has one of, made in one place for the web, gateway and job process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from toolmarket.billing import service as billing
from toolmarket.events import service as events
from toolmarket.identity import service as identity
from toolmarket.kit.changes import Changes
from toolmarket.kit.database import Database
from toolmarket.kit.egress import Egress
from toolmarket.kit.mcp_pool import Upstreams
from toolmarket.kit.mcp_wire import EgressWire
from toolmarket.kit.settings import KitSettings
from toolmarket.runtime import service as runtime
from toolmarket.vault import service as vault


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes and doors reach as `app.state.parts`."""

    settings: KitSettings
    database: Database
    changes: Changes
    egress: Egress
    upstreams: Upstreams
    keyring: vault.KeyRing
    authenticator: identity.Authenticator
    limits: billing.Limits
    hub: events.Hub
    recorder: runtime.Recorder
    shaper: runtime.Shaper
    runtime: runtime.Runtime


@asynccontextmanager
async def open_parts(settings: KitSettings, database_url: str) -> AsyncIterator[Parts]:
    """Make the parts, start what runs in the background, and end it in the reverse order."""
    async with AsyncExitStack() as stack:
        database = Database(database_url)
        stack.push_async_callback(database.close)
        egress = await stack.enter_async_context(Egress())
        shaper = runtime.Shaper()
        stack.push_async_callback(shaper.close)
        parts = _make(settings, database, egress, shaper)
        stack.push_async_callback(parts.upstreams.close)
        stack.push_async_callback(parts.limits.stop)
        stack.push_async_callback(parts.runtime.verdicts.settle)
        await parts.changes.start()
        stack.push_async_callback(parts.changes.stop)
        parts.hub.start()
        stack.push_async_callback(parts.hub.stop)
        await parts.recorder.start()
        stack.push_async_callback(parts.recorder.stop)
        yield parts


def _make(settings: KitSettings, database: Database, egress: Egress, shaper: runtime.Shaper) -> Parts:
    changes = Changes(database.url)
    hub = events.Hub(database, changes)
    upstreams = Upstreams(EgressWire(egress))
    keyring = vault.KeyRing(vault.VaultSettings().keys_dir or settings.data_dir / "keys")
    limits = billing.Limits(database, changes)
    recorder = runtime.Recorder(database, settings.data_dir / "spool", _tell(hub))
    return Parts(
        settings=settings,
        database=database,
        changes=changes,
        egress=egress,
        upstreams=upstreams,
        keyring=keyring,
        authenticator=identity.Authenticator(database, changes),
        limits=limits,
        hub=hub,
        recorder=recorder,
        shaper=shaper,
        runtime=runtime.Runtime(
            database,
            runtime.Plans(database, keyring, changes),
            recorder,
            limits,
            executors=runtime.executors(egress, upstreams),
            shaper=shaper,
        ),
    )


def _tell(hub: events.Hub) -> runtime.Told:
    """Tell live streams of recorded runs, counted by organisation and outcome."""

    counted = [{outcome.value: 1} for outcome in runtime.OUTCOMES]

    def told(records: Sequence[runtime.Record | runtime.Encoded]) -> None:
        for record in records:
            run = record.run
            hub.publish_volatile(run.org_id, "runtime.run.finished.v1", str(run.id), counted[run.outcome])

    return told
