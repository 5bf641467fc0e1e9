// A picture of every screen, for docs/screens.md and for whoever judges how the desk looks: on a phone and a laptop, by
// day and by night, in Arabic and in French, with the people of the demonstration. Each is looked over by axe as well.
//   node journeys/gallery.mjs [ar|fr] [beginning of a screen's name ...]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { lawful, laptop, newPage, openBrowser, phone } from './browser.mjs'
import { film } from './cards.mjs'
import { demo, wire } from './demo.mjs'
import { writePage } from './gallery-page.mjs'
import { prepared, until } from './offline.mjs'
import { silence } from './settle.mjs'

const docs = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs')
const folder = process.env.SERAI_GALLERY ?? join(docs, 'images', 'screens')
// How high a picture may be, and how much smaller than the glass: a page of pictures is read over thin lines, too.
const glasses = [{ glass: 'phone', viewport: phone, highest: 1280, scale: 0.9 }, { glass: 'laptop', viewport: laptop, highest: 800, scale: 0.6 }]
const locales = { fr: 'fr-FR', ar: 'ar-TN' }
const names = { fr: ['Zeinab Souleymane', 'Moussa Souleymane'], ar: ['زينب سليمان', 'موسى سليمان'] }

/** ask speaks to the node as the page's own account. */
const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const answer = await fetch(p, { method: m, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: b ? JSON.stringify(b) : undefined })
  return answer.status === 204 ? null : answer.json()
}, [method, path, body])

class Gallery {
  constructor(browser, language, only) {
    Object.assign(this, { browser, language, only, wrongs: [], taken: 0, bytes: 0 })
  }

  async page(more = {}) {
    const page = await newPage(this.browser, { viewport: phone, locale: locales[this.language], ...more })
    page.cdp = await page.context().newCDPSession(page)
    return page
  }

  async signIn(node, role, more = {}) {
    const account = node.accounts.find((a) => a.role === role)
    const page = more.page ?? (await this.page())
    await page.addInitScript((language) => localStorage.setItem('serai.language', JSON.stringify(language)), this.language)
    await page.goto((more.url ?? node.url) + '/desk/sign-in')
    await page.fill('#login', account.login)
    await page.fill('#password', account.password)
    await page.click('form .main')
    await page.locator('.point, .home').first().waitFor({ timeout: 30_000 })
    if (more.stay) return page
    if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
    await page.waitForSelector('.home')
    return page
  }

  /** seen takes the screen that is shown in its four looks. A dialog keeps the glass; a page is shown down to its end. */
  async seen(page, name, { dialog = false } = {}) {
    if (this.only.length && !this.only.some((o) => name.startsWith(o))) return
    for (const { glass, viewport, highest, scale } of glasses) {
      await page.setViewportSize(viewport)
      for (const colorScheme of ['light', 'dark']) {
        // What opens over a page is shown once by day on a phone, and once by night on a laptop.
        if (dialog && (glass === 'phone') !== (colorScheme === 'light')) continue
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        if (!dialog) await page.evaluate(() => scrollTo(0, 0))
        const whole = dialog ? viewport.height : Math.min(highest, await page.evaluate(() => document.documentElement.scrollHeight))
        if (whole > viewport.height) await page.setViewportSize({ ...viewport, height: whole })
        await page.waitForTimeout(80)
        await lawful(page, `${name}-${this.language}-${glass}-${colorScheme}`)
        const { data } = await page.cdp.send('Page.captureScreenshot', { format: 'webp', quality: 20, clip: { x: 0, y: await page.evaluate(() => scrollY), width: viewport.width, height: whole, scale } })
        const bytes = Buffer.from(data, 'base64')
        writeFileSync(join(folder, `${name}-${this.language}-${glass}-${colorScheme}.webp`), bytes)
        this.taken++
        this.bytes += bytes.length
        if (whole > viewport.height) await page.setViewportSize(viewport)
      }
    }
    await page.setViewportSize(phone)
  }

  /** go changes the page as a tap on a link does: without loading the desk anew. */
  async go(page, path) {
    await page.evaluate((to) => document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(to), path)
    await page.waitForFunction(() => document.querySelector('main > *') && !document.querySelector('main p.soft[role=status]'), null, { timeout: 15_000 })
    await page.waitForTimeout(250)
  }

  async at(page, path, name, more) {
    await this.part(page, name, async () => {
      await this.go(page, path)
      await this.seen(page, name, more)
    })
  }

