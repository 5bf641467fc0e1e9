// Consent texts as the organisation spoke them. They are public and about nobody, so they are kept as they are, without
// the vault, and every worker of a shared tablet plays the same. What is kept is named by its hash: a new recording has a
// new address, and the old one is dropped.

import { bytes, call } from './client'
import type { ConsentText, Recording } from './wire'

export type Part = keyof ConsentText
const cacheName = 'serai-audio'
const listPath = '/api/consent-audio'
/** most is how many bytes of recordings a device keeps; the rest is played from the node alone. */
export const most = 12_000_000

export const addressOf = (r: Pick<Recording, 'lang' | 'part'>) => `${listPath}/${encodeURIComponent(r.lang)}/${encodeURIComponent(r.part)}`
export const soundOf = (r: Recording) => `${addressOf(r)}?sha256=${encodeURIComponent(r.sha256)}`
// A browser has no cache outside of a secure context, and may refuse it in a private window: then nothing is kept.
const kept = async (): Promise<Cache | null> => (typeof caches === 'undefined' ? null : await caches.open(cacheName).catch(() => null))

/** recordings are those of the node, or those that this device knew of last. */
export async function recordings(): Promise<Recording[]> {
  const cache = await kept()
  try {
    const answer = await call<{ recordings: Recording[] }>('GET', listPath, { quiet: true })
    await cache?.put(listPath, Response.json(answer)).catch(() => {})
    return answer.recordings
  } catch (err) {
    const last = await cache?.match(listPath)
    if (!last) throw err
    return ((await last.json()) as { recordings: Recording[] }).recordings
  }
}

/** chosen are the recordings that a device keeps: whole languages in the order given, as long as they fit. */
export function chosen(all: Recording[], languages: string[], room = most): Recording[] {
  const rank = (r: Recording) => (languages.indexOf(r.lang) + 1 || languages.length + 1)
  const out: Recording[] = []
  let used = 0
  for (const r of [...all].sort((a, b) => rank(a) - rank(b) || a.lang.localeCompare(b.lang) || a.bytes - b.bytes)) {
    if (used + r.bytes > room) continue
    used += r.bytes
    out.push(r)
  }
  return out
}

/** keepSounds fetches what is missing, one after the other, and drops what nobody will play. It tells how many are kept. */
export async function keepSounds(wanted: Recording[]): Promise<number> {
  const cache = await kept()
  if (!cache) return 0
  const addresses = new Set(wanted.map(soundOf))
  for (const request of await cache.keys()) {
    const url = new URL(request.url)
    if (url.pathname !== listPath && !addresses.has(url.pathname + url.search)) await cache.delete(request)
  }
  let held = 0
  for (const address of addresses) {
    if (!(await cache.match(address))) await cache.put(address, new Response(await bytes(address)))
    held++
  }
  return held
}

/** sound is a recording to be played: from this device, else from the node. */
export async function sound(r: Recording): Promise<Blob> {
  const cache = await kept()
  const here = await cache?.match(soundOf(r))
  const blob = here ? await here.blob() : await bytes(soundOf(r))
  return new Blob([blob], { type: r.type })
}

export const keepRecording = (r: { lang: string; part: Part }, file: Blob) => call<Recording>('PUT', addressOf(r), { file, timeout: 60_000 })
export const dropRecording = (r: { lang: string; part: Part }) => call<void>('DELETE', addressOf(r))
