/** What one kept for later, the last kept first. */
import { useCallback } from 'react'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { toast } from '../parts/toasts'
import { Card } from './Card'
import { Place, PlaceList } from './Place'
import { useList } from './useList'

export default function Saved() {
  const w = useWords()
  const client = useClient()
  const ask = useCallback(
    async (from?: number) => {
      const { saved, cursor } = await client.api.saved(from)
      return { items: saved, cursor: cursor ?? undefined }
    },
    [client],
  )
  const { items, problem, onMore, drop } = useList(ask, null)
  const letGo = (id: number) => {
    drop(({ message }) => message.id === id)
    client.saved.set(id, false).then(
      () =>
        toast({
          text: w.unsaved,
          act: { label: w.undo, undoes: true, run: () => void client.saved.set(id, true) },
        }),
      () => undefined,
    )
  }
  return (
    <Place title={w.savedPlace} note={w.savedNote}>
      <PlaceList
        waiting={items === null}
        problem={problem}
        isEmpty={items?.length === 0}
        icon="flag"
        empty={w.noSaved}
        hint={w.noSavedHint}
        onMore={onMore}
      >
        {items?.map(({ message }) => (
          <Card
            key={message.id}
            message={message}
            tools={
              <button
                type="button"
                className="quiet"
                aria-label={w.unsave}
                data-tip={w.unsave}
                onClick={() => letGo(message.id)}
              >
                <Icon name="check" />
              </button>
            }
          />
        ))}
      </PlaceList>
    </Place>
  )
}
