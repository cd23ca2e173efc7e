import type { Connection, InstallationItem } from '~/app/api-types'
import type { DraftListItem } from '~/app/manifest-types'
import { useCan } from '~/app/session'
import { plural } from '~/design/format'
import { useDrafts } from '~/features/builder/queries'
import { HomePage } from '~/features/home/home-page'
import type { Need } from '~/features/home/needs-you'
import { useInstallations } from '~/features/installs/queries'
import { LatestRuns } from '~/features/runtime/latest-runs'
import { useConnections } from '~/features/vault/queries'

const refused = (connections: readonly Connection[]): Need[] =>
  connections
    .filter((connection) => connection.state === 'failing')
    .map(({ id, name, host }) => ({ id, tone: 'danger', icon: 'key', title: `${name} is refused`, detail: `${host} did not take the credential the last time`, act: 'Look', to: '/connections' }))

const stopped = (installations: readonly InstallationItem[]): Need[] =>
  installations
    .filter((installation) => installation.version_state === 'quarantined')
    .map(({ id, title, version }) => ({ id, tone: 'danger', icon: 'lock', title: `${title} stands still`, detail: `version ${version} is in quarantine and runs nowhere`, act: 'Look', to: `/installed/${id}` }))

const outdated = (installations: readonly InstallationItem[]): Need[] =>
  installations
    .filter((installation) => installation.version_state !== 'quarantined' && installation.latest_version && installation.latest_version !== installation.version)
    .map(({ id, title, version, latest_version }) => ({ id, tone: 'warn', icon: 'refresh', title: `${title} ${latest_version} is out`, detail: `installed is ${version}; it changes only when you say so`, act: 'See', to: `/installed/${id}` }))

const unfinished = (drafts: readonly DraftListItem[]): Need[] =>
  drafts
    .filter((draft) => draft.problems > 0)
    .map(({ id, title, problems }) => ({ id, tone: 'info', icon: 'build', title: `${title} cannot be published yet`, detail: plural(problems, 'problem'), act: 'Open', to: `/build/tool/${id}` }))

function useNeeds(): readonly Need[] {
  const can = useCan()
  const connections = useConnections().data?.items ?? []
  const installations = useInstallations().data?.items ?? []
  const drafts = useDrafts({ enabled: can('drafts:write') }).data?.items ?? []
  return [...stopped(installations), ...refused(connections), ...outdated(can('installations:write') ? installations : []), ...unfinished(drafts)]
}

export function Home() {
  return <HomePage latestRuns={<LatestRuns />} needs={useNeeds()} />
}
