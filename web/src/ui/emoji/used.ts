/** Which emoji somebody uses, and in which skin tone: kept in this browser. */
import { useSyncExternalStore } from 'react'
import { emojiKey } from '../../core/emojis/emoji'
import type { Tone } from '../../core/emojis/emoji'

const RECENT = 'maru.emoji'
const TONE = 'maru.emoji.tone'
const KEPT = 24

/** For who has used none yet. */
const usual = [
  '👍',
  '❤️',
  '😂',
  '🎉',
  '🙏',
  '👀',
  '✅',
  '🙌',
  '🔥',
  '👏',
  '😮',
  '😢',
  '💯',
  '🤔',
  '☕',
  '🍚',
]

let recent: readonly string[] = read()
let tone: Tone = readTone()
const listeners = new Set<() => void>()

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(RECENT) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

function readTone(): Tone {
  const kept = Number(localStorage.getItem(TONE))
  return kept >= 0 && kept <= 5 && Number.isInteger(kept) ? (kept as Tone) : 0
}

export function usedEmoji(emoji: string): void {
  const key = emojiKey(emoji)
  recent = [emoji, ...recent.filter((one) => emojiKey(one) !== key)].slice(0, KEPT)
  keep(RECENT, JSON.stringify(recent))
}

export function chooseTone(next: Tone): void {
  tone = next
  keep(TONE, String(next))
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Storage is full or refused: it holds until the page is left.
  }
  for (const listener of [...listeners]) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The last ones, filled up with the usual ones. */
export function useRecent(count: number): string[] {
  const own = useSyncExternalStore(subscribe, () => recent)
  const keys = new Set(own.map(emojiKey))
  return [...own, ...usual.filter((one) => !keys.has(emojiKey(one)))].slice(0, count)
}

/** Their own, then what people use: what a name means first. */
export function likelyEmoji(): readonly string[] {
  return [...recent, ...usual]
}

export function useTone(): Tone {
  return useSyncExternalStore(subscribe, () => tone)
}

export function currentTone(): Tone {
  return tone
}
