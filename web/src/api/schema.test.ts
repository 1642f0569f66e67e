import { readFile } from 'node:fs/promises'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, it } from 'vitest'

it('schema.d.ts is made from openapi.json; if not, run `npm run schema`', async () => {
  const made = astToString(await openapiTS(new URL('../../openapi.json', import.meta.url)))
  const kept = await readFile(new URL('./schema.d.ts', import.meta.url), 'utf8')
  expect(kept).toBe(COMMENT_HEADER + made)
}, 30_000)