  /** part goes on with the next screens when one cannot be reached, and says so at the end. */
  async part(page, name, run) {
    try {
      await run()
    } catch (err) {
      page.wrongs.push(`${name} (${this.language}): ${err.message.split('\n').slice(0, 3).join(' ')}`)
      if (await page.locator('dialog[open]').count()) await page.keyboard.press('Escape')
    }
  }

  async end(page) {
    this.wrongs.push(...page.wrongs)
    await page.context().close()
  }
}

const shut = async (page) => {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}
const choose = (page, group, nth, within = 'form') => page.locator(`${within} .choice`).nth(group).locator('label').nth(nth).click()

/** unreadable looks like a card on a table and is none, so that the camera goes on looking. */
function unreadable() {
  const side = 61
  let seed = 7
  return Array.from({ length: side + 20 }, (_, y) => Array.from({ length: side + 20 }, (_, x) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return x >= 10 && y >= 10 && x < side + 10 && y < side + 10 && seed > 1073741824 ? 1 : 0
  }))
}

/** doors are the screens before anybody is signed in, and a tablet that is enrolled. */
async function doors(g, node, lead) {
  const point = (await ask(lead, 'GET', '/api/me')).points[0].id
  const organisation = (await ask(lead, 'GET', '/api/me')).organisation.id
  const { code } = await ask(lead, 'POST', '/api/devices', { name: 'Tablet 3', organisation, point })
  const page = await g.page()
  await page.goto(node.url + '/desk/')
  await page.waitForSelector('.sign-in button[lang]')
  await g.seen(page, 'language')
  await page.click(`.sign-in button[lang=${g.language}]`)
  await page.waitForSelector('#login')
  await g.seen(page, 'sign-in')
  await g.part(page, 'sign-in-wrong', async () => {
    await page.fill('#login', 'amina')
    await page.fill('#password', 'wrong')
    await page.click('form .main')
    await page.waitForSelector('[role=alert]')
    await g.seen(page, 'sign-in-wrong')
  })
  await g.at(page, '/invitation', 'invitation')
  await g.at(page, '/device', 'device')
  await g.part(page, 'device-enrolled', async () => {
    await page.fill('#device-code', code)
    await page.click('form .main')
    await page.waitForSelector('.notice.good')
    await g.seen(page, 'device-enrolled')
    await g.go(page, '/sign-in')
    await g.seen(page, 'sign-in-pin')
    await g.go(page, '/invitation')
    await g.seen(page, 'invitation-pin')
  })
  await g.at(page, '/away', 'away')
  await g.end(page)
}

/** people makes a file with a history, as a morning's work does. */
async function people(g, volunteer) {
  const point = (await ask(volunteer, 'GET', '/api/me')).points[0].id
  const basis = { basis: 'consent', purpose: 'file', language: 'ha', how: 'spoken', answer: 'yes' }
  const made = []
  for (const [i, name] of names[g.language].entries()) {
    made.push((await ask(volunteer, 'POST', '/api/people', { point, name: { parts: name.split(' ') }, sex: i ? 'M' : 'F', age: { low: 23 + i, high: 25 + i, method: 'stated' }, languages: ['ha', 'ar'], interpreter: true, needs: i ? [] : ['baby_items', 'carer_alone'], basis })).person)
  }
  for (const code of ['water', 'food.meal', 'hygiene_kit']) await ask(volunteer, 'POST', '/api/contacts', { point, person: made[0], entry: 'live', services: [{ code, quantity: 1 }], asked: [] })
  // Corrected here, and by the lead in another way without having seen it.
  const { contact } = await ask(volunteer, 'POST', '/api/contacts', { point, entry: 'live', services: [{ code: 'food.meal', quantity: 1 }], asked: [] })
  await ask(volunteer, 'POST', `/api/contacts/${contact}/corrections`, { why: 'mistake', changes: { services: [{ code: 'food.meal', quantity: 3 }] } })
  return { made, disputed: contact }
}

