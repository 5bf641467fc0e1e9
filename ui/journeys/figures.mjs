// The figures of the desk on a cheap phone: CPU four times slower, no network. They are printed as they are; docs/measures.md
// has them with machine and date. A figure is no test: what fails here is what did not work at all.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { fakeNode } from '../test/fake-node.mjs'
import { check, newPage, phone, tap } from './browser.mjs'
import { demo, wire } from './demo.mjs'
import { enter, prepared, unsent, until } from './offline.mjs'

const dist = process.env.SERAI_DESK ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]
const runs = Number(process.env.SERAI_RUNS ?? 3)

/** slow makes the page's CPU four times slower, as a cheap phone's. */
async function slow(page, rate = 4) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate })
  return cdp
}

export async function figures(browser) {
  const told = {}
  const wrongs = []
  const { nodes, stop } = await demo()
  const node = nodes[0]
  const volunteer = node.accounts.find((a) => a.role === 'volunteer')
  const line = await wire(node.url)
  try {
    const page = await newPage(browser, { viewport: phone })
    const context = page.context()
    await enter(page, line.url, volunteer, 'en')
    await prepared(page)
    line.cut()

    // Cold open: nothing of the app in memory, no network, to a screen that takes input; and on to the worker's home.
    const opens = []
    const enters = []
    for (let i = 0; i < runs; i++) {
      const cold = await context.newPage()
      await slow(cold)
      let start = Date.now()
      await cold.goto(line.url + '/desk/')
      await cold.waitForSelector('#login')
      opens.push(Date.now() - start)
      await cold.fill('#login', volunteer.login)
      await cold.fill('#password', volunteer.password)
      start = Date.now()
      await cold.click('form .main')
      await cold.locator('.home, .point').first().waitFor()
      enters.push(Date.now() - start)
      await cold.close()
    }
    told['cold open to ready, ms'] = median(opens)
    told['PIN or password to home, ms'] = median(enters)

    const desk = await context.newPage()
    desk.taps = 0
    desk.wrongs = page.wrongs
    await slow(desk)
    await desk.goto(line.url + '/desk/')
    await desk.fill('#login', volunteer.login)
    await desk.fill('#password', volunteer.password)
    await desk.click('form .main')
    await desk.locator('.home, .point').first().waitFor()
    if (await desk.locator('.point').count()) await desk.locator('.point', { hasText: 'NE-AGZ' }).click()
    await desk.waitForSelector('.home')

    // Scan to history: from the text of the card (camera or hand scanner have read it) to what she already had.
    const scans = []
    for (let i = 0; i < runs; i++) {
      await desk.click('.home a[href$="/scan"]')
      await desk.waitForSelector('#pasted')
      await desk.fill('#pasted', node.sample_card)
      const start = Date.now()
      await desk.keyboard.press('Enter')
      await desk.locator('[data-part=history]').first().waitFor()
      scans.push(Date.now() - start)
      await desk.click('.bar a[href="/desk/"]')
      await desk.waitForSelector('.home')
    }
    told['scan to history, ms'] = median(scans)
    told['scan to history, first, ms'] = scans[0]

    // Save: from the tap to "saved on this device", as the page itself sees it.
    await desk.click('.home a[href$="/tally"]')
    if ((await desk.locator('[data-service=water]').first().getAttribute('aria-pressed')) !== 'true') await desk.locator('[data-service=water]').first().click()
    const saves = await desk.evaluate(async () => {
      const all = []
      for (let i = 0; i < 21; i++) {
        const start = performance.now()
        document.querySelector('[data-button=woman]').click()
        await new Promise((done) => {
          const look = () => (document.querySelector('.tally .foot .mark.calm') ? done() : setTimeout(look, 1))
          requestAnimationFrame(look)
        })
        all.push(performance.now() - start)
        document.querySelector('.tally .foot').classList.add('seen')
        await new Promise((done) => setTimeout(done, 250))
      }
      return all
    })
    told['save, ms'] = Math.round(median(saves))

    // A file with its basis and a card, without the node, by script: the taps, and the time they take.
    await desk.click('.bar a[href="/desk/"]')
    await desk.waitForSelector('.home')
    desk.taps = 0
    const start = Date.now()
    await tap(desk, '.home a[href$="/people/new"]')
    await tap(desk, '[data-do=yes]')
    await tap(desk, desk.locator('.choice').nth(0).locator('label').nth(0))
    await tap(desk, desk.locator('.choice').nth(1).locator('label').nth(3))
    await tap(desk, desk.locator('.choice').nth(3).locator('label').nth(0))
    await desk.fill('#name', 'Zeinab Souleymane')
    await tap(desk, '[data-do=save]')
    await tap(desk, '[data-do=card]')
    await tap(desk, '[data-do=yes]')
    await desk.locator('.card-code, .notice.bad').first().waitFor()
    told['file with basis and card, taps'] = desk.taps
    told['file with basis and card, s'] = Math.round((Date.now() - start) / 100) / 10

    // A thousand actions wait, and the network comes back.
    await desk.click('.bar a[href="/desk/"]')
    await desk.waitForSelector('.home')
    await desk.click('.home a[href$="/tally"]')
    await desk.waitForSelector('[data-button=woman]')
    const already = await unsent(desk)
    await desk.evaluate(() => { for (let i = 0; i < 1000; i++) document.querySelector('[data-button=man]').click() })
    await until(async () => (await unsent(desk)) >= already + 1000, 120_000, 250)
    const wait = await unsent(desk)
    line.mend()
    const began = Date.now()
    await desk.evaluate(() => dispatchEvent(new Event('online')))
    check(page, await until(async () => (await unsent(desk)) === 0, 120_000, 50), `${await unsent(desk)} of ${wait} were not sent`)
    told[`${wait} actions sent, s`] = Math.round((Date.now() - began) / 100) / 10
    wrongs.push(...page.wrongs)
    await context.close()
  } finally {
    await line.stop()
    await stop()
  }
  wrongs.push(...(await manyPeople(browser, told)), ...bytes(told))
  for (const [what, n] of Object.entries(told)) console.log(`       ${what}: ${n}`)
  return wrongs
}

