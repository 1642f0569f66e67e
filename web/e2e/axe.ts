/** What axe finds in a page. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Violation {
  id: string
  impact: string
  nodes: { target: string[] }[]
}

/** What axe finds, by rule and place. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  // A colour that is on its way to another one is neither.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
        .map(({ finished }) => finished),
    ),
  )
  const run = `axe.run(document, { runOnly: ${JSON.stringify(rules)} })`
  const { violations } = await page.evaluate<{ violations: Violation[] }>(run)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target.join(' ')).join()}`)
}

interface Shift {
  value: number
  hadRecentInput: boolean
  sources: { node: Node | null }[]
}
type Watched = Window & { shifts: { value: number; what: string[] }[] }

/** From the next page on it is noted what moves by itself. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: Watched['shifts'] = []
    ;(window as unknown as Watched).shifts = seen
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as unknown as Shift[]) {
        if (shift.hadRecentInput) continue
        const what = shift.sources.map(({ node }) =>
          node instanceof Element ? `${node.tagName}.${node.className}` : 'text',
        )
        seen.push({ value: shift.value, what })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** So little is not noticed; the measure is that of browsers. */
const MOST = 0.02

/** What moved, where it was more than nobody notices. */
export async function shifts(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => (window as unknown as Watched).shifts)
  const sum = seen.reduce((all, { value }) => all + value, 0)
  if (sum <= MOST) return []
  return [`moved by ${sum.toFixed(3)}: ${seen.flatMap(({ what }) => what).join(', ')}`]
}