async function volunteers(g, node, page, [person]) {
  await g.at(page, '/', 'home')
  await g.part(page, 'tally', async () => {
    await g.go(page, '/tally')
    if ((await page.locator('[data-service=water][aria-pressed=true]').count()) === 0) await page.locator('[data-service=water]').first().click()
    await g.seen(page, 'tally-choose')
    await page.click('.given [aria-expanded=true]').catch(() => {})
    for (const who of ['woman', 'woman', 'girl', 'man']) await page.click(`[data-button=${who}]`)
    await page.locator('.mark.good').first().waitFor()
    await g.seen(page, 'tally')
  })
  await g.part(page, 'arrival', async () => {
    await g.go(page, '/arrival')
    await page.fill('.arrival-size .stepper:last-of-type input', '60')
    await page.keyboard.press('Tab')
    await page.click('[data-do=water-meal]')
    await page.click('.unmet summary')
    await page.selectOption('#unmet-what', 'primary_health')
    await page.locator('.unmet .choice label').first().click()
    await g.seen(page, 'arrival')
    await page.click('[data-do=record]')
    await page.locator('.mark.good').first().waitFor()
    await g.seen(page, 'arrival-done')
  })
  await g.part(page, 'serve', async () => {
    await g.go(page, '/serve')
    await page.locator('[data-service=hygiene_kit]').first().click()
    await g.seen(page, 'serve')
    await page.click('[data-do=record]')
    await page.locator('.notice.good .mark.good').waitFor()
    await g.seen(page, 'serve-done')
    await page.click('a[href$="/card/new"]')
    await page.waitForSelector('.aloud')
    await g.seen(page, 'card-ask')
    await page.click('[data-do=yes]')
    await page.locator('.card-code .qr path + path').waitFor()
    await g.seen(page, 'card-ready')
    await page.click('[data-do=next]')
  })
  await g.part(page, 'scan', async () => {
    await g.go(page, '/scan')
    await page.waitForTimeout(1500)
    await g.seen(page, 'scan')
    await page.fill('#pasted', node.sample_card)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-part=history]')
    await g.seen(page, 'card-read')
    await page.click('[data-do=serve]')
    await page.locator('[data-service=hygiene_kit]').first().click()
    await page.locator('main .notice.warn').first().waitFor()
    await g.seen(page, 'serve-warned')
  })
  await g.part(page, 'file-new', async () => {
    await g.go(page, '/people/new')
    await page.waitForSelector('.aloud')
    await g.seen(page, 'file-ask')
    await page.click('[data-do=yes]')
    await choose(page, 0, 0)
    await page.fill('#name', g.language === 'ar' ? 'هاجر آدم' : 'Hadjara Adam')
    await g.seen(page, 'file-new')
    await page.click('[data-do=save]')
    await page.waitForSelector('[data-do=serve]')
    await g.seen(page, 'file-done')
    await page.click('[data-do=next-of-group]')
    await g.seen(page, 'file-group')
  })
  await g.part(page, 'search', async () => {
    await g.go(page, '/people/search')
    await g.seen(page, 'search')
    await page.fill('#name', names[g.language][0])
    await choose(page, 0, 0)
    await page.click('form .main')
    await page.waitForSelector('.found')
    await g.seen(page, 'search-found')
  })
  await g.part(page, 'file', async () => {
    await g.go(page, '/people/' + person)
    await page.waitForSelector('[data-do=serve]')
    await g.seen(page, 'file')
    await page.locator('main .grid button').first().click()
    await g.seen(page, 'file-edit', { dialog: true })
    await shut(page)
    await page.locator('main .grid button').nth(1).click()
    await g.seen(page, 'file-event', { dialog: true })
    await shut(page)
    await page.click('[data-do=new-basis]')
    await page.fill('#recipient', g.language === 'ar' ? 'طبيب العيادة' : 'Médecin du dispensaire')
    await page.fill('#ask-place', g.language === 'ar' ? 'أغاديز' : 'Agadez')
    await g.seen(page, 'file-basis', { dialog: true })
    await shut(page)
    await page.click('[data-do=companion]')
    await page.fill('dialog #name', names[g.language][1])
    await page.locator('dialog .check').last().click()
    await page.click('dialog form .main')
    await page.locator('dialog .found').first().click()
    await g.seen(page, 'file-companion', { dialog: true })
    await shut(page)
    await ask(page, 'PATCH', '/api/people/' + person, { changes: { sex: { value: 'X', replaces: [] } } })
    await g.go(page, '/')
    await g.go(page, '/people/' + person)
    await page.locator('[data-part=open-conflict]').waitFor()
    await g.seen(page, 'file-conflict')
  })
  await g.part(page, 'today', async () => {
    await g.go(page, '/today')
    await page.locator('.contact-row').first().waitFor()
    await g.seen(page, 'today')
    await page.locator('[data-do=correct]').first().click()
    await g.seen(page, 'today-correct', { dialog: true })
    await shut(page)
    await page.locator('[data-do=link]').first().click()
    await page.waitForSelector('dialog .choice')
    await g.seen(page, 'today-link', { dialog: true })
    await shut(page)
  })
  for (const [path, name] of [['/sheet', 'sheet'], ['/points', 'points'], ['/points/NE-AGZ', 'point'], ['/catalogue', 'catalogue'], ['/attention', 'attention-none'], ['/choose', 'choose'], ['/settings', 'settings'], ['/safety', 'safety'], ['/help', 'help'], ['/nowhere', 'lost']]) await g.at(page, path, name)
  await g.part(page, 'safety-wipe', async () => {
    await g.go(page, '/safety')
    await page.click('[data-do=wipe]')
    await g.seen(page, 'safety-wipe', { dialog: true })
    await shut(page)
  })
  await g.part(page, 'locked', async () => {
    await g.go(page, '/settings')
    await page.locator('main .sheet .row button').first().click()
    await page.waitForSelector('.home')
    await page.click('.home a[href$="/people/search"]')
    await page.waitForSelector('#again-password')
    await g.seen(page, 'locked', { dialog: true })
  })
}

