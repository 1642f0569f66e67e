/** How files are shown: as what, how large, called how. */
import type { Attachment } from '../../api/types'

export type Look = 'picture' | 'video' | 'audio' | 'text' | 'document' | 'file'

/** What of a file its look hangs on. */
export type Shape = Pick<Attachment, 'mime' | 'width' | 'height' | 'size' | 'name'>

const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
/** More text than this is not read in the app. */
export const TEXT_BYTES = 512 * 1024

export function lookOf({ mime, width, size }: Shape): Look {
  if (pictures.has(mime)) return width == null ? 'file' : 'picture'
  if (mime.startsWith('video/')) return 'video'
  if (mime.startsWith('audio/')) return 'audio'
  // The browser's own viewer shows it, in a tab.
  if (mime === 'application/pdf') return 'document'
  if (mime.startsWith('text/') && size <= TEXT_BYTES) return 'text'
  return 'file'
}

export interface Box {
  width: number
  height: number
}

/** One picture alone has this much room; several stand in rows. */
const ALONE: Box = { width: 360, height: 320 }
const ROW_PX = 160
/** Narrow ones can still be hit, wide ones leave room for others. */
const NARROW = 0.5
const WIDE = 2

/** The box of a picture, known before it is loaded. It never grows beyond its own size. */
export function boxOf({ width, height }: Pick<Shape, 'width' | 'height'>, alone: boolean): Box {
  const [w, h] = [Math.max(1, width ?? 1), Math.max(1, height ?? 1)]
  if (!alone) {
    const ratio = Math.min(WIDE, Math.max(NARROW, w / h))
    return { width: Math.round(ROW_PX * ratio), height: ROW_PX }
  }
  const scale = Math.min(1, ALONE.width / w, ALONE.height / h)
  return { width: Math.max(24, Math.round(w * scale)), height: Math.max(24, Math.round(h * scale)) }
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** `1.4 MB`, as the disk counts: 1,000 at a time. */
export function bytes(count: number): string {
  let at = 0
  let rest = count
  while (rest >= 999.5 && at < units.length - 1) {
    rest /= 1_000
    at += 1
  }
  const digits = at > 0 && rest < 9.95 ? 1 : 0
  return `${rest.toFixed(digits)} ${units[at] ?? ''}`
}

/** The ending of a name, in capitals and short, for its card. */
export function ending(name: string): string {
  return /\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1]?.toUpperCase() ?? ''
}

const languages: Record<string, string> = {
  js: 'javascript',
  mjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  kt: 'kotlin',
  cs: 'csharp',
  h: 'c',
  hpp: 'cpp',
  cc: 'cpp',
  sh: 'bash',
  yml: 'yaml',
  html: 'xml',
  svg: 'xml',
  md: 'markdown',
  toml: 'ini',
  conf: 'ini',
}

/** The language of code by its file's name; empty where it is only text. */
export function languageOf(name: string): string {
  if (/^dockerfile$/i.test(name)) return 'dockerfile'
  const end = ending(name).toLowerCase()
  return languages[end] ?? end
}

export const fileUrl = (id: number): string => `/api/v1/files/${id}`
export const downloadUrl = (id: number): string => `/api/v1/files/${id}?download=true`
export const thumbnailUrl = (id: number): string => `/api/v1/files/${id}/thumbnail`
/** Of the n-th page that a message links to. */
export const previewPictureUrl = (message: number, n: number): string =>
  `/api/v1/messages/${message}/previews/${n}/picture`
