// What everybody may read is kept as it is: the catalogue and the lists, without which the tally could not go on while
// the vault is locked.

import { either } from '../reach'
import { able, store } from '../store'

/** kept answers from the node and keeps the answer for when the node is silent. */
export const kept = <T>(name: string, remote: () => Promise<T>): Promise<T> =>
  either(
    async () => {
      const value = await remote()
      if (await able()) void store.shown.put({ name, value, at: Date.now() }).catch(() => {})
      return value
    },
    async () => ((await able()) ? ((await store.shown.get(name))?.value as T | undefined) : undefined),
  )
