// Runs the journeys: all of them, or those named. Fails with everything that was wrong, not only the first thing.
import { openBrowser } from './browser.mjs'
import { cards } from './cards.mjs'
import { day } from './day.mjs'
import { figures } from './figures.mjs'
import { installed } from './installed.mjs'
import { losing } from './losing.mjs'
import { offline } from './offline.mjs'
import { reach } from './reach.mjs'
import { screens } from './screens.mjs'
import { story } from './story.mjs'

const journeys = { day, story, screens, installed, reach, offline, cards, losing }
// Figures belong to a quiet machine: they run when they are asked for.
const asked = { figures }
const wanted = process.argv.slice(2)
const browser = await openBrowser()
let failed = 0
try {
  for (const [name, run] of Object.entries({ ...journeys, ...asked })) {
    if (wanted.length > 0 ? !wanted.includes(name) && !wanted.includes('all') : name in asked) continue
    const start = Date.now()
    let wrongs
    try {
      wrongs = await run(browser)
    } catch (err) {
      wrongs = [err.stack ?? String(err)]
    }
    console.log(`${wrongs.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
    for (const wrong of new Set(wrongs)) console.error(`       ${wrong}`)
    if (wrongs.length > 0) failed++
  }
} finally {
  await browser.close()
}
process.exit(failed === 0 ? 0 : 1)
