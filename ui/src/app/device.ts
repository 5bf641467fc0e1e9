// This device as a lead enrolled it: its id and its secret, which together with a person's PIN open a session here.

import { shallowRef } from 'vue'
import type { EnrolledDevice } from '@/data/wire'
import { keep, kept } from './remember'

/**
 * The entry of the browser's storage ("serai.device_secret") says by its name what it holds. A PIN is short, and this
 * secret is the other half of it: whoever copies it out of the browser has a second copy of the tablet. The screen says
 * so, and a lead who removes the device makes it worthless.
 */
const entry = 'device_secret'

/** device is null on a browser that nobody enrolled. */
export const device = shallowRef<EnrolledDevice | null>(read())

function read(): EnrolledDevice | null {
  const found = kept<Partial<EnrolledDevice>>(entry)
  return found && typeof found.device === 'string' && typeof found.secret === 'string' ? (found as EnrolledDevice) : null
}
export function keepDevice(given: EnrolledDevice): void {
  device.value = given
  keep(entry, given)
}
export function forgetDevice(): void {
  device.value = null
  keep(entry, null)
}
/** byDevice is what a PIN is sent with; nothing on a device that is not enrolled. */
export const byDevice = () => (device.value ? { device: device.value.device, device_secret: device.value.secret } : {})
