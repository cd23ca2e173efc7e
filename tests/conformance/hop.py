"""A loopback hop that adds the key which the conformance tool cannot send; all else passes as it is.

Start it with `python -m tests.conformance.hop TARGET KEY`; it prints its port.
"""

import asyncio
import contextlib
import sys

import aiohttp
from aiohttp import web

DROPPED = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive", "content-encoding"})


class Hop:
    """Forwards requests to a server of ours; Host and Origin are kept."""

    def __init__(self, target: str, key: str) -> None:
        self.target, self.key = target, key

    async def serve(self) -> None:
        """Listen on a free port, print it, and forward until the process ends."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as client:
            self.client = client
            app = web.Application(client_max_size=16_777_216)
            app.router.add_route("*", "/{tail:.*}", self.forward)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            sys.stdout.write(f"{runner.addresses[0][1]}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """One request there and its answer back, as it comes."""
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in DROPPED]
        headers.append(("Authorization", f"Bearer {self.key}"))
        async with self.client.request(
            request.method, self.target + request.path_qs, headers=headers, data=await request.read() or None
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in DROPPED}
            out = web.StreamResponse(status=answer.status, headers=kept)
            await out.prepare(request)
            with contextlib.suppress(ConnectionError):
                async for chunk in answer.content.iter_any():
                    await out.write(chunk)
                await out.write_eof()
            return out


if __name__ == "__main__":
    asyncio.run(Hop(sys.argv[1], sys.argv[2]).serve())