/** without is the desk without its node: the same work, marked as saved here, and what the node took back. */
async function without(g, node) {
  const line = await wire(node.url)
  const page = await g.page()
  await g.part(page, 'offline', async () => {
    await g.signIn(node, 'volunteer', { url: line.url, page })
    const { made: [lost] } = await people(g, page)
    await prepared(page)
    await g.go(page, '/people/' + lost)
    await page.waitForSelector('[data-do=serve]')
    line.cut()
    // A file is changed here, and erased at the node meanwhile: the change lands in what needs attention.
    await page.locator('main .grid button').first().click()
    await page.locator('dialog .choice').nth(1).locator('label').nth(2).click()
    await page.click('dialog .main')
    await page.waitForSelector('dialog', { state: 'detached' })
    await g.go(page, '/serve')
    await page.locator('[data-service=hygiene_kit]').first().click()
    await page.click('[data-do=record]')
    await page.locator('.notice.good .mark').waitFor()
    await g.seen(page, 'offline-saved')
    await g.go(page, '/')
    await g.seen(page, 'offline-home')
    await g.go(page, '/attention')
    await g.seen(page, 'attention-waits')
    await g.go(page, '/today')
    await page.locator('.contact-row').first().waitFor()
    await g.seen(page, 'offline-today')
    const officer = await g.signIn(node, 'protection_officer')
    await ask(officer, 'POST', `/api/people/${lost}/erase`, { reason: 'person_asked', confirm: true })
    await g.end(officer)
    line.mend()
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await until(async () => (await page.locator('.bar .tag.bad').count()) > 0, 30_000)
    await g.go(page, '/attention')
    await page.locator('[data-part=refused]').first().waitFor({ timeout: 10_000 })
    await g.seen(page, 'attention-refused')
    line.cut()
    await page.goto(line.url + '/desk/')
    await page.waitForSelector('#login')
    await g.seen(page, 'offline-sign-in')
  })
  await g.end(page)
  await line.stop()
}

