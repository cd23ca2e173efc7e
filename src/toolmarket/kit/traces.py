"""The trace that a request belongs to, in every log line and audit event of it.

Source:
    W3C Trace Context, 3.2 `traceparent`.
"""

import re
from collections.abc import Iterable
from uuid import UUID, uuid4

import structlog

_TRACE_PARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> UUID:
    """The trace that the caller names, or a new one."""
    for name, value in headers:
        if name == b"traceparent":
            match = _TRACE_PARENT.fullmatch(value)
            if match is not None and match[1].strip(b"0"):
                return UUID(match[1].decode())
    return uuid4()


def begin(headers: Iterable[tuple[bytes, bytes]]) -> UUID:
    """Put the present task, which serves one request, under its trace."""
    trace_id = trace_of(headers)
    structlog.contextvars.bind_contextvars(trace_id=str(trace_id))
    return trace_id
