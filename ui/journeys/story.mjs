// The ten minutes that show Serai, played in a browser on two real nodes of two Societies that share no database:
// `serai demo --json`. SERAI_BIN names the program, bin/serai of this checkout when it is not set.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { check, lawful, newPage, paper, phone, tap } from './browser.mjs'
import { demo } from './demo.mjs'
import { blanks, doors, paperwork, repairs } from './point.mjs'
import { answers, dispute, settle, spoken } from './settle.mjs'

const shots = process.env.SERAI_SHOTS

async function signIn(page, node, role) {
  const account = node.accounts.find((a) => a.role === role)
  await page.goto(node.url + '/desk/sign-in')
  const english = page.locator('.sign-in button[lang=en]')
  await english.or(page.locator('#login')).first().waitFor()
  if (await english.count()) await english.click()
  await page.fill('#login', account.login)
  await page.fill('#password', account.password)
  await page.click('form .main')
  // Who works at several points chooses; who works at one is there already.
  await page.locator('.point, .home').first().waitFor()
  if (await page.locator('.point').count()) {
    await page.locator('.point', { hasText: node.name === 'Agadez' ? 'NE-AGZ' : 'LY-TIP' }).click()
    await page.waitForSelector('.home')
  }
}
const home = async (page) => {
  await page.click('.bar a[aria-label]')
  await page.waitForSelector('.home')
}
const sent = (page) => page.locator('.mark.good').first().waitFor({ timeout: 10_000 })

