"""How a run becomes the result of `tools/call`."""

import base64
from http import HTTPStatus
from typing import Any

import orjson

from toolmarket.kit.mcp_messages import SERVER_KEY, Message, RpcError
from toolmarket.kit.problems import Problem
from toolmarket.runtime.executors.mcp import ERROR_TYPE, RESULT_TYPE
from toolmarket.runtime.gateway.ports import Ran
from toolmarket.runtime.schemas import Outcome

SERVER_INFO = {"name": "toolmarket", "title": "SynapseAI Tool Marketplace", "version": "0.1.0"}
RUN_KEY, PROBLEM_KEY = "toolmarket/run", "toolmarket/problem"
_COMPLETE = b'"resultType":"complete",'
SERVER_MEMBER = b'"' + SERVER_KEY.encode() + b'":' + orjson.dumps(SERVER_INFO)
_EXCERPT = 4_000
_LEADS = {
    Outcome.denied: "Denied. ",
    Outcome.pending_approval: "A person must approve this call first. ",
    Outcome.timeout: "The service did not answer in time. ",
    Outcome.unknown: "It is not known whether this call took effect. ",
    Outcome.upstream_error: "The service failed. ",
    Outcome.tool_error: "",
}
_ADVICE = {
    Outcome.denied: " Repeating the call will not help; an administrator of the organisation can allow it.",
    Outcome.pending_approval: " Repeat the same call with the same arguments once it is approved.",
    Outcome.unknown: " Check before you repeat it.",
}


def tool_result(ran: Ran, *, modern: bool) -> bytes:
    """The `result` member for a run, as bytes.

    Raises:
        RpcError: an MCP upstream answered with a protocol error, which is passed on.
    """
    if ran.content_type == RESULT_TYPE:
        return _passed_on(ran, modern=modern)
    if ran.content_type == ERROR_TYPE:
        raise RpcError.of(orjson.loads(ran.body))
    if ran.outcome is not Outcome.ok:
        return _error(_explanation(ran), ran.problem, modern=modern, run=str(ran.id))
    body = ran.body
    if _is_json(ran.content_type) and (value := _parsed(body)) is not None:
        return _structured(body, value[0], str(ran.id), modern=modern)
    blocks = orjson.dumps([_block(ran)]) if body else b"[]"
    structured = b',"structuredContent":{}' if not body else b""
    return _envelope(blocks, structured + b',"isError":false', str(ran.id), modern=modern)


def refused(problem: Problem, *, modern: bool) -> bytes:
    """The result for a call that never became a run."""
    return _error(_told(problem.document()), problem.document(), modern=modern)


def complete(result: Message, *, modern: bool) -> Message:
    """A result with what the modern era asks of every one."""
    if not modern:
        return result
    meta = {**(result.get("_meta") or {}), SERVER_KEY: SERVER_INFO}
    return {"resultType": "complete", **result, "_meta": meta}


def _passed_on(ran: Ran, *, modern: bool) -> bytes:
    result = orjson.loads(ran.body)
    result["_meta"] = {**(result.get("_meta") or {}), RUN_KEY: str(ran.id)}
    return orjson.dumps(complete(result, modern=modern))


def _structured(body: bytes, value: Any, run: str, *, modern: bool) -> bytes:
    text = body.decode()
    blocks = b'[{"type":"text","text":' + orjson.dumps(text) + b"}]"
    if isinstance(value, dict):
        structured = b',"structuredContent":' + body
    else:
        structured = b',"structuredContent":{"value":' + body + b"}"
    return _envelope(blocks, structured + b',"isError":false', run, modern=modern)


def _envelope(blocks: bytes, more: bytes, run: str | None, *, modern: bool) -> bytes:
    meta = [b'"' + RUN_KEY.encode() + b'":"' + run.encode() + b'"'] if run is not None else []
    meta += [SERVER_MEMBER] if modern else []
    head = b"{" + (_COMPLETE if modern else b"")
    return head + b'"content":' + blocks + more + b',"_meta":{' + b",".join(meta) + b"}}"


def _error(text: str, problem: Message | None, *, modern: bool, run: str | None = None) -> bytes:
    meta: Message = {PROBLEM_KEY: problem} if problem else {}
    if run is not None:
        meta[RUN_KEY] = run
    result = {"content": [{"type": "text", "text": text}], "isError": True, "_meta": meta}
    return orjson.dumps(complete(result, modern=modern))


def _explanation(ran: Ran) -> str:
    told = _told(ran.problem or {})
    if link := (ran.problem or {}).get("approval_url"):
        told += f" Approve it at {link}."
    text = _LEADS.get(ran.outcome, "") + told + _advice(ran)
    if ran.body and ran.outcome in {Outcome.upstream_error, Outcome.tool_error}:
        status = f"HTTP status {ran.status}" if ran.status else "answer"
        text += f"\n\nThe service's {status}:\n{ran.body[:_EXCERPT].decode('utf-8', 'replace')}"
    return text.strip() or "The call failed."


def _advice(ran: Ran) -> str:
    status = (ran.problem or {}).get("status")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return " Wait a little before you call again."
    if ran.outcome is Outcome.denied and status not in {None, HTTPStatus.FORBIDDEN}:
        return ""
    return _ADVICE.get(ran.outcome, "")


def _told(problem: Message) -> str:
    text = str(problem.get("detail") or problem.get("title") or "")
    mistakes = problem.get("errors")
    if isinstance(mistakes, list):
        lines = [f"- {each.get('pointer') or '/'}: {each.get('message')}" for each in mistakes[:20]]
        text += "\n" + "\n".join(lines)
    return text


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _parsed(body: bytes) -> tuple[Any] | None:
    """The value in a tuple, or None where the body is no JSON."""
    try:
        return (orjson.loads(body),)
    except orjson.JSONDecodeError:
        return None


def _block(ran: Ran) -> Message:
    kind = ran.content_type.partition(";")[0].strip().lower()
    if kind.startswith(("image/", "audio/")):
        return {"type": kind[:5], "data": base64.b64encode(ran.body).decode(), "mimeType": kind}
    if kind.startswith("text/") or kind.endswith(("+xml", "/xml")) or _is_json(kind):
        return {"type": "text", "text": ran.body.decode("utf-8", "replace")}
    blob = base64.b64encode(ran.body).decode()
    resource = {"uri": f"toolmarket://runs/{ran.id}/answer", "mimeType": kind, "blob": blob}
    return {"type": "resource", "resource": resource}


def error_body(request_id: Any, error: RpcError) -> bytes:
    """A JSON-RPC error message."""
    return orjson.dumps({"jsonrpc": "2.0", "id": request_id, "error": error.document()})


def result_body(request_id: Any, result: bytes) -> bytes:
    """A JSON-RPC result message."""
    return b'{"jsonrpc":"2.0","id":' + orjson.dumps(request_id) + b',"result":' + result + b"}"
