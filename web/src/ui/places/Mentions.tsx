/** What was said to oneself, the newest first. */
import { useCallback } from 'react'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Card } from './Card'
import { Place, PlaceList } from './Place'
import { useList } from './useList'

export default function Mentions() {
  const w = useWords()
  const client = useClient()
  const ask = useCallback(
    async (from?: number) => {
      const { messages, cursor } = await client.api.mentions(from)
      return { items: messages, cursor: cursor ?? undefined }
    },
    [client],
  )
  const { items, problem, onMore } = useList(ask, null)
  return (
    <Place title={w.mentions} note={w.mentionsNote}>
      <PlaceList
        waiting={items === null}
        problem={problem}
        isEmpty={items?.length === 0}
        icon="at"
        empty={w.noMentions}
        hint={w.noMentionsHint}
        onMore={onMore}
      >
        {items?.map((message) => (
          <Card key={message.id} message={message} />
        ))}
      </PlaceList>
    </Place>
  )
}
