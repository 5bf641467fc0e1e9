// Cards with the network off: one that a device writes and prints by itself; then cards before a camera, twenty in a row
// without touching the glass, and how long one takes from the first picture to its history. The camera is a film.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, lawful, newPage, openBrowser, phone, tap } from './browser.mjs'
import { demo, wire } from './demo.mjs'
import { enter, prepared, unsent, until } from './offline.mjs'

const [width, height, perSecond] = [800, 600, 4]

/** modules reads the black modules out of the path that the node draws. */
function modules(svg) {
  const side = Number(/viewBox="0 0 (\d+)/.exec(svg)[1])
  const black = Array.from({ length: side }, () => new Uint8Array(side))
  for (const [, x, y, n] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) black[Number(y)].fill(1, Number(x), Number(x) + Number(n))
  return black
}
/** picture is one frame: the card on a grey table, or the table alone. Luminance, and no colour. */
function picture(code) {
  const y = Buffer.alloc(width * height, 150)
  if (code) {
    const size = Math.floor((height * 0.8) / code.length)
    const [left, top] = [Math.floor((width - size * code.length) / 2), Math.floor((height - size * code.length) / 2)]
    code.forEach((row, r) => row.forEach((dark, c) => {
      for (let i = 0; i < size; i++) y.fill(dark ? 30 : 225, (top + r * size + i) * width + left + c * size, (top + r * size + i) * width + left + (c + 1) * size)
    }))
  }
  return Buffer.concat([Buffer.from('FRAME\n'), y, Buffer.alloc((width * height) / 2, 128)])
}
/** film shows each card for a second and a half, and the table for half a second between two. */
export function film(path, codes, shown = 6, between = 2) {
  const file = openSync(path, 'w')
  writeSync(file, `YUV4MPEG2 W${width} H${height} F${perSecond}:1 Ip A1:1 C420jpeg\n`)
  const empty = picture(null)
  for (const code of codes) {
    const frame = picture(code)
    for (let i = 0; i < shown; i++) writeSync(file, frame)
    for (let i = 0; i < between; i++) writeSync(file, empty)
  }
  closeSync(file)
}

const request = (node) => async (method, path, body, token) =>
  fetch(node.url + path, { method, headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) }, body: body && JSON.stringify(body) })

/** enrolled is a tablet that its lead lets write cards without the node, and a volunteer with a PIN on it. */
async function enrolled(node) {
  const lead = node.accounts.find((a) => a.role === 'point_lead')
  const ask = request(node)
  const json = async (...of) => {
    const answer = await ask(...of)
    if (!answer.ok) throw new Error(`${of[0]} ${of[1]}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const { token } = await json('POST', '/api/session', { login: lead.login, password: lead.password, token: true })
  const me = await json('GET', '/api/me', undefined, token)
  const [organisation, point] = [me.organisation.id, me.points.find((p) => p.code === 'NE-AGZ').id]
  const { device, code } = await json('POST', '/api/devices', { name: 'Tablet', organisation, point }, token)
  const secret = await json('POST', '/api/devices/enrol', { code })
  const { invitation } = await json('POST', '/api/accounts', { name: 'Halima', organisation, grants: [{ role: 'volunteer', organisation, point }] }, token)
  await json('POST', '/api/invitations/accept', { code: invitation.code, login: 'halima', pin: '270914', device, device_secret: secret.secret })
  const allowed = await json('POST', `/api/card-devices/${device}`, undefined, token)
  if (allowed.state !== 'ready') throw new Error(`the device may not write cards: ${JSON.stringify(allowed)}`)
  return { secret, login: 'halima', pin: '270914' }
}

/** written gives out cards with the network off, from the help to the paper; then the node takes what the device made. */
async function written(browser, node, wrongs) {
  const { secret, login, pin } = await enrolled(node)
  const line = await wire(node.url)
  const page = await newPage(browser, { viewport: phone })
  try {
    await page.goto(line.url + '/desk/sign-in')
    await page.evaluate((s) => localStorage.setItem('serai.device_secret', JSON.stringify(s)), secret)
    await page.goto(line.url + '/desk/sign-in')
    const ask = page.locator('.sign-in button[lang=en]')
    await ask.or(page.locator('#login')).first().waitFor()
    if (await ask.count()) await ask.click()
    await page.fill('#login', login)
    await page.fill('#pin', pin)
    await page.click('form .main')
    await page.locator('.point, .home').first().waitFor({ timeout: 20_000 })
    if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
    await page.waitForSelector('.home')
    await prepared(page)
    line.cut()
    await page.click('.home a[href$="/serve"]')
    await page.locator('[data-service=hygiene_kit]').first().click()
    await page.click('[data-do=record-card]')
    await page.click('[data-do=yes]')
    const start = Date.now()
    await page.locator('.card-code .qr path + path').waitFor({ timeout: 20_000 })
    console.log(`       a card written by the device, with the network off, in ${Date.now() - start} ms`)
    await lawful(page, 'a card that the device wrote')
    await page.emulateMedia({ media: 'print' })
    const onPaper = await page.evaluate(() => ({ desk: getComputedStyle(document.querySelector('#app')).display, paper: document.querySelector('body > .paper').getBoundingClientRect().width, words: document.querySelector('body > .paper').innerText }))
    check(page, onPaper.desk === 'none' && Math.abs(onPaper.paper - (85.6 * 96) / 25.4) < 2, `on paper stands more than the card, or it has another size: ${JSON.stringify(onPaper)}`)
    check(page, /not an identity paper/.test(onPaper.words) && !/Agadez|Niger|Serai|20\d\d/.test(onPaper.words), `the paper tells: ${onPaper.words}`)
    if (process.env.SERAI_PAPER) await page.pdf({ path: process.env.SERAI_PAPER, preferCSSPageSize: true })
    await page.emulateMedia({ media: 'screen' })
    check(page, (await unsent(page)) > 0, 'the card is not in the outbox')
    line.mend()
    await page.click('[data-do=next]')
    await page.reload()
    check(page, await until(async () => (await unsent(page)) === 0, 60_000), 'the node did not take what the device made')
  } finally {
    wrongs.push(...page.wrongs)
    await page.context().close()
    await line.stop()
  }
}

/** printed asks the node for cards, some with more help on them than others, and returns how each is drawn. */
async function printed(node, account, count) {
  const ask = request(node)
  const { token } = await (await ask('POST', '/api/session', { login: account.login, password: account.password, token: true })).json()
  const codes = []
  for (let i = 0; i < count; i++) {
    const services = Array.from({ length: i % 12 }, (_, d) => ({ code: 'water', quantity: 1, day: new Date(Date.now() - (d + 1) * 86_400_000).toISOString().slice(0, 10) }))
    const made = await (await ask('POST', '/api/cards', { point: 'NE-AGZ', language: 'fr', basis: { answer: 'yes' }, services }, token)).json()
    if (!made.svg_url) throw new Error(`no card: ${JSON.stringify(made)}`)
    codes.push(modules(await (await ask('GET', made.svg_url, undefined, token)).text()))
  }
  return codes
}

async function watched(browser, line, account, slow, run) {
  const page = await newPage(browser, { viewport: phone, permissions: ['camera'] })
  await enter(page, line.url, account, 'en')
  await prepared(page)
  await page.waitForTimeout(3000) // an evening is longer than this
  line.cut()
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow })
  await run(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  line.mend()
  await page.context().close()
  return page.wrongs
}
const toScan = async (page) => {
  if (!(await page.locator('.home').count())) await page.click('.bar a[href="/desk/"]')
  await tap(page, page.locator('.home a[href$="/scan"]').first())
}

export async function cards(plain) {
  const wrongs = []
  const nodes = await demo()
  const folder = mkdtempSync(join(tmpdir(), 'serai-cards-'))
  try {
    const node = nodes.nodes[0]
    const volunteer = node.accounts.find((a) => a.role === 'volunteer')
    await written(plain, node, wrongs)
    const codes = await printed(node, volunteer, 20)
    for (const [name, run] of [['row', row], ['one', one]]) {
      const path = join(folder, name + '.y4m')
      film(path, name === 'row' ? codes : codes.slice(9, 10), name === 'row' ? 6 : 4, name === 'row' ? 2 : 0)
      const browser = await openBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path}`])
      const line = await wire(node.url)
      try {
        wrongs.push(...(await watched(browser, line, volunteer, 4, run)))
      } finally {
        await line.stop()
        await browser.close()
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
    await nodes.stop()
  }
  return wrongs
}

