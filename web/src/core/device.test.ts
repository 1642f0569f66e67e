import { expect, it } from 'vitest'
import { device } from './device'

it('names browser and system as people know them', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36'
  expect(device(chrome)).toBe('Chrome · Linux')
  expect(device(`${chrome} Edg/156.0`.replace('X11; Linux', 'Windows NT 10.0'))).toBe(
    'Chrome · Windows',
  )
  expect(device('Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/27.2 Safari/605')).toBe(
    'Safari · macOS',
  )
  expect(device('curl/8.0')).toBe('curl/8.0')
  expect(device('')).toBe('')
})
