import { nextTick, ref } from 'vue'
import { kept, keep } from './remember'

/** The looks of the desk: as the device says, by day, dark, sun on the glass (the strongest contrast), and a night shift (dim and warm). */
export const themes = ['auto', 'light', 'dark', 'sun', 'night'] as const
export type Theme = (typeof themes)[number]
/** The sizes of text in per cent of what the browser is set to, which stays the measure. */
export const sizes = ['100', '125', '150'] as const
export type Size = (typeof sizes)[number]

export const theme = ref<Theme>('auto')
export const size = ref<Size>('100')

export function useTheme(name: Theme): void {
  theme.value = name
  if (name === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = name
  keep('theme', name)
  void nextTick(colourFrame)
}
export function useSize(per: Size): void {
  size.value = per
  if (per === '100') delete document.documentElement.dataset.size
  else document.documentElement.dataset.size = per
  keep('size', per)
}

// The system's own bar above the app takes the colour of the page; otherwise it stays bright in a dark room.
function colourFrame(): void {
  const ground = getComputedStyle(document.body).backgroundColor
  const metas = document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')
  for (const meta of metas) {
    meta.dataset.own ??= meta.content
    meta.content = theme.value === 'auto' ? meta.dataset.own : ground
  }
}

export function startTheme(): void {
  const name = kept<Theme>('theme')
  if (name && themes.includes(name)) useTheme(name)
  const per = kept<Size>('size')
  if (per && sizes.includes(per)) useSize(per)
}
