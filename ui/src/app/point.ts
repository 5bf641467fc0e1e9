// What the chosen point offers, read once when it is chosen.
import { shallowRef, watch } from 'vue'
import * as network from '@/data/network'
import type { Point } from '@/data/wire'
import { session } from './session'

export const pointHere = shallowRef<Point | null>(null)

watch(
  () => session.point?.id,
  async (id) => {
    pointHere.value = null
    if (!id) return
    // Without an answer every service of the catalogue is offered: help never waits for a list.
    const found = await network.point(id).catch(() => null)
    if (session.point?.id === id) pointHere.value = found
  },
  { immediate: true },
)
