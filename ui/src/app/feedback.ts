// What a hand feels and an ear hears when the eye is elsewhere: a card was read, a record is saved, something is wrong.
// Both can be turned off; neither ever says who or what.

import { ref } from 'vue'
import { keep, kept } from './remember'

export const sound = ref(kept<boolean>('sound') ?? true)
export const vibration = ref(kept<boolean>('vibration') ?? true)
export function useSound(on: boolean): void {
  sound.value = on
  keep('sound', on)
}
export function useVibration(on: boolean): void {
  vibration.value = on
  keep('vibration', on)
}

export type Feeling = 'good' | 'warn' | 'bad'
/** Tones in hertz and pulses in milliseconds: one short high one, two in the middle, one long low one. */
const signs: Record<Feeling, { tones: number[]; length: number; pulses: number[] }> = {
  good: { tones: [1320], length: 0.09, pulses: [40] },
  warn: { tones: [880, 880], length: 0.11, pulses: [60, 60, 60] },
  bad: { tones: [220], length: 0.35, pulses: [250] },
}

let speaker: AudioContext | null = null

/** feedback never fails and never waits: a device without a speaker or a motor stays silent. */
export function feedback(feeling: Feeling): void {
  const sign = signs[feeling]
  try {
    if (vibration.value) navigator.vibrate?.(sign.pulses)
  } catch {
    // Refused before the first touch of the page.
  }
  if (!sound.value || !globalThis.AudioContext) return
  try {
    speaker ??= new AudioContext()
    // A browser holds the sound back until somebody has touched the page; a beep that comes late would mean something else.
    if (speaker.state !== 'running') void speaker.resume()
    sign.tones.forEach((hertz, i) => {
      const from = speaker!.currentTime + i * sign.length * 1.6
      const tone = speaker!.createOscillator()
      const loud = speaker!.createGain()
      tone.frequency.value = hertz
      loud.gain.setValueAtTime(0.0001, from)
      loud.gain.exponentialRampToValueAtTime(0.2, from + 0.01)
      loud.gain.exponentialRampToValueAtTime(0.0001, from + sign.length)
      tone.connect(loud).connect(speaker!.destination)
      tone.start(from)
      tone.stop(from + sign.length)
    })
  } catch {
    speaker = null
  }
}
