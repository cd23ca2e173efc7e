"""Running the web process and the slim gateway process."""

from toolmarket.app.doors import CallDoors
from toolmarket.app.serving import serve
from toolmarket.app.slim import SlimApp
from toolmarket.composition.parts import open_parts
from toolmarket.kit.settings import KitSettings


async def serve_web(settings: KitSettings, database_url: str) -> None:
    """Serve everything until a signal asks to stop."""
    from toolmarket.app.web import create_app

    async with open_parts(settings, database_url) as parts:
        app = create_app(parts)
        await serve(app, settings)
        await app.close()


async def serve_gateway(settings: KitSettings, database_url: str) -> None:
    """Serve calls and health alone, in a small process."""
    async with open_parts(settings, database_url) as parts:
        app = SlimApp(CallDoors(parts), parts.database)
        await serve(app, settings)
        await app.close()