async function row(page) {
  // On a busy machine the first card may be read, and its page shown, before the button is tapped: once more from home.
  for (let tries = 0; tries < 5; tries++) {
    await toScan(page)
    if (await page.locator('[data-do=row]').click({ timeout: 4000 }).then(() => true, () => false)) break
  }
  const taps = page.taps
  await page.evaluate(() => {
    globalThis.read = []
    new MutationObserver(() => {
      const card = document.querySelector('[data-part=row-card]')
      if (card && card !== globalThis.shown) {
        globalThis.shown = card
        globalThis.read.push({ at: performance.now(), status: card.dataset.status, lines: card.querySelectorAll('.past li').length })
      }
    }).observe(document.body, { childList: true, subtree: true })
  })
  await page.waitForFunction(() => globalThis.read.length >= 20, null, { timeout: 120_000 }).catch(() => {})
  const read = await page.evaluate(() => globalThis.read)
  const took = read.length ? (read.at(-1).at - read[0].at) / 1000 : 0
  console.log(`       ${read.length} cards in a row read without a touch, with the network off and the processor slowed 4x, in ${took.toFixed(1)} s (the film shows one every 2 s)`)
  check(page, read.length >= 20, `only ${read.length} of 20 cards were read in a row`)
  check(page, page.taps === taps, 'the row needed a touch')
  check(page, read.slice(0, 20).every((r) => r.status === 'ok'), `a card of the row is doubtful: ${JSON.stringify(read)}`)
  check(page, new Set(read.slice(0, 20).map((r) => r.lines)).size > 3, 'the histories of the row are all alike')
}

async function one(page) {
  const times = []
  for (let i = 0; i < 5; i++) {
    await page.evaluate(() => {
      globalThis.times = {}
      addEventListener('playing', () => (globalThis.times.first ??= performance.now()), { capture: true, once: true })
      const watch = new MutationObserver(() => {
        if (!document.querySelector('[data-part=history] li')) return
        globalThis.times.history = performance.now()
        watch.disconnect()
      })
      watch.observe(document.body, { childList: true, subtree: true })
      addEventListener('click', () => (globalThis.times.tap = performance.now()), { capture: true })
    })
    await toScan(page)
    await page.waitForFunction(() => globalThis.times.history, null, { timeout: 30_000 })
    times.push(await page.evaluate(() => ({ seen: globalThis.times.history - globalThis.times.first, tapped: globalThis.times.history - globalThis.times.tap })))
  }
  const middle = (key) => times.map((t) => t[key]).sort((a, b) => a - b)[2]
  console.log(`       first picture to history ${Math.round(middle('seen'))} ms, tap to history ${Math.round(middle('tapped'))} ms (middle of five, processor slowed 4x, network off; the first ${Math.round(times[0].seen)} and ${Math.round(times[0].tapped)} ms)`)
  check(page, middle('seen') < 1000, `a card takes ${Math.round(middle('seen'))} ms from its first picture to its history`)
}
