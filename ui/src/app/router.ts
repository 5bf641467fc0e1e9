import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import Away from './away.vue'
import { can, look, session } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** title is a key of the word lists. Pages about a person carry a neutral one: tabs and histories are seen by others. */
    title: string
    /** open pages need nobody signed in. */
    open?: boolean
    /** A page that works without a chosen point. */
    anywhere?: boolean
    /** personal pages lock, blur and carry a quick exit. */
    personal?: boolean
    may?: string
    /** help is the part of the guide that speaks of this page. */
    help?: string
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', component: () => import('@/area/accounts/sign-in.vue'), meta: { title: 'accounts.sign_in.title', open: true } },
  { path: '/invitation', name: 'invitation', component: () => import('@/area/accounts/accept.vue'), meta: { title: 'accounts.accept.title', open: true } },
  { path: '/device', name: 'device', component: () => import('@/area/accounts/device.vue'), meta: { title: 'accounts.device.title', open: true } },
  { path: '/away', name: 'away', component: Away, meta: { title: 'app.away.title', open: true } },
  { path: '/choose', name: 'choose', component: () => import('@/area/network/choose.vue'), meta: { title: 'network.choose.title', help: 'begin', anywhere: true } },
  { path: '/', name: 'home', component: () => import('@/area/assist/home.vue'), meta: { title: 'assist.home.title', help: 'begin' } },
  { path: '/tally', name: 'tally', component: () => import('@/area/assist/tally.vue'), meta: { title: 'assist.tally.title', help: 'tally', may: 'assist.record' } },
  { path: '/arrival', name: 'arrival', component: () => import('@/area/assist/arrival.vue'), meta: { title: 'assist.arrival.title', help: 'arrival', may: 'assist.bulk' } },
  { path: '/serve', name: 'serve', component: () => import('@/area/assist/serve.vue'), meta: { title: 'assist.serve.title', help: 'serve', may: 'assist.record', personal: true } },
  { path: '/today', name: 'today', component: () => import('@/area/assist/today.vue'), meta: { title: 'assist.today.title', help: 'today', may: 'assist.read', personal: true } },
  { path: '/sheet', name: 'sheet', component: () => import('@/area/assist/sheet.vue'), meta: { title: 'assist.sheet.title', help: 'paper', may: 'assist.bulk' } },
  { path: '/attention', name: 'attention', component: () => import('@/area/assist/attention.vue'), meta: { title: 'outbox.title', help: 'offline' } },
  { path: '/scan', name: 'scan', component: () => import('@/area/cards/scan.vue'), meta: { title: 'cards.scan.title', help: 'scan', may: 'cards.read' } },
  { path: '/card', name: 'card', component: () => import('@/area/cards/show.vue'), meta: { title: 'cards.show.title', help: 'scan', may: 'cards.read', personal: true } },
  { path: '/stock', name: 'stock', component: () => import('@/area/cards/stock.vue'), meta: { title: 'cards.stock.title', help: 'card', may: 'cards.stock' } },
  { path: '/store', name: 'store', component: () => import('@/area/stock/list.vue'), meta: { title: 'stock.title', help: 'stock', may: 'stock.read' } },
  { path: '/store/count', name: 'store-count', component: () => import('@/area/stock/count.vue'), meta: { title: 'stock.count.title', help: 'stock', may: 'stock.count' } },
  { path: '/store/move/:kind(received|lost|sent)', name: 'store-move', component: () => import('@/area/stock/move.vue'), meta: { title: 'stock.move.title', help: 'stock', may: 'stock.record' }, props: true },
  { path: '/store/items', name: 'store-items', component: () => import('@/area/stock/recipes.vue'), meta: { title: 'stock.items.page', help: 'stock', may: 'lists.read', anywhere: true } },
  { path: '/store/wishes', name: 'store-wishes', component: () => import('@/area/stock/wish.vue'), meta: { title: 'stock.wish.title', help: 'stock', may: 'stock.read', anywhere: true } },
  { path: '/card/new', name: 'card-new', component: () => import('@/area/cards/issue.vue'), meta: { title: 'cards.issue.title', help: 'card', may: 'cards.issue', personal: true } },
  { path: '/people/new', name: 'file-new', component: () => import('@/area/people/open.vue'), meta: { title: 'people.open.title', help: 'file', may: 'people.create', personal: true } },
  { path: '/people/search', name: 'search', component: () => import('@/area/people/search.vue'), meta: { title: 'people.search.title', help: 'file', may: 'people.search', personal: true } },
  { path: '/people/rights', name: 'rights', component: () => import('@/area/people/rights.vue'), meta: { title: 'people.rights.title', help: 'file', may: 'people.copy', personal: true, anywhere: true } },
  { path: '/people/:person', name: 'file', component: () => import('@/area/people/show.vue'), meta: { title: 'people.show.title', help: 'file', may: 'people.read', personal: true }, props: true },
  { path: '/counts', name: 'counts', component: () => import('@/area/counts/counts.vue'), meta: { title: 'counts.title', help: 'lead', may: 'counts.read', anywhere: true } },
  { path: '/board', name: 'board', component: () => import('@/area/network/board.vue'), meta: { title: 'network.board.title', help: 'board', may: 'network.read', anywhere: true } },
  { path: '/points', name: 'points', component: () => import('@/area/network/list.vue'), meta: { title: 'network.list.title', help: 'lead', may: 'network.read', anywhere: true } },
  { path: '/points/:point', name: 'point', component: () => import('@/area/network/show.vue'), meta: { title: 'network.show.title', help: 'lead', may: 'network.read', anywhere: true }, props: true },
  { path: '/points/:point/edit', name: 'point-edit', component: () => import('@/area/network/edit.vue'), meta: { title: 'network.edit.title', help: 'lead', may: 'network.run', anywhere: true }, props: true },
  { path: '/accounts', name: 'accounts', component: () => import('@/area/accounts/list.vue'), meta: { title: 'accounts.list.title', help: 'lead', may: 'accounts.read', anywhere: true } },
  { path: '/devices', name: 'devices', component: () => import('@/area/accounts/devices.vue'), meta: { title: 'accounts.devices.title', help: 'lead', may: 'accounts.enrol', anywhere: true } },
  { path: '/catalogue', name: 'catalogue', component: () => import('@/area/lists/catalogue.vue'), meta: { title: 'lists.title', help: 'serve', anywhere: true } },
  { path: '/recordings', name: 'recordings', component: () => import('@/area/lists/recordings.vue'), meta: { title: 'lists.audio.title', may: 'lists.edit', anywhere: true } },
  { path: '/safety', name: 'safety', component: () => import('@/area/accounts/safety.vue'), meta: { title: 'accounts.safety.title', help: 'safety', anywhere: true } },
  { path: '/help', name: 'help', component: () => import('@/area/help/help.vue'), meta: { title: 'help.title', anywhere: true } },
  { path: '/settings', name: 'settings', component: () => import('@/area/accounts/settings.vue'), meta: { title: 'accounts.settings.title', help: 'screen', anywhere: true } },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./lost.vue'), meta: { title: 'app.lost.title', anywhere: true } },
]

export const router = createRouter({
  history: createWebHistory('/desk/'),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  await look()
  if (!session.me) return { name: 'sign-in', query: to.name === 'home' ? {} : { to: to.fullPath } }
  if (to.meta.may && !can(to.meta.may)) return { name: 'lost', params: { rest: to.path.slice(1).split('/') }, replace: true }
  // An account without points (an administrator) works on the pages that need none.
  if (!to.meta.anywhere && !session.point && session.me.points.length > 0) return { name: 'choose', query: { to: to.fullPath } }
  return true
})
