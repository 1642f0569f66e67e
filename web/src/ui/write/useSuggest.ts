/**
 * The list that finishes what one types. It follows every input, also within an open syllable; the
 * text changes between compositions only.
 */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type RefObject } from 'react'
import type { Author } from '../../api/types'
import type { Emojis } from '../../core/emojis/find'
import type { Client } from '../../core/client'
import { CALLED_MEMBERS, type Call } from '../../core/calls'
import { find } from '../../core/hangul'
import { Directory, stillNamed, type AskPeople, type Chosen } from '../../core/mentions'
import { type Emoji } from '../../core/emojis/find'
import { withTone } from '../../core/emojis/emoji'
import { closedName, question, type Question } from '../../core/write/completion'
import { useChat, useClient } from '../context'
import { currentTone, likelyEmoji, usedEmoji } from '../emoji/used'
import { endComposition, insert } from './field'

const SHOWN = 8

export type Option =
  | { key: string; kind: 'person'; user: Author; outside: boolean }
  | { key: string; kind: 'emoji'; emoji: Emoji }
  | { key: string; kind: 'call'; name: Call }

interface Options {
  room: number
  /** Chosen before, as a draft remembers them. */
  chosen: () => Chosen[]
  onChosen: (text: string, chosen: Chosen[]) => void
  /** Somebody was named who is not in the room. */
  onOutsider: (user: Author) => void
}

const callNames: Record<Call, string[]> = {
  room: ['room', 'all', 'channel', '모두', '전체'],
  here: ['here', '여기'],
}

/** The calls that a half-typed name may mean; without a letter none is offered. */
function callsFor(typed: string): Option[] {
  if (typed === '') return []
  return (['room', 'here'] as const)
    .filter((name) => find(typed, [name], () => callNames[name]).length > 0)
    .map((name) => ({ key: `call-${name}`, kind: 'call', name }))
}

/** The people of a room, to be chosen from; with `others` also those who could be asked in. */
function peopleOf({ api, store }: Client, room: number, others: boolean): Directory {
  const members: AskPeople = async (q, limit, signal) =>
    (await api.members(room, { q, limit }, signal)).map(({ user }) => user)
  const anybody: AskPeople = (q, limit, signal) => api.findPeople(q, limit, signal)
  return new Directory(members, store.state.me?.id ?? 0, others ? anybody : undefined)
}

export type Suggest = ReturnType<typeof useSuggest>

export function useSuggest(field: RefObject<HTMLTextAreaElement | null>, options: Options) {
  const client = useClient()
  const { room } = options
  // Whoever comes or goes changes who may be named.
  const members = useChat((state) => state.rooms[room]?.member_count)
  const direct = useChat((state) => state.rooms[room]?.kind === 'direct')
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a new count is a new directory
  const directory = useMemo(() => peopleOf(client, room, !direct), [client, room, members, direct])
  const mayCall = useChat((state) => {
    const { kind, member_count: count = 0, me } = state.rooms[room] ?? {}
    const owns = me?.role === 'owner' || state.me?.role === 'admin'
    return kind !== 'direct' && (count <= CALLED_MEMBERS || owns)
  })
  const [asked, setAsked] = useState<Question | null>(null)
  const [picked, setPicked] = useState(0)
  const [found, setFound] = useState<Option[]>([])
  const live = useRef<Question | null>(null)
  const all = useRef<Emojis | null>(null)
  const list = useId()

  const answer = useCallback(
    (q: Question): Option[] => {
      if (q.kind === 'person') {
        const calls = mayCall ? callsFor(q.text) : []
        const people = directory.best(q.text).map(({ user, outside }) => ({
          key: `u${user.id}`,
          kind: 'person' as const,
          user,
          outside,
        }))
        return [...people, ...calls]
      }
      const emojis = all.current?.find(q.text, SHOWN, likelyEmoji()) ?? []
      return emojis.map((emoji) => ({ key: emoji.emoji, kind: 'emoji', emoji }))
    },
    [directory, mayCall],
  )
  const show = useCallback(
    (next: Question | null) => {
      live.current = next
      setAsked(next)
      setPicked(0)
      setFound(next === null ? [] : answer(next))
    },
    [answer],
  )
  useEffect(() => {
    if (asked === null) return
    let over = false
    const learn =
      asked.kind === 'person'
        ? directory.look(asked.text)
        : import('../emoji/data').then(({ emojis }) => {
            // Keys that were pressed meanwhile have found nothing yet.
            all.current = emojis
            return true
          })
    learn.then(
      (news) => {
        if (news && !over) setFound(answer(asked))
      },
      // Without the list one can still write the name.
      () => undefined,
    )
    return () => {
      over = true
    }
  }, [directory, asked, answer])

  /** Looks at the text before the caret; allowed at any time, for it only reads. */
  const look = useCallback(() => {
    const element = field.current
    if (!element) return
    const next = question(element.value.slice(0, element.selectionStart))
    const old = live.current
    if (next?.kind === old?.kind && next?.text === old?.text && next?.from === old?.from) return
    show(next)
  }, [field, show])
  /** The caret moved: an open list follows it, none opens. */
  const follow = useCallback(() => {
    if (live.current !== null) look()
  }, [look])

  const take = (option: Option) => {
    const element = field.current
    const from = live.current?.from
    if (!element || from === undefined) return
    show(null)
    if (option.kind === 'person') {
      const { user, outside } = option
      const chosen = [...options.chosen(), { id: user.id, name: user.display_name }]
      insert(element, `@${user.display_name} `, from)
      options.onChosen(element.value, chosen)
      if (outside) options.onOutsider(user)
    } else if (option.kind === 'call') {
      insert(element, `@${option.name} `, from)
    } else {
      const { emoji, toned } = option.emoji
      usedEmoji(emoji)
      insert(element, `${toned ? withTone(emoji, currentTone()) : emoji} `, from)
    }
    show(null)
  }

  /** `:tada:` becomes its emoji with the last sign. */
  const finish = () => {
    const element = field.current
    if (!element || all.current === null) return
    const closed = closedName(element.value.slice(0, element.selectionStart))
    const emoji = closed && all.current.named(closed.name)
    if (!emoji) return
    insert(element, emoji.toned ? withTone(emoji.emoji, currentTone()) : emoji.emoji, closed.from)
    show(null)
  }

  const option = found[picked]
  return {
    found,
    picked,
    list,
    look,
    follow,
    finish,
    open: option !== undefined,
    close: useCallback(() => show(null), [show]),
    /** By pointer: an open syllable ends first. */
    takeByPointer: (one: Option) => {
      if (field.current) endComposition(field.current)
      take(one)
    },
    /** The ids of the chosen people who stand in the text. */
    named: (text: string) => stillNamed(options.chosen(), text),
    /** Takes what is marked; false when there is none to take. */
    takeCurrent: (): boolean => {
      if (!option) return false
      take(option)
      return true
    },
    /** Keys of the list; true when it was one. */
    onKey: (key: string): boolean => {
      if (!option) return false
      const { length } = found
      if (key === 'ArrowDown') setPicked((picked + 1) % length)
      else if (key === 'ArrowUp') setPicked((picked + length - 1) % length)
      else if (key === 'Tab') take(option)
      else if (key === 'Escape') show(null)
      else return false
      return true
    },
    // A field of several lines may not be called a combobox; it may have all of one's properties.
    aria: {
      'aria-autocomplete': 'list' as const,
      'aria-haspopup': 'listbox' as const,
      ...(option
        ? { 'aria-controls': list, 'aria-activedescendant': `${list}-${option.key}` }
        : {}),
    },
  }
}
