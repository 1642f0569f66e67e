/** What a message says in one line: its text, else what it carries. */
import type { Message } from '../api/types'
import { preview } from './markdown/preview'

export function said({ text, files }: Pick<Message, 'text' | 'files'>): string {
  return text === '' ? files.map(({ name }) => name).join(', ') : preview(text)
}
