import 'fake-indexeddb/auto'
import { beforeEach } from 'vitest'
import { useLanguage } from '@/app/language'

beforeEach(async () => {
  localStorage.clear()
  await useLanguage('en', false)
})
