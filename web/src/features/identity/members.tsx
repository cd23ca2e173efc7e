import { Loaded } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan, useSession } from '~/app/session'
import { toast } from '~/app/toasts'
import type { Member } from '~/app/api-types'
import { Badge, Monogram } from '~/design/badge'
import { Card } from '~/design/parts'
import { Ago } from '~/design/time'
import { useChangeRole, useMembers, usePermissions } from './queries'

interface RoleProps {
  readonly member: Member
  readonly roles: readonly string[]
  readonly onChange: (role: string) => void
}

function Role({ member, roles, onChange }: RoleProps) {
  const may = useCan()('members:manage')
  if (!may) return <Badge>{member.role}</Badge>
  const all = roles.includes(member.role) ? roles : [member.role, ...roles]
  return (
    <select className="input input-small" aria-label={`Role of ${member.name}`} value={member.role} onChange={(event) => onChange(event.target.value)}>
      {all.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  )
}

/** Who belongs to the organisation, and as what. */
export function Members() {
  const members = useMembers()
  const permissions = usePermissions()
  const change = useChangeRole()
  const { user } = useSession()
  const roles = Object.keys(permissions.data?.roles ?? {})
  const setRole = (member: Member, role: string) =>
    change.mutate(
      { id: member.id, role },
      { onSuccess: () => toast(`${member.name} is now ${role}`, () => change.mutate({ id: member.id, role: member.role })) },
    )
  return (
    <div className="stack">
      <ProblemNote error={change.error} title="The role was not changed." />
      <Card title="Members" count={<span className="hint">{members.data?.total}</span>}>
        <Loaded query={members} failure="The members could not be read.">
          {({ items }) => (
            <table className="table table-cards">
              <thead>
                <tr>
                  <th>Person</th>
                  <th>Role</th>
                  <th>Last seen</th>
                </tr>
              </thead>
              <tbody>
                {items.map((member) => (
                  <tr key={member.id}>
                    <td>
                      <div className="row">
                        <Monogram name={member.name} round />
                        <span className="grow">
                          <span className="strong">{member.name}</span>
                          {member.user_id === user.id && <span className="hint"> you</span>}
                          <span className="meta"> {member.email}</span>
                        </span>
                      </div>
                    </td>
                    <td>
                      <Role member={member} roles={roles} onChange={(role) => setRole(member, role)} />
                    </td>
                    <td className="hint">{member.last_seen_at ? <Ago at={member.last_seen_at} /> : 'never'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Loaded>
      </Card>
      <RoleMeanings />
    </div>
  )
}

function RoleMeanings() {
  const { data } = usePermissions()
  if (!data) return null
  return (
    <Card title="What the roles may do" padded>
      <div className="stack stack-tight">
        {Object.entries(data.roles).map(([role, verbs]) => (
          <details key={role}>
            <summary>
              <span className="strong">{role}</span> <span className="hint">{verbs.length} permissions</span>
            </summary>
            <ul className="role-verbs">
              {data.verbs
                .filter((verb) => verbs.includes(verb.name))
                .map((verb) => (
                  <li key={verb.name}>
                    {verb.description} <code className="meta">{verb.name}</code>
                  </li>
                ))}
            </ul>
          </details>
        ))}
      </div>
    </Card>
  )
}
