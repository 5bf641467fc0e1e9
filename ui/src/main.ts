import './app/tokens.css'
import './app/base.css'
import { createApp } from 'vue'
import App from './app/App.vue'
import { i18n, startLanguage } from './app/language'
import { router } from './app/router'
import { startTheme } from './app/theme'
import { startDigits } from './app/digits'
import { startHeard } from './app/heard'
import { startSession } from './app/session'
import { startEarly } from './app/early'
import { startRecordings } from './app/recordings'
import { startStorage } from './app/storage'
import './app/install'
import { startUpdates } from './app/update'

startTheme()
startDigits()
await startLanguage()
startSession()
startHeard()
startStorage()
startRecordings()
startEarly()
startUpdates(router)
createApp(App).use(i18n).use(router).mount('#app')
