"""Security schemes of a document in the manifest's words."""

from typing import Any

from toolmarket.catalog import schemas as catalog
from toolmarket.importers import wording
from toolmarket.importers.reading import as_dict, as_list
from toolmarket.importers.references import References
from toolmarket.importers.reports import Report

_OLD_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_FLOWS = {"authorizationCode", "clientCredentials", "implicit", "password", "deviceAuthorization"}
HEADER_SCHEME = "authorization_header"


class MisplacedFlow(Exception):
    """An OpenAPI 3 scheme that writes `flow` as an object; holds where."""

    def __init__(self, path: list[str]) -> None:
        super().__init__("flow")
        self.path = path


class Securities:
    """The schemes of one document.

    Raises:
        MisplacedFlow: a scheme's flows stand under a name that no release of the specification has.
    """

    def __init__(self, root: dict[str, Any], references: References, report: Report, *, old: bool) -> None:
        self._report = report
        self.schemes: dict[str, catalog.AuthScheme] = {}
        self.kinds: list[str] = []
        self._names: dict[str, str] = {}
        place = ["components", "securitySchemes"]
        defined = as_dict(as_dict(root.get("components")).get("securitySchemes"))
        if old or not defined:
            place, defined = ["securityDefinitions"], as_dict(root.get("securityDefinitions"))
        kinds: set[str] = set()
        for name, node in defined.items():
            pointer = "/" + "/".join([*place, name])
            target = references.follow(node, pointer)
            if target.missing or not isinstance(target.value, dict):
                why = target.missing or "it is no object"
                report.warning(f"The security scheme {name[:80]} is left out: {why}.", pointer)
                continue
            if not old and isinstance(target.value.get("flow"), dict):
                raise MisplacedFlow([*place, name, "flow"])
            kinds.update(_kinds(target.value))
            self._add(name, target.value, pointer)
        self.kinds = sorted(kinds) if defined else ["none"]
        self._assumed = self._assume(root)

    def _assume(self, root: dict[str, Any]) -> list[dict[str, list[str]]]:
        """What operations need where the document defines schemes and uses them nowhere."""
        if not self.schemes or root.get("security"):
            return []
        for item in as_dict(root.get("paths")).values():
            if any(isinstance(node, dict) and "security" in node for node in as_dict(item).values()):
                return []
        self._report.info(
            "No operation says which credential it needs: each may use any that the document defines."
        )
        assumed: list[dict[str, list[str]]] = [{name: []} for name in self.schemes]
        return [*assumed, {}]

    def _add(self, name: str, node: dict[str, Any], pointer: str) -> None:
        try:
            scheme = _scheme(node)
        except ValueError as error:
            self._report.warning(f"The security scheme {name[:80]} cannot be used: {error}.", pointer)
            return
        self.schemes[name] = scheme

    def alternatives(self, requirements: list[Any] | None, pointer: str) -> list[dict[str, list[str]]]:
        """The credentials of an operation, as alternatives; nothing means that none is needed."""
        if not requirements and (requirements is None or self._assumed):
            return [dict(entry) for entry in self._assumed]
        found: list[dict[str, list[str]]] = []
        for entry in requirements:
            if not isinstance(entry, dict):
                continue
            needed = {
                self._name(name): [wording.text(scope) for scope in as_list(scopes)]
                for name, scopes in entry.items()
            }
            unknown = [name for name in needed if name not in self.schemes]
            if unknown:
                self._report.warning(
                    f"A credential is left out: {unknown[0][:80]} is not defined or not usable.", pointer,
                    kind="credentials that are not defined",
                )  # fmt: skip
            elif needed not in found:
                found.append(needed)
        return found

    def _name(self, name: str) -> str:
        """A scheme's name, also where 3.2 refers to it by URI."""
        return name.rsplit("/", 1)[1] if name not in self.schemes and "/" in name else name

    def authorization_header(self) -> str:
        """The scheme that stands for an `Authorization` header described as a plain parameter."""
        self.schemes.setdefault(
            HEADER_SCHEME,
            catalog.AuthScheme(
                type="apiKey", location="header", parameter="Authorization",
                description="The whole value of the Authorization header.",
            ),
        )  # fmt: skip
        return HEADER_SCHEME

    def carries(self, alternatives: list[dict[str, list[str]]], name: str, location: str) -> bool:
        """Whether a parameter is the place where one of the credentials travels."""
        return any(
            scheme.type == "apiKey" and scheme.location == location
            and (scheme.parameter or "").casefold() == name.casefold()
            for needed in alternatives for scheme in map(self.schemes.get, needed) if scheme is not None
        )  # fmt: skip


def _kinds(node: dict[str, Any]) -> set[str]:
    """A scheme's kinds in one word each: apiKey:header, http:bearer, oauth2:authorizationCode, ..."""
    kind = node.get("type")
    if kind == "apiKey":
        return {f"apiKey:{node.get('in')}"}
    if kind == "basic":
        return {"http:basic"}
    if kind == "http":
        return {f"http:{str(node.get('scheme')).lower()}"}
    if kind == "oauth2":
        return {f"oauth2:{flow}" for flow in _flows(node)} or {"oauth2"}
    return {str(kind)} if kind else set()


def _flows(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    flows = {
        name: as_dict(flow) for name, flow in as_dict(node.get("flows")).items() if not name.startswith("x-")
    }
    flow = node.get("flow")
    if isinstance(flow, str):
        flows[_OLD_FLOWS.get(flow, flow)] = node
    return flows


def _scheme(node: dict[str, Any]) -> catalog.AuthScheme:
    kind = wording.text(node.get("type"))
    description = wording.clean(node.get("description"), 2_000)
    if kind == "apiKey":
        return _api_key(node, description)
    if kind in {"basic", "http"}:
        scheme = "basic" if kind == "basic" else wording.text(node.get("scheme")).lower()
        bearer_format = wording.text(node.get("bearerFormat")) or None
        return catalog.AuthScheme(
            type="http", scheme=scheme, description=description, bearer_format=bearer_format
        )
    if kind == "oauth2":
        return catalog.AuthScheme.model_validate(
            {"type": "oauth2", "description": description, "flows": _known_flows(node)}
        )
    if kind == "openIdConnect":
        url = wording.text(node.get("openIdConnectUrl")) or None
        return catalog.AuthScheme(type="openIdConnect", description=description, openid_connect_url=url)
    if kind == "mutualTLS":
        return catalog.AuthScheme(type="mutualTLS", description=description)
    raise ValueError(f"its type {kind[:40]!r} does not exist")


def _api_key(node: dict[str, Any], description: str) -> catalog.AuthScheme:
    location, parameter = wording.text(node.get("in")), wording.text(node.get("name"))
    if location not in {"header", "query", "cookie"} or not parameter:
        raise ValueError(f"an API key does not travel in {location[:40]!r}")
    return catalog.AuthScheme.model_validate(
        {"type": "apiKey", "location": location, "parameter": parameter, "description": description}
    )


def _known_flows(node: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "authorization_url": wording.text(
                flow.get("authorizationUrl") or flow.get("deviceAuthorizationUrl")
            )
            or None,
            "token_url": wording.text(flow.get("tokenUrl")) or None,
            "refresh_url": wording.text(flow.get("refreshUrl")) or None,
            "scopes": {
                scope: wording.clean(told, 500) for scope, told in as_dict(flow.get("scopes")).items()
            },
        }
        for name, flow in _flows(node).items()
        if name in _FLOWS
    }
