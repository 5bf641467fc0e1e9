// Runs the journeys: all of them, or those named. Fails with everything that was wrong, not only the first thing.
//
// A journey mostly waits, for a browser or for a node, so two go side by side, each with a browser of its own
// (SERAI_SIDE_BY_SIDE). Figures belong to a quiet machine: they run alone, after the others, and only when they are asked
// for ("figures", or "all").
import { openBrowser } from './browser.mjs'
import { cards } from './cards.mjs'
import { day } from './day.mjs'
import { figures } from './figures.mjs'
import { hard } from './hard.mjs'
import { installed } from './installed.mjs'
import { losing } from './losing.mjs'
import { offline } from './offline.mjs'
import { reach } from './reach.mjs'
import { screens } from './screens.mjs'
import { story } from './story.mjs'

// The longest first, so that none of them is left over at the end.
const journeys = { reach, story, losing, hard, offline, cards, screens, day, installed }
const asked = { figures }
const wanted = process.argv.slice(2)
const names = Object.keys({ ...journeys, ...asked })
const unknown = wanted.filter((name) => name !== 'all' && !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no journey ${unknown.join(', ')}. There are: ${names.join(', ')}; all.`)
  process.exit(2)
}
const chosen = (all) => Object.entries(all).filter(([name]) => (wanted.length > 0 ? wanted.includes(name) || wanted.includes('all') : name in journeys))
let failed = 0

async function one([name, run]) {
  const browser = await openBrowser()
  const start = Date.now()
  let wrongs
  try {
    wrongs = await run(browser)
  } catch (err) {
    wrongs = [err.stack ?? String(err)]
  } finally {
    await browser.close().catch(() => {})
  }
  console.log(`${wrongs.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  for (const wrong of new Set(wrongs)) console.error(`       ${name}: ${wrong}`)
  if (wrongs.length > 0) failed++
}
const waiting = chosen(journeys)
const side = Math.max(1, Number(process.env.SERAI_SIDE_BY_SIDE ?? 2))
await Promise.all(Array.from({ length: side }, async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await one(next)
}))
for (const last of chosen(asked)) await one(last)
process.exit(failed === 0 ? 0 : 1)
