import { useState } from 'react'
import { Badge } from '~/design/badge'
import { Button, IconButton } from '~/design/button'
import { Icon } from '~/design/icons'
import { Card } from '~/design/parts'
import { type ParameterView, addParameter, freeName, parametersOf, removeParameter } from './edits'
import { ParameterForm } from './parameter-form'
import type { SectionProps } from './section-props'

function typeWords(parameter: ParameterView): string {
  const { type, items } = parameter.resolved as { type?: string | string[]; items?: { type?: string } }
  const name = Array.isArray(type) ? type.join(' or ') : (type ?? 'any')
  const shown = name === 'array' ? `${items?.type ?? 'any'}[]` : name
  return `${shown} · ${parameter.inBody ? 'body' : (parameter.wire?.location ?? 'argument')}`
}

function Fills({ parameter }: { readonly parameter: ParameterView }) {
  if (parameter.fixed !== undefined) {
    return (
      <Badge icon="lock" title="Hidden from the agent">
        Fixed: {typeof parameter.fixed === 'string' ? parameter.fixed : JSON.stringify(parameter.fixed)}
      </Badge>
    )
  }
  return (
    <Badge tone="info" icon="user">
      Agent fills
    </Badge>
  )
}

/** The parameters: what each means to the model, and where it travels. */
export function SectionParameters(props: SectionProps) {
  const { operation, readOnly, problemAt, edit } = props
  const parameters = parametersOf(operation)
  const [chosen, setChosen] = useState(parameters[0]?.name)
  const current = parameters.find((parameter) => parameter.name === chosen)
  const add = () => {
    const name = freeName('parameter', parameters.map((parameter) => parameter.name))
    edit(addParameter(name))
    setChosen(name)
  }
  return (
    <>
      <Card
        title="All parameters"
        count={<span className="hint">{parameters.length}</span>}
        actions={
          !readOnly &&
          operation.implementation.kind === 'http' && (
            <Button size="small" icon="plus" onClick={add}>
              Add a parameter
            </Button>
          )
        }
      >
        {parameters.length === 0 && <p className="card-body hint">This operation takes no arguments.</p>}
        {parameters.length > 0 && (
          <table className="table table-cards">
            <thead>
              <tr>
                <th>Name</th>
                <th>Type, sent in</th>
                <th>What it means</th>
                <th>Who fills it</th>
                <th>
                  <span className="only-spoken">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {parameters.map((parameter) => (
                <tr key={parameter.name} className={parameter.name === chosen ? 'chosen' : undefined}>
                  <td>
                    <button type="button" className="button button-link mono" aria-pressed={parameter.name === chosen} onClick={() => setChosen(parameter.name)}>
                      {parameter.name}
                      {parameter.required && (
                        <span className="tone-danger" title="required">
                          *<span className="only-spoken"> required</span>
                        </span>
                      )}
                    </button>
                    {problemAt(`/${parameter.name}`) && (
                      <span className="tone-danger">
                        <Icon name="error" small />
                      </span>
                    )}
                  </td>
                  <td className="no-wrap">{typeWords(parameter)}</td>
                  <td className="clip parameter-says" title={String(parameter.resolved['description'] ?? '')}>
                    {String(parameter.resolved['description'] ?? '') || (
                      <span className="tone-warn">
                        <Icon name="warn" small /> not said
                      </span>
                    )}
                  </td>
                  <td>
                    <Fills parameter={parameter} />
                  </td>
                  <td className="number">{!readOnly && operation.implementation.kind === 'http' && <IconButton icon="trash" small label={`Remove ${parameter.name}`} onClick={() => edit(removeParameter(parameter.name))} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {current && <ParameterForm key={`${operation.name} ${current.name}`} {...props} parameter={current} />}
    </>
  )
}
