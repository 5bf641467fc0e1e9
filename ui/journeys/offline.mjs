// A full day at a real node's point with the network off from the first minute to the last, in English and in Arabic;
// then the wire is mended, and node and device agree on every line.
import { check, lawful, newPage, phone, tap } from './browser.mjs'
import { demo, wire } from './demo.mjs'

export const unsent = (page) => page.evaluate(() => new Promise((done) => {
  indexedDB.open('serai').onsuccess = (e) => {
    const db = e.target.result
    db.transaction('outbox').objectStore('outbox').count().onsuccess = (c) => {
      db.close()
      done(c.target.result)
    }
  }
}))
export async function until(holds, atMost = 30_000, each = 100) {
  for (const start = Date.now(); Date.now() - start < atMost; ) {
    if (await holds()) return true
    await new Promise((resolve) => setTimeout(resolve, each))
  }
  return false
}

/** enter signs in on a desk, in a language, at the first point; it works with the node and without. */
export async function enter(page, url, account, language) {
  await page.goto(url + '/desk/sign-in')
  const ask = page.locator(`.sign-in button[lang=${language}]`)
  await ask.or(page.locator('#login')).first().waitFor()
  if (await ask.count()) await ask.click()
  await page.fill('#login', account.login)
  await page.fill('#password', account.password)
  await page.click('form .main')
  await page.locator('.point, .home').first().waitFor({ timeout: 20_000 })
  if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
  await page.waitForSelector('.home')
}
/** prepared waits until the app is installed and the share is here: what a worker does at the hub in the evening before. */
export async function prepared(page, workers = 1) {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated', null, { timeout: 60_000 })
  const here = await until(() => page.evaluate((n) => new Promise((done) => {
    indexedDB.open('serai').onsuccess = (e) => {
      const db = e.target.result
      db.transaction('share').objectStore('share').getAllKeys().onsuccess = (k) => {
        db.close()
        const parts = k.target.result.map(([, part]) => part)
        done(parts.filter((p) => p === 'share').length >= n && parts.filter((p) => p.startsWith('cards/')).length >= n)
      }
    }
  }), workers), 60_000)
  if (!here) page.wrongs.push('the share did not come')
}
const home = async (page) => {
  await page.click('.bar a[href="/desk/"]')
  await page.waitForSelector('.home')
}
const rows = (page) => page.locator('.contact-row').evaluateAll((all) => all.map((r) => r.innerText.replace(/\s+/g, ' ').trim()).sort())

/** errand tells what was wrong at which step, instead of only that a selector was waited for. */
async function step(page, name, run) {
  try {
    await run()
  } catch (err) {
    page.wrongs.push(`${name}: ${err.message.split('\n')[0]} · ${(await page.textContent('body')).replace(/\s+/g, ' ').slice(0, 240)}`)
    // A page that is opened anew without the node asks who is here; the next step must not fail for that.
    await page.goto(new URL('/desk/', page.url()).href)
    await page.locator('.home, #login').first().waitFor()
    if (page.who && (await page.locator('#login').count())) await again(page, page.who)
  }
}
/** again signs the worker in on a page that was opened anew. */
async function again(page, who) {
  await page.fill('#login', who.login)
  await page.fill('#password', who.password)
  await page.click('form .main')
  await page.locator('#login').waitFor({ state: 'detached' })
}

