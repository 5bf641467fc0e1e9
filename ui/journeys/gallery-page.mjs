// Writes docs/screens.md: what each picture of the gallery shows, a table per area. A picture without words here, and
// words without a picture, are an error: the page shows every screen or says so.
import { readdirSync, writeFileSync } from 'node:fs'

const sections = [
  ['Coming in', [
    ['language', 'The language is asked first'], ['sign-in', 'Signing in with a password'], ['sign-in-wrong', 'A wrong password'], ['sign-in-pin', 'Signing in with a PIN on a tablet of the point'],
    ['invitation', 'Using an invitation'], ['invitation-pin', 'Using an invitation on a tablet of the point'], ['device', 'Enrolling a tablet'], ['device-enrolled', 'The tablet is enrolled'],
    ['choose', 'Choosing the point'], ['choose-many', 'Choosing among several points'], ['second-step', 'Setting up the second step'], ['locked', 'Personal pages are locked'], ['away', 'The page that quick exit leads to'], ['lost', 'A page that is not there'],
  ]],
  ['Home', [['home', 'Home of a volunteer'], ['home-lead', 'Home of a point lead'], ['home-store', 'Home of a storekeeper'], ['home-administrator', 'Home of an administrator']]],
  ['Helping', [
    ['tally-choose', 'Tally: what each person gets'], ['tally', 'Tally: a tap per person, with undo'], ['arrival', 'An arrival of sixty with two services, and a doctor asked for in vain'], ['arrival-done', 'The arrival is recorded'],
    ['serve', 'Serving one person'], ['serve-done', 'Served, with ten seconds to take it back'], ['serve-warned', 'A repeat raises a question and stops nothing'],
    ['today', 'Today, for a volunteer'], ['today-correct', 'Correcting a record'], ['today-link', 'Linking a person to an arrival'], ['today-lead', 'Today, for a lead'], ['today-link-many', 'Linking many to an arrival'], ['today-disputed', 'A record that two desks corrected in two ways'],
    ['sheet', 'A day from paper'],
  ]],
  ['Cards', [['scan', 'Looking for a card'], ['card-read', 'A card is read'], ['card-ask', 'Asking before a card'], ['card-ready', 'The card, to print'], ['blanks', 'Blank cards for days without a printer']]],
  ['Files', [
    ['file-ask', 'Asking before a file'], ['file-new', 'A new file'], ['file-done', 'The file is opened'], ['file-group', 'The next person of a group is asked alone'], ['search', 'Finding a file'], ['search-found', 'Files that may be meant'],
    ['file', 'A file with its history'], ['file-edit', 'Correcting a file'], ['file-event', 'Something happened'], ['file-basis', 'Asking to tell somebody else'], ['file-companion', 'Adding a companion, each asked apart'],
    ['file-conflict', 'Written differently at two places, for a volunteer'], ['file-settle', 'Written differently at two places, for a lead'], ['file-compare', 'Two files of one person?'],
    ['file-protection', 'Who opened a file'], ['file-erase', 'Erasing a file'], ['rights', 'What a person asks for'],
  ]],
  ['Without a network', [
    ['offline-home', 'Home without the node'], ['offline-saved', 'Served without the node: saved on this device'], ['offline-today', 'Today without the node'], ['offline-sign-in', 'Signing in without the node'],
    ['attention-none', 'Everything is at the node'], ['attention-waits', 'What waits for the node'], ['attention-refused', 'What the node refused, with its reason'], ['safety', 'If this device is in danger'], ['safety-wipe', 'Emptying the device'],
  ]],
  ['Stock', [
    ['store', 'Stock of a point'], ['store-count', 'Counting'], ['store-count-done', 'The count is recorded'], ['store-received', 'Something came'], ['store-received-done', 'What came is recorded'], ['store-lost', 'Something was lost'], ['store-sent', 'Sending to another point'],
    ['store-items', 'Items, and what a service takes'], ['store-wish', 'A wish'], ['store-wishes', 'The wishes of a point'], ['store-answer', 'Answering a wish'],
  ]],
  ['The point and the network', [
    ['board', 'The route board'], ['points', 'The points of the network'], ['point', 'A point, for a volunteer'], ['point-lead', 'A point, for its lead'], ['point-close', 'Closing'], ['point-hours', 'Other hours on one day'], ['point-edit', 'Changing a point'],
    ['counts', 'Counts of a point'], ['counts-manager', 'Counts of a Society'],
  ]],
  ['Accounts, lists and settings', [
    ['accounts', 'The team of a point'], ['accounts-administrator', 'The team, for an administrator'], ['account-new', 'Inviting somebody'], ['account-code', 'The code of an invitation'], ['account', 'An account'], ['devices', 'The tablets of a point'], ['device-new', 'Adding a tablet'],
    ['catalogue', 'The list of services'], ['recordings', 'Recorded texts'], ['help', 'Help'], ['settings', 'Settings'],
  ]],
]
const languages = { ar: 'Arabic', fr: 'French' }
const looks = { light: 'by day', dark: 'by night' }

export function writePage(folder, file) {
  const wrongs = []
  const there = new Set(readdirSync(folder).filter((f) => f.endsWith('.webp')))
  const shown = new Set()
  const cell = (name, words, language, glass, look) => {
    const picture = `${name}-${language}-${glass}-${look}.webp`
    if (!there.has(picture)) return ''
    shown.add(picture)
    return `![${words}: ${languages[language]}, ${glass}, ${looks[look]}](images/screens/${picture})`
  }
  const parts = sections.map(([area, screens]) => {
    const rows = screens.flatMap(([name, words]) => ['phone', 'laptop'].map((glass, i) => {
      const cells = ['ar', 'fr'].flatMap((language) => ['light', 'dark'].map((look) => cell(name, words, language, glass, look)))
      if (cells.every((c) => c === '')) wrongs.push(`${name} has no picture on a ${glass}`)
      return `| ${i === 0 ? words : ''} | ${cells.join(' | ')} |`
    }))
    return `## ${area}\n\n| | Arabic, by day | Arabic, by night | French, by day | French, by night |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  for (const picture of there) if (!shown.has(picture)) wrongs.push(`${picture} is shown nowhere`)
  writeFileSync(file, `# Every screen\n
The desk as it is, with the people of \`make demo\`: nobody is real. A phone of 360 x 640 and a laptop of 1280 x 800, in Arabic and in
French, by day and by night; what opens over a page is shown once by day on a phone and once by night on a laptop. Pages longer than
two glasses are cut, and pictures are smaller than the glass. Names of points and routes stand as the network writes
them; fields for dates follow the language of the browser.

Made anew with \`make build\`, then \`npm run gallery\` in \`ui/\`, which runs axe over each of them and takes about ten minutes.
What each screen is for stands in the [guide of the desk](guides/desk.md).

${parts.join('\n')}`)
  return wrongs
}
