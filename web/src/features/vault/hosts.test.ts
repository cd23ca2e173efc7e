import { expect, it } from 'vitest'
import { fitsHosts } from './hosts'

it.each([
  [['api.example'], ['api.example:8443'], true],
  [['api.example:8443'], ['api.example:9000'], false],
  [['api.example:443'], ['api.example'], true],
  [['*.example'], ['eu.api.example'], true],
  [['*.api.example'], ['api.example'], false],
  [['[::1]:9000'], ['[::1]:9000'], true],
  [['other.example', '127.0.0.1'], ['127.0.0.1:9000', 'api.example'], true],
  [['other.example'], ['api.example'], false],
  [['other.example'], [], true],
])('a connection for %j fits %j: %s', (patterns, hosts, fits) => {
  expect(fitsHosts(patterns, hosts)).toBe(fits)
})
