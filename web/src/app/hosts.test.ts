import { expect, it } from 'vitest'
import { concreteHosts, shownHosts } from './hosts'

it('fills the configured addresses in, and leaves out what is not known yet', () => {
  const schema = { properties: { server_url: { type: 'string' }, files: { type: 'string', default: 'https://files.example:8443/x' } } }
  const hosts = ['api.example', '{server_url}', '{files}', '{region}.api.example']

  expect(concreteHosts(hosts, { server_url: 'http://127.0.0.1:9000/v1' }, schema)).toEqual(['api.example', '127.0.0.1:9000', 'files.example:8443'])
  expect(concreteHosts(hosts, { server_url: 'not an address' }, schema)).toEqual(['api.example', 'files.example:8443'])
})

it('tells by its title what is not configured yet', () => {
  const schema = { properties: { server_url: { type: 'string', title: 'Server URL' }, region: { type: 'string' } } }
  const hosts = ['{server_url}', '{region}.api.example']

  expect(shownHosts(hosts, {}, schema)).toEqual(['‹Server URL›', '‹region›.api.example'])
  expect(shownHosts(hosts, { server_url: 'https://api.acme.example/v1', region: 'eu' }, schema)).toEqual(['api.acme.example', 'eu.api.example'])
})