async function leads(g, page, disputed) {
  const point = (await ask(page, 'GET', '/api/me')).points[0].id
  await g.at(page, '/', 'home-lead')
  await g.at(page, '/points/NE-AGZ', 'point-lead')
  await g.part(page, 'point-close', async () => {
    await page.click('[data-do=close]')
    await g.seen(page, 'point-close', { dialog: true })
    await shut(page)
    await page.click('[data-do=other-hours]')
    await g.seen(page, 'point-hours', { dialog: true })
    await shut(page)
  })
  for (const [path, name] of [['/points/NE-AGZ/edit', 'point-edit'], ['/counts', 'counts'], ['/board', 'board']]) await g.at(page, path, name)
  await g.part(page, 'settle', async () => {
    const basis = { basis: 'consent', purpose: 'file', language: 'ha', how: 'spoken', answer: 'yes' }
    const file = (parts) => ask(page, 'POST', '/api/people', { point, name: { parts }, sex: 'F', age: { low: 33, high: 35, method: 'stated' }, languages: ['ha'], interpreter: false, needs: [], basis })
    await ask(page, 'POST', '/api/people/search', { name: 'Hadiza Lawali', sex: 'F' })
    const one = await file(['Hadiza', 'Lawali'])
    await file(['Khadija', 'Lawaly'])
    await ask(page, 'PATCH', '/api/people/' + one.person, { changes: { languages: { value: ['fr'], replaces: [] } } })
    await g.go(page, '/people/' + one.person)
    await page.locator('[data-do=settle]').first().waitFor()
    await g.seen(page, 'file-settle')
    await page.click('[data-do=compare]')
    await page.locator('dialog table').waitFor()
    await g.seen(page, 'file-compare', { dialog: true })
    await shut(page)
  })
  await g.part(page, 'today-lead', async () => {
    await ask(page, 'POST', `/api/contacts/${disputed}/corrections`, { why: 'mistake', changes: { services: [{ code: 'food.meal', quantity: 2 }] } })
    await g.go(page, '/today')
    await page.locator('.contact-row').first().waitFor()
    await g.seen(page, 'today-lead')
    await page.click('[data-do=link-many]')
    await page.locator('dialog .choice label').first().click()
    await g.seen(page, 'today-link-many', { dialog: true })
    await shut(page)
    await page.locator('[data-do=disputed]').first().click()
    await page.locator('dialog [data-do=settle]').first().waitFor()
    await g.seen(page, 'today-disputed', { dialog: true })
    await shut(page)
  })
  await g.part(page, 'blanks', async () => {
    await g.go(page, '/stock')
    await page.fill('#stock-count', '4')
    await page.click('[data-do=make-stock]')
    await page.waitForSelector('.stock-row')
    await g.seen(page, 'blanks')
  })
  await g.part(page, 'accounts', async () => {
    await g.at(page, '/accounts', 'accounts')
    await page.locator('main .button.main').first().click()
    await g.seen(page, 'account-new', { dialog: true })
    await page.fill('#new-name', 'Hadiza Garba')
    await page.fill('#new-login', 'hadiza-' + Math.floor(Math.random() * 1e6))
    await page.locator('#new-point').selectOption({ index: 0 })
    await page.click('dialog .main')
    await page.waitForSelector('.invite-code')
    await g.seen(page, 'account-code', { dialog: true })
    await shut(page)
    await page.locator('[data-do=look]').last().click()
    await g.seen(page, 'account', { dialog: true })
    await shut(page)
  })
  await g.part(page, 'devices', async () => {
    await g.at(page, '/devices', 'devices')
    await page.click('[data-do=add-device]')
    await g.seen(page, 'device-new', { dialog: true })
    await shut(page)
  })
}

async function storekeepers(g, page) {
  await g.at(page, '/', 'home-store')
  await g.part(page, 'store-move', async () => {
    await g.go(page, '/store/move/received')
    await page.locator('.choice label').first().click()
    if (await page.locator('#stock-other').count()) await page.locator('#stock-other').selectOption({ index: 1 })
    for (const i of [1, 3]) await page.locator('#stock-item').selectOption({ index: i })
    await g.seen(page, 'store-received')
    await page.click('[data-do=record]')
    await page.locator('.notice.good .mark.good').waitFor()
    await g.seen(page, 'store-received-done')
  })
  for (const [path, name] of [['/store', 'store'], ['/store/move/lost', 'store-lost'], ['/store/move/sent', 'store-sent'], ['/store/items', 'store-items']]) await g.at(page, path, name)
  await g.part(page, 'store-count', async () => {
    await g.go(page, '/store/count')
    const inputs = page.locator('.count-sheet .found input[type=text], .count-sheet .found input[inputmode]')
    for (const i of [0, 1]) {
      await inputs.nth(i).fill(String(38 + i))
      await page.keyboard.press('Tab')
    }
    await g.seen(page, 'store-count')
    await page.click('[data-do=record]')
    await page.locator('.notice.good .mark.good').waitFor()
    await g.seen(page, 'store-count-done')
  })
  await g.part(page, 'store-wish', async () => {
    await g.go(page, '/store/wishes')
    await page.click('[data-do=wish]')
    for (const i of [1, 2]) await page.locator('#stock-item').selectOption({ index: i })
    await page.fill('#wish-by', new Date(Date.now() + 12 * 86_400_000).toISOString().slice(0, 10))
    await page.locator('form .choice label').first().click()
    await g.seen(page, 'store-wish')
    await page.click('[data-do=record]')
    await page.locator('p .mark.good').waitFor()
    await page.locator('article').first().waitFor()
    await g.seen(page, 'store-wishes')
  })
}

