// Opening hours as a week that can be tapped. The node keeps them as OpenStreetMap writes them, which can say more than a
// week (months, holidays, comments): what a week cannot show is left as text, and never cut down to one.

export interface Span { from: string; to: string }
/** Week is Monday to Sunday; a day without spans is closed. */
export type Week = Span[][]

const names = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su']
const time = /^([01]\d|2[0-3]):[0-5]\d$/
const spans = /^\d\d:\d\d-\d\d:\d\d(,\d\d:\d\d-\d\d:\d\d)*$/

export const emptyWeek = (): Week => names.map(() => [])

/** readWeek reads hours that are a plain week; null for all others. */
export function readWeek(text: string): Week | null {
  const week = emptyWeek()
  const plain = text.trim()
  if (plain === '') return week
  if (plain === '24/7') return names.map(() => [{ from: '00:00', to: '24:00' }])
  for (const rule of plain.split(';')) {
    const [days, hours, ...more] = rule.trim().split(/\s+/)
    if (!days || !hours || more.length > 0) return null
    const on = readDays(days)
    if (!on || (hours !== 'off' && !spans.test(hours))) return null
    const said = hours === 'off' ? [] : hours.split(',').map((s) => ({ from: s.slice(0, 5), to: s.slice(6) }))
    if (said.some((s) => !time.test(s.from) || (s.to !== '24:00' && !time.test(s.to)))) return null
    for (const d of on) week[d] = said.map((s) => ({ ...s }))
  }
  return week
}

function readDays(text: string): number[] | null {
  const out: number[] = []
  for (const part of text.split(',')) {
    const [first = '', last] = part.split('-')
    const from = names.indexOf(first)
    const to = last === undefined ? from : names.indexOf(last)
    if (from < 0 || to < 0) return null
    // Sa-Mo runs over the end of the week.
    for (let d = from; ; d = (d + 1) % 7) {
      out.push(d)
      if (d === to) break
    }
  }
  return out
}

const dayText = (day: Span[]) => day.map((s) => `${s.from}-${s.to}`).join(',')

/** writeWeek writes a week as the node reads it: neighbouring days of the same hours together, closed days left out. */
export function writeWeek(week: Week): string {
  const texts = week.map(dayText)
  if (texts.every((t) => t === '00:00-24:00')) return '24/7'
  const rules: string[] = []
  for (let from = 0; from < 7; ) {
    let to = from
    while (to < 6 && texts[to + 1] === texts[from]) to++
    if (texts[from]) rules.push(`${names[from]}${to > from ? '-' + names[to] : ''} ${texts[from]}`)
    from = to + 1
  }
  return rules.join('; ')
}

/** wholeDay tells that a span is the day from midnight to midnight. */
export const wholeDay = (s: string) => s === '00:00-24:00'
