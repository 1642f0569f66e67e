import { expect, it } from 'vitest'
import { boxOf, bytes, ending, languageOf, lookOf } from './shape'

const shape = (mime: string, more = {}) => ({ name: 'a', mime, size: 10, ...more })

it('what is shown follows the type, and a picture has a size', () => {
  expect(lookOf(shape('image/png', { width: 4, height: 4 }))).toBe('picture')
  expect(lookOf(shape('image/png'))).toBe('file')
  expect(lookOf(shape('image/svg+xml', { width: 4, height: 4 }))).toBe('file')
  expect(lookOf(shape('video/mp4'))).toBe('video')
  expect(lookOf(shape('text/plain; charset=utf-8'))).toBe('text')
  expect(lookOf(shape('text/plain', { size: 1e9 }))).toBe('file')
  expect(lookOf(shape('application/pdf'))).toBe('document')
  expect(lookOf(shape('application/zip'))).toBe('file')
})

it('boxes keep the shape within bounds and never grow', () => {
  expect(boxOf({ width: 4000, height: 2000 }, true)).toEqual({ width: 360, height: 180 })
  expect(boxOf({ width: 100, height: 50 }, true)).toEqual({ width: 100, height: 50 })
  expect(boxOf({ width: 10, height: 30_000 }, true)).toEqual({ width: 24, height: 320 })
  expect(boxOf({ width: 1000, height: 1000 }, false)).toEqual({ width: 160, height: 160 })
  expect(boxOf({ width: 9000, height: 100 }, false)).toEqual({ width: 320, height: 160 })
})

it('sizes are said as people say them', () => {
  expect([0, 999, 1_000, 1_440_000, 99_400_000, 2e12].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.4 MB',
    '99 MB',
    '2.0 TB',
  ])
})

it('endings and languages', () => {
  expect(ending('보고서.pdf')).toBe('PDF')
  expect(ending('README')).toBe('')
  expect(languageOf('a.tsx')).toBe('typescript')
  expect(languageOf('Dockerfile')).toBe('dockerfile')
  expect(languageOf('a.go')).toBe('go')
})
