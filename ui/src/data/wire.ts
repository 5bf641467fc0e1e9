// The shapes that travel between the desk and a node, as the node's HTTP interface names them (snake_case on purpose:
// one grep runs from screen to table). `npm run wire` compares what the desk calls with a running node's OpenAPI document.

/** Lang is a language in which every screen exists. */
export type Lang = 'en' | 'fr' | 'ar' | 'es'
export type Labels = Partial<Record<Lang, string>>
/** Instant is RFC 3339 in UTC; Day is an operating day, 2026-03-31, local, with its cut-off at 04:00. */
export type Instant = string
export type Day = string

export interface Named { id: string; code: string; name: string }
export interface Grant { role: string; organisation: string; point?: string; until?: Instant }
export interface Me {
  account: { id: string; name: string; login: string; language: string }
  organisation: Named
  grants: Grant[]
  permissions: string[]
  points: Named[]
  node: { id: string; label: string; demo: boolean; version: string }
  /** device: the enrolled device, when the session was opened with a PIN. full: false while a second factor is wanted. */
  session: { expires: Instant; device?: string; full?: boolean; second_factor?: boolean }
}

export interface Term { code: string; labels: Labels; hidden?: boolean }
/** Seen: O staff of the point, H staff of that service, S sealed to a named team. */
export type Seen = 'O' | 'H' | 'S'
export interface Asks { count: number; hours?: number; per?: string }
export interface CatalogueService extends Term {
  family: string; sector: string; unit: string; seen: Seen; card?: number; asks?: Asks | null
}
export interface Services { version: number | string; services: CatalogueService[] }
export interface Need extends Term { seen: Seen }
export interface Stage extends Term { seen: Seen }
export interface TallyButton extends Term { sex: string; age_low: number; age_high: number }
export interface AgeScheme { code: string; label?: string; name?: string }
export interface ConsentPart { title: string; text: string }
export interface ConsentText { first: ConsentPart; file: ConsentPart; card: ConsentPart; passing_on: ConsentPart }
export interface Lists {
  version: number | string
  needs: Need[]; groups: Term[]; stages: Stage[]; directions: Term[]; arrival_kinds: Term[]; reasons: Term[]
  bases: Term[]; sexes: Term[]; disabilities: Term[]; repeats: Term[]; tally_buttons: TallyButton[]
  schemes?: AgeScheme[]; age_schemes?: AgeScheme[]; life_events?: Term[]; languages?: Term[]
  units?: Term[]; sectors?: Term[]
  consent: Record<string, ConsentText>
}

export type PointState = 'planned' | 'open' | 'suspended' | 'closed' | 'handed_over'
export interface PointService { code: string; hours?: string; women_hours?: string }
export interface Point extends Named {
  kind: string; mobility: string
  organisation: Named
  country: string
  place?: { name: string; admin1?: string; pcode?: string } | null
  lat?: number; lon?: number
  services: PointService[]
  languages?: string[]
  hours?: string; women_hours?: string; busy?: string; time_zone: string; beds?: number
  visibility: string; state: PointState
  open_now?: boolean | null; open_until?: string | null
  number?: number
  state_why?: string; cutoff?: number
  /** With one point, not in lists. itinerary is told to those who run the point, next_days when somebody said when it is open. */
  heads?: Record<string, string[]>
  exceptions?: DayException[]
  next_days?: NextDay[]
  itinerary?: Stay[]
}
export interface DayException { day: Day; hours?: string; off?: boolean; why?: string }
/** NextDay: no hours is closed; 00:00-24:00 is the whole day. */
export interface NextDay { day: Day; hours: string[]; why?: string }
export interface Stay { lat: number; lon: number; from: Instant; until: Instant; place?: string }
export interface PointChanges { services?: PointService[]; languages?: string[]; hours?: string; women_hours?: string; busy?: string; beds?: number }
export interface RouteLeg { order: number; point?: Named; place?: string; lat?: number; lon?: number; mode?: string; hours?: number }
export interface Route { id: string; code: string; name: string; legs: RouteLeg[] }

