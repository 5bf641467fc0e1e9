// The installed app: the first visit brings everything, then the node is switched off and the app opens from cold; a torn
// installation goes on; another version is offered to every tab, forced on none, and an older one counts as another.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeShell } from '../build/shell.mjs'
import { fakeNode } from '../test/fake-node.mjs'
import { check, lawful, newPage } from './browser.mjs'

const dist = process.env.SERAI_DESK ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')

/** another is the same desk as another build has it: one script and the page differ. */
export function another(version) {
  const folder = mkdtempSync(join(tmpdir(), 'serai-desk-'))
  cpSync(dist, folder, { recursive: true })
  const home = join(folder, 'assets', readdirSync(join(folder, 'assets')).find((f) => /^home-.*\.js$/.test(f)))
  writeFileSync(home, `${readFileSync(home, 'utf8')}\n/* ${version} */`)
  return { folder, ...writeShell(folder, version) }
}
/** until asks the page again and again; waitForFunction takes a promise for an answer. */
async function until(page, holds, what, atMost = 20_000) {
  for (const end = Date.now() + atMost; Date.now() < end; await page.waitForTimeout(100)) if (await page.evaluate(holds)) return
  throw new Error(`waited in vain until ${what}`)
}
const buildOf = (page) => page.evaluate(() => document.querySelector('meta[name=serai-build]').content)
/** ready waits until the worker has everything and leads the page. */
const ready = (page) => page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated', null, { timeout: 30_000 })

async function signIn(page, desk) {
  await page.goto(desk + '/sign-in')
  await page.locator('.sign-in button[lang=en], #login').first().waitFor()
  if (await page.locator('.sign-in button[lang=en]').count()) await page.click('.sign-in button[lang=en]')
  await page.fill('#login', 'aissa')
  await page.fill('#password', 'demo')
  await page.click('form .main')
  await page.locator('.point, .home').first().waitFor()
  if (await page.locator('.point').count()) await page.locator('.point').first().click()
  await page.waitForSelector('.home')
}

