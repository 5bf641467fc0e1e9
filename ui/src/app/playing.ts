import { shallowRef } from 'vue'

/** playing is which player sounds: when another starts, the first falls silent. */
export const playing = shallowRef<symbol | null>(null)
