"""Call an installed operation over REST, with the standard library only.

    TOOLMARKET_KEY=tm_... python examples/agents/rest.py INSTALLATION_ID OPERATION '{"limit": 1}'

TOOLMARKET_URL is where the product is, http://127.0.0.1:8000 by default. A call that changes something
is safe to send again under one IDEMPOTENCY_KEY: the second one gets the first one's answer.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def call(installation_id: str, operation: str, arguments: dict[str, object]) -> dict[str, object]:
    """The run: its id, outcome and value; or the problem document of a refusal."""
    base = os.environ.get("TOOLMARKET_URL", "http://127.0.0.1:8000")
    headers = {"Authorization": f"Bearer {os.environ['TOOLMARKET_KEY']}", "Content-Type": "application/json"}
    if key := os.environ.get("IDEMPOTENCY_KEY"):
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(
        f"{base}/v1/installations/{installation_id}/operations/{operation}/runs",
        data=json.dumps(arguments).encode(),
        headers=headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, object] = json.load(answer)
    except urllib.error.HTTPError as refused:
        found = json.load(refused)
    return found


if __name__ == "__main__":
    installation_id, operation, text = sys.argv[1:4]
    print(json.dumps(call(installation_id, operation, json.loads(text)), indent=2))
