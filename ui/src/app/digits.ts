// The digits on the screen: 0-9 for everybody, ٠-٩ by choice. Fields take both, whatever was chosen.

import { ref } from 'vue'
import { latinDigits } from '@/kit/age-input'
import { keep, kept } from './remember'

export const digitSets = ['latn', 'arab'] as const
export type Digits = (typeof digitSets)[number]
export const digits = ref<Digits>(kept<Digits>('digits') === 'arab' ? 'arab' : 'latn')
export function useDigits(chosen: Digits): void {
  digits.value = chosen
  keep('digits', chosen)
}

/** The second calendar stands beside the first and never instead of it: forms and referrals are dated by the first. */
export const calendars = ['gregory', 'islamic-umalqura'] as const
export type Calendar = (typeof calendars)[number]
export const calendar = ref<Calendar>(kept<Calendar>('calendar') === 'islamic-umalqura' ? 'islamic-umalqura' : 'gregory')
export function useCalendar(chosen: Calendar): void {
  calendar.value = chosen
  keep('calendar', chosen)
}

const easternArabic = (text: string) => text.replace(/\d/g, (d) => String.fromCharCode(0x660 + Number(d)))

/** asDigits writes the numbers of a sentence in the chosen digits. What mixes letters and digits is a code, which is read out and typed as it stands. */
export function asDigits(text: string): string {
  if (digits.value !== 'arab') return text
  return text.replace(/[\w.,:/-]*\d[\w.,:/-]*/g, (run) => (/[A-Za-z_]/.test(run) ? run : easternArabic(run)))
}

/** startDigits lets every field for numbers take the digits of Arabic and Persian keyboards: it turns them before anybody reads the field. */
export function startDigits(): void {
  addEventListener(
    'input',
    (event) => {
      const field = event.target
      if (!(field instanceof HTMLInputElement) || !/^(numeric|decimal|tel)$/.test(field.inputMode || field.type)) return
      const plain = latinDigits(field.value)
      if (plain === field.value) return
      const { selectionStart: from, selectionEnd: to } = field
      field.value = plain
      // One digit for one digit: the place of the cursor stays.
      if (from !== null && to !== null) field.setSelectionRange(from, to)
    },
    { capture: true },
  )
}
