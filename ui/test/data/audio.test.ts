import { beforeEach, describe, expect, it, vi } from 'vitest'
import { chosen, keepSounds, recordings, sound, soundOf } from '@/data/audio'
import { connect } from '@/data/client'
import type { Recording } from '@/data/wire'

const made = (lang: string, part: Recording['part'], bytes: number, sha256 = lang + part): Recording => ({ lang, part, bytes, sha256, type: 'audio/ogg', recorded: '2026-03-10T08:30:00Z', version: '1', current: true })
const ha = made('ha', 'first', 3)
const fr = made('fr', 'file', 3)

/** Kept is a browser's cache of one name. */
class Kept {
  held = new Map<string, Response>()
  at = (r: RequestInfo | URL) => new URL(typeof r === 'string' ? r : r instanceof URL ? r.href : r.url, location.href).href
  match = async (r: RequestInfo | URL) => this.held.get(this.at(r))?.clone()
  put = async (r: RequestInfo | URL, answer: Response) => void this.held.set(this.at(r), answer)
  delete = async (r: RequestInfo | URL) => this.held.delete(this.at(r))
  keys = async () => [...this.held.keys()].map((url) => ({ url }) as Request)
}
let kept: Kept
let asked: string[]
let silent: boolean
beforeEach(() => {
  kept = new Kept()
  asked = []
  silent = false
  vi.stubGlobal('caches', { open: async () => kept })
  connect({
    fetch: (async (path: string) => {
      if (silent) throw new TypeError('no network')
      asked.push(path)
      return path === '/api/consent-audio' ? Response.json({ recordings: [ha, fr] }) : new Response('sound of ' + path)
    }) as typeof fetch,
  })
})

describe('recordings', () => {
  it('are kept language by language, the desk’s own first, as long as they fit', () => {
    const all = [made('am', 'first', 5), made('fr', 'first', 6), made('en', 'file', 4), made('en', 'first', 2), made('so', 'card', 1)]
    expect(chosen(all, ['en', 'fr'], 13).map((r) => r.lang + r.part)).toEqual(['enfirst', 'enfile', 'frfirst', 'socard'])
  })
  it('are fetched once, and played without the node', async () => {
    await recordings()
    expect(await keepSounds([ha, fr])).toBe(2)
    expect(await keepSounds([ha, fr])).toBe(2)
    expect(asked.filter((p) => p === soundOf(ha))).toHaveLength(1)
    silent = true
    expect((await recordings()).map((r) => r.lang)).toEqual(['ha', 'fr'])
    const played = await sound(ha)
    expect([played.type, await played.text()]).toEqual(['audio/ogg', 'sound of ' + soundOf(ha)])
  })
  it('make room for newer ones: what nobody plays is dropped', async () => {
    await recordings()
    await keepSounds([ha, fr])
    await keepSounds([made('ha', 'first', 3, 'newer')])
    expect([...kept.held.keys()].map((u) => u.replace(location.origin, ''))).toEqual(['/api/consent-audio', '/api/consent-audio/ha/first?sha256=newer'])
  })
  it('are played from the node where nothing can be kept', async () => {
    vi.stubGlobal('caches', undefined)
    expect(await keepSounds([ha])).toBe(0)
    expect(await (await sound(ha)).text()).toBe('sound of ' + soundOf(ha))
  })
})
