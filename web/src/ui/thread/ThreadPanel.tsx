/** A thread beside its room: a line of messages as the room's own, with its own composer. */
import { useEffect, useMemo } from 'react'
import type { Room } from '../../api/types'
import { roomTitle, threadLine } from '../../core/model'
import { sentenceFor, useWords } from '../../i18n'
import { Composer } from '../Composer'
import { useChat, useClient } from '../context'
import { Panel } from '../panel/Panel'
import { Timeline } from '../timeline/Timeline'
import type { Target } from '../timeline/useScroll'

interface Props {
  room: Room
  root: number
  target: Target | undefined
  onClose: () => void
}

export function ThreadPanel({ room, root, target, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const id = room.id
  const line = useMemo(() => ({ room: id, root }), [id, root])
  const missing = useChat((state) => state.timelines[threadLine(root)] === undefined)
  const loaded = useChat((state) => state.loaded)
  const problem = useChat((state) => state.problems[threadLine(root)])
  const me = useChat((state) => state.me?.id)

  useEffect(() => {
    client.show(line)
    return () => client.hide(line)
  }, [client, line])
  useEffect(() => {
    if (loaded) client.load(line)
  }, [client, line, missing, loaded])

  return (
    <Panel title={w.thread} onClose={onClose}>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem === 'not_found' ? w.threadGone : sentenceFor(problem)}
        </p>
      )}
      <Timeline line={line} target={target} label={w.threadIn(roomTitle(room, me))} />
      {room.me && !missing && (
        <Composer room={id} root={root} title={w.thread} replyTo={null} onReplied={nothing} />
      )}
    </Panel>
  )
}

const nothing = () => undefined