export interface BoardRoute { id: string; code: string; name: string; points: number; own: number; reversed?: boolean }
export interface BoardPoint {
  id: string; code: string; name: string; kind: string; mobility: string; organisation: Named; country: string; place?: string
  state: PointState | ''; state_on?: Day; state_why?: string; open_now: boolean | null; open_until?: Instant; time_zone: string
  services: string[]; beds?: number
  /** heard is absent when nothing of this point is at the node. */
  heard?: Instant
}
/** Expected: persons for whoever may count at the other point, about (in fives) or few (less than five, none included) for a sister point. */
export interface Expected { from: Named; hours?: number; persons?: Interval; about?: number; few?: boolean }
export interface LowStock { item: string; labels?: Labels; held: number; mark: number }
/** contacts: seven days, oldest first; null is not reported, and no zero. */
export interface Figures {
  to: Day; contacts: (number | null)[]; services: number; total: number; persons: Interval
  unmet: { code: string; persons: number }[]; expected: Expected[]
}
export interface BoardStop {
  order: number; place?: string; mode?: string; hours?: number; point?: BoardPoint
  low?: LowStock[]; figures?: Figures; log?: { day: Day; turned_away: number; beds_used?: number; staff: number }
}
export interface Board { at: Instant; routes: BoardRoute[]; route: BoardRoute | null; stops: BoardStop[]; expected_by: string }
export interface DayLog {
  day: Day; opened?: string; closed?: string; why?: string
  staff_women: number; staff_men: number; volunteers_women: number; volunteers_men: number
  hours: number; turned_away: number
  /** beds_used is absent when nobody counted, which is no zero. */
  beds_used?: number
}

export interface Age { low: number; high: number; on?: Day; method: 'birth_date' | 'year' | 'stated' | 'estimated' }
export interface PersonName { parts: string[]; script?: string }
export interface Basis {
  id?: string; basis: string; purpose: string; language?: string; how?: string; answer: string
  reason?: string; until?: Day; recipient?: string; fields?: string[]; given_by?: 'self' | 'carer'; state?: string; withdrawn?: Day | null; day?: Day; recorded_by?: string
}
/** Conflict: what was written in two ways. values are told to those who may settle it; the first is the one that shows. */
export interface Conflict { field: string; open?: boolean; values?: ConflictValue[] }
export interface ConflictValue { fact: string; value: unknown; who?: string; point?: string; when: Instant }
/** SameFile is another file that somebody said to be the same person's; Alike is one that may be. */
export interface SameFile { person: string; fact: string; day: Day; recorded_by?: string }
export interface Alike {
  person: string; name: PersonName | null; sex: string; age: Age | null; languages: string[]
  point: string; opened: Day; last_point?: string; last_day?: Day; score: number; reasons: string[]; answer?: 'unsure'
}
export type SameAnswer = 'same' | 'not_same' | 'unsure'
/** Rights is what somebody who answers requests learns of a file: that it is there, and what can be done about it. */
export interface Rights { person: string; point: string; opened: Day; state: string; may: ('copy' | 'log' | 'erase')[]; same: string[] }
export interface PersonFile {
  person: string
  name: PersonName | null
  sex: string
  age: Age | null
  languages: string[]; interpreter: boolean; needs: string[]
  point: string
  created: Instant; recorded_by?: string
  state: 'open' | 'closed' | 'died' | 'moved_on'
  heads: Record<string, string[]>
  conflicts?: Conflict[]
  same?: SameFile[]
  /** alike is how many files may be the same person's, of which nobody has said anything. */
  alike?: number
  events?: LifeEvent[]
  companions?: { person: string; since?: Day; relation?: string }[]
  bases?: Basis[]
}
export interface LifeEvent { id: string; kind: string; on: Day; note?: string; recorded_by?: string }
export interface OpenFile {
  id?: string; point: string; name?: PersonName | null; sex: string; age?: Age
  birth_date?: Day; languages: string[]; interpreter: boolean; needs: string[]; basis: Basis
}
export interface FileChanges {
  /** Without a value the name, or the age, is taken away. */
  name?: { value?: PersonName; replaces: string[] }
  sex?: { value: string; replaces: string[] }
  age?: { value?: Age; replaces: string[] }
  languages?: { value: string[]; replaces: string[] }
  interpreter?: { value: boolean; replaces: string[] }
  needs_add?: string[]; needs_remove?: string[]
}
export interface SearchQuery { card?: string; name?: string; sex?: string; age?: number; language?: string; point?: string; since?: Day }
export interface Found { person: string; name: PersonName | null; sex: string; age: Age | null; last_point?: string; last_day?: Day }
export interface PersonToday { person: string; initials: string; sex: string; age_band?: string; arrived?: Instant; served: boolean }
/** made is when a device says that it happened, for a look made without a network; at is when the node heard of it. */
export interface AccessEntry { at: Instant; who: string; role?: string; action: string; point?: string; outcome: string; code?: string; made?: Instant }