/** manyPeople looks at a share of 2,000 and of 10,000 people: the list of the day scrolls, and a search answers. */
async function manyPeople(browser, told) {
  const wrongs = []
  for (const many of [2000, 10_000]) {
    const node = await fakeNode({ many })
    const page = await newPage(browser, { viewport: phone })
    await enter(page, node.url, { login: 'aissa', password: 'demo' }, 'en').catch(async () => {
      if (await page.locator('.point').count()) await page.locator('.point').first().click()
      await page.waitForSelector('.home')
    })
    check(page, await until(() => page.evaluate(() => new Promise((done) => {
      indexedDB.open('serai').onsuccess = (e) => (e.target.result.transaction('share').objectStore('share').getAllKeys().onsuccess = (k) => done(k.target.result.some(([, p]) => p === 'share')))
    })), 60_000), 'the share of many people is kept')
    node.state.down = true
    const cdp = await slow(page)
    await page.click('.home a[href$="/today"]')
    await page.locator('[data-part=people] li').nth(5).waitFor({ timeout: 30_000 })
    const frames = await page.evaluate(() => new Promise((done) => {
      const times = []
      const start = performance.now()
      const step = (now) => {
        times.push(now)
        window.scrollBy(0, 120)
        if (now - start < 3000) requestAnimationFrame(step)
        else done(times.length / ((times.at(-1) - times[0]) / 1000))
      }
      requestAnimationFrame(step)
    }))
    told[`list of ${many} people, frames per second`] = Math.round(frames)
    await page.evaluate(() => window.scrollTo(0, 0))
    await page.click('.bar a[href="/desk/"]')
    await page.click('.home a[href$="/people/search"]')
    await page.fill('#name', 'Moussa Ibrahim')
    await page.locator('.choice label').first().click()
    // The first search makes the comparable forms of every name; the ones after it only compare.
    const searches = []
    for (let i = 0; i < 5; i++) {
      searches.push(await page.evaluate(() => new Promise((done) => {
        const start = performance.now()
        const seen = new MutationObserver(() => {
          if (document.querySelector('main [aria-live] .found, main [aria-live] p') && !document.querySelector('form .main').disabled) {
            seen.disconnect()
            done(performance.now() - start)
          }
        })
        seen.observe(document.querySelector('main'), { childList: true, subtree: true, attributes: true })
        document.querySelector('form .main').click()
      })))
    }
    told[`search among ${many} people, ms`] = Math.round(median(searches.slice(1)))
    told[`search among ${many} people, first, ms`] = Math.round(searches[0])
    await cdp.detach()
    wrongs.push(...page.wrongs)
    await page.context().close()
    await node.stop()
  }
  return wrongs
}

/** bytes adds up what travels: the first load as a browser asks for it, and all that the installation brings. */
function bytes(told) {
  if (!existsSync(join(dist, 'version.json'))) return [`${dist} holds no build`]
  const zipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
  let all = 0
  for (const folder of ['', 'assets']) {
    for (const file of readdirSync(join(dist, folder), { withFileTypes: true })) {
      if (file.isFile() && !/\.(br|gz)$|^\.keep$/.test(file.name)) all += zipped(join(folder, file.name))
    }
  }
  told['installation with scanner, kB gzip'] = Math.round(all / 1000)
  return []
}
