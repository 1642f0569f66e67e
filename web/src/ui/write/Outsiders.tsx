/** Somebody was named who is not in the room: they hear of it only when they are asked in. */
import type { Author } from '../../api/types'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { useAction } from '../useAction'
import { toast } from '../parts/toasts'

interface Props {
  room: number
  people: readonly Author[]
  onDone: (id: number) => void
}

export function Outsiders({ room, people, onDone }: Props) {
  return people.map((user) => <Outsider key={user.id} room={room} user={user} onDone={onDone} />)
}

function Outsider({ room, user, onDone }: { room: number; user: Author; onDone: Props['onDone'] }) {
  const w = useWords()
  const client = useClient()
  const { problem, run } = useAction()
  return (
    <div className="outsider" role="status">
      <Icon name="at" />
      <span>{problem ?? w.inviteOffer(user.display_name)}</span>
      <button
        type="button"
        onClick={() =>
          run(async () => {
            await client.api.addMember(room, user.id)
            toast({ text: w.invited(user.display_name) })
            onDone(user.id)
          })
        }
      >
        {w.inviteHere}
      </button>
      <button type="button" className="quiet" aria-label={w.close} onClick={() => onDone(user.id)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
