import { describe, expect, it } from 'vitest'
import { fill, keyOf, older, tidy, wanted, type Outside, type Shell, type Store } from '@/worker/shell'

const root = 'https://node/desk/'
const digest = async (bytes: ArrayBuffer) => 'h:' + new TextDecoder().decode(bytes)
const made = (build: string, files: Record<string, string>): Shell => ({ build, files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, ['h:' + text, text.length]])) })

function memory() {
  const held = new Map<string, Response>()
  const store: Store = {
    match: async (key) => held.get(key)?.clone(),
    put: async (key, answer) => void held.set(key, answer),
    keys: async () => [...held.keys()].map((url) => ({ url })),
    delete: async (key) => held.delete(key),
  }
  return { held, store }
}
function node(files: Record<string, string>) {
  const asked: string[] = []
  const out: Outside = {
    root, digest,
    fetch: async (address) => {
      const name = address.slice(root.length)
      asked.push(name)
      const text = files[name]
      if (text === undefined) throw new TypeError('torn')
      return new Response(text, { headers: { 'Content-Type': 'text/plain', 'Content-Encoding': 'br', 'Content-Security-Policy': 'x' } })
    },
  }
  return { asked, out, files }
}
const one = { 'index.html': '<1>', 'assets/a-11111111.js': 'a', 'assets/b-22222222.js': 'b' }

describe('installing a build', () => {
  it('keeps every file with the headers that protect it', async () => {
    const { store } = memory()
    const shell = made('1', one)
    expect(await fill(shell, store, node(one).out)).toBe(3)
    const page = await store.match(keyOf(shell, root, 'index.html'))
    expect([await page!.text(), page!.headers.get('Content-Security-Policy'), page!.headers.get('Content-Encoding')]).toEqual(['<1>', 'x', null])
  })
  it('fails when one file is missing, and goes on with the missing one alone', async () => {
    const { store } = memory()
    const shell = made('1', one)
    await expect(fill(shell, store, node({ 'index.html': '<1>', 'assets/a-11111111.js': 'a' }).out)).rejects.toThrow('torn')
    const again = node(one)
    expect(await fill(shell, store, again.out)).toBe(1)
    expect(again.asked).toEqual(['assets/b-22222222.js'])
  })
  it('takes nothing from somebody who answers something else to every address', async () => {
    const { held, store } = memory()
    const portal = node(Object.fromEntries(Object.keys(one).map((name) => [name, 'Welcome to the hotel'])))
    await expect(fill(made('1', one), store, portal.out)).rejects.toThrow('not the file of this build')
    expect(held.size).toBe(0)
  })
  it('gives up soon without a network', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`assets/f-${10_000_000 + i}.js`, String(i)]))
    const silent = node({})
    await expect(fill(made('1', many), memory().store, silent.out)).rejects.toThrow()
    expect(silent.asked.length).toBeLessThan(10)
  })
  it('fetches what changed, and leaves the build before until nobody runs it', async () => {
    const { held, store } = memory()
    const first = made('1', one)
    const two = { ...one, 'index.html': '<2>', 'assets/a-33333333.js': 'A' }
    delete (two as Record<string, string>)['assets/a-11111111.js']
    const second = made('2', two)
    await fill(first, store, node(one).out)
    const next = node(two)
    await fill(second, store, next.out)
    expect(next.asked.sort()).toEqual(['assets/a-33333333.js', 'index.html'])
    expect(await (await older(store, root, '/desk/assets/a-11111111.js'))!.text()).toBe('a')
    expect(await older(store, root, '/desk/index.html')).toBeUndefined()
    expect(await tidy(second, store, root)).toBe(2)
    expect(held.size).toBe(3)
    expect(await fill(second, store, node({}).out)).toBe(0)
  })
})

describe('answering', () => {
  const shell = made('1', { ...one, 'manifest.webmanifest': '{}' })
  it.each([
    ['/desk/', true, 'index.html'],
    ['/desk/people/0190', true, 'index.html'],
    ['/desk/version.json', true, null],
    ['/desk/assets/a-11111111.js', false, 'assets/a-11111111.js'],
    ['/desk/manifest.webmanifest', false, 'manifest.webmanifest'],
    ['/desk/sw.js', false, null],
    ['/desk/version.json', false, null],
    ['/desk/toString', false, null],
    ['/api/me', false, null],
    ['/print/card', true, null],
  ])('%s', (path, navigates, name) => {
    expect(wanted(shell, path, root, navigates)).toBe(name)
  })
})
