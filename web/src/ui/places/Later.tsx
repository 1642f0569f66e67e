/** What is written and not said yet: drafts, and messages that wait for their time. */
import { useCallback, useState } from 'react'
import type { Scheduled } from '../../api/types'
import { bytes, fileUrl } from '../../core/files/shape'
import { roomTitle } from '../../core/model'
import { dayAndClock } from '../../core/time'
import { sentence, sentenceFor, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Menu } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { go, roomPath, threadPath } from '../route'
import { useDrafts } from '../write/drafts'
import { Place, PlaceList } from './Place'
import { useList } from './useList'
import { WhenDialog } from './When'

export default function Later() {
  const w = useWords()
  const client = useClient()
  const drafts = useDrafts()
  const changes = useChat((state) => state.unsent)
  const ask = useCallback(async () => {
    const { scheduled } = await client.api.scheduled()
    return { items: scheduled, cursor: undefined as number | undefined }
  }, [client])
  const { items, problem } = useList(ask, changes)
  const rooms = useChat((state) => state.rooms)
  const me = useChat((state) => state.me?.id)
  const [, setDropped] = useState(0)
  const begun = drafts.all().filter(({ room }) => rooms[room]?.me)
  const titleOf = (id: number) => {
    const room = rooms[id]
    return room ? roomTitle(room, me) : ''
  }
  return (
    <Place title={w.unsentPlace} note={w.unsentNote}>
      <h2 className="place-section">{w.scheduled}</h2>
      <PlaceList
        waiting={items === null}
        problem={problem}
        isEmpty={items?.length === 0}
        icon="clock"
        empty={w.noScheduled}
        hint={w.noScheduledHint}
      >
        {items?.map((one) => (
          <One key={one.id} scheduled={one} title={titleOf(one.room_id)} />
        ))}
      </PlaceList>
      {begun.length > 0 && (
        <>
          <h2 className="place-section">{w.drafts}</h2>
          <ul className="cards">
            {begun.map(({ room, root, text, place }) => (
              <li key={place} className="card">
                <div className="card-head">
                  <span className="card-who">
                    <strong>
                      {root === undefined ? titleOf(room) : w.threadIn(titleOf(room))}
                    </strong>
                  </span>
                  <span className="card-tools">
                    <button
                      type="button"
                      className="quiet"
                      aria-label={w.discard}
                      data-tip={w.discard}
                      onClick={() => {
                        drafts.forget(place)
                        setDropped((n) => n + 1)
                      }}
                    >
                      <Icon name="trash" />
                    </button>
                    <button
                      type="button"
                      className="quiet card-go"
                      onClick={() =>
                        go(root === undefined ? roomPath(room) : threadPath(room, root))
                      }
                    >
                      {w.goOnWriting}
                    </button>
                  </span>
                </div>
                <p className="card-text">{text}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </Place>
  )
}

function One({ scheduled, title }: { scheduled: Scheduled; title: string }) {
  const w = useWords()
  const client = useClient()
  const { id, room_id, text, files, send_at, failed, reply_to } = scheduled
  const [changing, setChanging] = useState(false)
  const act = (done: Promise<unknown>) => {
    done.catch((error: unknown) => toast({ text: sentence(error) }))
  }
  return (
    <li className="card">
      <div className="card-head">
        <span className="card-who">
          <strong>{reply_to == null ? title : w.threadIn(title)}</strong>
          <small>
            <time dateTime={send_at}>{dayAndClock(send_at, w.language, client.now())}</time>
          </small>
        </span>
        <Menu
          label={w.scheduledMenu}
          items={[
            {
              label: w.sendNow,
              icon: 'send',
              onPick: () => act(client.api.sendScheduled(id)),
            },
            { label: w.changeTime, icon: 'clock', onPick: () => setChanging(true) },
            {
              label: w.goToRoom,
              icon: 'chat',
              onPick: () =>
                go(reply_to == null ? roomPath(room_id) : threadPath(room_id, reply_to)),
            },
            {
              label: w.unschedule,
              icon: 'trash',
              danger: true,
              apart: true,
              onPick: () => act(client.api.unschedule(id)),
            },
          ]}
        />
      </div>
      {text !== '' && <p className="card-text">{text}</p>}
      {files.length > 0 && (
        <ul className="card-files">
          {files.map((file) => (
            <li key={file.id}>
              <Icon name="file" />
              <a href={fileUrl(file.id)} target="_blank" rel="noopener">
                {file.name}
              </a>
              <small>{bytes(file.size)}</small>
            </li>
          ))}
        </ul>
      )}
      {failed != null && (
        <p className="problem" role="alert">
          {w.scheduledFailed} {sentenceFor(failed)}
        </p>
      )}
      {changing && (
        <WhenDialog
          at={send_at}
          onPick={(at) => act(client.api.changeScheduled(id, { send_at: at }))}
          onClose={() => setChanging(false)}
        />
      )}
    </li>
  )
}