async function offices(g, node, person) {
  const roles = {
    programme_manager: async (page) => {
      await g.at(page, '/counts', 'counts-manager')
      await g.part(page, 'store-answer', async () => {
        await g.go(page, '/store/wishes')
        await page.locator('[data-do=answer]').first().click()
        await g.seen(page, 'store-answer')
      })
      await g.at(page, '/choose', 'choose-many')
    },
    protection_officer: async (page) => {
      await g.part(page, 'file-protection', async () => {
        await g.go(page, '/people/' + person)
        await page.waitForSelector('main details summary')
        await page.locator('main details summary').last().click()
        await page.waitForTimeout(400)
        await g.seen(page, 'file-protection')
        await page.locator('main .button.danger').last().click()
        await g.seen(page, 'file-erase', { dialog: true })
        await shut(page)
      })
    },
    data_protection_officer: async (page) => {
      await g.part(page, 'rights', async () => {
        await g.go(page, '/people/rights')
        await page.fill('#rights-of', person)
        await page.click('[data-do=find-rights]')
        await page.locator('[data-do=copy]').waitFor()
        await page.locator('main summary').first().click()
        await page.waitForTimeout(400)
        await g.seen(page, 'rights')
      })
    },
    administrator: async (page) => {
      await g.at(page, '/', 'home-administrator')
      await g.part(page, 'recordings', async () => {
        await g.go(page, '/recordings')
        await page.setInputFiles('[data-part=first] input[type=file]', { name: 'first.wav', mimeType: 'audio/wav', buffer: silence(3) })
        await page.locator('.notice.good').waitFor()
        await g.seen(page, 'recordings')
      })
      await g.at(page, '/accounts', 'accounts-administrator')
    },
    case_worker: async (page) => {
      await g.part(page, 'second-step', async () => {
        await g.go(page, '/settings')
        await page.locator('main details summary').nth(1).click()
        await page.fill('#present', node.accounts.find((a) => a.role === 'case_worker').password)
        await page.click('details[open] form .button')
        await page.waitForSelector('#totp-secret')
        await g.seen(page, 'second-step')
      })
    },
  }
  for (const [role, run] of Object.entries(roles)) {
    const page = await g.page()
    await g.part(page, role, async () => {
      await g.signIn(node, role, { page })
      await run(page)
    })
    await g.end(page)
  }
}

async function main() {
  const languages = process.argv.slice(2).filter((a) => a in locales)
  const only = process.argv.slice(2).filter((a) => !(a in locales))
  mkdirSync(folder, { recursive: true })
  const films = mkdtempSync(join(tmpdir(), 'serai-gallery-'))
  film(join(films, 'card.y4m'), [unreadable()], 40, 0)
  const browser = await openBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${join(films, 'card.y4m')}`])
  const wrongs = []
  try {
    for (const language of languages.length ? languages : Object.keys(locales)) {
      const { nodes, stop } = await demo()
      const node = nodes[0]
      const g = new Gallery(browser, language, only)
      const start = Date.now()
      try {
        const helper = await g.signIn(node, 'point_lead')
        await doors(g, node, helper)
        await g.end(helper)
        const volunteer = await g.signIn(node, 'volunteer')
        const { made, disputed } = await people(g, volunteer)
        await volunteers(g, node, volunteer, made)
        await g.end(volunteer)
        const lead = await g.signIn(node, 'point_lead')
        await leads(g, lead, disputed)
        await g.end(lead)
        const store = await g.signIn(node, 'storekeeper')
        await storekeepers(g, store)
        await g.end(store)
        await offices(g, node, made[0])
        await without(g, node)
      } finally {
        await stop()
      }
      console.log(`${language}: ${g.taken} pictures, ${Math.round(g.bytes / 1000)} kB, ${Math.round((Date.now() - start) / 1000)} s`)
      wrongs.push(...g.wrongs)
    }
  } finally {
    await browser.close()
    rmSync(films, { recursive: true, force: true })
  }
  if (!process.env.SERAI_GALLERY) wrongs.push(...writePage(folder, join(docs, 'screens.md')))
  for (const wrong of new Set(wrongs)) console.error(`       ${wrong}`)
  process.exit(wrongs.length === 0 ? 0 : 1)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
