import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import Aloud from '@/app/aloud.vue'
import { giveCatalogue } from '@/app/catalogue'
import { i18n } from '@/app/language'
import { loadRecordings } from '@/app/recordings'
import { connect } from '@/data/client'
import type { Lists, Recording, Services } from '@/data/wire'

const part = (title: string) => ({ title, text: `${title} in words for {who}.` })
const text = { first: part('First'), file: part('File'), card: part('Card'), passing_on: part('Passing on') }
const made = (lang: string, current = true): Recording => ({ lang, part: 'file', bytes: 3, sha256: 'x' + lang, type: 'audio/ogg', recorded: '2026-03-10T08:30:00Z', version: '1', current })
const global = { plugins: [i18n] }
let sounds: { src: string; onended: (() => void) | null; pause: () => void }[]

beforeEach(async () => {
  sounds = []
  vi.stubGlobal('caches', undefined)
  vi.stubGlobal('Audio', class {
    onended: (() => void) | null = null
    ontimeupdate = null
    onerror = null
    currentTime = 0
    duration = 2
    constructor(public src: string) {
      sounds.push(this)
    }
    play = async () => {}
    pause = () => {}
  })
  URL.createObjectURL = () => 'blob:sound'
  URL.revokeObjectURL = () => {}
  connect({ fetch: (async (path: string) => (path === '/api/consent-audio' ? Response.json({ recordings: [made('ha'), made('fr', false)] }) : new Response('sound'))) as typeof fetch })
  giveCatalogue({ version: '1', services: [] } as Services, { consent: { en: text, fr: text }, languages: [{ code: 'ha', labels: { en: 'Hausa' } }] } as unknown as Lists)
  await loadRecordings()
})
const aloud = (language: string) => mount(Aloud, { props: { parts: ['file'], modelValue: language, filled: { who: 'the clinic' } }, global })

describe('what is read aloud', () => {
  it('is read where nobody recorded it', () => {
    const seen = aloud('en')
    expect([seen.find('h2').text(), seen.find('[data-do=play]').exists()]).toEqual(['Read this aloud', false])
    expect(seen.find('.words').text()).toBe('File in words for the clinic.')
  })
  it('is played in a language into which nobody translated it', async () => {
    const seen = aloud('ha')
    expect(seen.findAll('option').map((o) => o.text())).toContain('Hausa')
    expect(seen.text()).toContain('The recording says the same')
    await seen.find('[data-do=play]').trigger('click')
    await flushPromises()
    expect([sounds[0]!.src, seen.find('[data-do=play]').text(), seen.find('progress').exists()]).toEqual(['blob:sound', 'Stop', true])
    sounds[0]!.onended!()
    await flushPromises()
    expect([seen.find('[data-do=play]').text(), seen.emitted('played')]).toEqual(['Play', [[]]])
  })
  it('falls silent when it is stopped, or left', async () => {
    const seen = aloud('ha')
    await seen.find('[data-do=play]').trigger('click')
    await flushPromises()
    const pause = vi.spyOn(sounds[0]!, 'pause')
    await seen.find('[data-do=play]').trigger('click')
    expect([pause.mock.calls.length > 0, seen.find('progress').exists(), seen.emitted('played')]).toEqual([true, false, undefined])
  })
  it('says that a recording is of an older text', () => expect(aloud('fr').text()).toContain('recorded for an older text'))
})
