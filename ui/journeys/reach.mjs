// Everybody can use it: each screen at twice the size on a phone and on a laptop, with large text, in strong sun and on a
// night shift; the main job with the keyboard alone; nothing moves when the device asks for that.
import { fakeNode } from '../test/fake-node.mjs'
import { check, laptop, lawful, newPage, phone } from './browser.mjs'

const pages = ['/', '/tally', '/arrival', '/serve', '/scan', '/people/new', '/people/search', '/today', '/sheet', '/counts', '/board', '/points', '/points/NE-AGZ', '/catalogue', '/settings', '/help', '/help#say', '/attention', '/nowhere', '/away']
const leads = ['/stock', '/devices', '/accounts', '/points/NE-AGZ/edit']
const looks = [
  // A phone and a laptop at 200 %: half as many pixels of style, and nothing lost.
  { name: 'phone at 200 %', viewport: { width: 180, height: 320 }, language: 'fr' },
  { name: 'phone at 200 % in Arabic', viewport: { width: 180, height: 320 }, language: 'ar' },
  { name: 'laptop at 200 %', viewport: { width: 640, height: 400 }, language: 'es' },
  { name: 'phone with large text', viewport: phone, language: 'fr', keep: { size: '150' } },
  { name: 'strong sun', viewport: phone, language: 'en', keep: { theme: 'sun' } },
  { name: 'night shift', viewport: laptop, language: 'ar', keep: { theme: 'night', digits: 'arab', calendar: 'islamic-umalqura' } },
]

async function enter(page, desk, login) {
  await page.goto(desk + '/sign-in')
  await page.waitForSelector('#login')
  await page.fill('#login', login)
  await page.fill('#password', 'demo')
  await page.click('form .main')
  await page.locator('.point, .home').first().waitFor()
  if (await page.locator('.point').count()) await page.locator('.point').first().click()
  await page.waitForSelector('.home')
}

export async function reach(browser) {
  const wrongs = []
  for (const look of looks) {
    const node = await fakeNode()
    const desk = node.url + '/desk'
    const page = await newPage(browser, look)
    await page.addInitScript((kept) => Object.entries(kept).forEach(([k, v]) => localStorage.setItem('serai.' + k, JSON.stringify(v))), { language: look.language, ...look.keep })
    const walk = async (paths) => {
      for (const path of paths) {
        await page.goto(desk + path)
        await page.locator('main > *').first().waitFor()
        await page.waitForTimeout(150)
        await lawful(page, `${look.name} ${path}`)
        // What sticks to the edges must leave room for what it is about.
        const free = await page.evaluate(() => {
          const bar = document.querySelector('.bar')
          const foot = document.querySelector('.foot')
          const stuck = (e) => (e && getComputedStyle(e).position === 'sticky' ? e.getBoundingClientRect().height : 0)
          return 1 - (stuck(bar) + stuck(foot)) / innerHeight
        })
        if (free < 0.4) page.wrongs.push(`${look.name} ${path}: only ${Math.round(free * 100)} % of the glass is left to the page`)
        if (await page.evaluate(() => document.getAnimations().some((a) => a.playState === 'running'))) page.wrongs.push(`${look.name} ${path} moves`)
      }
    }
    await enter(page, desk, 'mariama')
    await walk(pages)
    await page.goto(desk + '/settings')
    await page.click('.danger')
    await enter(page, desk, 'ibrahim')
    await walk(leads)
    wrongs.push(...page.wrongs)
    await page.context().close()
    await node.stop()
  }
  wrongs.push(...(await keyboard(browser)))
  return wrongs
}

/** keyboard signs in, tallies, takes back, reads the help and leaves, without a mouse or a finger. */
async function keyboard(browser) {
  const node = await fakeNode()
  const desk = node.url + '/desk'
  const page = await newPage(browser, { viewport: laptop, hasTouch: false })
  const at = () => page.evaluate(() => {
    const e = document.activeElement
    const box = e?.getBoundingClientRect()
    return { what: e?.matches('body') ? 'nothing' : (e?.id || e?.getAttribute('href') || e?.dataset.service || e?.dataset.button || e?.textContent?.trim().slice(0, 30)), seen: !!box && box.width > 0 && getComputedStyle(e).outlineStyle !== 'none' }
  })
  /** reachable tabs until the focus stands on what is asked for, as a person would. */
  const to = async (selector, atMost = 90) => {
    for (let i = 0; i < atMost; i++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((s) => document.activeElement?.matches(s) || document.activeElement?.closest('label')?.matches(s), selector)) return true
    }
    page.wrongs.push(`keyboard: ${selector} cannot be reached on ${page.url().slice(desk.length)}`)
    return false
  }
  await page.goto(desk + '/')
  await page.waitForSelector('[lang=ar]')
  await to('.sign-in button[lang=en]')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#login')
  if ((await at()).what !== 'login') await to('#login')
  await page.keyboard.type('aissa')
  await to('#password')
  await page.keyboard.type('demo')
  await page.keyboard.press('Enter')
  await page.locator('.point, .home').first().waitFor()
  if (await page.locator('.point').count()) {
    await to('.point')
    await page.keyboard.press('Enter')
  }
  await page.waitForSelector('.home')
  await to('.home a[href$="/tally"]')
  check(page, (await at()).seen, 'keyboard: the focus cannot be seen')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-service=water]')
  await to('[data-service=water]')
  await page.keyboard.press('Enter')
  await to('[data-button=woman]')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(300)
  const undo = await page.evaluate(() => [...document.querySelectorAll('main button')].some((b) => /undo/i.test(b.textContent)))
  check(page, undo, 'keyboard: a tally shows no way to take it back')
  // Going round, the way past the bar comes before the bar, and leads into the page.
  await page.goto(desk + '/help')
  await page.waitForSelector('#help-say')
  await to('.skip')
  check(page, await page.evaluate(() => document.activeElement.getBoundingClientRect().top >= 0), 'keyboard: the way past the bar is not seen when it is reached')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  check(page, await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'keyboard: the way past the bar leads nowhere')
  await to('#help-say summary')
  await page.keyboard.press('Enter')
  check(page, await page.evaluate(() => document.querySelector('#help-say').open), 'keyboard: a part of the help does not open')
  await page.goto(desk + '/settings')
  await to('.choice input')
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction(() => document.documentElement.lang !== 'en')
  // Two times Escape on a page about people: a clock, also without a network, and nothing to go back to.
  await page.goto(desk + '/serve')
  await page.waitForSelector('[data-service]')
  node.state.down = true
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.waitForSelector('.away .time')
  check(page, !/serai|serv/i.test(await page.title()), `the page to leave to is called ${await page.title()}`)
  const { wrongs } = page
  await page.context().close()
  await node.stop()
  return wrongs
}
