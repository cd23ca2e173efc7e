import { useState } from 'react'
import type { Installation, JsonObject } from '~/app/api-types'
import { concreteHosts, configuredAddress } from '~/app/hosts'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { SchemaForm } from '~/app/schema-form/schema-form'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import { Button } from '~/design/button'
import { TextField } from '~/design/field'
import { Card } from '~/design/parts'
import { aliasProblem } from './alias'
import type { CredentialPicker } from './pickers'
import { useChangeInstallation } from './queries'

interface SettingsProps {
  readonly installation: Installation
  readonly picker: CredentialPicker
}

/** Alias, configuration and credentials of an installation; each change can be taken back. */
export function InstallationSettings({ installation, picker }: SettingsProps) {
  const change = useChangeInstallation(installation.id)
  const may = useCan()('installations:write')
  const [alias, setAlias] = useState(installation.alias)
  const [config, setConfig] = useState<JsonObject>(installation.config)
  const [bindings, setBindings] = useState(installation.bindings)
  const [asked, setAsked] = useState(false)
  const before = { alias: installation.alias, config: installation.config, bindings: installation.bindings }
  const save = () => {
    setAsked(true)
    if (aliasProblem(alias)) return
    change.mutate({ alias: alias === installation.alias ? undefined : alias, config, bindings }, { onSuccess: () => toast('The installation is changed', () => change.mutate({ ...before, alias: alias === installation.alias ? undefined : before.alias })) })
  }
  return (
        <div className="stack">
          <ProblemNote error={change.error} title="The installation was not changed." />
          <Card title="Alias" padded>
            <TextField
              label="Alias"
              mono
              value={alias}
              problem={(asked ? aliasProblem(alias) : undefined) ?? fieldProblem(change.error, 'alias')}
              help="A new alias renames every operation for agents."
              onChange={(event) => setAlias(event.target.value)}
            />
          </Card>
          <Card title="Configuration" padded>
            <SchemaForm
              schema={installation.config_schema}
              value={config}
              label="Configuration"
              nothing="This tool has nothing to configure."
              problemAt={(pointer) => fieldProblem(change.error, pointer.slice(1))}
              onChange={setConfig}
            />
          </Card>
          {Object.entries(installation.auth_schemes).map(([scheme, definition]) => (
            <Card key={scheme} title={scheme} padded>
              {picker({
                scheme,
                definition,
                hosts: concreteHosts(installation.hosts, config, installation.config_schema),
                value: bindings[scheme],
                suggestedName: installation.title,
                test: true,
                testUrl: configuredAddress(config),
                onChange: (id) => {
                  const { [scheme]: _, ...rest } = bindings
                  setBindings(id ? { ...rest, [scheme]: id } : rest)
                },
              })}
            </Card>
          ))}
          {may && (
            <div className="row">
              <Button kind="primary" busy={change.isPending} onClick={save}>
                Save changes
              </Button>
            </div>
          )}
        </div>
  )
}
