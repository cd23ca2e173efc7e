import type { JsonObject } from '~/app/api-types'

export interface CallTarget {
  /** The MCP address of the toolset. */
  readonly mcpUrl: string
  /** Where the REST API is. */
  readonly origin: string
  readonly key: string
  readonly example?: { readonly installationId: string; readonly operation: string; readonly mcpName: string; readonly input: JsonObject }
}

export interface Snippet {
  readonly id: string
  readonly label: string
  /** Where the text goes. */
  readonly place: string
  readonly text: string
  readonly json?: boolean
}

const indent = (value: unknown): string => JSON.stringify(value, null, 2)

function clients({ mcpUrl, key }: CallTarget): Snippet[] {
  const authorization = `Bearer ${key}`
  return [
    {
      id: 'claude-code',
      label: 'Claude Code',
      place: 'Run in a terminal. `claude mcp list` then shows the server.',
      text: `claude mcp add --transport http toolmarket ${mcpUrl} --header "Authorization: ${authorization}"`,
    },
    {
      id: 'claude-desktop',
      label: 'Claude Desktop',
      place: 'Settings, Developer, Edit config: `claude_desktop_config.json`. Restart the application. Needs Node.',
      json: true,
      text: indent({
        mcpServers: {
          toolmarket: { command: 'npx', args: ['-y', 'mcp-remote', mcpUrl, '--header', 'Authorization:${TOOLMARKET_AUTHORIZATION}'], env: { TOOLMARKET_AUTHORIZATION: authorization } },
        },
      }),
    },
    {
      id: 'cursor',
      label: 'Cursor',
      place: '`.cursor/mcp.json` in the project, or `~/.cursor/mcp.json` for all.',
      json: true,
      text: indent({ mcpServers: { toolmarket: { url: mcpUrl, headers: { Authorization: authorization } } } }),
    },
    {
      id: 'vscode',
      label: 'VS Code',
      place: '`.vscode/mcp.json` in the workspace.',
      json: true,
      text: indent({ servers: { toolmarket: { type: 'http', url: mcpUrl, headers: { Authorization: authorization } } } }),
    },
    {
      id: 'openai-agents',
      label: 'OpenAI Agents SDK',
      place: 'Python, `pip install openai-agents`.',
      text: `import asyncio

from agents import Agent, Runner
from agents.mcp import MCPServerStreamableHttp

toolmarket = MCPServerStreamableHttp(
    name="toolmarket",
    params={
        "url": "${mcpUrl}",
        "headers": {"Authorization": "${authorization}"},
    },
)


async def main() -> None:
    async with toolmarket:
        agent = Agent(name="Assistant", mcp_servers=[toolmarket])
        answer = await Runner.run(agent, "What can you do with your tools?")
        print(answer.final_output)


asyncio.run(main())`,
    },
    {
      id: 'inspector',
      label: 'MCP inspector',
      place: 'Lists the tools in a terminal.',
      text: `npx @modelcontextprotocol/inspector --cli ${mcpUrl} --transport http \\
  --header "Authorization: ${authorization}" --method tools/list`,
    },
  ]
}

/** Text in single quotes for a POSIX shell. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function programs({ origin, key, example }: CallTarget): Snippet[] {
  const path = `/v1/installations/${example?.installationId ?? 'INSTALLATION_ID'}/operations/${example?.operation ?? 'OPERATION'}/runs`
  const url = origin + path
  const input = JSON.stringify(example?.input ?? {})
  const place = example ? `Calls ${example.mcpName}.` : 'Install a tool first; its operation and example stand here then.'
  return [
    {
      id: 'curl',
      label: 'curl',
      place,
      text: `curl -X POST ${url} \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(input)}`,
    },
    {
      id: 'python',
      label: 'Python',
      place: `${place} Only the standard library.`,
      text: `import json
import urllib.request

request = urllib.request.Request(
    "${url}",
    data=json.dumps(json.loads(${JSON.stringify(input)})).encode(),
    headers={
        "Authorization": "Bearer ${key}",
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    run = json.load(answer)
print(run["outcome"], run["value"])`,
    },
    {
      id: 'typescript',
      label: 'TypeScript',
      place: `${place} Node 18 or newer, Deno, Bun.`,
      text: `const answer = await fetch('${url}', {
  method: 'POST',
  headers: {
    Authorization: 'Bearer ${key}',
    'Content-Type': 'application/json',
  },
  body: JSON.stringify(${input}),
})
const run = await answer.json()
console.log(run.outcome, run.value)`,
    },
  ]
}

/** The configuration of every client we know, and calls without one. */
export const snippets = (target: CallTarget): readonly Snippet[] => [...clients(target), ...programs(target)]
