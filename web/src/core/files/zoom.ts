/** How a picture lies in its window: scaled about a place, moved, never out of sight. */
export interface View {
  scale: number
  /** How far its middle is from the window's. */
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const fitted: View = { scale: 1, x: 0, y: 0 }
const CLOSEST = 8

/** `at` stays where it is: a place seen from the window's middle. */
export function zoomed(view: View, by: number, at: { x: number; y: number }, size: Size): View {
  const scale = Math.min(CLOSEST, Math.max(1, view.scale * by))
  const ratio = scale / view.scale
  return within(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    size,
  )
}

export function panned(view: View, x: number, y: number, size: Size): View {
  return within({ ...view, x: view.x + x, y: view.y + y }, size)
}

/** What fits has nowhere to go. */
function within({ scale, x, y }: View, { width, height }: Size): View {
  const most = (side: number) => (side * (scale - 1)) / 2
  const kept = (at: number, side: number) => Math.min(most(side), Math.max(-most(side), at)) + 0
  return { scale, x: kept(x, width), y: kept(y, height) }
}
