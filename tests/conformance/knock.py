"""What the conformance tool starts for each scenario: hands it to the waiting client, and tells how it went.

`python -I knock.py PORT URL`; imports nothing but what starts fast.
"""

import json
import os
import socket
import sys

message = {
    "url": sys.argv[2],
    "scenario": os.environ.get("MCP_CONFORMANCE_SCENARIO", ""),
    "revision": os.environ.get("MCP_CONFORMANCE_PROTOCOL_VERSION", ""),
    "context": json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}")),
}
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    connection.sendall(json.dumps(message).encode() + b"\n")
    failure = connection.makefile("rb").read().decode()
sys.stderr.write(failure)
sys.exit(1 if failure else 0)
