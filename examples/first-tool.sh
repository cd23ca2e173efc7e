#!/bin/sh
# From an API description to a recorded call, over the product's own API: what
# docs/tutorial/first-tool.md does by hand. Needs a running demo (make run), curl and python3.
#
#   sh examples/first-tool.sh [DIRECTORY OF THE CHECKOUT]
set -eu

cd "${1:-.}"
demo=$(mktemp)
trap 'rm -f "$demo"' EXIT
.venv/bin/toolmarket demo --json > "$demo"

# member EXPRESSION: a part of the JSON on standard input, such as ['id'].
member() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

base=$(member "['base_url']" < "$demo")
key=$(member "['api_keys'][0]['key']" < "$demo")
upstream=$(member "['upstream_url']" < "$demo")
# Names and aliases are taken once; a few letters more let this run again and again.
more=$(python3 -c "import secrets; print(secrets.token_hex(2))")

api() { # api METHOD PATH [BODY]
    curl --silent --show-error --fail-with-body --request "$1" "$base$2" \
        --header "Authorization: Bearer $key" --header "Content-Type: application/json" \
        ${3:+--data "$3"}
}

echo "1. Import the description."
description=$(python3 -c 'import json; print(json.dumps(open("examples/orders.openapi.yaml").read()))')
import=$(api POST /v1/imports "{\"kind\": \"openapi\", \"filename\": \"orders.openapi.yaml\", \"content\": $description}" | member "['id']")

echo "2. Make a draft of two of its operations."
draft=$(api POST /v1/drafts "{\"import_id\": \"$import\", \"name\": \"acme/first-$more\", \"title\": \"My first tool\",
    \"summary\": \"Read and place orders.\", \"operations\": [\"list_orders\", \"create_order\"]}" | member "['id']")

echo "3. Store the credential, for that one host only."
host=${upstream#http://}
connection=$(api POST /v1/connections "{\"name\": \"Orders $more\", \"kind\": \"api_key\",
    \"secret\": {\"key\": \"acme-demo-key\"}, \"hosts\": [\"$host\"]}" | member "['id']")

echo "4. Try an operation."
api POST "/v1/drafts/$draft/operations/list_orders/runs" "{\"arguments\": {\"limit\": 1},
    \"config\": {\"server_url\": \"$upstream\"}, \"connections\": {\"AcmeKey\": \"$connection\"}}" | member "['outcome']"

echo "5. Publish it to the organisation."
api POST "/v1/drafts/$draft/publication" '{"version": "1.0.0", "notes": "The first version."}' | member "['tool']"

echo "6. Install it with its address and credential."
installation=$(api POST /v1/installations "{\"tool\": \"acme/first-$more\", \"alias\": \"first-$more\",
    \"config\": {\"server_url\": \"$upstream\"}, \"bindings\": {\"AcmeKey\": \"$connection\"}}" | member "['id']")

echo "7. Call it, as a program and as an agent."
run=$(api POST "/v1/installations/$installation/operations/list_orders/runs" '{"limit": 1}' | member "['id']")
curl --silent --show-error --fail-with-body "$base/mcp" --header "Authorization: Bearer $key" \
    --header "Content-Type: application/json" --header "Accept: application/json, text/event-stream" \
    --header "MCP-Protocol-Version: 2026-07-28" --header "Mcp-Method: tools/call" \
    --header "Mcp-Name: first-${more}_create_order" --data "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"tools/call\",
    \"params\": {\"name\": \"first-${more}_create_order\",
        \"arguments\": {\"body\": {\"customer\": \"Harbour Hotel\", \"lines\": [{\"sku\": \"CHAIR-04\", \"quantity\": 6}]}},
        \"_meta\": {\"io.modelcontextprotocol/protocolVersion\": \"2026-07-28\",
            \"io.modelcontextprotocol/clientInfo\": {\"name\": \"first-tool\", \"version\": \"1\"},
            \"io.modelcontextprotocol/clientCapabilities\": {}}}}" | member "['result']['structuredContent']['status']"

echo "8. See what was recorded."
api GET "/v1/runs/$run" | member "['outcome']"
api GET "/v1/runs?installation_id=$installation" | member "['total']"
echo "$base/runs/$run"
