// Times and states of a point in words, by the clock of the point.
import { agoInSeconds, clock, day } from '@/app/format'
import { lang, t } from '@/app/language'
import type { BoardPoint, Instant, Point } from '@/data/wire'

/** pointClock is the time at the point, which may lie in another zone than this device. */
export function pointClock(at: Instant, zone: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return ''
  try {
    const there = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(date)
    const part = (name: string) => there.find((p) => p.type === name)?.value ?? ''
    // The zone's own wall clock, written in the chosen digits.
    const wall = `${part('year')}-${part('month')}-${part('day')}`
    const shown = clock(new Date(`${wall}T${part('hour')}:${part('minute')}:00`).getTime())
    const now = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date())
    if (now === wall) return shown
    // Within a week the day of the week says it; further away a date does.
    const near = Math.abs(Date.parse(wall) - Date.parse(now)) < 6 * 86_400_000
    return `${near ? new Intl.DateTimeFormat(lang.value, { weekday: 'long', timeZone: 'UTC' }).format(new Date(wall + 'T00:00:00Z')) : day(wall)} ${shown}`
  } catch {
    return clock(at) // a zone that this browser does not know
  }
}

/** Look is how a stop is drawn: its own shape for each, so that nobody needs colours. */
export type Look = 'open' | 'shut' | 'suspended' | 'planned' | 'over' | 'unknown' | 'place'
export const looks: Look[] = ['open', 'shut', 'suspended', 'planned', 'over', 'unknown', 'place']

type Standing = Pick<Point, 'state' | 'open_now' | 'open_until' | 'time_zone' | 'state_why'> | BoardPoint
export function lookOf(p: Standing | undefined): Look {
  if (!p) return 'place'
  if (p.state === 'open') return p.open_now === false ? 'shut' : 'open'
  if (p.state === 'suspended' || p.state === 'planned') return p.state
  return p.state === 'closed' || p.state === 'handed_over' ? 'over' : 'unknown'
}
export const tone = (look: Look) => (look === 'open' ? 'good' : look === 'shut' || look === 'planned' ? 'warn' : look === 'suspended' || look === 'over' ? 'bad' : '')

/** stateText says whether a point is open, and until when that holds. */
export function stateText(p: Standing): string {
  if (!p.state) return t('network.board.not_here')
  if (p.state !== 'open') return t(`network.state.${p.state}`)
  if (p.open_now === null || p.open_now === undefined) return t('network.state.open')
  const until = p.open_until ? pointClock(p.open_until, p.time_zone) : ''
  if (!until) return t(p.open_now ? 'network.open_now' : 'network.closed_now')
  return t(p.open_now ? 'network.open_until' : 'network.closed_until', { when: until })
}

export function heardText(heard: Instant | undefined, now = Date.now()): string {
  if (!heard) return t('network.board.never_heard')
  return t('network.board.heard', { ago: agoInSeconds(Math.max(0, (now - Date.parse(heard)) / 1000)) })
}

/** weekday names a day of the week, 0 for Monday. */
export const weekday = (i: number) => new Intl.DateTimeFormat(lang.value, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + i)))
