// The quieter work of a point, against a real node: a tablet is enrolled and a volunteer comes in with a PIN, a second
// step is set up and used, blank cards are made and given, a file is corrected, a record is put right.
import { createHmac } from 'node:crypto'
import { check, newPage } from './browser.mjs'

/** totp is the code that an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds). */
export function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => Number.parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const sum = createHmac('sha1', key).update(counter).digest()
  const from = sum.at(-1) & 15
  return String((sum.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const settled = (page) => page.waitForFunction(() => !document.querySelector('main p.soft[role=status]'))
async function open(page, node, path) {
  await page.goto(`${node.url}/desk${path}`)
  await page.waitForSelector('main > *')
  await settled(page)
}
async function english(page) {
  const button = page.locator('.sign-in button[lang=en]')
  await button.or(page.locator('#login')).first().waitFor()
  if (await button.count()) await button.click()
}

/** doors enrols a tablet, lets a volunteer in with a PIN, and sets a second step up and uses it. */
export async function doors(browser, node, lead, seen) {
  await open(lead, node, '/devices')
  await lead.click('[data-do=add-device]')
  await lead.fill('#device-name', 'Tablet 3')
  await lead.locator('#device-point').selectOption({ index: 0 })
  await lead.click('dialog .main')
  const deviceCode = (await lead.textContent('.invite-code')).trim()
  await seen(lead, 'device-code')
  await lead.click('dialog .main')
  check(lead, /Tablet 3[\s\S]*Code not used yet/.test(await lead.textContent('.device-row')), 'a device waits for its code')

  await open(lead, node, '/accounts')
  await lead.click('.button.main')
  await lead.fill('#new-name', 'Hadiza Garba')
  await lead.fill('#new-login', 'hadiza')
  await lead.locator('#new-point').selectOption({ index: 0 })
  await lead.click('dialog .main')
  const invitation = (await lead.textContent('.invite-code')).trim()
  await lead.click('dialog .main')

  const tablet = await newPage(browser)
  await tablet.goto(node.url + '/desk/sign-in')
  await english(tablet)
  await tablet.click('a[href$="/device"]')
  await tablet.fill('#device-code', deviceCode)
  await tablet.click('form .main')
  await tablet.waitForSelector('.notice.good')
  await seen(tablet, 'device-enrolled')
  check(tablet, (await tablet.evaluate(() => Object.keys(localStorage))).includes('serai.device_secret'), 'the secret of the device lies under a name that says so')
  await tablet.click('a[href$="/invitation"]')
  await tablet.fill('#code', invitation)
  await tablet.fill('#pin', '1234')
  await tablet.click('form .main')
  await tablet.waitForSelector('.notice.bad')
  check(tablet, /in a row/.test(await tablet.textContent('.notice.bad')), 'an easy PIN is refused')
  await tablet.fill('#pin', '8305')
  await seen(tablet, 'accept-pin')
  await tablet.click('form .main')
  await tablet.waitForSelector('.notice.good')
  await tablet.click('.main.big')
  await tablet.fill('#login', 'hadiza')
  await tablet.fill('#pin', '8306')
  await tablet.click('form .main')
  await tablet.waitForSelector('.notice.bad')
  await tablet.fill('#pin', '8305')
  await seen(tablet, 'sign-in-pin')
  await tablet.click('form .main')
  await tablet.waitForSelector('.home')
  await open(tablet, node, '/settings')
  await tablet.click('text=Lock now')
  await tablet.waitForSelector('.home')
  await tablet.click('.home a[href$="/people/search"]')
  await tablet.waitForSelector('#again-password')
  await tablet.fill('#again-password', '8305')
  await tablet.click('dialog .main')
  await tablet.waitForSelector('dialog', { state: 'detached' })
  check(tablet, await tablet.locator('#name').isVisible(), 'a lock is opened with the PIN')

  // The tablet is lost: the lead removes it, and it opens nothing any more.
  await open(lead, node, '/devices')
  check(lead, !/not used/.test(await lead.textContent('.device-row')), 'an enrolled device waits no more')
  await seen(lead, 'devices')
  await lead.click('.device-row [data-do=remove-device]')
  await lead.click('dialog .danger')
  await lead.waitForSelector('.device-row', { state: 'detached' })
  await tablet.reload()
  await tablet.waitForSelector('#login')
  await tablet.fill('#login', 'hadiza')
  await tablet.fill('#pin', '8305')
  await tablet.click('form .main')
  await tablet.waitForSelector('.notice.bad')
  const wrongs = [...tablet.wrongs]
  await tablet.context().close()
  return [...wrongs, ...(await secondStep(browser, node, seen))]
}

/** secondStep sets a second factor up, confirms it, and signs in with it. */
async function secondStep(browser, node, seen) {
  const page = await newPage(browser)
  const account = node.accounts.find((a) => a.role === 'case_worker')
  const signIn = async () => {
    await page.goto(node.url + '/desk/sign-in')
    await english(page)
    await page.fill('#login', account.login)
    await page.fill('#password', account.password)
    await page.click('form .main')
  }
  await signIn()
  await page.locator('.point, .home').first().waitFor()
  await open(page, node, '/settings')
  await page.locator('summary', { hasText: 'Second step' }).click()
  await page.fill('#present', account.password)
  await page.click('details[open] form .button')
  await page.waitForSelector('#totp-secret')
  const secret = (await page.textContent('#totp-secret')).trim()
  await seen(page, 'second-step')
  await page.fill('#totp-code', totp(secret) === '000000' ? '000001' : '000000')
  await page.click('details[open] .main')
  await page.waitForSelector('.notice.bad')
  // The code of the step before counts too, and leaves the present one for signing in.
  await page.fill('#totp-code', totp(secret, Date.now() - 30_000))
  await page.click('details[open] .main')
  await page.waitForSelector('.notice.good')
  check(page, /The second step is on/.test(await page.textContent('main')), 'the second step is confirmed')
  await page.locator('.danger').first().click()
  await page.waitForSelector('#login')
  await signIn()
  await page.waitForSelector('#totp')
  await seen(page, 'second-step-asked')
  await page.fill('#totp', totp(secret))
  await page.click('form .main')
  await page.locator('.point, .home').first().waitFor()
  const wrongs = [...page.wrongs]
  await page.context().close()
  return wrongs
}

/** blanks makes blank cards, gives one by its number, and marks another as lost. */
export async function blanks(node, lead, seen) {
  await open(lead, node, '/stock')
  await lead.fill('#stock-count', '4')
  await lead.click('[data-do=make-stock]')
  await lead.waitForSelector('.stock-row')
  const [print] = await Promise.all([lead.context().waitForEvent('page'), lead.click('[data-do=print-stock]')])
  await print.waitForLoadState()
  const serials = await lead.locator('.stock-row bdi').allInnerTexts()
  check(lead, serials.length === 4 && serials.every((s) => s.length === 8), `four numbers: ${serials}`)
  check(lead, (await print.locator('body').innerText()).replace(/[\s-]/g, '').includes(serials[0]), 'the number stands on the printed card')
  await print.close()
  await seen(lead, 'stock')
  await open(lead, node, '/card/new')
  await lead.locator('summary', { hasText: 'blank card' }).click()
  await lead.fill('#serial', serials[0].toLowerCase())
  await seen(lead, 'blank')
  await lead.click('[data-do=blank]')
  await lead.waitForSelector('.notice.good')
  check(lead, (await lead.textContent('.notice.good')).includes(serials[0]), 'the blank card is given by its number')
  await open(lead, node, '/stock')
  await lead.locator('.stock-row', { hasText: serials[1] }).locator('[data-do=missing]').click()
  await lead.click('[data-do=lost]')
  await lead.locator('.stock-row', { hasText: serials[1] }).locator('.tag.warn').waitFor()
  check(lead, (await lead.locator('.stock-row .tag.good').count()) === 2, 'two blank cards are left')
}

/** paperwork adds a companion, asks for an agreement, and sees that something was written differently at two places. */
export async function paperwork(node, page, seen, find) {
  await open(page, node, '/people/new')
  await page.click('[data-do=yes]')
  await page.locator('.choice label', { hasText: /^Male$/ }).click()
  await page.fill('#name', 'Moussa Souleymane')
  await page.click('[data-do=save]')
  await page.waitForSelector('[data-do=serve]')
  await open(page, node, '/people/search')
  await find(page)
  await page.click('[data-do=companion]')
  check(page, /Ask each adult apart/.test(await page.textContent('dialog')), 'each adult is asked apart, and the screen says so')
  await page.fill('dialog #name', 'Moussa Souleymane')
  await page.locator('dialog .check', { hasText: '30 days' }).click()
  await page.click('dialog form .main')
  await page.locator('dialog .found', { hasText: 'Moussa' }).first().click()
  check(page, await page.isDisabled('[data-do=join]'), 'nobody is linked before both were asked')
  await page.click('[data-do=asked]')
  await seen(page, 'companion')
  await page.click('[data-do=join]')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.locator('[data-part=companions] li').first().waitFor()

  await page.click('[data-do=new-basis]')
  await page.fill('#recipient', 'Doctor of the clinic')
  await page.fill('#ask-place', 'Agadez')
  await page.fill('#ask-help', 'a doctor')
  await page.locator('dialog .choice label', { hasText: /^Needs$/ }).click()
  check(page, /May we tell Doctor of the clinic in Agadez that you need a doctor/.test(await page.textContent('.aloud')), 'the text to read aloud names who is told, and what')
  await page.locator('dialog .choice label', { hasText: /^Later$/ }).click()
  await seen(page, 'ask')
  await page.click('[data-do=ask]')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.locator('main', { hasText: 'Doctor of the clinic' }).waitFor()
  check(page, /Doctor of the clinic[\s\S]*Later/.test(await page.textContent('main')), 'the answer later is noted')

  await page.locator('button', { hasText: 'Something happened' }).click()
  await page.locator('dialog .choice label', { hasText: 'Moved on' }).click()
  await page.fill('#event-note', 'With a truck to the north')
  await page.click('[data-do=event]')
  await page.locator('main .tag.warn', { hasText: 'moved on' }).waitFor()

  // Another desk wrote another sex without having seen ours: both stand until a lead says which is right.
  const person = page.url().split('/').pop()
  const status = await page.evaluate(async (id) => (await fetch(`/api/people/${id}`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify({ changes: { sex: { value: 'X', replaces: [] } } }) })).status, person)
  check(page, status === 200, `another desk's edit is taken: ${status}`)
  await page.reload()
  await page.locator('.notice.warn', { hasText: 'Written differently' }).waitFor()
  await seen(page, 'conflict')
  check(page, (await page.locator('[data-part=open-conflict]').count()) === 1 && (await page.locator('[data-do=settle]').count()) === 0, 'a volunteer sees that it is open, and neither value')
}

/** repairs corrects a record of today, with its reason, and ties another to the arrival it came with. */
export async function repairs(node, page, seen) {
  await open(page, node, '/today')
  const row = page.locator('.contact-row', { hasText: 'Hygiene kit' }).filter({ has: page.locator('[data-do=correct]') }).first()
  await row.locator('[data-do=correct]').click()
  check(page, await page.isDisabled('[data-do=save-correction]'), 'a correction needs a change and a reason')
  await page.locator('dialog .stepper', { hasText: 'Hygiene kit' }).locator('button').last().click()
  await page.locator('dialog .choice label', { hasText: 'Typed wrong' }).click()
  await seen(page, 'correct')
  await page.click('[data-do=save-correction]')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.locator('.contact-row', { hasText: /Hygiene kit × / }).first().waitFor()
  await page.locator('[data-do=link]').first().click()
  await page.locator('dialog .choice label').first().click()
  await seen(page, 'link')
  await page.click('[data-do=save-link]')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.locator('.contact-row .tag', { hasText: 'came with a group' }).first().waitFor()
}
