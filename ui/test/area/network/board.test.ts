import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { i18n, useLanguage } from '@/app/language'
import BoardPage from '@/area/network/board.vue'
import { lookOf, pointClock, stateText } from '@/area/network/when'
import type { Board, BoardPoint } from '@/data/wire'

const board = vi.hoisted(() => vi.fn())
vi.mock('@/data/network', () => ({ board }))

const point = (more: Partial<BoardPoint>): BoardPoint => ({ id: 'p', code: 'NE-AGZ', name: 'Agadez', kind: 'hsp', mobility: 'fixed', organisation: { id: 'o', code: 'NRC', name: 'Niger Red Cross' }, country: 'NE', place: 'Agadez', state: 'open', open_now: true, time_zone: 'Africa/Niamey', services: ['water'], ...more })
const answer = (more: Partial<Board> = {}): Board => ({
  at: '2026-03-10T08:30:00Z', expected_by: 'contacts_of_3_days', routes: [{ id: 'r', code: 'sahara-west', name: 'Agadez to Algeria', points: 2, own: 1 }], route: { id: 'r', code: 'sahara-west', name: 'Agadez to Algeria', points: 2, own: 1 },
  stops: [
    { order: 1, point: point({ heard: '2026-03-10T08:00:00Z' }), low: [{ item: 'water', labels: { en: 'Water' }, held: 40, mark: 100 }], log: { day: '2026-03-09', turned_away: 4, beds_used: 11, staff: 5 },
      figures: { to: '2026-03-10', contacts: [3, 0, 0, 50, 5, null, null], services: 27, total: 58, persons: { low: 1, central: 40, high: 58 }, unmet: [{ code: 'primary_health', persons: 5 }], expected: [{ from: { id: 'q', code: 'NE-ASM', name: 'Assamaka' }, hours: 16, few: true }] } },
    { order: 2, mode: 'truck', hours: 1, point: point({ code: 'NE-ASM', name: 'Assamaka', state: 'suspended', state_why: 'flood' }) },
    { order: 3, mode: 'foot', hours: 14, place: 'Tamanrasset' },
  ], ...more })

const open = async (b: Board) => {
  board.mockResolvedValue(b)
  const page = mount(BoardPage, { global: { plugins: [i18n], stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
  await flushPromises()
  return page
}

beforeEach(() => useLanguage('en', false))

describe('the route board', () => {
  it('says in words what it draws', async () => {
    const page = await open(answer())
    const text = page.find('.line').text()
    for (const words of ['fewer than 5 from Assamaka, 16 hours away', 'by truck, about 1 hour', 'Water: 40 left, mark at 100', '58 contacts in 7 days', 'today not reported', 'suspended', 'flood', '4 turned away', 'Tamanrasset']) expect(text).toContain(words)
  })
  it('has a table with every stop, the three numbers, and a dash for what was not reported', async () => {
    const table = (await open(answer())).find('table')
    expect(table.findAll('tbody tr')).toHaveLength(3)
    for (const words of ['27', '58', '40 (between 1 and 58)', '3 0 0 50 5 – –']) expect(table.text()).toContain(words)
    const wide = table.findAll('thead th').length
    for (const row of table.findAll('tbody tr')) expect(row.findAll('th, td')).toHaveLength(wide)
  })
  it('gives each state a shape of its own', async () => {
    const shapes = (await open(answer())).findAll('.line .station').map((s) => s.html().replace(/class="[^"]*"/, ''))
    expect(new Set(shapes).size).toBe(3)
  })
  it('shows a volunteer services and no column of figures', async () => {
    const stops = answer().stops.map(({ figures, log, low, ...rest }) => (void figures, void log, void low, rest))
    const page = await open(answer({ stops }))
    expect(page.findAll('thead th')).toHaveLength(3)
    expect(page.text()).not.toContain('Expected')
  })
  it('says that no route is known', async () => expect((await open(answer({ routes: [], route: null, stops: [] }))).text()).toContain('no route'))
  it('asks for the other way', async () => {
    const page = await open(answer())
    await page.find('[data-do=turn]').trigger('click')
    expect(board).toHaveBeenLastCalledWith('sahara-west', true)
  })
  it('uses no inline style, which the policy of the page forbids', async () => expect((await open(answer())).html()).not.toContain('style='))
})

describe('the state of a point', () => {
  it('is told by the clock of the point', () => {
    vi.useFakeTimers({ now: new Date('2026-03-10T08:30:00Z') })
    expect(pointClock('2026-03-10T17:00:00Z', 'Africa/Niamey')).toBe('18:00')
    expect(pointClock('2026-03-11T06:00:00Z', 'Africa/Niamey')).toBe('Wednesday 07:00')
    expect(pointClock('2026-03-10T17:00:00Z', 'No/Where')).toMatch(/^\d\d:\d\d$/)
    expect(stateText(point({ open_until: '2026-03-10T17:00:00Z' }))).toBe('open until 18:00')
    vi.useRealTimers()
  })
  it('knows a point that is not here yet', () => expect(lookOf(point({ state: '' }))).toBe('unknown'))
  it('tells closed for the night from closed for good', () => expect([lookOf(point({ open_now: false })), lookOf(point({ state: 'closed' }))]).toEqual(['shut', 'over']))
})