export async function installed(browser) {
  const wrongs = []
  const second = another('0.2.0')
  const first = JSON.parse(readFileSync(join(dist, 'version.json'), 'utf8')).build
  let node = await fakeNode()
  const port = Number(new URL(node.url).port)
  const desk = node.url + '/desk'
  try {
    const page = await newPage(browser)
    const context = page.context()
    const opened = async () => {
      const tab = await context.newPage()
      tab.wrongs = page.wrongs
      tab.on('pageerror', (err) => page.wrongs.push(`page error: ${err.message}`))
      tab.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && page.wrongs.push(`console: ${m.text()}`))
      return tab
    }

    // A link that is torn in the middle of the installation: nothing of it counts, and what came is not fetched again.
    let torn = true
    await context.route('**/assets/scanner-*.js', (route) => (torn ? route.abort() : route.continue()))
    await context.route('**/assets/*.wasm', (route) => (torn ? route.abort() : route.continue()))
    await page.goto(desk + '/')
    await page.waitForSelector('[lang=ar]')
    await until(page, async () => (await caches.has('serai-shell')) && (await (await caches.open('serai-shell')).keys()).length > 20, 'files are kept')
    await until(page, async () => !(await navigator.serviceWorker.getRegistration())?.installing, 'the installation has ended')
    check(page, await page.evaluate(async () => !(await navigator.serviceWorker.getRegistration())?.active), 'a torn installation was taken for a whole one')
    torn = false
    node.state.files.length = 0
    await page.reload()
    await page.waitForSelector('[lang=ar]')
    await ready(page)
    const listed = await page.evaluate(async () => (await (await caches.open('serai-shell')).keys()).length)
    // The page itself asks for its own scripts again; words of other languages are the worker's alone.
    const asked = node.state.files.filter((f) => /^\/assets\/(ar|fr|es)-/.test(f))
    check(page, asked.length === 0, `after a torn installation these were fetched again: ${asked.join(' ')}`)
    check(page, listed > 30, `only ${listed} files were kept`)
    const headers = await page.evaluate(async () => (await fetch('/desk/index.html')).headers.get('Content-Security-Policy'))
    check(page, /require-trusted-types-for 'script'/.test(headers ?? ''), 'the page that was kept lost its content policy')
    await signIn(page, desk)
    check(page, (await page.evaluate(() => document.querySelector('link[rel=manifest]').href)).endsWith('/desk/manifest.webmanifest'), 'the page names no web manifest')

    // The node is gone, not merely silent: a new tab opens from cold, on whatever screen was asked for.
    await node.stop()
    const cold = await opened()
    const start = Date.now()
    await cold.goto(desk + '/')
    await cold.locator('.home, #login, #pin, .sign-in, [data-part=unlock], dialog').first().waitFor({ timeout: 10_000 })
    console.log(`       cold open without a node: ${Date.now() - start} ms`)
    await lawful(cold, 'cold open')
    await cold.goto(desk + '/people/new')
    await cold.locator('main > *').first().waitFor({ timeout: 10_000 })
    await cold.goto(desk + '/away')
    await cold.waitForSelector('.away .time')
    check(cold, !/serai/i.test(await cold.title()), `the page to leave to is called ${await cold.title()}`)
    check(cold, await cold.evaluate(async () => (await fetch('/desk/' + [...document.querySelectorAll('script[src]')][0].getAttribute('src').slice(6))).ok), 'a script of the app is not kept')
    check(cold, await cold.evaluate(() => fetch('/api/me').then(() => false, () => true)), 'the worker answered for the node')
    await cold.close()

    // Somebody empties the browser's storage while the desk is open: the node helps out, and the next start repairs it.
    node = await fakeNode({ port })
    await page.evaluate(() => caches.delete('serai-shell'))
    await page.goto(desk + '/')
    await page.locator('main > *').first().waitFor()
    await until(page, async () => (await (await caches.open('serai-shell')).keys()).length > 30, 'what was emptied is kept again')

    // A full device cannot take another version: the desk says so, and goes on as it is.
    await signIn(page, desk)
    await page.click('a[href$="/settings"]')
    await page.waitForSelector('[data-do=look-for-update]')
    const browserItself = await context.newCDPSession(page)
    const { usage } = await browserItself.send('Storage.getUsageAndQuota', { origin: node.url })
    await browserItself.send('Storage.overrideQuotaForOrigin', { origin: node.url, quotaSize: Math.ceil(usage) + 500 })
    await node.stop()
    node = await fakeNode({ port, dist: second.folder })
    await page.click('[data-do=look-for-update]')
    await page.waitForSelector('[data-part=device] .wrong', { timeout: 20_000 })
    await page.click('a[href$="/desk/"]')
    await page.waitForSelector('[data-part=room]')
    check(page, (await buildOf(page)) === first, 'a full device lost its desk')
    await lawful(page, 'home of a full device')
    await browserItself.send('Storage.overrideQuotaForOrigin', { origin: node.url })
    await node.stop()

    // The node comes back with another version. Two tabs: one at home, one with something half written.
    node = await fakeNode({ port, dist: second.folder })
    await signIn(page, desk)
    const writing = await opened()
    await writing.goto(desk + '/settings')
    await writing.locator('summary').first().click()
    await writing.fill('#old', 'half a pass')
    await page.evaluate(() => navigator.serviceWorker.getRegistration().then((r) => r.update()))
    await page.waitForSelector('[data-part=update]', { timeout: 20_000 })
    await writing.waitForSelector('[data-part=update]')
    await lawful(page, 'home with a new version')
    check(page, (await buildOf(page)) === first && (await writing.inputValue('#old')) === 'half a pass', 'a new version was forced upon somebody')
    await page.click('[data-do=not-now]')
    check(page, (await page.locator('[data-part=update]').count()) === 0, '"later" did not take the notice away')
    // An old tab still finds the files of its build, also those that it had not needed so far.
    await page.click('a[href$="/settings"]')
    await page.waitForSelector('[data-do=change-over]')
    await page.click('[data-do=change-over]')
    await page.waitForFunction((id) => document.querySelector('meta[name=serai-build]').content === id, second.build, { timeout: 20_000 })
    await page.waitForTimeout(500)
    check(page, (await buildOf(writing)) === first && (await writing.inputValue('#old')) === 'half a pass', 'the tab with something half written was loaded anew')
    check(page, await writing.evaluate(async () => {
      const names = (await (await caches.open('serai-shell')).keys()).map((k) => new URL(k.url).pathname)
      return names.length > new Set(names).size
    }), 'files of the old version were removed while a tab used it')
    await writing.evaluate(() => history.pushState({}, '', '/desk/settings'))
    await writing.locator('a[href$="/desk/"], .bar a').first().click()
    await writing.waitForFunction((id) => document.querySelector('meta[name=serai-build]').content === id, second.build, { timeout: 20_000 })
    await page.reload()
    await until(page, async () => {
      const names = (await (await caches.open('serai-shell')).keys()).map((k) => new URL(k.url).pathname)
      return names.length === new Set(names).size
    }, 'the files of the old version are gone')
    await writing.close()

    // A node that was set back offers its older version in the same way.
    await node.stop()
    node = await fakeNode({ port })
    await signIn(page, desk)
    await page.click('a[href$="/settings"]')
    await page.click('[data-do=look-for-update]')
    await page.waitForSelector('[data-part=update]', { timeout: 20_000 })
    await page.click('[data-do=change-over]')
    await page.waitForFunction((id) => document.querySelector('meta[name=serai-build]').content === id, first, { timeout: 20_000 })
    wrongs.push(...page.wrongs)
    await context.close()
  } finally {
    await node.stop()
    rmSync(second.folder, { recursive: true, force: true })
  }
  return wrongs
}
