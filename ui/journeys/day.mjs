// A volunteer's day against a node in memory: the taps of the main job are counted, the network goes and comes back, the
// session ends in the middle of a form, the tablet is left alone, and nothing that was tapped is lost or sent twice.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { fakeNode } from '../test/fake-node.mjs'
import { check, newPage, openBrowser, paper, tap } from './browser.mjs'

async function signIn(page, node, login = 'aissa') {
  await page.goto(node.url + '/desk/')
  await page.click('.sign-in button[lang=en]')
  await page.fill('#login', login)
  await page.fill('#password', 'demo')
  await page.click('form .main')
  await page.click('.point')
  await page.waitForSelector('.home')
}
const home = async (page) => {
  await page.click('.bar a[aria-label]')
  await page.waitForSelector('.home')
  page.taps = 0
}
const settled = (node, n) => waitFor(() => node.state.contacts.length >= n)
async function waitFor(holds, atMost = 8000) {
  for (const start = Date.now(); Date.now() - start < atMost; ) {
    if (await holds()) return true
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return false
}

export async function day(browser) {
  const node = await fakeNode()
  const page = await newPage(browser)
  await page.addInitScript(readStored)
  const taps = {}
  await signIn(page, node)

  // Somebody without a name, and a card: five taps.
  page.taps = 0
  await tap(page, '.home a[href$="/serve"]')
  await tap(page, '[data-service=hygiene_kit]')
  await tap(page, '[data-do=record-card]')
  check(page, (await page.textContent('.aloud')).includes('Would you like a card?'), 'the consent text is shown before a card')
  await tap(page, '[data-do=yes]')
  check(page, (await paper(page, '[data-do=print]')).length > 20, 'the card is put on paper')
  taps['card without a name'] = page.taps
  check(page, node.state.contacts.length === 1 && node.state.cards.size === 2, 'one contact and one card stand at the node')
  await page.click('[data-do=next]')

  // An arrival of sixty with water and a meal: two taps once its size is told.
  await page.click('.home a[href$="/arrival"]')
  await page.fill('.arrival-size .stepper:last-of-type input', '60')
  await page.keyboard.press('Tab')
  page.taps = 0
  await tap(page, '[data-do=water-meal]')
  await tap(page, '[data-do=record]')
  taps['arrival of sixty'] = page.taps
  check(page, await waitFor(() => node.state.arrivals[0]?.total === 60 && node.state.arrivals[0].services.length === 2), 'sixty people arrived, each with water and a meal')
  await home(page)

  // The tally: one tap each, and the last one taken back.
  await page.click('.home a[href$="/tally"]')
  await page.click('[data-service=water]')
  await page.click('.given [aria-expanded=true]')
  page.taps = 0
  await tap(page, '[data-button=woman]')
  taps.tally = page.taps
  check(page, await settled(node, 2), 'a tap is a contact')
  await page.click('[data-button=man]')
  await settled(node, 3)
  await page.click('.undo')
  check(page, await waitFor(() => node.state.contacts.at(-1).state === 'undone'), 'undo within ten seconds takes the tap back')

  // The node goes silent for twenty taps, then comes back: each is there exactly once.
  node.state.down = true
  for (let i = 0; i < 20; i++) await page.click('[data-button=girl]')
  check(page, await waitFor(async () => /20 waiting/.test(await page.textContent('.bar'))), 'twenty taps wait, and the screen says so')
  node.state.down = false
  // It is sent by itself after a while; whoever does not want to wait taps.
  await page.click('.bar .tag.warn', { timeout: 2000 }).catch(() => {})
  await page.click('[data-do=send-now]', { timeout: 2000 }).catch(() => {})
  check(page, await settled(node, 23), 'what waited is sent by itself')
  const ids = node.state.requests.filter((r) => r.path === '/api/contacts' && r.method === 'POST').map((r) => `${r.body.id} ${r.key}`)
  check(page, new Set(ids.map((id) => id.split(' ')[0])).size === 23, `23 contacts were sent, here are ${new Set(ids).size}`)
  check(page, node.state.contacts.length === 23, 'none is there twice')
  await home(page)

  // A card from another point: its history at once, a warning, and help all the same in three taps.
  await page.click('.home a[href$="/scan"]')
  const start = Date.now()
  await page.fill('#pasted', node.sampleCard)
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-part=history]')
  const history = Date.now() - start
  check(page, /Hygiene kit[\s\S]*9 days ago/.test(await page.textContent('[data-part=history]')), 'the card says: hygiene kit nine days ago')
  page.taps = 0
  await tap(page, '[data-do=serve]')
  await tap(page, '[data-service=hygiene_kit]')
  check(page, /9 days ago.*still give/.test(await page.textContent('main')), 'a repeat raises a question')
  await tap(page, '[data-do=record]')
  taps['a known card'] = page.taps
  check(page, await waitFor(() => node.state.contacts.at(-1).services[0]?.code === 'hygiene_kit' && node.state.requests.some((r) => r.body?.card === node.sampleCard)), 'the kit is recorded for that card')
  await page.click('a[href$="/card/new"]')
  await page.waitForSelector('.card-code')
  check(page, [...node.state.cards.values()].at(-1).entries.length === 4, 'the new card carries the old entries and the new one')

  // Rubbish is not a card, and help goes on.
  await page.goto(node.url + '/desk/scan')
  await page.fill('#pasted', 'HTTP://EXAMPLE.ORG/')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.notice.bad')
  await page.click('[data-do=serve]')
  await page.waitForSelector('.services')
  await home(page)

  // A file with its basis, then a card: at most twelve taps.
  page.taps = 0
  await tap(page, '.home a[href$="/people/new"]')
  await tap(page, '[data-do=yes]')
  await tap(page, page.locator('.choice label', { hasText: /^Female$/ }))
  await tap(page, page.locator('.choice label', { hasText: '18–29' }))
  await tap(page, page.locator('.choice label', { hasText: 'Food, water' }))
  await tap(page, page.locator('.choice label', { hasText: 'Hausa' }))
  await page.fill('#name', 'Zara Mahamat')
  // The session ends while the name is being typed: what is saved needs none, and is at the node all the same.
  node.state.sessions.clear()
  await tap(page, '[data-do=save]')
  await page.waitForSelector('[data-do=card]')
  const known = () => [...node.state.people.values()].find((p) => p.name?.parts[0] === 'Zara')
  await waitFor(known)
  const zara = known()
  check(page, zara?.name.parts.length === 2 && zara.sex === 'F' && zara.age.low === 18 && zara.age.method === 'estimated' && zara.bases[0].purpose === 'file', 'the file holds what was tapped, with its basis')
  await tap(page, '[data-do=card]')
  await tap(page, '[data-do=yes]')
  // The node's own printing asks who is here, above the page that stays.
  await page.waitForSelector('#again-password')
  await page.fill('#again-password', 'demo')
  await page.click('dialog .main')
  await page.waitForSelector('[data-do=print]')
  taps['file with basis and card'] = page.taps + 1
  await home(page)

  // Search by name alone is browsing; with one more fact it finds.
  await page.click('.home a[href$="/people/search"]')
  await page.fill('#name', 'zara')
  check(page, await page.isDisabled('form .main'), 'a name alone does not search')
  await page.click('text=In the last 30 days')
  await page.click('form .main')
  await page.click('.found')
  await page.waitForSelector('[data-do=serve]')
  check(page, !decodeURIComponent(page.url()).includes('Zara') && !(await page.title()).includes('Zara'), 'no name in the address or the title')

  // One move replaces the person by a clock, and going back asks for the password.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.waitForSelector('.away', { timeout: 3000 }).catch(async () => page.wrongs.push('no clock: ' + page.url() + ' ' + (await page.textContent('body')).slice(0, 300)))
  check(page, !(await page.content()).includes('Zara'), 'nothing of the person stays in the page')
  await page.goBack()
  await page.waitForSelector('dialog #again-password')
  check(page, (await page.locator('main').evaluate((m) => getComputedStyle(m).visibility)) === 'hidden', 'a locked personal page shows nothing')
  await page.click('dialog a[href$="/tally"]')
  await page.waitForSelector('.tally')
  await page.click('[data-button=woman]')
  check(page, await settled(node, 25), 'the tally works while personal pages are locked')

  // Nothing about persons, cards or passwords stays in the browser.
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
  check(page, !/Zara|AC1:|demo|Mahamat/.test(stored.replace(/serai\.\w*demo/, '')), `the browser's storage holds only settings: ${stored}`)
  const kept = await page.evaluate(() => dumpOf('serai'))
  check(page, kept.length > 2000 && !/Zara|Mahamat|AC1:|aissa|Moussa/i.test(kept), 'what this device keeps is there, and names nobody')

  for (const [what, most] of Object.entries({ 'card without a name': 5, 'arrival of sixty': 2, tally: 1, 'a known card': 3, 'file with basis and card': 12 })) {
    check(page, taps[what] <= most, `${what} takes ${taps[what]} taps, at most ${most}`)
  }
  console.log(`       taps: ${Object.entries(taps).map(([what, n]) => `${what} ${n}`).join(', ')}; card to history ${history} ms`)
  const wrongs = [...page.wrongs]
  await page.context().close()

  wrongs.push(...(await leftAlone(browser, node)))
  wrongs.push(...(await camera(browser, node)))
  await node.stop()
  return wrongs
}

