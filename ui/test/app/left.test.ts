import { beforeEach, describe, expect, it, vi } from 'vitest'
import { leave, look, session, signIn, signOut, startSession } from '@/app/session'
import { call, connect } from '@/data/client'
import * as vault from '@/data/vault'
import { me as meOf } from '../data/device'

const asked: string[] = []
let node: (method: string, path: string) => Response | 'silent'
startSession()
connect({
  fetch: async (input, init) => {
    const [method, path] = [init?.method ?? 'GET', String(input)]
    asked.push(`${method} ${path}`)
    const answer = node(method, path)
    if (answer === 'silent') throw new TypeError('no network')
    return answer
  },
})
const none = () => new Response(null, { status: 204 })
const refused = () => new Response('{"code":"web.signed_out"}', { status: 401, headers: { 'Content-Type': 'application/problem+json' } })
const firsts = () => asked.filter((a) => /\/api\/(session|me)$/.test(a))

beforeEach(() => {
  asked.length = 0
  localStorage.clear()
})

describe('a session that was left while the node was silent', () => {
  it('is read with by nobody before the node has ended it', async () => {
    node = () => 'silent'
    await signOut()
    await look()
    expect(session.me).toBeNull()
    asked.length = 0
    await expect(signIn({ login: 'amina', password: 'x' })).rejects.toMatchObject({ code: 'desk.offline' })
    expect(firsts()).toEqual(['DELETE /api/session'])
  })
  it('is ended at the first word of the node, and only then somebody signs in', async () => {
    node = () => 'silent'
    await signOut()
    asked.length = 0
    node = (method) => (method === 'DELETE' ? none() : refused())
    await expect(signIn({ login: 'amina', password: 'x' })).rejects.toMatchObject({ status: 401 })
    expect(firsts()).toEqual(['DELETE /api/session', 'POST /api/session'])
    expect(localStorage.getItem('serai.left')).toBeNull()
  })
  it('that the node knows no more keeps nobody out', async () => {
    node = () => 'silent'
    await signOut()
    asked.length = 0
    node = () => refused()
    await expect(signIn({ login: 'amina', password: 'x' })).rejects.toMatchObject({ status: 401 })
    expect(firsts()).toEqual(['DELETE /api/session', 'POST /api/session'])
    expect(localStorage.getItem('serai.left')).toBeNull()
  })
  it('is ended at once when the node answers', async () => {
    node = () => none()
    await signOut()
    expect(firsts()).toEqual(['DELETE /api/session'])
    expect(localStorage.getItem('serai.left')).toBeNull()
  })
})

describe('the session of another worker, in a browser that was merely closed', () => {
  const open = async (whose: string) => {
    node = () => 'silent'
    vi.spyOn(vault, 'knows').mockResolvedValue(true)
    vi.spyOn(vault, 'unlock').mockResolvedValue(meOf('amina', 'a1'))
    await signIn({ login: 'amina', password: 'x' })
    localStorage.removeItem('serai.left')
    asked.length = 0
    node = (method, path) => (method === 'DELETE' ? none() : path === '/api/me' ? new Response(JSON.stringify(meOf('of the cookie', whose)), { headers: { 'Content-Type': 'application/json' } }) : refused())
    await call('GET', '/api/contacts', { quiet: true }).catch(() => {})
    return asked.filter((a) => !/outbox/.test(a)).slice(0, 3)
  }
  it('is ended before anything is read with it', async () => {
    expect(await open('a2')).toEqual(['GET /api/me', 'DELETE /api/session', 'GET /api/contacts'])
    leave()
  })
  it('goes on when it is of whoever is here', async () => {
    expect((await open('a1')).slice(0, 2)).toEqual(['GET /api/me', 'GET /api/contacts'])
    leave()
  })
})
