import './app/tokens.css'
import './app/base.css'
import { createApp } from 'vue'
import App from './app/App.vue'
import { i18n, startLanguage } from './app/language'
import { router } from './app/router'
import { startTheme } from './app/theme'
import { startSession } from './app/session'

startTheme()
await startLanguage()
startSession()
createApp(App).use(i18n).use(router).mount('#app')