export async function story(browser) {
  const { nodes, stop } = await demo()
  const [agadez, tripoli] = nodes
  const wrongs = []
  if (shots) mkdirSync(shots, { recursive: true })
  try {
    const page = await newPage(browser, { viewport: phone })
    const seenBy = async (who, name) => {
      await lawful(who, `story ${name}`)
      if (shots) await who.screenshot({ path: join(shots, `story-${name}.png`), fullPage: true })
    }
    const seen = (name) => seenBy(page, name)
    await signIn(page, agadez, 'volunteer')
    await seen('home')

    // Agadez: a truck of sixty; water and a meal for all; a doctor asked for, fourteen times, and not there.
    await page.click('.home a[href$="/arrival"]')
    await page.fill('.arrival-size .stepper:last-of-type input', '60')
    await page.keyboard.press('Tab')
    await tap(page, '[data-do=water-meal]')
    await page.click('.unmet summary')
    await page.selectOption('#unmet-what', 'primary_health')
    await page.fill('.unmet .stepper input', '14')
    await page.keyboard.press('Tab')
    await page.locator('.unmet .choice label').first().click()
    await page.click('.unmet .stack > .button')
    await tap(page, '[data-do=record]')
    await sent(page)
    await seen('arrival')
    await home(page)

    // A woman gives no name. She hears the text, takes a hygiene kit and a card.
    page.taps = 0
    await tap(page, '.home a[href$="/serve"]')
    await tap(page, '[data-service=hygiene_kit]')
    await tap(page, '[data-do=record-card]')
    await page.waitForSelector('.aloud')
    const card = page.waitForResponse((r) => r.url().endsWith('/api/cards') && r.request().method() === 'POST')
    await tap(page, '[data-do=yes]')
    await page.waitForSelector('.card-code')
    const text = (await (await card).json()).text
    check(page, (await paper(page, '[data-do=print]')).length > 20, 'the card is put on paper')
    check(page, page.taps <= 5, `a card without a name takes ${page.taps} taps`)
    await page.waitForFunction(() => document.querySelector('.card-code .qr path + path')?.getAttribute('d').length > 1000)
    await seen('card')
    // What an ordinary phone sees of the card: a code, and no word of what is in it.
    check(page, /^AC1:[0-9A-Z $%*+\-./:]+$/.test(text) && !/HYGIENE|AGADEZ|NIGER/.test(text), 'nothing on the card can be read by an ordinary phone')
    await page.click('[data-do=next]')
    await page.waitForSelector('.home')

    // A man whose card was taken is served anyway, and the tally goes on.
    await page.click('.home a[href$="/tally"]')
    await page.click('[data-service=water]')
    await page.click('.given [aria-expanded=true]')
    await page.click('[data-button=man]')
    await sent(page)
    await page.click('[data-button=girl]')
    await page.click('.undo')
    await seen('tally')
    await home(page)

    // A file with its basis; then the same person is found by name and one fact.
    await page.click('.home a[href$="/people/new"]')
    await page.click('[data-do=yes]')
    await page.locator('.choice label', { hasText: /^Female$/ }).click()
    await page.locator('.choice label', { hasText: '18–29' }).click()
    await page.locator('.choice label', { hasText: 'Private talk' }).click().catch(() => {})
    await page.fill('#name', 'Zeinab Souleymane')
    await page.click('[data-do=save]')
    await page.waitForSelector('[data-do=serve]')
    await home(page)
    await page.click('.home a[href$="/people/search"]')
    await page.fill('#name', 'Zaynab Suleiman')
    await page.locator('.choice label', { hasText: 'Female' }).click()
    await page.click('form .main')
    await page.waitForSelector('.found')
    check(page, (await page.locator('.found').allInnerTexts()).some((f) => f.includes('Zeinab')), 'another spelling finds the file')
    await page.locator('.found', { hasText: 'Zeinab Souleymane' }).click()
    await page.waitForSelector('[data-do=serve]')
    await page.waitForLoadState('networkidle')
    await seen('file')
    await page.click('.bar a[aria-label]')
    for (const [path, name] of [['/today', 'today'], ['/sheet', 'sheet'], ['/points/NE-AGZ', 'point'], ['/settings', 'settings']]) {
      await page.goto(agadez.url + '/desk' + path)
      await page.waitForLoadState('networkidle')
      check(page, (await page.locator('.notice.bad').count()) === 0, `${name} shows: ${await page.locator('.notice.bad').allInnerTexts()}`)
      await seen(name)
    }
    await paperwork(agadez, page, seenBy, async (who) => {
      await who.fill('#name', 'Zeinab Souleymane')
      await who.locator('.choice label', { hasText: 'Female' }).click()
      await who.click('form .main')
      await who.locator('.found', { hasText: 'Zeinab Souleymane' }).click()
      await who.waitForSelector('[data-do=companion]')
    })
    await repairs(agadez, page, seenBy)
    const asked = await page.evaluate(async () => (await (await fetch('/api/people/search', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Zeinab Souleymane', sex: 'F' }) })).json()).results[0].person)
    const others = []
    for (const role of ['point_lead', 'administrator', 'data_protection_officer']) {
      others.push(await newPage(browser, { viewport: phone }))
      await signIn(others.at(-1), agadez, role)
    }
    const [lead, admin, officer] = others
    await settle(agadez, lead, seenBy)
    await dispute(agadez, page, lead, seenBy)
    await spoken(agadez, admin, page, seenBy)
    await answers(agadez, officer, seenBy, asked, 'Zeinab')
    for (const other of others) {
      wrongs.push(...other.wrongs)
      await other.context().close()
    }
    wrongs.push(...page.wrongs)
    await page.context().close()
    wrongs.push(...(await office(browser, agadez, seenBy)))

    // Tripoli, another Society: the sample card says nine days ago. She is helped all the same, and gets a new card.
    const there = await newPage(browser, { viewport: phone })
    await signIn(there, tripoli, 'volunteer')
    for (const [which, scanned, words] of [['sample', tripoli.sample_card, /Hygiene kit[\s\S]*9 days ago/], ['Agadez', text, /Hygiene kit[\s\S]*today/]]) {
      await there.goto(tripoli.url + '/desk/scan')
      const start = Date.now()
      await there.fill('#pasted', scanned)
      await there.keyboard.press('Enter')
      await there.waitForSelector('[data-part=history]')
      console.log(`       ${which} card read in Tripoli in ${Date.now() - start} ms`)
      const told = await there.textContent('[data-part=history]')
      check(there, words.test(told), `the ${which} card says in Tripoli: ${told}`)
      check(there, !/[Pp]sychosocial|[Pp]rivate/.test(told), 'no private talk stands on a card')
    }
    await lawful(there, 'story card in Tripoli')
    if (shots) await there.screenshot({ path: join(shots, 'story-tripoli.png'), fullPage: true })
    there.taps = 0
    await tap(there, '[data-do=serve]')
    // Tripoli's own list has no kits: they stand among the other services.
    await tap(there, '.services summary')
    await tap(there, '[data-service=hygiene_kit]')
    check(there, /still give/.test(await there.textContent('main')), 'the repeat raises a question, and no refusal')
    await tap(there, '[data-service="family_links.call"]')
    await tap(there, '[data-do=record-card]')
    await there.waitForSelector('.card-code')
    check(there, there.taps <= 5, `served and re-issued in ${there.taps} taps`)
    check(there, /It holds 3 helps/.test(await there.textContent('main')), `the new card carries the old entry and two new ones: ${await there.textContent('main')}`)
    wrongs.push(...there.wrongs)
    await there.context().close()
  } finally {
    await stop()
  }
  return wrongs
}

/** office is the quieter half of the day: paper, the daily log, a new volunteer, and the rights of a person. */
async function office(browser, node, seen) {
  const lead = await newPage(browser, { viewport: { width: 1280, height: 800 } })
  await signIn(lead, node, 'point_lead')
  await seen(lead, 'lead-home')
  await lead.goto(node.url + '/desk/sheet')
  await lead.selectOption('#sheet-column', 'hygiene_kit')
  await lead.locator('.sheet-table tbody tr').first().locator('input').last().fill('12')
  await lead.keyboard.press('Tab')
  await lead.click('.foot .main')
  await sent(lead)
  await lead.goto(node.url + '/desk/points/NE-AGZ')
  await lead.waitForSelector('#log-opened')
  await lead.fill('#log-opened', '08:10')
  await lead.fill('#log-closed', '18:00')
  await lead.locator('form:has(#log-opened) .stepper button:last-child').first().click()
  await lead.click('form:has(#log-opened) .main')
  await lead.locator('section:has(#log-opened) .mark.good').waitFor()
  await seen(lead, 'daily-log')
  await lead.goto(node.url + '/desk/counts')
  await lead.locator('.numbers, .notice.bad').first().waitFor()
  check(lead, (await lead.locator('.numbers').count()) === 1, `counts show: ${await lead.locator('.notice.bad').allInnerTexts()}`)
  await seen(lead, 'counts')
  await lead.goto(node.url + '/desk/accounts')
  await lead.click('.button.main')
  await lead.fill('#new-name', 'Sani Oumarou')
  await lead.fill('#new-login', 'sani')
  await lead.click('dialog .main')
  await lead.waitForSelector('.invite-code')
  const code = await lead.textContent('.invite-code')
  await seen(lead, 'invited')

  const sani = await newPage(browser)
  await sani.goto(node.url + '/desk/invitation')
  await sani.fill('#code', code.trim())
  await sani.fill('#new', 'camel lantern river morning')
  await sani.click('form .main')
  await sani.waitForSelector('.notice.good')
  await signIn(sani, { ...node, accounts: [{ role: 'volunteer', login: 'sani', password: 'camel lantern river morning' }] }, 'volunteer')
  await seen(sani, 'new-volunteer')

  const doorWrongs = await doors(browser, node, lead, seen)
  await blanks(node, lead, seen)

  const protection = await newPage(browser, { viewport: { width: 1280, height: 800 } })
  await signIn(protection, node, 'protection_officer')
  await protection.goto(node.url + '/desk/people/search')
  await protection.fill('#name', 'Zeinab Souleymane')
  await protection.locator('.choice label', { hasText: 'Female' }).click()
  await protection.click('form .main')
  await protection.locator('.found', { hasText: 'Zeinab Souleymane' }).click()
  await protection.waitForSelector('details summary')
  await protection.locator('summary', { hasText: 'Who opened' }).click()
  await protection.waitForSelector('details[open] .lines')
  check(protection, /Amina/.test(await protection.textContent('details[open] .lines')), 'who opened the file is told by name')
  await seen(protection, 'file-protection')
  await protection.locator('button', { hasText: 'Correct the file' }).click()
  await protection.locator('dialog .choice label', { hasText: 'Did not say' }).first().click()
  await protection.click('dialog .main')
  await protection.waitForSelector('dialog', { state: 'detached' })
  check(protection, /Did not say/.test(await protection.textContent('main')), 'the correction stands in the file')
  await protection.locator('button', { hasText: 'Erase' }).click()
  await protection.click('dialog .check')
  await protection.click('dialog .danger')
  await protection.waitForSelector('dialog .notice.good')
  await protection.click('dialog .main')
  await protection.waitForSelector('.home')
  await protection.goto(node.url + '/desk/people/search')
  await protection.fill('#name', 'Zeinab Souleymane')
  await protection.click('text=In the last 30 days')
  await protection.click('form .main')
  await protection.locator('section[aria-live] p, .found').first().waitFor()
  check(protection, !(await protection.locator('.found').allInnerTexts()).some((f) => f.includes('Zeinab Souleymane')), 'an erased name is found no more')
  const wrongs = [...doorWrongs, ...lead.wrongs, ...sani.wrongs, ...protection.wrongs]
  for (const p of [lead, sani, protection]) await p.context().close()
  return wrongs
}
