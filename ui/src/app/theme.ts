import { ref } from 'vue'
import { kept, keep } from './remember'

/** The looks of the desk: as the device says, day, night shift, and sun on the glass (the strongest contrast). */
export const themes = ['auto', 'light', 'dark', 'sun'] as const
export type Theme = (typeof themes)[number]

export const theme = ref<Theme>('auto')

export function useTheme(name: Theme): void {
  theme.value = name
  if (name === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = name
  keep('theme', name)
}

export function startTheme(): void {
  const name = kept<Theme>('theme')
  if (name && themes.includes(name)) useTheme(name)
}
