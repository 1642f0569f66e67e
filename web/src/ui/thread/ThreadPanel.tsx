/** A thread beside its room: a line of messages as the room's own, with its own composer. */
import { useEffect, useMemo, useState } from 'react'
import type { Room } from '../../api/types'
import { roomTitle, threadLine, takesPart } from '../../core/model'
import { sentence, sentenceFor, useWords } from '../../i18n'
import { Composer } from '../Behind'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Panel } from '../panel/Panel'
import { toast } from '../parts/toasts'
import { Timeline } from '../timeline/Timeline'
import type { Target } from '../timeline/useScroll'

interface Props {
  room: Room
  root: number
  target: Target | undefined
  onClose: () => void
}

export default function ThreadPanel({ room, root, target, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const id = room.id
  const line = useMemo(() => ({ room: id, root }), [id, root])
  const missing = useChat((state) => state.timelines[threadLine(root)] === undefined)
  const loaded = useChat((state) => state.loaded)
  const problem = useChat((state) => state.problems[threadLine(root)])
  const me = useChat((state) => state.me?.id)
  const [also, setAlso] = useState(false)
  const message = target?.message
  const title = roomTitle(room, me)

  useEffect(() => {
    client.show(line)
    return () => client.hide(line)
  }, [client, line])
  useEffect(() => {
    if (loaded) client.load(line, message === root ? undefined : message)
  }, [client, line, missing, loaded, message, root])

  return (
    <Panel
      title={w.thread}
      note={title}
      tools={takesPart(room) && !missing && <Follow root={root} />}
      onClose={onClose}
    >
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem === 'not_found' ? w.threadGone : sentenceFor(problem)}
        </p>
      )}
      <Timeline line={line} target={target} label={w.threadIn(title)} />
      {takesPart(room) && !missing && (
        <Composer
          room={id}
          root={root}
          title={w.thread}
          also={also}
          onSent={() => setAlso(false)}
          foot={
            <label className="also">
              <input
                type="checkbox"
                checked={also}
                onChange={(e) => setAlso(e.currentTarget.checked)}
              />
              {room.kind === 'direct' ? w.alsoInTalk : w.alsoInRoom(title)}
            </label>
          }
        />
      )}
    </Panel>
  )
}

/** Whether one is told of what is said in the thread. */
function Follow({ root }: { root: number }) {
  const w = useWords()
  const client = useClient()
  const following = useChat((state) => state.follows[root]?.following === true)
  return (
    <button
      type="button"
      className="quiet follow"
      aria-pressed={following}
      data-tip={following ? w.unfollow : w.follow}
      onClick={() => {
        client.follow(root, !following).catch((error: unknown) => toast({ text: sentence(error) }))
      }}
    >
      <Icon name="bell" />
      <span>{following ? w.following : w.follow}</span>
    </button>
  )
}
