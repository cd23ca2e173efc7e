import { expect, it } from 'vitest'
import { concreteHosts } from './hosts'

it('fills the configured addresses in, and leaves out what is not known yet', () => {
  const schema = { properties: { server_url: { type: 'string' }, files: { type: 'string', default: 'https://files.example:8443/x' } } }
  const hosts = ['api.example', '{server_url}', '{files}', '{region}.api.example']

  expect(concreteHosts(hosts, { server_url: 'http://127.0.0.1:9000/v1' }, schema)).toEqual(['api.example', '127.0.0.1:9000', 'files.example:8443'])
  expect(concreteHosts(hosts, { server_url: 'not an address' }, schema)).toEqual(['api.example', 'files.example:8443'])
})
