"""A small real service on loopback that behaves well or badly as its path says."""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web


@dataclass
class Upstream:
    """Where it listens, and what it was asked."""

    origin: str = ""
    seen: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    answers: dict[str, bytes] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.origin.removeprefix("http://")

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        self.bodies.append(await request.read())
        if request.path in self.answers:
            return web.Response(body=self.answers[request.path], content_type="application/json")
        name = request.path.split("/")[1].replace("-", "_")
        answer: web.StreamResponse = await getattr(self, f"on_{name}", self.on_echo)(request)
        return answer

    async def on_echo(self, request: web.BaseRequest) -> web.Response:
        return web.json_response(
            {
                "method": request.method,
                "target": request.raw_path,
                "headers": [[name, value] for name, value in request.headers.items()],
                "body": base64.b64encode(self.bodies[-1]).decode(),
            }
        )

    async def on_slow(self, request: web.BaseRequest) -> web.Response:
        await self.held.wait()
        return web.Response()

    async def on_drop(self, request: web.BaseRequest) -> web.Response:
        """Close without an answer; `/drop/once` answers the second time."""
        times = sum(1 for seen in self.seen if seen.path == request.path)
        if request.path.endswith("/once") and times > 1:
            return await self.on_echo(request)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def on_cut(self, request: web.BaseRequest) -> web.StreamResponse:
        """Announce more than is sent."""
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return answer

    async def on_redirect(self, request: web.BaseRequest) -> web.Response:
        status = int(request.query.get("status", "302"))
        return web.Response(status=status, headers={"Location": request.query["to"]})

    async def on_status(self, request: web.BaseRequest) -> web.Response:
        return web.json_response(
            {"error": {"code": "not_today", "message": "no"}}, status=int(request.path.split("/")[2])
        )

    async def on_bomb(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        for _ in range(4000):
            await answer.write(b"x" * 65_536)
        return answer

    async def on_announced(self, request: web.BaseRequest) -> web.Response:
        return web.Response(body=b"x" * 200_000)

    async def on_gzip(self, request: web.BaseRequest) -> web.Response:
        size = int(request.path.split("/")[2])
        packed = gzip.compress(b"0" * size)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    async def on_brotli(self, request: web.BaseRequest) -> web.Response:
        return web.Response(body=b"??", headers={"Content-Encoding": "br"})

    async def on_busy(self, request: web.BaseRequest) -> web.Response:
        """Refuse the first call of a path, asking to wait as long as `after` says."""
        if sum(1 for seen in self.seen if seen.path == request.path) == 1:
            return web.Response(status=429, headers={"Retry-After": request.query.get("after", "0")})
        return web.json_response({"ok": True})

    async def on_secret(self, request: web.BaseRequest) -> web.Response:
        """Send the credential back in every disguise."""
        secret = request.headers.get("X-Key", "")
        disguises = {
            "plain": secret,
            "percent": quote(secret, safe=""),
            "base64": base64.b64encode(secret.encode()).decode(),
            "inner": base64.b64encode(f"someone:{secret}:x".encode()).decode(),
            "hex": secret.encode().hex(),
        }
        headers = {"X-Echo": secret, "Set-Cookie": f"session={quote(secret, safe='')}"}
        status = int(request.query.get("status", "200"))
        return web.Response(
            text=json.dumps(disguises), status=status, headers=headers, content_type="application/json"
        )

    async def on_pages(self, request: web.BaseRequest) -> web.Response:
        """Five numbers, two on a page, by cursor, page, offset or link."""
        query = request.query
        begin = int(query.get("cursor") or query.get("offset") or (int(query.get("page", "1")) - 1) * 2)
        numbers = list(range(5))[begin : begin + 2]
        following = begin + 2 if begin + 2 < 5 else None
        headers = {}
        if following is not None:
            headers["Link"] = f'</x>; rel="first", <{request.path}?cursor={following}>; rel="next"'
        if request.path.endswith("/bare"):
            return web.json_response(numbers, headers=headers)
        return web.json_response({"data": {"list": numbers}, "next": following, "total": 5}, headers=headers)

    async def on_elsewhere(self, request: web.BaseRequest) -> web.Response:
        return web.json_response([1], headers={"Link": '<http://other.example/x>; rel="next"'})

    async def on_binary(self, request: web.BaseRequest) -> web.Response:
        return web.Response(body=bytes(range(256)), content_type="image/png")

    async def on_events(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        for number in range(3):
            await answer.write(f"data: {number}\n\n".encode())
        return answer


@asynccontextmanager
async def upstream_server() -> AsyncIterator[Upstream]:
    """The service, on a free port of loopback."""
    upstream = Upstream()
    runner = web.ServerRunner(web.Server(upstream.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    upstream.origin = f"http://{host}:{port}"
    yield upstream
    upstream.held.set()
    await runner.cleanup()
