// Some browsers let a page ask to be put beside the other apps of the device. They say so once, early.

import { computed, shallowRef } from 'vue'

interface Chance extends Event { prompt: () => Promise<unknown> }
const chance = shallowRef<Chance | null>(null)
export const installable = computed(() => chance.value !== null)

addEventListener('beforeinstallprompt', (event) => {
  // The browser would ask in the middle of somebody's queue; it is asked for in the settings.
  event.preventDefault()
  chance.value = event as Chance
})
addEventListener('appinstalled', () => (chance.value = null))

export async function install(): Promise<void> {
  const now = chance.value
  chance.value = null
  await now?.prompt()
}
