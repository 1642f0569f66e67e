/** What is pinned in a room, the last pinned first. */
import { useCallback, useEffect } from 'react'
import type { Room } from '../../api/types'
import { brief } from '../../core/time'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Panel } from '../panel/Panel'
import { toast } from '../parts/toasts'
import { Card } from './Card'
import { PlaceList } from './Place'
import { useList } from './useList'

export default function PinsPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const { id } = room
  const users = useChat((state) => state.users)
  // Pins come and go while one looks.
  const changes = useChat((state) => state.pinned[id] ?? 0)
  const ask = useCallback(async () => {
    const { pins } = await client.api.pins(id)
    return { items: pins, cursor: undefined as number | undefined }
  }, [client, id])
  const { items, problem } = useList(ask, changes)
  useEffect(() => client.name((items ?? []).map(({ pinned_by }) => pinned_by)), [client, items])
  return (
    <Panel title={w.pins} onClose={onClose}>
      <div className="panel-body">
        <PlaceList
          waiting={items === null}
          problem={problem}
          isEmpty={items?.length === 0}
          icon="pin"
          empty={w.noPins}
          hint={w.noPinsHint}
        >
          {items?.map(({ message, pinned_by, pinned_at }) => (
            <Card
              key={message.id}
              message={message}
              withRoom={false}
              tools={
                room.me && (
                  <button
                    type="button"
                    className="quiet"
                    aria-label={w.unpin}
                    data-tip={w.unpin}
                    onClick={() => {
                      client.api
                        .pin(message.id, false)
                        .catch((error: unknown) => toast({ text: sentence(error) }))
                    }}
                  >
                    <Icon name="close" />
                  </button>
                )
              }
              foot={
                <p className="card-foot">
                  <Icon name="pin" />
                  {w.pinnedBy(
                    users[pinned_by]?.display_name ?? w.unknownUser,
                    brief(pinned_at, w.language, client.now()),
                  )}
                </p>
              }
            />
          ))}
        </PlaceList>
      </div>
    </Panel>
  )
}
