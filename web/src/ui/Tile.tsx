import { initial } from '../core/text'

/** A person's or room's tile: the first letter on one of the painted-eaves colours. */
export function Tile({ id, name }: { id: number; name: string }) {
  // Ids step by 4096.
  const hue = Math.floor(id / 4096 + id) % 6
  return (
    <span className={`tile tile-${hue}`} aria-hidden="true">
      {initial(name)}
    </span>
  )
}
