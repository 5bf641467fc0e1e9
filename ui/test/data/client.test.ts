import { beforeEach, describe, expect, it, vi } from 'vitest'
import { call, connect, Problem } from '@/data/client'

type Answer = { status?: number; type?: string; body?: unknown; headers?: Record<string, string> }
const seen: { url: string; init: RequestInit }[] = []
function node(...answers: (Answer | Error)[]) {
  seen.length = 0
  connect({
    fetch: async (url, init) => {
      seen.push({ url: String(url), init: init! })
      const a = answers.shift()!
      if (a instanceof Error) throw a
      const text = a.body === undefined ? null : typeof a.body === 'string' ? a.body : JSON.stringify(a.body)
      return new Response(text, { status: a.status ?? 200, headers: { 'Content-Type': a.type ?? 'application/json', ...a.headers } })
    },
  })
}
const headers = (i: number) => seen[i]!.init.headers as Record<string, string>
const refused = async (work: Promise<unknown>) => {
  const err = await work.then(() => null, (e: unknown) => e)
  expect(err).toBeInstanceOf(Problem)
  return err as Problem
}

beforeEach(() => connect({ signedOut: () => Promise.reject(new Problem('web.signed_out', 401)), heard: () => {}, silent: () => {} }))

describe('a request to the node', () => {
  it('gives the JSON of the answer and leaves empty filters out of the address', async () => {
    node({ body: { points: [] } })
    expect(await call('GET', '/api/points', { query: { q: '', country: 'NE', kind: undefined } })).toEqual({ points: [] })
    expect(seen[0]!.url).toBe('/api/points?country=NE')
    expect(headers(0)['Idempotency-Key']).toBeUndefined()
  })
  it('carries an idempotency key when it writes', async () => {
    node({ body: {} }, { body: {} })
    await call('POST', '/api/contacts', { body: {} })
    await call('POST', '/api/contacts', { body: {}, key: 'mine' })
    expect(headers(0)['Idempotency-Key']).toMatch(/-7/)
    expect(headers(1)['Idempotency-Key']).toBe('mine')
  })
  it('answers nothing for an answer without content', async () => {
    node({ status: 204 })
    expect(await call('DELETE', '/api/session')).toBeUndefined()
  })
  it('gives the code and the fields of a problem', async () => {
    node({ status: 422, type: 'application/problem+json', body: { code: 'people.basis_missing', detail: 'say why', errors: [{ field: 'body.basis', code: 'web.missing' }] } })
    const err = await refused(call('POST', '/api/people', { body: {} }))
    expect([err.code, err.status, err.detail, err.passing]).toEqual(['people.basis_missing', 422, 'say why', false])
    expect(err.field('basis')?.code).toBe('web.missing')
  })
  it('takes the words of a gateway for its status alone', async () => {
    node({ status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' })
    const err = await refused(call('GET', '/api/points'))
    expect([err.code, err.passing]).toEqual(['desk.http_502', true])
  })
  it('calls an answer that is no JSON by its name', async () => {
    node({ type: 'text/html', body: '<p>captive portal</p>' })
    expect((await refused(call('GET', '/api/points'))).code).toBe('desk.answer')
  })
  it('tells a dead network, and that waiting may help', async () => {
    const silent = vi.fn()
    connect({ silent })
    node(new TypeError('failed to fetch'))
    const err = await refused(call('GET', '/api/points'))
    expect([err.code, err.passing]).toEqual(['desk.offline', true])
    expect(silent).toHaveBeenCalledOnce()
  })
  it('gives up after its time', async () => {
    connect({ fetch: (_, init) => new Promise((_resolve, reject) => init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error))) })
    expect((await refused(call('GET', '/api/points', { timeout: 10 }))).code).toBe('desk.timeout')
  })
  it('goes on after a new sign-in, with the same key', async () => {
    const signedOut = vi.fn(() => Promise.resolve())
    connect({ signedOut })
    node({ status: 401, type: 'application/problem+json', body: { code: 'web.signed_out' } }, { status: 201, body: { person: 'p' } })
    expect(await call('POST', '/api/people', { body: { name: null } })).toEqual({ person: 'p' })
    expect(signedOut).toHaveBeenCalledOnce()
    expect(headers(0)['Idempotency-Key']).toBe(headers(1)['Idempotency-Key'])
    expect(seen[0]!.init.body).toBe(seen[1]!.init.body)
  })
  it('leaves a wrong password to the screen that asked', async () => {
    const signedOut = vi.fn(() => Promise.resolve())
    connect({ signedOut })
    node({ status: 401, type: 'application/problem+json', body: { code: 'accounts.sign_in_failed' } })
    expect((await refused(call('POST', '/api/session', { body: {}, quiet: true }))).code).toBe('accounts.sign_in_failed')
    expect(signedOut).not.toHaveBeenCalled()
  })
})
