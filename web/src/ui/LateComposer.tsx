/** The composer comes behind what is read first; until then a frame of its height holds its place. */
import { later } from './later'

export const Composer = later(
  () => import('./Composer'),
  <div className="composer" aria-hidden="true">
    <div className="write-frame">
      <div className="grow" />
      <div className="write-foot write-foot-waiting" />
    </div>
  </div>,
)