export interface Given { code: string; quantity: number }
/** code is a service or a need of the lists; count is how many asked, 1 when absent. */
export interface AskedNotGiven { code: string; reason: string; count?: number }
export interface Question { code: string; service?: string; last_day?: Day; days_ago?: number; count?: number; limit?: number; hours?: number }
export interface RecordContact {
  id: string; point: string; happened?: Instant
  person?: string; card?: string; lineage_handle?: string; tally?: { buttons: Record<string, number> }
  group?: string; stage?: string; direction?: string; disability?: string; repeat?: string; project?: string
  entry: 'live' | 'bulk' | 'paper'
  sex?: string; age?: { low: number; high: number }
  services: Given[]; asked: AskedNotGiven[]
  arrival?: string; for_persons?: number
}
export interface Contact {
  contact: string; point: string; day: Day; happened: Instant; recorded: Instant; person?: string
  services: (Given & { fact?: string })[]; asked: AskedNotGiven[]; group?: string
  questions?: Question[]; state?: string
}
/** Correction: what is left out stays. why is a code: mistake, twice, wrong_person or late. */
/** replaces are the corrections that the corrector saw (ContactRow.edits): another that she did not see stays beside hers. */
export interface Correction { id: string; why: string; replaces?: string[]; changes: { services?: Given[]; asked?: AskedNotGiven[]; group?: string; stage?: string; direction?: string; disability?: string; repeat?: string; undone?: boolean } }
export interface ContactRow {
  group?: string; stage?: string; arrival?: string
  contact: string; happened: Instant; recorded: Instant; initials?: string | null; persons: number
  sex?: string; age_band?: string; services: Given[]; asked: AskedNotGiven[]; entry: string; state?: string; mine?: boolean
  edits?: string[]; conflicts?: Conflict[]
}
export interface ContactDay { day: Day; contacts: ContactRow[]; totals: { services: number; contacts: number; known: number } }
export type ArrivalSize = Partial<Record<'woman' | 'man' | 'girl' | 'boy' | 'under_five_f' | 'under_five_m' | 'sixty_over_f' | 'sixty_over_m' | 'person', number>>
export interface RecordArrival { id: string; point: string; happened?: Instant; kind: string; size: ArrivalSize; services?: Given[]; asked?: AskedNotGiven[]; group?: string; stage?: string }
export interface Arrival { arrival: string; point: string; day: Day; happened: Instant; kind: string; total: number; linked: number; services: Given[]; asked: AskedNotGiven[]; state: string }
export interface HistoryEntry { day: Day; point?: Partial<Named> | null; service: string; quantity: number; source: 'here' | 'card' | 'other'; recorded_by?: unknown }
export interface History { entries: HistoryEntry[]; unmet: { day: Day; code: string; reason: string }[] }
export interface TallySheet {
  id: string; point: string; day: Day; rows: { button: string; service: string; count: number }[]
  asked: AskedNotGiven[]; people_seen?: Record<string, number>; sheet_no?: string
}

export interface CardEntry { day: Day; service: string; quantity: number; point?: { number?: number; code?: string; name?: string }; recorded_by?: { name?: string; code?: string; number?: number } | string | null }
export interface ReadCard {
  status: 'ok' | 'warn' | 'unverified' | 'not_a_card'
  codes: string[]
  card?: string; lineage_handle?: string
  entries: CardEntry[]; here?: CardEntry[]
  issuer?: { number?: number; code?: string; name?: string } | null
  recorded_by?: { number?: number; code?: string; name?: string }[]
  issued?: Day; expires?: Day; sequence?: number; slip?: boolean; serial?: string
  /** history: open, older_key, newer_key, other_circle or withheld. */
  history?: string
  person?: string
  questions?: Question[]
}
export interface IssueCard {
  id: string; point: string; person?: string; lineage_handle?: string; contacts?: string[]
  services?: { code: string; quantity: number; day?: Day; point?: string }[]
  language: string; basis?: { answer: 'yes' }; size?: 5 | 10 | 20; blank_serial?: string
}
export interface UpdateCard { id: string; text: string; point: string; services: Given[]; contact?: string; slip?: boolean; language?: string }
export interface Card { card: string; text: string; svg_url: string; png_url: string; pdf_url: string; slip_url?: string; print_url: string; entries: number; expires: Day; sequence: number; dropped?: number; left_out?: string[]; serial?: string }
/** MadeCard is a card that this device printed by itself, on its way to the node. Person and holder are of a first card. */
export interface MadeCard { id: string; text: string; point: string; person?: string; lineage_handle?: string; contact?: string; language?: string; basis?: { answer: 'yes' }; replaces?: string }
/** CardWriter is a device that may write cards without its node; key is how the network's list names its key. */
export interface CardWriter { device: string; point: string; allowed: Instant; key?: string; state: 'ready' | 'not_listed' | 'revoked' }
/** Stock is a stock of blank cards that was made now: its texts can be printed for an hour. */
export interface Stock { stock: string; cards: { card: string; serial: string }[]; print_url: string; pdf_url: string }
export interface StockLine { card: string; serial: string; point: string; printed: Day; expires: Day; state: 'here' | 'given' | 'lost' | 'taken'; given?: Day }

