// A browser for the journeys: Debian's Chromium, nothing downloaded, nothing kept. Every page fails its journey on an
// error in the console, on a refused content policy, and on any accessibility violation that axe finds.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function openBrowser(extra = []) {
  return chromium.launch({
    executablePath: process.env.SERAI_CHROMIUM ?? '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...extra],
  })
}

export const phone = { width: 360, height: 640 }
export const laptop = { width: 1280, height: 800 }

/** newPage opens a page whose errors are collected in page.wrongs. Journeys that cut the network allow network errors. */
export async function newPage(browser, { viewport = phone, locale = 'en-GB', colorScheme = 'light', ...more } = {}) {
  const context = await browser.newContext({ viewport, locale, colorScheme, hasTouch: viewport.width < 600, reducedMotion: 'reduce', ...more })
  const page = await context.newPage()
  page.wrongs = []
  page.taps = 0
  page.on('pageerror', (err) => page.wrongs.push(`page error: ${err.message}`))
  page.on('console', (m) => {
    // The browser itself notes every refused request as an error; the journeys look at those answers themselves.
    if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) page.wrongs.push(`console: ${m.text()}`)
  })
  return page
}

/** tap clicks and counts: the taps of the main job are figures of their own. */
export async function tap(page, target) {
  page.taps++
  await (typeof target === 'string' ? page.locator(target) : target).click()
}

/** paper taps what prints and answers the text of the paper, as the browser would put it there. */
export async function paper(page, target) {
  await page.evaluate(() => {
    globalThis.printed = ''
    globalThis.print = () => {
      globalThis.printed = document.querySelector('.paper')?.textContent ?? document.body.textContent
      dispatchEvent(new Event('afterprint'))
    }
  })
  await tap(page, target)
  await page.waitForFunction(() => globalThis.printed !== '')
  return page.evaluate(() => globalThis.printed)
}

/** lawful runs axe over what is shown now. */
export async function lawful(page, where) {
  // As an initial script of the page axe would need inline code; evaluated from outside, the page's content policy stands.
  await page.evaluate(axe)
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
  for (const v of result.violations) page.wrongs.push(`axe on ${where}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (wide > 1) page.wrongs.push(`${where} is ${wide} px wider than the screen`)
}

export function check(page, holds, what) {
  if (!holds) page.wrongs.push(what)
}
