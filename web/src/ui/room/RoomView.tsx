/** One room: its head, what was said, who is typing, the composer. */
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { Message, Room } from '../../api/types'
import { roomLine, roomTitle, takesPart } from '../../core/model'
import { sentenceFor, useWords } from '../../i18n'
import { Composer } from '../Behind'
import { useChat, useClient } from '../context'
import { go, roomPath, threadPath, type Route } from '../route'
import { mayManage } from '../rooms/manage'
import { Announcer } from '../timeline/Announcer'
import { Timeline } from '../timeline/Timeline'
import { useAction } from '../useAction'
import { Beginning } from './Beginning'
import { ReadBy } from './ReadBy'
import { RoomHead } from './RoomHead'
import { Typing } from './Typing'

export function RoomView({ id, route }: { id: number; route: Route }) {
  const w = useWords()
  const client = useClient()
  const room = useChat((state) => state.rooms[id])
  const me = useChat((state) => state.me?.id)
  const loaded = useChat((state) => state.loaded)
  const missing = useChat((state) => state.timelines[roomLine(id)] === undefined)
  const problem = useChat((state) => state.problems[roomLine(id)])
  const line = useMemo(() => ({ room: id }), [id])
  const { visit } = route
  useReplyTarget(id, route)
  const message = route.panel === 'thread' ? undefined : route.message
  const target = useMemo(
    () => (message === undefined ? undefined : { message, visit }),
    [message, visit],
  )

  useEffect(() => {
    client.show(line)
    return () => client.hide(line)
  }, [client, line])
  useEffect(() => {
    if (loaded) client.load(line, message)
  }, [client, line, missing, loaded, message])

  // At the newest the address names no message any more: a reload stays there.
  const onNewest = useCallback(() => {
    if (message !== undefined) go(roomPath(id), true)
  }, [id, message])
  const reply = useCallback((to: Message) => go(threadPath(id, to.reply_to ?? to.id)), [id])

  if (!room) {
    return (
      <main className="nowhere">
        <p role="status">{problem === 'not_found' ? w.roomGone : w.loading}</p>
      </main>
    )
  }
  const title = roomTitle(room, me)
  return (
    <main className="room" aria-label={title}>
      <RoomHead room={room} title={title} route={route} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {sentenceFor(problem)}{' '}
          <button type="button" className="link" onClick={() => client.again()}>
            {w.tryAgain}
          </button>
        </p>
      )}
      <Timeline
        line={line}
        label={w.timeline(title)}
        beginning={<Beginning room={room} title={title} />}
        empty={
          <>
            <Beginning room={room} title={title} />
            <p>{w.emptyRoom}</p>
          </>
        }
        target={target}
        onNewest={onNewest}
        onReached={focusComposer}
        onReply={takesPart(room) ? reply : undefined}
      />
      <Announcer room={id} />
      <div className="below">
        <Typing room={id} />
        <ReadBy room={id} />
      </div>
      {room.archived ? (
        <Archived room={room} />
      ) : room.me ? (
        <Composer room={id} title={title} onSent={onNewest} />
      ) : (
        <Join id={id} />
      )}
    </main>
  )
}

/** An address that names a reply leads to its thread: it does not stand in the room. */
function useReplyTarget(room: number, { panel, message }: Route): void {
  const client = useClient()
  const wanted = panel === 'thread' ? undefined : message
  const missing = useChat((state) => {
    const line = state.timelines[roomLine(room)]
    return line !== undefined && wanted !== undefined && !line.messages.some((m) => m.id === wanted)
  })
  useEffect(() => {
    if (!missing || wanted === undefined) return
    let over = false
    client.api.message(wanted).then(
      ({ id, reply_to }) => {
        if (!over && reply_to != null) go(threadPath(room, reply_to, id), panel === undefined)
      },
      () => undefined,
    )
    return () => {
      over = true
    }
  }, [client, room, wanted, missing, panel])
}

function Archived({ room }: { room: Room }) {
  const w = useWords()
  const client = useClient()
  const role = useChat((state) => state.me?.role)
  const back = useAction()
  return (
    <div className="composer-join">
      <p>{back.problem ?? w.archivedHere}</p>
      {mayManage(room, role) && (
        <button
          type="button"
          aria-disabled={back.busy}
          onClick={() =>
            back.run(async () => {
              await client.api.changeRoom(room.id, { archived: false })
              await client.refresh(room.id)
            })
          }
        >
          {w.unarchive}
        </button>
      )}
    </div>
  )
}

function Join({ id }: { id: number }) {
  const w = useWords()
  const client = useClient()
  const join = useAction()
  const button = useRef<HTMLButtonElement>(null)
  // Where one would write otherwise.
  useEffect(() => {
    if (document.activeElement === document.body) button.current?.focus()
  }, [])
  return (
    <div className="composer-join">
      <p>{join.problem ?? w.notMember}</p>
      <button
        ref={button}
        type="button"
        className="primary"
        onClick={() =>
          join.run(async () => {
            await client.api.join(id)
            await client.refresh(id)
          })
        }
      >
        {w.join}
      </button>
    </div>
  )
}

/** After a jump what one types goes where one writes, unless one is writing elsewhere. */
function focusComposer(): void {
  const { activeElement } = document
  if (activeElement?.matches('input, textarea, select, [contenteditable]')) return
  if (!matchMedia('(pointer: fine)').matches) return
  document.querySelector<HTMLElement>('.room .composer textarea')?.focus({ preventScroll: true })
}
