import { beforeEach, describe, expect, it } from 'vitest'
import { look, session, signIn, signOut, startSession } from '@/app/session'
import { connect } from '@/data/client'

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
