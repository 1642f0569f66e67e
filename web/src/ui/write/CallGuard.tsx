/** Before many people are told at once. */
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Confirm } from '../parts/Dialog'

interface Props {
  room: number
  onSend: () => void
  onClose: () => void
}

export default function CallGuard({ room, onSend, onClose }: Props) {
  const w = useWords()
  const count = useChat((state) => (state.rooms[room]?.member_count ?? 1) - 1)
  return (
    <Confirm
      title={w.callSure(count)}
      confirm={w.callSend}
      danger={false}
      onConfirm={onSend}
      onClose={onClose}
    />
  )
}
