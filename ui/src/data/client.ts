// The one door to the node. Every request of the desk goes through `call`: it names the device's idempotency key, bounds
// the wait, turns problem+json into a typed error, and asks for a new sign-in when the session has run out, without
// losing what the screen holds.

import { told } from './clock'
import { uuid7 } from './uuid7'

export interface FieldProblem { field: string; code: string; detail?: string }

/** Problem is a refusal or a failure, with the node's stable code (`cards.expired`) or one of the desk's own: `desk.offline`, `desk.timeout`, `desk.answer`. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail = '',
    readonly errors: FieldProblem[] = [],
    /** retryAfter is in seconds, 0 when the node did not say. */
    readonly retryAfter = 0,
  ) {
    super(code)
    this.name = 'Problem'
  }
  /** passing tells that the same request may succeed later, unchanged: no network, a busy node, a locked node. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504
  }
  field(name: string): FieldProblem | undefined {
    return this.errors.find((e) => e.field === name || e.field.endsWith('.' + name))
  }
}

export interface CallOptions {
  body?: unknown
  /** file is sent as it is, in place of a body. */
  file?: Blob
  query?: Record<string, string | number | undefined>
  /** key is made by the caller when the same write may be repeated, and by `call` otherwise. */
  key?: string
  timeout?: number
  signal?: AbortSignal
  /** quiet leaves a 401 to the caller: the sign-in itself, and the first look whether somebody is signed in. */
  quiet?: boolean
  /** bare goes out before it is known whose session this browser carries: it finds that out. */
  bare?: boolean
}

interface Hooks {
  /** signedOut resolves when the same account has signed in again; it rejects when the work is given up. */
  signedOut: () => Promise<void>
  /** heard is called whenever the node has answered anything; silent when it could not be reached. */
  heard: (at: number) => void
  silent: () => void
  /** first is waited for before every request: a session that was left behind is ended before anything is read with it. */
  first: () => Promise<void>
  fetch: typeof fetch
}
const hooks: Hooks = {
  signedOut: () => Promise.reject(new Problem('web.signed_out', 401)),
  heard: () => {},
  silent: () => {},
  first: () => Promise.resolve(),
  fetch: (input, init) => fetch(input, init),
}
/** connect gives the client its surroundings; tests give it a fetch of their own. */
export function connect(given: Partial<Hooks>): void {
  Object.assign(hooks, given)
}

const writes = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])

/** call sends one request and returns the JSON of the answer, or undefined for an answer without content. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const key = options.key ?? (writes.has(method) ? uuid7() : undefined)
  if (!options.bare && !(method === 'DELETE' && path === '/api/session')) await hooks.first()
  try {
    return await once<T>(method, path, options, key)
  } catch (err) {
    if (!(err instanceof Problem) || err.status !== 401 || options.quiet) throw err
    await hooks.signedOut()
    // The key is the same: had the first try been recorded after all, the node answers it again and records nothing.
    return await once<T>(method, path, options, key)
  }
}

async function once<T>(method: string, path: string, options: CallOptions, key: string | undefined): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (key) headers['Idempotency-Key'] = key
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store', redirect: 'error' }
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    init.body = JSON.stringify(options.body)
  } else if (options.file) {
    headers['Content-Type'] = 'application/octet-stream'
    init.body = options.file
  }
  const waited = AbortSignal.timeout(options.timeout ?? 15_000)
  init.signal = options.signal ? AbortSignal.any([waited, options.signal]) : waited

  let answer: Response
  let text: string
  try {
    answer = await hooks.fetch(path + queryText(options.query), init)
    text = await answer.text()
  } catch {
    if (options.signal?.aborted) throw new Problem('desk.stopped', 0)
    hooks.silent()
    throw new Problem(waited.aborted ? 'desk.timeout' : 'desk.offline', 0)
  }
  hooks.heard(Date.now())
  told(answer.headers.get('Date'))
  const type = answer.headers.get('Content-Type') ?? ''
  if (!answer.ok) throw problem(answer, type, text)
  if (text === '') return undefined as T
  if (!/json/.test(type)) throw new Problem('desk.answer', answer.status)
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Problem('desk.answer', answer.status)
  }
}

/** bytes fetches what is no JSON, a recording; a failure is a Problem as everywhere. */
export async function bytes(path: string, timeout = 60_000): Promise<Blob> {
  let answer: Response
  await hooks.first()
  try {
    answer = await hooks.fetch(path, { credentials: 'same-origin', redirect: 'error', signal: AbortSignal.timeout(timeout) })
    if (answer.ok) return await answer.blob()
  } catch {
    hooks.silent()
    throw new Problem('desk.offline', 0)
  }
  hooks.heard(Date.now())
  throw problem(answer, answer.headers.get('Content-Type') ?? '', await answer.text().catch(() => ''))
}

function queryText(query: CallOptions['query']): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return text && '?' + text
}

function problem(answer: Response, type: string, text: string): Problem {
  const after = Number(answer.headers.get('Retry-After')) || 0
  if (/json/.test(type)) {
    try {
      const body = JSON.parse(text) as { code?: unknown; detail?: unknown; errors?: unknown }
      const errors = Array.isArray(body.errors) ? body.errors.filter((e): e is FieldProblem => typeof e?.field === 'string') : []
      return new Problem(typeof body.code === 'string' ? body.code : `desk.http_${answer.status}`, answer.status, typeof body.detail === 'string' ? body.detail : '', errors, after)
    } catch {
      // A gateway between device and node may answer in its own words; the status still says enough.
    }
  }
  return new Problem(`desk.http_${answer.status}`, answer.status, '', [], after)
}
