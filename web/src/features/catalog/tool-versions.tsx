import { useState } from 'react'
import { ProblemNote } from '~/app/problem-note'
import { useCan, useSession } from '~/app/session'
import { toast } from '~/app/toasts'
import type { ToolDetail } from '~/app/manifest-types'
import { Badge, type Tone } from '~/design/badge'
import { Button } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { TextField } from '~/design/field'
import { day } from '~/design/format'
import type { IconName } from '~/design/icons'
import { Card } from '~/design/parts'
import { useChangeVersion } from './queries'

const states: Record<string, readonly [Tone, IconName]> = {
  published: ['ok', 'check'],
  deprecated: ['warn', 'clock'],
  yanked: ['danger', 'x'],
  quarantined: ['danger', 'lock'],
}

function State({ state }: { readonly state: string }) {
  const [tone, icon] = states[state] ?? ['neutral', 'info']
  return (
    <Badge tone={tone} icon={icon}>
      {state}
    </Badge>
  )
}

function YankDialog({ tool, version, onClose }: { readonly tool: ToolDetail; readonly version: string; readonly onClose: () => void }) {
  const change = useChangeVersion(tool.name)
  const [message, setMessage] = useState('')
  const yank = () =>
    change.mutate(
      { version, state: 'yanked', message: message || undefined },
      {
        onSuccess: () => {
          toast(`${version} is yanked`, () => change.mutate({ version, state: 'published' }))
          onClose()
        },
      },
    )
  return (
    <Dialog
      title={`Yank ${tool.title} ${version}?`}
      open
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger-solid" busy={change.isPending} onClick={yank}>
            Yank this version
          </Button>
        </>
      }
    >
      <div className="stack">
        <ProblemNote error={change.error} title="The version was not yanked." />
        <p>Nobody can install it any more. Installations that are pinned to it go on. It can be published again.</p>
        <TextField label="Reason shown to installers" optional value={message} onChange={(event) => setMessage(event.target.value)} />
      </div>
    </Dialog>
  )
}

/** The versions, newest first. */
export function ToolVersions({ tool }: { readonly tool: ToolDetail }) {
  const { organisation } = useSession()
  const mine = tool.namespace === organisation.slug
  const may = useCan()('tools:manage') && mine
  const [yanking, setYanking] = useState<string>()
  return (
    <Card title="Versions" count={<span className="hint">{tool.versions.length}</span>}>
      <table className="table table-cards">
        <thead>
          <tr>
            <th>Version</th>
            <th>State</th>
            <th>What changed</th>
            <th>Date</th>
            {may && (
              <th>
                <span className="only-spoken">Acts</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {tool.versions.map((version) => (
            <tr key={version.id}>
              <td className="strong">{version.version}</td>
              <td>
                <State state={version.state} />
              </td>
              <td className="clip" title={version.notes ?? undefined}>
                {version.notes}
              </td>
              <td className="hint no-wrap">{version.published_at && day(version.published_at)}</td>
              {may && (
                <td className="number">
                  {version.state === 'published' && (
                    <Button size="small" kind="quiet" aria-label={`Yank ${version.version}`} onClick={() => setYanking(version.version)}>
                      Yank…
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {yanking && <YankDialog tool={tool} version={yanking} onClose={() => setYanking(undefined)} />}
    </Card>
  )
}
