/** Finding names as Koreans type them: 초성, half a syllable, the keyboard in the wrong language. */
import { convertHangulToQwerty, convertQwertyToHangul, disassemble, getChoseong } from 'es-hangul'

/** How well a name answers a query; lower is better, `null` not at all. */
export function rank(query: string, name: string): number | null {
  const q = fold(query)
  if (q === '') return 0
  const direct = rankFolded(q, fold(name))
  if (direct !== null) return direct
  // Second candidates: what the same keys mean in the other language. Never a rewrite of the query.
  const swapped = fold(otherKeyboard(query))
  if (swapped === q || q.length < 2) return null
  const second = rankFolded(swapped, fold(name))
  return second === null ? null : second + 10
}

function rankFolded(query: string, name: string): number | null {
  const at = name.indexOf(query)
  if (at === 0) return 0
  if (at > 0) return 1
  if (/^[ㄱ-ㅎ]+$/.test(query)) {
    const initials = name.replace(/[가-힣]/g, (c) => getChoseong(c))
    const found = initials.indexOf(query)
    return found < 0 ? null : found === 0 ? 2 : 3
  }
  if (!/[ㄱ-ㅎㅏ-ㅣ가-힣]/.test(query)) return null
  // The syllable being typed may still change its end: compare letter by letter from a syllable on.
  const letters = disassemble(query)
  for (let i = 0; i < name.length; i++) {
    if (disassemble(name.slice(i)).startsWith(letters)) return i === 0 ? 2 : 3
  }
  return null
}

/** `dkssud` as 안녕, `ㅗ디ㅣㅐ` as hello: what the keys mean on the other layout. */
export function otherKeyboard(text: string): string {
  return /[ㄱ-ㅎㅏ-ㅣ가-힣]/.test(text) ? convertHangulToQwerty(text) : convertQwertyToHangul(text)
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, '')
}

/** The items whose name answers the query, best first, in their own order among equals. */
export function find<T>(query: string, items: readonly T[], names: (item: T) => string[]): T[] {
  const ranked = items.flatMap((item, index) => {
    const ranks = names(item).map((name) => rank(query, name))
    const best = ranks.reduce<number | null>(
      (a, b) => (a === null ? b : b === null ? a : Math.min(a, b)),
      null,
    )
    return best === null ? [] : [{ item, best, index }]
  })
  ranked.sort((a, b) => a.best - b.best || a.index - b.index)
  return ranked.map(({ item }) => item)
}
