// What two desks did without hearing of each other, what persons ask for, and texts that are played: by a lead, a data
// protection officer and an administrator, on a real node.
import { check } from './browser.mjs'

const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const answer = await fetch(p, { method: m, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: b ? JSON.stringify(b) : undefined })
  return answer.status === 204 ? null : answer.json()
}, [method, path, body])

async function open(page, node, path) {
  await page.goto(node.url + '/desk' + path)
  const choose = page.locator('.choose button').first()
  await page.locator('main').waitFor()
  if (await choose.count()) await choose.click()
}

/** settle compares two files of one person, ends a conflict of a field and one of a record, and links many to an arrival. */
export async function settle(node, lead, seen) {
  const point = (await ask(lead, 'GET', '/api/me')).points[0].id
  const basis = { basis: 'consent', purpose: 'file', language: 'ha', how: 'spoken', answer: 'yes' }
  const file = (parts, more) => ask(lead, 'POST', '/api/people', { point, name: { parts }, sex: 'F', age: { low: 33, high: 35, method: 'stated' }, languages: ['ha'], interpreter: false, needs: [], basis, ...more })
  // The first look for names after a start loads them; from then on files know how many look like them.
  await ask(lead, 'POST', '/api/people/search', { name: 'Hadiza Lawali', sex: 'F' })
  const one = await file(['Hadiza', 'Lawali'])
  await file(['Khadija', 'Lawaly'])
  await ask(lead, 'PATCH', '/api/people/' + one.person, { changes: { languages: { value: ['fr'], replaces: [] } } })
  await open(lead, node, '/people/' + one.person)
  await lead.locator('[data-do=settle]').first().waitFor()
  check(lead, (await lead.locator('[data-do=settle]').count()) === 2, 'a lead sees both values')
  await seen(lead, 'settle')
  await lead.locator('.notice.warn li', { hasText: 'French' }).locator('[data-do=settle]').click()
  await lead.locator('[data-do=settle]').first().waitFor({ state: 'detached' })
  await lead.click('[data-do=compare]')
  await lead.locator('dialog table').waitFor()
  await seen(lead, 'compare')
  await lead.click('[data-do=same]')
  await lead.locator('[data-do=unlink]').waitFor()
  check(lead, (await ask(lead, 'GET', '/api/people/' + one.person)).same.length === 1, 'each file shows the other')

  const arrival = await ask(lead, 'POST', '/api/arrivals', { point, kind: 'vehicle', size: { man: 200 } })
  for (let i = 0; i < 3; i++) await ask(lead, 'POST', '/api/contacts', { point, entry: 'live', sex: 'M', services: [{ code: 'water', quantity: 3 }], asked: [] })
  await open(lead, node, '/today')
  await lead.click('[data-do=link-many]')
  await lead.locator('dialog .choice label', { hasText: '200' }).first().click()
  await lead.click('[data-do=tick-all]')
  await seen(lead, 'link-many')
  await lead.click('[data-do=save-links]')
  await lead.waitForSelector('dialog', { state: 'detached' })
  const linked = (await ask(lead, 'GET', '/api/arrivals?point=' + point)).arrivals.find((a) => a.arrival === arrival.arrival).linked
  check(lead, linked === 3, `three are linked at once: ${linked}`)
}

/** dispute lets two desks correct one record in two ways; a volunteer sees that it is open, a lead says which is right. */
export async function dispute(node, volunteer, lead, seen) {
  const point = (await ask(lead, 'GET', '/api/me')).points[0].id
  const { contact } = await ask(volunteer, 'POST', '/api/contacts', { point, entry: 'live', services: [{ code: 'food.meal', quantity: 1 }], asked: [] })
  for (const [page, quantity] of [[volunteer, 3], [lead, 2]]) await ask(page, 'POST', `/api/contacts/${contact}/corrections`, { why: 'mistake', changes: { services: [{ code: 'food.meal', quantity }] } })
  await open(volunteer, node, '/today')
  await volunteer.locator('.contact-row .tag.warn', { hasText: 'two versions' }).waitFor()
  check(volunteer, (await volunteer.locator('[data-do=disputed]').count()) === 0, 'a volunteer sees that it is open, and no more')
  await open(lead, node, '/today')
  await lead.click('[data-do=disputed]')
  await lead.locator('dialog [data-do=settle]').first().waitFor()
  await seen(lead, 'disputed')
  await lead.locator('dialog li', { hasText: '× 3' }).locator('[data-do=settle]').click()
  await lead.locator('[data-do=disputed]').waitFor({ state: 'detached' })
  await lead.locator('.contact-row', { hasText: /Hot meal\s*× 3/ }).first().waitFor()
}

/** answers finds a file for a request by its number, and shows nothing of what it says. */
export async function answers(node, officer, seen, person, name) {
  await open(officer, node, '/people/rights')
  await officer.fill('#rights-of', person)
  await officer.click('[data-do=find-rights]')
  await officer.locator('[data-do=copy]').waitFor()
  await officer.locator('summary').first().click()
  await officer.locator('main .lines li').first().waitFor()
  await seen(officer, 'rights')
  check(officer, !(await officer.textContent('main')).includes(name), 'no name stands on the page of requests')
}

/** spoken keeps a recording as an administrator, and plays it at a desk without the node. */
export async function spoken(node, admin, volunteer, seen) {
  await open(admin, node, '/recordings')
  await admin.locator('#audio-lang').selectOption('ha')
  await admin.setInputFiles('[data-part=first] input[type=file]', { name: 'first.wav', mimeType: 'audio/wav', buffer: silence(1) })
  await admin.locator('.notice.good').waitFor()
  await seen(admin, 'recordings')
  await open(volunteer, node, '/people/new')
  await volunteer.waitForFunction(async () => (await (await caches.open('serai-audio')).keys()).length > 1, null, { timeout: 40_000 })
  // The list of recordings is asked for when the device is idle, which a busy machine may not be for half a minute.
  await volunteer.locator('.aloud select option[value=ha]').waitFor({ state: 'attached', timeout: 60_000 })
  await volunteer.context().setOffline(true)
  await volunteer.locator('.aloud select').selectOption('ha')
  await volunteer.click('.aloud [data-do=play]')
  await volunteer.locator('.aloud progress').waitFor()
  await volunteer.locator('.aloud progress').waitFor({ state: 'detached' })
  check(volunteer, (await volunteer.locator('.aloud .wrong').count()) === 0, 'a text is played without the node')
  await volunteer.context().setOffline(false)
}

/** silence is a sound file of some seconds in which nothing is heard. */
export function silence(seconds) {
  const data = 8000 * seconds
  const wav = Buffer.alloc(44 + data, 128)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + data, 4)
  wav.write('WAVEfmt ', 8)
  for (const [at, value] of [[16, 16], [24, 8000], [28, 8000], [40, data]]) wav.writeUInt32LE(value, at)
  for (const [at, value] of [[20, 1], [22, 1], [32, 1], [34, 8]]) wav.writeUInt16LE(value, at)
  wav.write('data', 36)
  return wav
}
