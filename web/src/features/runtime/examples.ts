import type { InstalledOperation, JsonObject } from '~/app/api-types'
import { missingIn, propertiesOf, sampleOf } from '~/app/schema-form/schema'

/** The example of an operation; required arguments that it leaves out are made from the schema. */
export function exampleInput({ input_schema: schema, example_input }: InstalledOperation): JsonObject {
  const given = example_input ?? {}
  const properties = propertiesOf(schema)
  return { ...given, ...Object.fromEntries(missingIn(schema, given).map((name) => [name, sampleOf(properties[name] ?? {}, schema)])) }
}

/** The operation to show a call of: one that only reads, and whose call is complete without invented arguments. */
export function callable(operations: readonly InstalledOperation[]): InstalledOperation | undefined {
  const cost = ({ input_schema: schema, example_input, effects }: InstalledOperation) =>
    (effects.kind === 'read' ? 0 : 4) + (missingIn(schema, example_input ?? {}).length > 0 ? 2 : 0) + (missingIn(schema, {}).length > 0 ? 1 : 0)
  return operations.toSorted((one, other) => cost(one) - cost(other))[0]
}
