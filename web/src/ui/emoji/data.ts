/** All emoji; loaded with the first question for one. */
import rows from 'virtual:emoji'
import { Emojis } from '../../core/emojis/find'
import { drawn } from './drawn'

export const emojis = new Emojis(rows.filter((row) => drawn(row[3])))