async function wholeDay(browser, node, language, taps, wrongs) {
  const line = await wire(node.url)
  const volunteer = node.accounts.find((a) => a.role === 'volunteer')
  const lead = node.accounts.find((a) => a.role === 'point_lead')
  const evening = await newPage(browser, { viewport: phone, locale: language === 'ar' ? 'ar' : 'en-GB' })
  evening.wrongs = wrongs
  const context = evening.context()
  // The evening before, at the hub: both workers of this tablet sign in once.
  await enter(evening, line.url, lead, language)
  await prepared(evening)
  const serials = await evening.evaluate(async () => {
    const me = await (await fetch('/api/me')).json()
    const point = me.points.find((p) => p.code === 'NE-AGZ')
    const made = await fetch('/api/cards/stock', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify({ id: crypto.randomUUID(), point: point.id, count: 2, language: 'en' }) })
    return (await made.json()).cards?.map((c) => c.serial) ?? []
  })
  await enter(evening, line.url, volunteer, language)
  await prepared(evening, 2)
  const before = await evening.evaluate(async () => {
    const me = await (await fetch('/api/me')).json()
    const point = me.points.find((p) => p.code === 'NE-AGZ')
    return (await (await fetch(`/api/contacts?point=${point.id}`)).json()).contacts.length
  })
  line.cut()
  await evening.close()

  // The morning: no network at all. The app opens from cold, and the worker is known.
  const page = await context.newPage()
  page.wrongs = wrongs
  page.taps = 0
  page.who = volunteer
  page.on('pageerror', (err) => page.wrongs.push(`page error: ${err.message}`))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && page.wrongs.push(`console: ${m.text()}`))
  await page.goto(line.url + '/desk/')
  await page.fill('#login', volunteer.login)
  await page.fill('#password', 'not this one')
  await page.click('form .main')
  await page.waitForSelector('form .notice.bad')
  await page.fill('#password', volunteer.password)
  await page.click('form .main')
  await page.locator('.point, .home').first().waitFor()
  if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
  await page.waitForSelector('.home')
  check(page, (await page.getAttribute('html', 'dir')) === (language === 'ar' ? 'rtl' : 'ltr'), 'the direction of writing')
  await lawful(page, `home offline (${language})`)
  let actions = 0
  let looked = ''

  await step(page, 'an arrival of sixty', async () => {
    await page.click('.home a[href$="/arrival"]')
    await page.fill('.arrival-size .stepper:last-of-type input', '60')
    await page.keyboard.press('Tab')
    page.taps = 0
    await tap(page, '[data-do=water-meal]')
    await tap(page, '[data-do=record]')
    taps['arrival of sixty with two services'] = page.taps
    await page.locator('.notice.good .mark.calm').waitFor()
    actions++
  })
  await home(page)
  await step(page, 'the tally', async () => {
    await page.click('.home a[href$="/tally"]')
    if (await page.locator('[data-service=water][aria-pressed=true]').count() === 0) await page.locator('[data-service=water]').first().click()
    for (const who of ['woman', 'man', 'girl', 'boy', 'woman']) await page.click(`[data-button=${who}]`)
    page.taps = 0
    await tap(page, '[data-button=man]')
    taps.tally = page.taps
    await page.click('.undo')
    actions += 6
    await lawful(page, `tally offline (${language})`)
  })
  await home(page)
  await step(page, 'a card of another Society, read and served', async () => {
    await page.click('.home a[href$="/scan"]')
    const start = Date.now()
    await page.fill('#pasted', node.sample_card)
    await page.keyboard.press('Enter')
    await page.locator('[data-part=history]').first().waitFor()
    console.log(`       ${language}: a card read without the node in ${Date.now() - start} ms`)
    check(page, (await page.locator('[data-part=history] li').count()) > 0, 'the history of the card is there without the node')
    page.taps = 0
    await tap(page, '[data-do=serve]')
    await tap(page, page.locator('[data-service=hygiene_kit]').first())
    check(page, (await page.locator('main .notice.warn').count()) > 0, 'a repeat raises a question, from the card alone')
    await tap(page, '[data-do=record]')
    taps['serve a known card'] = page.taps
    await page.locator('.notice.good .mark.calm').waitFor()
    actions++
  })
  await home(page)
  await step(page, 'asked and not given', async () => {
    await page.click('.home a[href$="/serve"]')
    await page.click('.unmet summary')
    await page.selectOption('#unmet-what', 'primary_health')
    await page.locator('.unmet .choice label').first().click()
    await page.click('[data-do=record]')
    await page.locator('.notice.good').first().waitFor()
    actions++
  })
  await home(page)
  await step(page, 'a card without a name, from the stock', async () => {
    page.taps = 0
    await tap(page, '.home a[href$="/serve"]')
    await tap(page, page.locator('[data-service=hygiene_kit]').first())
    await tap(page, '[data-do=record-card]')
    await page.waitForSelector('.aloud')
    await page.click('details:has(#serial) summary')
    await page.fill('#serial', serials[0])
    await tap(page, '[data-do=blank]')
    await page.waitForSelector('[data-do=next]')
    taps['card without a name'] = page.taps
    await page.click('[data-do=next]')
    actions += 2
  })
  const name = language === 'ar' ? 'زهرة محمد' : 'Zarah Mahamat'
  await step(page, 'a file with its basis', async () => {
    page.taps = 0
    await tap(page, '.home a[href$="/people/new"]')
    await tap(page, '[data-do=yes]')
    await tap(page, page.locator('.choice').nth(0).locator('label').nth(0))
    await tap(page, page.locator('.choice').nth(1).locator('label').nth(3))
    await tap(page, page.locator('.choice').nth(3).locator('label').nth(0))
    await page.fill('#name', name)
    await tap(page, '[data-do=save]')
    await page.waitForSelector('[data-do=serve]')
    taps['file with its basis'] = page.taps
    actions++
    await page.click('[data-do=serve]')
    await page.locator('[data-service=water]').first().click()
    await page.click('[data-do=record]')
    await page.locator('.notice.good .mark.calm').waitFor()
    actions++
  })
  await home(page)
  await step(page, 'the file is found again, and changed', async () => {
    await page.click('.home a[href$="/people/search"]')
    await page.fill('#name', language === 'ar' ? 'زهره' : 'Zara Mohamed')
    await page.locator('input[type=checkbox]').last().click()
    await page.click('form .main')
    await page.locator('.found', { hasText: name }).first().click()
    await page.waitForSelector('[data-do=serve]')
    check(page, (await page.textContent('main h2')).includes(name), 'the file opens without the node')
    looked = page.url().split('/').at(-1)
    await lawful(page, `file offline (${language})`)
    await page.locator('main .grid button').first().click()
    await page.locator('dialog .choice').nth(0).locator('label').nth(1).click()
    await page.click('dialog .main')
    await page.waitForSelector('dialog', { state: 'detached' })
    actions++
  })
  await home(page)
  // The tablet runs out of power at noon, and comes back.
  await page.reload()
  await page.waitForSelector('#login')
  check(page, await unsent(page) >= actions, `${await unsent(page)} pieces of work survived the reload of ${actions}`)
  await again(page, volunteer)
  await page.waitForSelector('.home')

  await step(page, 'a correction, and a link to the arrival', async () => {
    await page.click('.home a[href$="/today"]')
    await page.locator('.contact-row').first().waitFor()
    const shown = await page.locator('.contact-row').count()
    // The tap that was undone stands there as taken back when it had been tried before, and not at all when it had not.
    check(page, shown === before + 10 || shown === before + 11, `today shows ${shown} rows: ${before} of before and 10 or 11 of today are there`)
    await page.locator('[data-do=correct]').nth(1).click()
    await page.locator('dialog .stepper button:last-child').first().click()
    await page.locator('dialog .choice').last().locator('label').first().click()
    await page.click('[data-do=save-correction]')
    await page.waitForSelector('dialog', { state: 'detached' })
    await page.locator('[data-do=link]').first().click()
    await page.locator('dialog .choice label').first().click()
    await page.click('[data-do=save-link]')
    await page.waitForSelector('dialog', { state: 'detached' })
    actions += 2
    await lawful(page, `today offline (${language})`)
  })
  await home(page)
  await step(page, 'a day on paper', async () => {
    await page.click('.home a[href$="/sheet"]')
    await page.locator('.sheet-table tbody tr').first().locator('input').last().fill('12')
    await page.keyboard.press('Tab')
    await page.click('.foot .main')
    await page.locator('.notice.good .mark.calm').waitFor()
    actions++
  })
  await home(page)
  // The lead takes the same tablet: other eyes, other work, and nothing of the first worker's drafts.
  await step(page, 'the lead at the same tablet', async () => {
    await page.goto(line.url + '/desk/sign-in')
    await again(page, lead)
    await page.locator('.point, .home').first().waitFor()
    if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
    await page.waitForSelector('.home')
    await page.goto(line.url + '/desk/attention').catch(() => {})
    await again(page, lead)
    await page.locator('main h2').first().waitFor()
    check(page, !(await page.textContent('main')).includes(name), 'the next worker does not read the drafts of the first')
    await lawful(page, `what waits (${language})`)
    await home(page)
  })

  // In the evening the volunteer notes what the day looked like here.
  await page.goto(line.url + '/desk/today').catch(() => {})
  await again(page, volunteer)
  await page.locator('.contact-row').first().waitFor()
  const here = await rows(page)
  const looks = await unsent(page)

  line.mend()
  await page.evaluate(() => dispatchEvent(new Event('online')))
  const sent = await until(async () => (await unsent(page)) === 0, 40_000)
  check(page, sent, `${await unsent(page)} of ${looks} pieces of work did not reach the node`)
  // And then what the node says: the same lines.
  const there = await newPage(browser, { viewport: phone, locale: language === 'ar' ? 'ar' : 'en-GB' })
  await enter(there, node.url, volunteer, language)
  await there.goto(node.url + '/desk/today')
  await there.locator('.contact-row').first().waitFor()
  await there.waitForLoadState('networkidle')
  const said = await rows(there)
  // Who recorded a contact sees "known" people by initials at both; a sheet of yesterday stands in yesterday.
  const missing = here.filter((r) => !said.includes(r))
  const more = said.filter((r) => !here.includes(r))
  check(page, missing.length === 0 && more.length === 0, `node and device differ (${language}): here only ${JSON.stringify(missing)}, there only ${JSON.stringify(more)}`)
  await there.goto(node.url + '/desk/people/search')
  await there.fill('#name', name)
  await there.locator('input[type=checkbox]').last().click()
  await there.click('form .main')
  await there.locator('.found', { hasText: name }).first().click()
  await there.waitForSelector('[data-do=serve]')
  check(there, (await there.locator('.conflict, [data-part=conflicts]').count()) === 0, 'the file has no conflict with itself')
  // Who looked at a file without the node stands in its log, with the time of the look.
  const officer = await newPage(browser)
  await enter(officer, node.url, node.accounts.find((a) => a.role === 'protection_officer'), 'en')
  const log = await officer.evaluate(async (person) => (await (await fetch(`/api/people/${person}/access-log`)).json()).entries, looked)
  check(officer, log?.some((e) => e.made && e.made !== e.at), `a look made without the node is in the log of the file: ${JSON.stringify(log)?.slice(0, 300)}`)
  wrongs.push(...officer.wrongs)
  await officer.context().close()
  wrongs.push(...there.wrongs)
  await there.context().close()
  await context.close()
  await line.stop()
  console.log(`       ${language}: ${looks} pieces of work waited, ${here.length} lines of the day agree`)
}

export async function offline(browser) {
  const { nodes, stop } = await demo()
  const taps = {}
  const wrongs = []
  try {
    for (const language of ['en', 'ar']) await wholeDay(browser, nodes[0], language, taps, wrongs).catch((err) => wrongs.push(err.stack))
    for (const [what, most] of Object.entries({ 'arrival of sixty with two services': 2, tally: 1, 'serve a known card': 3, 'card without a name': 5, 'file with its basis': 8 })) {
      if (!(taps[what] <= most)) wrongs.push(`${what} takes ${taps[what]} taps, at most ${most}`)
    }
    console.log(`       taps without a network: ${Object.entries(taps).map(([what, n]) => `${what} ${n}`).join(', ')}`)
    return wrongs
  } finally {
    await stop()
  }
}
