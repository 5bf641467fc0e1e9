import accounts from './accounts.json'
import app from './app.json'
import assist from './assist.json'
import cards from './cards.json'
import counts from './counts.json'
import kit from './kit.json'
import lists from './lists.json'
import network from './network.json'
import outbox from './outbox.json'
import people from './people.json'
import problem from './problem.json'
import settings from './settings.json'

export default { accounts, app, assist, cards, counts, kit, lists, network, outbox, people, problem, settings }
