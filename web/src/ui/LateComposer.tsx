/** Where one writes comes behind what is read first. */
import { later } from './later'

/** Whoever edits types at once: it is there when the composer is. */
export const EditBox = later(() => import('./EditBox'))

/** Until it comes a frame of its height holds its place. */
export const Composer = later(
  async () => {
    const part = await import('./Composer')
    EditBox.ahead()
    return part
  },
  <div className="composer" aria-hidden="true">
    <div className="write-frame">
      <div className="grow" />
      <div className="write-foot write-foot-waiting" />
    </div>
  </div>,
)
