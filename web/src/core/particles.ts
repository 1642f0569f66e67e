/** Korean particles by the final consonant of what stands before them. */

const pairs = {
  '은/는': ['은', '는'],
  '이/가': ['이', '가'],
  '을/를': ['을', '를'],
  '와/과': ['과', '와'],
  '으로/로': ['으로', '로'],
} as const

export type Particle = keyof typeof pairs

// Read aloud: 영 일 이 삼 사 오 육 칠 팔 구.
const digitFinals = ['ㅇ', 'ㄹ', '', 'ㅁ', '', '', 'ㄱ', 'ㄹ', 'ㄹ', '']
// Names of Latin letters that end in a consonant: 엘 엠 엔 알.
const letterFinals: Record<string, string> = { l: 'ㄹ', m: 'ㅁ', n: 'ㄴ', r: 'ㄹ' }

/** The final consonant a word is read with: none, ㄹ (which 으로/로 treats as none), or another. */
function final(word: string): 'none' | 'rieul' | 'other' {
  const last =
    word
      .normalize('NFC')
      .match(/[\p{L}\p{N}]/gu)
      ?.at(-1) ?? ''
  const code = last.charCodeAt(0) - 0xac00
  if (code >= 0 && code < 11172) {
    const jong = code % 28
    return jong === 0 ? 'none' : jong === 8 ? 'rieul' : 'other'
  }
  const read = /\d/.test(last) ? digitFinals[Number(last)] : letterFinals[last.toLowerCase()]
  return !read ? 'none' : read === 'ㄹ' ? 'rieul' : 'other'
}

/** `josa('서버', '이/가')` is `서버가`. */
export function josa(word: string, particle: Particle): string {
  const [closed, open] = pairs[particle]
  const end = final(word)
  const isOpen = end === 'none' || (end === 'rieul' && particle === '으로/로')
  return word + (isOpen ? open : closed)
}
