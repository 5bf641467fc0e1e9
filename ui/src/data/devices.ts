import { call } from './client'
import type { AddedDevice, Device, EnrolledDevice } from './wire'

export const devices = () => call<{ devices: Device[] }>('GET', '/api/devices')
/** addDevice answers the code once: it is typed in on the device within seven days. */
export const addDevice = (given: { id: string; name: string; point: string; organisation?: string }) => call<AddedDevice>('POST', '/api/devices', { body: given })
/** enrolDevice turns the code into the secret that this device keeps. Nobody is signed in for it. */
export const enrolDevice = (code: string) => call<EnrolledDevice>('POST', '/api/devices/enrol', { body: { code }, quiet: true })
/** removeDevice ends every session on it at once. */
export const removeDevice = (id: string) => call<void>('DELETE', `/api/devices/${encodeURIComponent(id)}`)
