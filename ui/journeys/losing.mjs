// Losing nothing: a day of taps at a real node, while pages are reloaded, tabs are killed, the service worker is stopped,
// and the network goes, comes and breaks in the middle. Every action that showed "saved" is at the node exactly once.
//
// SERAI_LOSING is how many disturbances there are; the actions are half as many again.
import { check, newPage, phone } from './browser.mjs'
import { demo, wire } from './demo.mjs'
import { enter, prepared, unsent, until } from './offline.mjs'

const disturbances = Number(process.env.SERAI_LOSING ?? 24)

/** dice is a small generator, so that a run that failed can be run again: SERAI_SEED. */
function dice(seed) {
  let s = seed >>> 0
  return (n) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0
    return Math.floor((s / 2 ** 32) * n)
  }
}

export async function losing(browser) {
  const seed = Number(process.env.SERAI_SEED ?? Date.now() % 1_000_000)
  const roll = dice(seed)
  const { nodes, stop } = await demo()
  const node = nodes[0]
  const volunteer = node.accounts.find((a) => a.role === 'volunteer')
  const line = await wire(node.url)
  const wrongs = []
  const saved = new Map()
  const perhaps = new Map()
  const add = (counts, what) => counts.set(what, (counts.get(what) ?? 0) + 1)
  const done = { reload: 0, kill: 0, crash: 0, worker: 0, cut: 0, tear: 0 }
  const started = Date.now()
  try {
    const first = await newPage(browser, { viewport: phone })
    const context = first.context()
    let page = first
    await enter(page, line.url, volunteer, 'en')
    await prepared(page)
    const nodeSays = async () => {
      const fresh = await newPage(browser)
      await enter(fresh, node.url, volunteer, 'en')
      const rows = await fresh.evaluate(async () => {
        const me = await (await fetch('/api/me')).json()
        const point = me.points.find((p) => p.code === 'NE-AGZ')
        return (await (await fetch(`/api/contacts?point=${point.id}`)).json()).contacts.map((c) => `${c.entry} ${c.sex} ${c.age_band} ${c.persons} ${c.services.map((s) => `${s.code} ${s.quantity}`).join(',')}`)
      })
      await fresh.context().close()
      const counts = new Map()
      for (const r of rows) add(counts, r)
      return counts
    }
    const before = await nodeSays()
    const buttons = await page.evaluate(async () => (await (await fetch('/api/lists')).json()).tally_buttons.map((b) => b.code))
    let network = true

    /** tally brings a page that was disturbed back to the tally, with the node or without. */
    const tally = async () => {
      for (let tries = 0; tries < 5; tries++) {
        try {
          await page.goto(line.url + '/desk/tally')
          await page.locator('.tally [data-button], #login, .point').first().waitFor({ timeout: 15_000 })
          if (await page.locator('#login').count()) {
            await page.fill('#login', volunteer.login)
            await page.fill('#password', volunteer.password)
            await page.click('form .main')
            await page.locator('.tally [data-button], .point').first().waitFor({ timeout: 20_000 })
          }
          if (await page.locator('.point').count()) await page.locator('.point', { hasText: 'NE-AGZ' }).click()
          await page.locator('.tally [data-button]').first().waitFor({ timeout: 15_000 })
          const water = page.locator('[data-service=water]').first()
          if ((await water.count()) && (await water.getAttribute('aria-pressed')) !== 'true') await water.click()
          return
        } catch (err) {
          if (tries === 4) throw err
        }
      }
    }
    const renew = async () => {
      page = await context.newPage()
      await tally()
    }
    const act = async (certain) => {
      const button = buttons[roll(buttons.length)]
      await page.click(`[data-button="${button}"]`)
      if (!certain) return add(perhaps, button)
      await page.locator('.tally .foot .mark.calm, .tally .foot .mark.good').first().waitFor({ timeout: 15_000 })
      add(saved, button)
    }
    const disturb = {
      reload: () => tally(),
      kill: async () => {
        await page.close({ runBeforeUnload: false })
        await renew()
      },
      crash: async () => {
        await page.goto('chrome://crash').catch(() => {})
        await page.close().catch(() => {})
        await renew()
      },
      worker: async () => {
        const cdp = await context.newCDPSession(page)
        await cdp.send('ServiceWorker.enable')
        await cdp.send('ServiceWorker.stopAllWorkers')
        await cdp.detach()
        await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update()).catch(() => {})
      },
      cut: () => {
        network = !network
        return network ? line.mend() : line.cut()
      },
      tear: () => line.tear(),
    }
    await tally()
    const kinds = Object.keys(disturb)
    for (let i = 0; i < disturbances; i++) {
      const kind = kinds[roll(kinds.length)]
      await act(true)
      // Half of the disturbances come in the very moment of a tap: it may be there or not, but never twice.
      if (roll(2)) await act(false)
      await disturb[kind]()
      done[kind]++
    }
    line.mend()
    await tally()
    await page.evaluate(() => dispatchEvent(new Event('online')))
    check(first, await until(async () => (await unsent(page)) === 0, 120_000, 250), `${await unsent(page)} pieces of work never left`)
    const after = await nodeSays()
    // Each tap stands at the node as one contact; what it says of a person is compared band by band.
    const bands = await page.evaluate(async () => Object.fromEntries((await (await fetch('/api/lists')).json()).tally_buttons.map((b) => [b.code, `${b.sex} ${b.age_low}-${b.age_high}`])))
    const sexOf = (counts, sex) => [...counts].reduce((sum, [button, n]) => sum + (bands[button][0] === sex ? n : 0), 0)
    const came = (sex) => [...after].reduce((sum, [row, n]) => sum + (row.split(' ')[1] === sex ? n - (before.get(row) ?? 0) : 0), 0)
    for (const sex of new Set(Object.values(bands).map((b) => b[0]))) {
      const least = sexOf(saved, sex)
      const most = least + sexOf(perhaps, sex)
      check(first, came(sex) >= least && came(sex) <= most, `of taps for sex ${sex}, ${least} to ${most} were made and ${came(sex)} are at the node (seed ${seed})`)
    }
    const grown = [...after.values()].reduce((a, b) => a + b, 0) - [...before.values()].reduce((a, b) => a + b, 0)
    const sure = [...saved.values()].reduce((a, b) => a + b, 0)
    const maybe = [...perhaps.values()].reduce((a, b) => a + b, 0)
    check(first, grown >= sure, `${sure} actions showed "saved", and only ${grown} are at the node (seed ${seed})`)
    check(first, grown <= sure + maybe, `${sure + maybe} taps were made, and ${grown} are at the node (seed ${seed})`)
    console.log(`       ${disturbances} disturbances (${Object.entries(done).map(([k, n]) => `${k} ${n}`).join(', ')}), ${sure} actions saved, ${maybe} in the very moment, ${grown} at the node, ${Math.round((Date.now() - started) / 1000)} s, seed ${seed}`)
    wrongs.push(...first.wrongs)
    await context.close()
  } finally {
    await line.stop()
    await stop()
  }
  return wrongs
}
