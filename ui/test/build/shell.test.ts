import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifest, token, writeShell } from '../../build/shell.mjs'

let dist = ''
const put = (name: string, text: string) => writeFileSync(join(dist, name), text)
const read = (name: string) => readFileSync(join(dist, name), 'utf8')
const list = () => JSON.parse(read('sw.js').split('\n')[0]!.replace(/^self\.shell=/, '')) as { build: string; files: Record<string, [string, number]> }

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'shell-'))
  mkdirSync(join(dist, 'assets'))
  put('index.html', '<head><meta name="serai-build" content=""></head>')
  put('sw.js', 'const own = 1\n')
  put('assets/a-12345678.js', 'export const a = 1\n'.repeat(50))
  put('icon.svg', '<svg/>')
})
afterEach(() => rmSync(dist, { recursive: true, force: true }))

describe('a build that can be installed', () => {
  it('lists every file with its hash, and neither itself nor the compressed forms', () => {
    const { build } = writeShell(dist, '0.1.0')
    expect(Object.keys(list().files).sort()).toEqual(['assets/a-12345678.js', 'icon.svg', 'index.html', 'manifest.webmanifest'])
    for (const [name, [hash, bytes]] of Object.entries(list().files)) {
      expect(createHash('sha256').update(readFileSync(join(dist, name))).digest('hex'), name).toBe(hash)
      expect(readFileSync(join(dist, name)).length).toBe(bytes)
    }
    expect(list().build).toBe(build)
    expect(read('index.html')).toContain(`content="${build}"`)
    expect(JSON.parse(read('version.json'))).toEqual({ build, version: '0.1.0' })
    expect(existsSync(join(dist, 'assets/a-12345678.js.br')) && existsSync(join(dist, 'assets/a-12345678.js.gz'))).toBe(true)
  })
  it('has one id for the same files, however often it is made, and another for others', () => {
    const { build } = writeShell(dist, '0.1.0')
    expect(writeShell(dist, '0.1.0').build).toBe(build)
    put('icon.svg', '<svg><g/></svg>')
    expect(writeShell(dist, '0.1.0').build).not.toBe(build)
    put('icon.svg', '<svg/>')
    expect(writeShell(dist, '0.1.0').build).toBe(build)
  })
  it('is refused when the worker leans on code of the page, or the page has no place for the id', () => {
    put('sw.js', 'import { x } from "./assets/a-12345678.js"\n')
    expect(() => writeShell(dist, '0.1.0')).toThrow('must stand alone')
    put('index.html', '<head></head>')
    expect(() => writeShell(dist, '0.1.0')).toThrow('no place for the build')
  })
})

describe('the web manifest', () => {
  it('names the desk, its icons and the colours of the style sheet', () => {
    expect(token('ground')).toHaveLength(2)
    expect(manifest()).toMatchObject({ name: 'Serai', scope: '/desk/', start_url: '/desk/', background_color: token('ground')[0] })
    for (const { src } of (manifest() as { icons: { src: string }[] }).icons) {
      expect(existsSync(join('public', src)), src).toBe(true)
      // The node keeps names with a hash forever, and these have none.
      expect(src).not.toMatch(/-/)
    }
  })
})
