"""Proposes what an operation does to the world, from its method and its wording."""

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import naming

_READ = naming.word_set(
    """
    aggregate analyse analyze autocomplete average browse calculate check classify compare compute
    convert count decode describe detect diff embed encode estimate evaluate exists explain extract
    fetch filter find geocode get has head inspect is lint list lookup match ocr parse ping predict
    preview query rank read recognize render resolve retrieve score search show simulate suggest sum
    summarize test tokenize transcribe translate validate verify view
    """
)
_CREATE = naming.word_set(
    """
    add append attach book clone comment copy create duplicate email enroll generate import ingest
    insert invite issue log new notify open order place publish record register save schedule send
    share store submit subscribe track upload upsert
    """
)
_UPDATE = naming.word_set(
    """
    accept activate approve assign change close complete configure confirm edit enable follow like
    link lock mark merge modify move patch pause pin refresh rename renew reopen restore resume set
    sync tag unarchive unlock update
    """
)
_HARM = naming.word_set(
    """
    archive ban block cancel clear deactivate delete deregister destroy detach disable discard drop
    erase evict expire flush kill logout overwrite prune purge refund reject remove replace reset
    revoke rollback signout terminate trash truncate unassign uninstall unlink unpublish unsubscribe
    void wipe
    """
)
_RUN = naming.word_set(
    """
    apply batch call capture charge command deploy dispatch execute graphql invoke launch pay
    perform process replay restart retry rpc run sign start stop transfer trigger withdraw
    """
)
_KINDS = [("delete", _HARM), ("opaque", _RUN), ("update", _UPDATE), ("create", _CREATE), ("read", _READ)]
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"}
_NOUNS_AS_WELL = naming.word_set(
    """
    archive block call charge comment edit email filter has head import is issue like link log match
    new open order place post process rank record resume score set share sign store tag test track
    transfer trash
    """
)


def propose(method: str, path: str, operation_id: str = "", summary: str = "") -> catalog.Effects:
    """The effects of a request; the builder may correct them.

    A safe method reads unless the wording says that it acts (`GET /users/{id}/delete`); POST reads only
    where the wording says so and nothing speaks against it (`POST /search`).
    """
    verb = _verb(path, operation_id, summary)
    if method in {"HEAD", "OPTIONS", "TRACE"}:
        return _effects("read", idempotent=True)
    if method in _SAFE_METHODS:
        acts = verb in {"delete", "update", "create"} and _names_action(path, operation_id, summary)
        return _effects(verb if acts else "read", idempotent=not acts)
    if method == "DELETE":
        return _effects("delete", idempotent=True)
    if method == "PUT":
        kind = verb if verb == "create" else "update"
        return _effects(kind, idempotent=True, harms=verb == "delete")
    if method == "PATCH":
        return _effects("update", harms=verb == "delete")
    return _post(verb, method)


def pair(operations: list[catalog.Operation]) -> list[catalog.Operation]:
    """Say of each creation which operation deletes what it made: POST /pets and DELETE /pets/{id}."""
    removals: dict[tuple[str, str], str] = {}
    for operation in operations:
        request = operation.implementation
        if request.kind == "http" and request.method == "DELETE":
            parent, _, last = request.path.rstrip("/").rpartition("/")
            if last.startswith("{") and last.endswith("}"):
                removals.setdefault((request.server, parent), operation.name)
    return [_with_removal(operation, removals) for operation in operations]


def _with_removal(operation: catalog.Operation, removals: dict[tuple[str, str], str]) -> catalog.Operation:
    request = operation.implementation
    if request.kind != "http" or request.method != "POST" or operation.effects.kind != "create":
        return operation
    removal = removals.get((request.server, request.path.rstrip("/")))
    if removal is None:
        return operation
    changed = operation.effects.model_copy(update={"reversible_by": removal})
    return operation.model_copy(update={"effects": changed})


def _post(verb: str, method: str) -> catalog.Effects:
    if method != "POST":
        return _effects("opaque", harms=True)
    if verb == "opaque":
        return _effects("opaque", harms=True)
    return _effects(verb or "create", idempotent=verb == "read", harms=verb == "delete")


def _effects(kind: str, *, idempotent: bool = False, harms: bool = False) -> catalog.Effects:
    return catalog.Effects.model_validate(
        {
            "kind": kind,
            "read_only": kind == "read",
            "destructive": kind == "delete" or harms,
            "idempotent": idempotent,
            "open_world": True,
        }
    )


def _verb(path: str, operation_id: str, summary: str) -> str:
    """The kind that the wording speaks of: the id's verb, the path's last word, or the summary's verb."""
    told = naming.words(operation_id)
    ending = _last_words(path)
    kinds = [_kind(told[0]) if told else ""]
    if not kinds[0] or told[0] in {"get", "post", "put", "patch", "delete"}:
        kinds.append(_kind_of_ending(ending))
    if told and not any(kinds):
        kinds.append(_kind_of_ending(told))
    opening = naming.words(summary)[:1]
    kinds.append(_kind(opening[0].removesuffix("s")) or _kind(opening[0]) if opening else "")
    found = next((kind for kind in reversed(kinds[1:2]) if kind), "") or next(
        (kind for kind in kinds if kind), ""
    )
    if found == "read" and _contradicted(told[1:] + ending):
        return "opaque"
    return found


def _kind(word: str) -> str:
    return next((kind for kind, verbs in _KINDS if word in verbs), "")


def _kind_of_ending(ending: list[str]) -> str:
    """The verb at either end of a path's last segment, where the word is no noun as well."""
    for word in (ending[:1] + ending[-1:]) if ending else []:
        if word not in _NOUNS_AS_WELL and _kind(word):
            return _kind(word)
    return ""


def _last_words(path: str) -> list[str]:
    segments = [segment for segment in path.split("?")[0].split("#")[0].split("/") if segment]
    if not segments:
        return []
    last = segments[-1]
    if "{" in last:
        return naming.words(last.rpartition("}")[2])
    return naming.words(last)


def _contradicted(others: list[str]) -> bool:
    """Words beside a reading verb that speak of a change, as in `getOrCreate`."""
    return any(
        word not in _NOUNS_AS_WELL and word not in _READ and _kind(word) in {"delete", "update", "create"}
        for word in others
    )


def _names_action(path: str, operation_id: str, summary: str) -> bool:
    """Whether the path's last word, or the id's first, is the acting verb: a summary alone is not enough."""
    opening = naming.words(summary)[:1]
    told = naming.words(operation_id)
    if opening and _kind(opening[0].removesuffix("s")) == "read" and told[:1] and _kind(told[0]) == "read":
        return False
    last = _last_words(path)
    ending = _kind_of_ending(last) if len(last) == 1 else ""
    first = _kind(told[0]) if told and told[0] not in _NOUNS_AS_WELL else ""
    acting = {"delete", "update", "create"}
    return ending in acting or (first in acting and not (told and told[0] in {"put", "post"}))
