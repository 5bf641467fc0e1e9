import type { Router } from 'vue-router'
import { lock } from './session'

/**
 * quickExit puts a plain clock where a person's page was, in one move: the page leaves the history, its contents leave
 * memory, and coming back needs the password.
 */
export function quickExit(router: Router): void {
  // Locking after the move: the lock's dialog would otherwise open over the page that is being left.
  void router.replace({ name: 'away' }).finally(lock)
}
