const DEFAULT_PORTS = ['80', '443']

const split = (host: string): readonly [string, string | undefined] => {
  const match = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase())
  return [match?.[1] ?? host, match?.[2]]
}

function matches(pattern: string, host: string): boolean {
  const [name, port] = split(pattern)
  const [wanted, at] = split(host)
  if (port && port !== at && !(at === undefined && DEFAULT_PORTS.includes(port))) return false
  return name.startsWith('*.') ? wanted.endsWith(name.slice(1)) : name === wanted
}

/** Whether a connection may be sent to one of the hosts; the server decides at each call. Unknown hosts fit. */
export const fitsHosts = (patterns: readonly string[], hosts: readonly string[]): boolean =>
  hosts.length === 0 || hosts.some((host) => patterns.some((pattern) => matches(pattern, host)))