/** leftAlone leaves the tablet with a person's page open: it blurs when another window is in front, and locks after three minutes. */
async function leftAlone(browser, node) {
  const page = await newPage(browser)
  await page.clock.install()
  await signIn(page, node)
  await page.click('.home a[href$="/today"]')
  await page.waitForSelector('.contact-row')
  await page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })
    dispatchEvent(new Event('blur'))
  })
  check(page, await page.locator('main.veiled').count() === 1, 'a personal page is blurred behind another window')
  await page.evaluate(() => dispatchEvent(new Event('focus')))
  check(page, await page.locator('main.veiled').count() === 0, 'and is clear again in front')
  await page.clock.fastForward(170_000)
  check(page, await page.locator('dialog').count() === 0, 'it is open for three minutes')
  await page.clock.fastForward(20_000)
  await page.waitForSelector('dialog #again-password')
  await page.fill('#again-password', 'wrong')
  await page.click('dialog .main')
  await page.waitForSelector('dialog [role=alert]')
  await page.fill('#again-password', 'demo')
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  check(page, await page.locator('.contact-row').first().isVisible(), 'the same page goes on after the password')
  // A card or file that was looked at before is not served by accident: home begins with nobody.
  await page.goto(node.url + '/desk/people/' + node.person)
  await page.waitForSelector('[data-do=serve]')
  await page.click('.bar a[aria-label]')
  await page.click('.home a[href$="/serve"]')
  check(page, /No name needed/.test(await page.textContent('.who-here')), 'the next person is nobody')
  const wrongs = [...page.wrongs]
  await page.context().close()
  return wrongs
}

