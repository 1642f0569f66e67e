import { initial } from '../core/text'
import { useChat } from './context'

interface Props {
  id: number
  name: string
}

/** A person's or room's tile: the first letter on one of the painted-eaves colours. */
export function Tile({ id, name }: Props) {
  const avatar = useChat((state) => state.users[id]?.avatar)
  return <Picture id={id} name={name} avatar={avatar} />
}

/** The same where it is known what the person looks like. */
export function Picture({ id, name, avatar }: Props & { avatar: string | null | undefined }) {
  if (avatar != null) {
    return (
      <span className="tile" aria-hidden="true">
        <img src={avatar} alt="" width={36} height={36} loading="lazy" decoding="async" />
      </span>
    )
  }
  // Ids step by 4096.
  const hue = Math.floor(id / 4096 + id) % 6
  return (
    <span className={`tile tile-${hue}`} aria-hidden="true">
      {initial(name)}
    </span>
  )
}
