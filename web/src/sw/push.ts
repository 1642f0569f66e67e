/** What a push looks like, and where a click on it leads. */

import { preview } from '../core/markdown/preview'

/** As the server sends it. */
export interface Push {
  room_id: number
  message_id: number
  /** The room's name; empty in a conversation of two. */
  room: string
  author: string
  /** Left out where texts are private. */
  text?: string
  language?: string
}

const texts = {
  ko: { app: '마루', message: '새 글이 있어요.' },
  en: { app: 'Maru', message: 'There is a new message.' },
}

export interface Shown {
  title: string
  body: string
  tag: string
  url: string
}

/** Something is always shown: a browser withdraws what stays silent. */
export function shownOf(data: unknown, browser: string): Shown {
  const push = (typeof data === 'object' && data !== null ? data : {}) as Partial<Push>
  const { language = 'system' } = push
  const spoken = language === 'system' ? browser : language
  const words = texts[spoken.toLowerCase().startsWith('ko') ? 'ko' : 'en']
  const { room_id: room, message_id: message } = push
  const where = typeof room === 'number' && typeof message === 'number'
  return {
    title: [push.author, push.room].filter(Boolean).join(' · ') || words.app,
    body: push.text === undefined ? words.message : preview(whole(push.text)),
    tag: where ? tagOf(room) : 'maru',
    url: where ? `/rooms/${room}?m=${message}` : '/',
  }
}

/** Of a long text the server sends the beginning: what hides there must not have lost its end. */
function whole(text: string): string {
  const parts = text.split('||')
  if (!text.endsWith('…') || parts.length % 2 === 1) return text
  return `${parts.slice(0, -1).join('||')}▒▒▒…`
}

/** One notification a room: the page and the worker replace each other's. */
export const tagOf = (room: number): string => `room-${room}`
