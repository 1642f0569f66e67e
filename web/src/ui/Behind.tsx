/** What comes right behind the first message: where one writes, and what one does with a message. */
import { later } from './later'
import { opened } from './painted'

const behind = async <T,>(load: () => Promise<T>): Promise<T> => opened().then(load)

// Whoever edits types at once, and what is opened by a key takes the focus at once.
export const EditBox = later(() => import('./EditBox'))
export const Tools = later(() => import('./timeline/Tools'))
export const Tips = later(() => behind(() => import('./parts/Tips')), null)
/** With the shortcuts; whatever was asked for before opens as soon as it is there. */
export const Overlays = later(() => behind(() => import('./shell/Overlays')), null)
export const Toasts = later(() => behind(() => import('./parts/Toasts')), null)
export const MenuList = later(() => import('./parts/MenuList'))

/** Until it comes a frame of its height holds its place. */
export const Composer = later(
  async () => {
    const part = await behind(() => import('./Composer'))
    for (const one of [EditBox, Tools, MenuList]) void one.ahead()
    return part
  },
  <div className="composer" aria-hidden="true">
    <div className="write-frame">
      <div className="grow" />
      <div className="write-foot write-foot-waiting" />
    </div>
  </div>,
)
