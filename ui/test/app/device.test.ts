import { beforeEach, describe, expect, it } from 'vitest'
import { byDevice, device, forgetDevice, keepDevice } from '@/app/device'

const tablet = { device: 'd', secret: 's', name: 'Tablet 3', organisation: 'o', point: 'p' }

describe('an enrolled device', () => {
  beforeEach(forgetDevice)
  it('is nobody’s at first, and a PIN is sent with nothing', () => {
    expect(device.value).toBeNull()
    expect(byDevice()).toEqual({})
  })
  it('keeps its secret under a name that says so, and sends it with a PIN', () => {
    keepDevice(tablet)
    expect(JSON.parse(localStorage.getItem('serai.device_secret')!)).toEqual(tablet)
    expect(byDevice()).toEqual({ device: 'd', device_secret: 's' })
  })
  it('leaves nothing behind when it is forgotten', () => {
    keepDevice(tablet)
    forgetDevice()
    expect(localStorage.getItem('serai.device_secret')).toBeNull()
    expect(byDevice()).toEqual({})
  })
})
