import { useSession } from '~/app/session'
import { Card, Facts } from '~/design/parts'

/** The organisation one works in. */
export function OrganisationFacts() {
  const { organisation, role, user } = useSession()
  return (
    <Card title="Organisation" padded>
      <Facts
        left
        facts={[
          { name: 'Name', value: organisation.name },
          { name: 'Namespace of its tools', value: <code>{organisation.slug}/</code> },
          { name: 'You', value: `${user.name} (${user.email})` },
          { name: 'Your role', value: role },
        ]}
      />
    </Card>
  )
}
