"""Every page of the application, by address."""

from typing import Any

import httpx

STATIC = {
    "home": "/",
    "market": "/market",
    "drafts": "/build",
    "import": "/build/import",
    "installed": "/installed",
    "runs": "/runs",
    "connections": "/connections",
    "toolsets": "/toolsets",
    "connect": "/connect",
    "settings": "/settings",
    "members": "/settings/members",
    "keys": "/settings/keys",
    "appearance": "/settings/appearance",
}


def every_place(demo: dict[str, Any], organisation: str = "acme") -> dict[str, str]:
    """The addresses of all pages, with records of the demo where a page needs one."""
    key = next(each["key"] for each in demo["api_keys"] if each["organisation"] == organisation)
    installation = next(each for each in demo["installations"] if each["organisation"] == organisation)
    with httpx.Client(base_url=demo["base_url"], headers={"Authorization": f"Bearer {key}"}) as client:

        def first(path: str) -> dict[str, Any]:
            return dict(client.get(path).raise_for_status().json()["items"][0])

        draft, run = first("/v1/drafts"), first("/v1/runs")
        failed = first("/v1/runs?outcome=upstream_error")
    tool = installation["tool"]
    sections = ("basics", "connection", "request", "parameters", "output", "limits", "effects")
    operation = _operation(demo, draft["name"], installation)
    return {
        **STATIC,
        "tool": f"/market/t/{tool}",
        "install": f"/market/t/{tool}/install",
        "installation": f"/installed/{installation['id']}",
        "draft-tool": f"/build/tool/{draft['id']}?section=basics",
        **{
            f"draft-{section}": f"/build/tool/{draft['id']}?operation={operation}&section={section}"
            for section in sections
        },
        "run": f"/runs/{run['id']}",
        "run-failed": f"/runs/{failed['id']}",
    }


def _operation(demo: dict[str, Any], tool: str, otherwise: dict[str, Any]) -> str:
    for installation in demo["installations"]:
        if installation["tool"] == tool:
            return str(installation["operations"][0]["name"])
    return str(otherwise["operations"][0]["name"])