export interface CountRow { key: Record<string, string>; services: number; contacts: number; persons: Interval; unmet: number }
export interface Interval { low: number; central: number; high: number }
export interface Counts {
  from: Day; to: Day; by: string[]; scheme?: string; rows: CountRow[]
  totals: { services: number; contacts: number; persons: Interval; unmet: number }; notes: string[]
}

/** Held is a role that an account has, or that waits for a second administrator and counts for nothing until then. */
export interface Held extends Grant { id: string; pending?: boolean; asked_by?: string }
export interface Account { id: string; name: string; login: string; language?: string; state: string; until?: Instant | null; grants: Held[]; second_factor?: boolean; pin_locked?: boolean }
export interface AccountEvent { at: Instant; by?: string; action: string; detail?: string }
/** Device: enrolled is absent while its code was not typed in, which can be done until expires. */
export interface Device { id: string; name: string; organisation: string; point: string; enrolled?: Instant; expires?: Instant }
export interface AddedDevice { device: string; code: string; expires: Instant }
export interface EnrolledDevice { device: string; secret: string; name: string; organisation: string; point: string }
export interface Invitation { code: string; expires: Instant }
/** DeviceKey signs on one device what its owner does without a network; device is there when it came with a PIN. */
export interface DeviceKey { signer: string; device?: string; created: Instant; until: Instant; last_used?: Instant }

/** Hub is how devices reach the node. none: there is no certificate. Of acme there may be none yet: then until is absent. */
export interface Hub {
  kind: 'none' | 'local' | 'files' | 'acme'; names: string[]; from?: Instant; until?: Instant; renewal?: Instant
  root?: Fingerprint; ends?: Instant; now: Instant; rivals?: { name: string; address: string; last: Instant }[]
}
/** Fingerprint says one root in three forms; devices show sha256, in groups of four. */
export interface Fingerprint { sha256: string; words: string[]; number: string }

/** Recording is a consent text as the own organisation spoke it; current is false when the text has changed since. */
export interface Recording { lang: string; part: keyof ConsentText; type: string; bytes: number; sha256: string; recorded: Instant; version: string; current: boolean }
// What stands in the store of a point: items, levels, movements, wishes.
export interface StockItem extends Term { unit: string; local?: boolean }
export interface StockPart { item: string; quantity: number }
export interface StockBatch extends StockPart { batch?: string; expires?: Day }
export interface StockKit { code: string; labels: Labels; items: StockPart[] }
export interface StockItems { items: StockItem[]; kits: StockKit[]; units: string[]; reasons: string[] }
export interface StockLevel { item: string; level: number; counted?: Instant; count_again: boolean; low_at: number; low: boolean; given: number; given_days: number; days_left: number | null; expires?: Day }
export interface PointStock { point: string; at: Instant; items: StockLevel[]; coming: StockMovement[] }
export type StockKind = 'received' | 'lost' | 'sent'
export interface StockMove { id: string; point: string; happened: Instant; kind: StockKind; why?: string; other?: string; of?: string; reference?: string; lines: StockBatch[] }
export interface StockMovement { id: string; point: string; kind: StockKind | 'counted'; why: string; other?: string; other_name?: string; of?: string; reference: string; day: Day; happened: Instant; by: string; mine: boolean; withdrawn: boolean; lines: StockBatch[] }
export interface StockAccountLine { kind: StockKind | 'counted' | 'given'; day: Day; quantity: number; change: number; level: number; expected?: number; movement?: string; why?: string; other_name?: string; by?: string }
export interface StockWish { wish: string; point: string; point_name: string; happened: Instant; by: Day; reason: string; note: string; state: 'open' | 'answered' | 'closed'; answer: string; on?: Day; lines: StockPart[] }
export interface StockRecipe { service: string; from?: Day; per: number; items: StockPart[] }
