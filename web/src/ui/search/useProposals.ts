/** What may be meant while one types: filters by half a name, else what the server proposes. */
import { useEffect, useState } from 'react'
import type { Suggestions } from '../../api/types'
import type { Api } from '../../core/api'
import { find } from '../../core/hangul'
import { myRooms, roomTitle } from '../../core/model'
import { things, typing, type FilterKey } from '../../core/query'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import type { IconName } from '../Icon'
import { usePeople } from '../people/usePeople'
import { roomPath } from '../route'

export type Proposal = {
  id: string
  icon: IconName
  label: string
  aside?: string
} & (
  | { kind: 'words'; text: string }
  | { kind: 'filter'; key: FilterKey; value: string }
  | { kind: 'go'; to: string }
)

export function useProposals(api: Api, typed: string | null): Proposal[] {
  const w = useWords()
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const filter = typing(typed ?? '')
  const plain = filter ? '' : (typed ?? '').normalize('NFC').trim()
  const { people } = usePeople(
    filter?.key === 'from' ? filter.value : '',
    6,
    filter?.key === 'from',
  )
  const [found, setFound] = useState<Partial<Suggestions>>({})

  useEffect(() => {
    if (plain === '') return
    const abort = new AbortController()
    // Without suggestions one can still search; a failure needs no words.
    api.suggest(plain, abort.signal).then(setFound, () => undefined)
    return () => abort.abort()
  }, [api, plain])

  const propose = (): Proposal[] => {
    if (filter?.key === 'from') {
      return people.map((user) => ({
        id: `from ${user.id}`,
        icon: 'person',
        kind: 'filter',
        key: 'from',
        label: user.display_name,
        aside: `@${user.username}`,
        value: user.username,
      }))
    }
    if (filter?.key === 'in') {
      const title = (room: Parameters<typeof roomTitle>[0]) => roomTitle(room, me)
      return find(filter.value, myRooms(client.store.state), (room) => [title(room)])
        .slice(0, 8)
        .map((room) => ({
          id: `in ${room.id}`,
          icon: room.kind === 'direct' ? 'chat' : 'hash',
          kind: 'filter',
          key: 'in',
          label: title(room),
          value: title(room),
        }))
    }
    if (filter?.key === 'has') {
      return things.map((thing) => ({
        id: `has ${thing}`,
        icon: 'clip',
        kind: 'filter',
        key: 'has',
        label: w.things[thing],
        aside: `has:${thing}`,
        value: thing,
      }))
    }
    if (plain === '') return []
    const { completions = [], related = [], rooms = [] } = found
    const words = [...new Set([...completions.slice(0, 6), ...related.slice(0, 3)])]
    return [
      ...words.map((text): Proposal => ({
        id: `word ${text}`,
        icon: 'search',
        kind: 'words',
        label: text,
        text,
      })),
      ...rooms.slice(0, 3).map((room): Proposal => ({
        id: `room ${room.id}`,
        icon: 'hash',
        kind: 'go',
        label: room.name,
        aside: w.goToRoom,
        to: roomPath(room.id),
      })),
    ]
  }
  return propose()
}
