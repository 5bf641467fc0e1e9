// Which consent texts can be played here, and fetching them while nobody waits: after sign-in, when the device is idle.

import { computed, shallowRef, watch } from 'vue'
import { chosen, keepSounds, recordings, type Part } from '@/data/audio'
import type { Recording } from '@/data/wire'
import { lang, languages } from './language'
import { session } from './session'

const known = shallowRef<Recording[]>([])
/** spokenIn are the languages in which something was recorded, also those into which no text was translated. */
export const spokenIn = computed(() => [...new Set(known.value.map((r) => r.lang))])
export const recordingOf = (language: string, part: Part): Recording | undefined => known.value.find((r) => r.lang === language && r.part === part)

export async function loadRecordings(): Promise<Recording[]> {
  known.value = await recordings()
  return known.value
}

const idle = (work: () => void) => (typeof requestIdleCallback === 'function' ? requestIdleCallback(work, { timeout: 30_000 }) : setTimeout(work, 5000))

export function startRecordings(): void {
  watch(
    () => session.me?.organisation.id,
    (organisation) => {
      if (!organisation) return
      idle(() => {
        // Nobody waits for it: what could not be fetched now is fetched after the next sign-in, and read aloud until then.
        loadRecordings()
          .then((all) => keepSounds(chosen(all, [lang.value, ...languages.map((l) => l.code)])))
          .catch(() => {})
      })
    },
    { immediate: true },
  )
}
