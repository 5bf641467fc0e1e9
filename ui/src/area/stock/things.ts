// The list of items, loaded once for the screens of the store.
import { computed, shallowRef } from 'vue'
import { label } from '@/app/language'
import { items } from '@/data/stock'
import type { StockItem, StockItems } from '@/data/wire'

const known = shallowRef<StockItems | null>(null)
const byCode = computed(() => new Map(known.value?.items.map((i) => [i.code, i]) ?? []))

export async function loadThings(): Promise<void> {
  known.value = await items()
}
/** giveThings is for tests. */
export const giveThings = (given: StockItems | null) => (known.value = given)

export const things = computed(() => known.value)
export const offeredItems = computed(() => known.value?.items.filter((i) => !i.hidden) ?? [])
export const item = (code: string): StockItem | undefined => byCode.value.get(code)
export const itemName = (code: string) => label(item(code), code)
