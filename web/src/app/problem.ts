import type { ProblemDocument } from './api-types'

/** A refusal of the server, or a server that could not be reached. */
export class ProblemError extends Error {
  readonly document: ProblemDocument
  readonly headers: Headers

  constructor(document: ProblemDocument, headers = new Headers()) {
    super(document.detail ?? document.title)
    this.document = document
    this.headers = headers
  }
}

export const unreachable = (): ProblemError =>
  new ProblemError({
    title: 'The server could not be reached.',
    status: 0,
    code: 'unreachable',
    detail: 'Nothing was changed. Check the connection, then try again.',
  })

/** The document of any error; a defect of ours gets a plain one. */
export function problemOf(error: unknown): ProblemDocument {
  if (error instanceof ProblemError) return error.document
  const detail = error instanceof Error ? error.message : String(error)
  return { title: 'The page ran into a defect.', status: 0, code: 'defect', detail }
}

/** The message for one field, found by the end of its pointer. */
export function fieldProblem(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const { pointer, detail, title, errors } = error.document
  const points = (place: string | undefined) => place !== undefined && (place === field || place.endsWith(`/${field}`))
  return errors?.find((each) => points(each.pointer))?.message ?? (points(pointer) ? (detail ?? title) : undefined)
}