/** camera holds a card before Chromium's pretended camera, and then chooses its picture. */
async function camera(plain, node) {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm'))
  await prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) }, fireImmediately: true })
  const code = await writeBarcode(node.sampleCard, { format: 'QRCode', scale: 4 })
  if (!code.image) return [`no QR code could be drawn: ${code.error}`]
  const png = Buffer.from(await code.image.arrayBuffer())
  const folder = mkdtempSync(join(tmpdir(), 'desk-'))
  const film = join(folder, 'card.mjpeg')
  const picture = join(folder, 'card.png')
  writeFileSync(picture, png)
  writeFileSync(film, Buffer.alloc(0))
  const browser = await openBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`])
  try {
    // A film of one frame: the card, a little askew, on a grey table.
    const studio = await browser.newPage()
    const frame = await studio.evaluate(async (text) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: 'image/png' }))
      const canvas = new OffscreenCanvas(640, 480)
      const context = canvas.getContext('2d')
      context.fillStyle = '#b8b2a6'
      context.fillRect(0, 0, 640, 480)
      context.translate(320, 240)
      context.rotate(0.12)
      context.drawImage(bitmap, -190, -190, 380, 380)
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })).arrayBuffer())
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
    }, png.toString('base64'))
    writeFileSync(film, Buffer.concat(Array.from({ length: 3 }, () => Buffer.from(frame, 'base64'))))
    const page = await newPage(browser, { permissions: ['camera'] })
    await signIn(page, node)
    let start = Date.now()
    await page.click('.home a[href$="/scan"]')
    const seen = await page.waitForSelector('[data-part=history]', { timeout: 10_000 }).then(() => true, () => false)
    check(page, seen, `the camera reads the card (${await page.textContent('main')})`)
    const byCamera = Date.now() - start
    // A laptop without a camera says so, and reads the card from a picture.
    const other = await newPage(plain)
    await signIn(other, node)
    await other.click('.home a[href$="/scan"]')
    await other.waitForSelector('.notice.warn')
    start = Date.now()
    await other.setInputFiles('#picture', picture)
    await other.waitForSelector('[data-part=history]', { timeout: 10_000 })
    console.log(`       camera started, card read, history shown in ${byCamera} ms; from a picture in ${Date.now() - start} ms, reader loaded anew`)
    const wrongs = [...page.wrongs, ...other.wrongs]
    await other.context().close()
    return wrongs
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** readStored gives the page a way to read all that it keeps, as whoever copies the browser's profile would. */
function readStored() {
  globalThis.dumpOf = async (name) => {
    const db = await new Promise((done, failed) => Object.assign(indexedDB.open(name), { onsuccess: (e) => done(e.target.result), onerror: failed }))
    const all = []
    for (const table of db.objectStoreNames) {
      if (table === 'shown') continue
      const rows = await new Promise((done) => (db.transaction(table).objectStore(table).getAll().onsuccess = (e) => done(e.target.result)))
      all.push(table, ...rows.map((r) => JSON.stringify(r, (_, v) => (v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? Array.from(new Uint8Array(v.buffer ?? v), (b) => String.fromCharCode(b)).join('') : v))))
    }
    db.close()
    return all.join('\n')
  }
}
