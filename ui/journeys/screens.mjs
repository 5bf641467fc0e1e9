// Walks every screen against a node in memory, on a phone and a laptop, by day and by night, in a left-to-right and a
// right-to-left language: no errors, no accessibility violations, nothing wider than the glass. With SERAI_SHOTS set to
// a folder the screens are kept as pictures, to be looked at.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fakeNode } from '../test/fake-node.mjs'
import { laptop, lawful, newPage, phone } from './browser.mjs'

const shots = process.env.SERAI_SHOTS
const looks = [
  { name: 'phone-en', viewport: phone, language: 'en' },
  { name: 'phone-ar-dark', viewport: phone, language: 'ar', colorScheme: 'dark' },
  { name: 'laptop-fr', viewport: laptop, language: 'fr' },
  { name: 'laptop-es-dark', viewport: laptop, language: 'es', colorScheme: 'dark' },
]

export async function screens(browser) {
  const wrongs = []
  if (shots) mkdirSync(shots, { recursive: true })
  for (const look of looks) {
    const node = await fakeNode()
    const page = await newPage(browser, look)
    const desk = node.url + '/desk'
    const seen = async (name) => {
      await page.waitForTimeout(120)
      await lawful(page, `${look.name} ${name}`)
      if (shots) await page.screenshot({ path: join(shots, `${look.name}-${name}.png`), fullPage: true })
    }
    const go = async (path, name = path.slice(1) || 'home') => {
      await page.goto(desk + path)
      await page.waitForSelector('main > *')
      await page.waitForFunction(() => !document.querySelector('main p.soft[role=status]'))
      await seen(name.replaceAll('/', '-'))
    }
    await page.goto(desk + '/')
    await page.waitForSelector('[lang=ar]')
    await seen('language')
    await page.click(`.sign-in button[lang=${look.language}]`)
    await seen('sign-in')
    await page.fill('#login', 'mariama')
    await page.fill('#password', 'wrong')
    await page.click('form .main')
    await page.waitForSelector('[role=alert]')
    await page.fill('#password', 'demo')
    await page.click('form .main')
    await page.waitForSelector('.point')
    await seen('choose')
    await page.click('.point')
    await page.waitForSelector('.home')
    await seen('home')

    await page.click('.home a[href$="/tally"]')
    await page.click('[data-service=water]')
    await page.click('[data-service="food.meal"]')
    await seen('tally-choose')
    await page.click('.given [aria-expanded=true]')
    for (const who of ['woman', 'woman', 'girl', 'man']) await page.click(`[data-button=${who}]`)
    await seen('tally')

    await go('/arrival')
    await page.click('.arrival-size .stepper:nth-child(1) button:last-child')
    await page.click('.arrival-size .stepper:nth-child(2) button:last-child')
    await page.click('[data-do=water-meal]')
    await seen('arrival-filled')
    await page.click('[data-do=record]')
    await seen('arrival-done')

    await go('/serve')
    await page.click('[data-service=hygiene_kit]')
    await seen('serve-one')
    await page.click('[data-do=record-card]')
    await page.waitForSelector('.aloud')
    await seen('card-consent')
    await page.click('[data-do=yes]')
    await page.waitForSelector('.card-code')
    await seen('card-ready')

    await go('/scan')
    await page.fill('#pasted', node.sampleCard)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-part=history]')
    await seen('card-read')
    await page.click('[data-do=serve]')
    await page.click('[data-service=hygiene_kit]')
    await seen('serve-warned')
    await page.click('[data-do=record]')
    await seen('serve-done')

    await go('/people/new', 'file-consent')
    await page.click('[data-do=yes]')
    await seen('file-new')
    await page.click('[data-do=save]')
    await page.waitForSelector('[data-do=serve]')
    await seen('file-done')
    await go('/people/search')
    await page.fill('#name', 'fatima')
    await page.fill('#age', '25')
    await page.click('form .main')
    await page.waitForSelector('.found')
    await seen('search-found')
    await page.click('.found')
    await page.waitForSelector('[data-do=serve]')
    await page.waitForLoadState('networkidle')
    await seen('file')
    for (const path of ['/today', '/sheet', '/counts', '/points', '/points/NE-AGZ', '/catalogue', '/settings', '/attention', '/nowhere']) await go(path)

    await page.goto(desk + '/settings')
    await page.click('.danger')
    await page.fill('#login', 'admin')
    await page.fill('#password', 'demo')
    await page.click('form .main')
    await page.waitForSelector('.home')
    await seen('home-admin')
    await go('/accounts')
    wrongs.push(...page.wrongs)
    await page.context().close()
    await node.stop()
  }
  return wrongs
}
