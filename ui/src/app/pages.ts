import { computed } from 'vue'
import type { Shape } from '@/kit/shapes'
import { can, session } from './session'

export interface Page { name: string; words: string; icon: Shape; may?: string }

const work: Page[] = [
  { name: 'serve', words: 'assist.serve.title', icon: 'hand', may: 'assist.record' },
  { name: 'tally', words: 'assist.tally.title', icon: 'tally', may: 'assist.record' },
  { name: 'arrival', words: 'assist.arrival.title', icon: 'truck', may: 'assist.bulk' },
  { name: 'scan', words: 'cards.scan.title', icon: 'scan', may: 'cards.read' },
  { name: 'search', words: 'people.search.title', icon: 'search', may: 'people.search' },
  { name: 'file-new', words: 'people.open.title', icon: 'file', may: 'people.create' },
  { name: 'today', words: 'assist.today.title', icon: 'list', may: 'assist.read' },
]
const desk: Page[] = [
  { name: 'counts', words: 'counts.title', icon: 'chart', may: 'counts.read' },
  { name: 'sheet', words: 'assist.sheet.title', icon: 'sheet', may: 'assist.bulk' },
  { name: 'store', words: 'stock.title', icon: 'store', may: 'stock.read' },
  { name: 'stock', words: 'cards.stock.title', icon: 'card', may: 'cards.stock' },
  { name: 'board', words: 'network.board.title', icon: 'route', may: 'network.read' },
  { name: 'points', words: 'network.list.title', icon: 'pin', may: 'network.read' },
  { name: 'catalogue', words: 'lists.title', icon: 'list' },
  { name: 'recordings', words: 'lists.audio.title', icon: 'speak', may: 'lists.edit' },
  { name: 'rights', words: 'people.rights.title', icon: 'file', may: 'people.copy' },
  { name: 'accounts', words: 'accounts.list.title', icon: 'people', may: 'accounts.read' },
  { name: 'safety', words: 'accounts.safety.title', icon: 'lock' },
  { name: 'help', words: 'help.title', icon: 'help' },
  { name: 'settings', words: 'accounts.settings.title', icon: 'gear' },
]
const allowed = (pages: Page[]) => pages.filter((p) => !p.may || can(p.may))

/** What this account may do here: the work with people (it needs a point), and what stands around it. */
export const workPages = computed(() => (session.point ? allowed(work) : []))
export const deskPages = computed(() => allowed(desk).filter((p) => (p.name !== 'sheet' && p.name !== 'store') || session.point))
