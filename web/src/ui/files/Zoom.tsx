/** A picture that can be looked at closely: by wheel, keys, two fingers, a double click. */
import { useEffect, useRef, useState, type PointerEvent } from 'react'
import type { Attachment } from '../../api/types'
import { fileUrl, thumbnailUrl } from '../../core/files/shape'
import { fitted, panned, zoomed, type View } from '../../core/files/zoom'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'

const STEP = 1.4

export function Picture({ file }: { file: Attachment }) {
  const w = useWords()
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View>(fitted)
  const [loaded, setLoaded] = useState(false)
  const fingers = useRef(new Map<number, { x: number; y: number }>())
  const { id, name, width, height } = file

  const size = () => {
    const { width: w = 1, height: h = 1 } = box.current?.getBoundingClientRect() ?? {}
    return { width: w, height: h }
  }
  /** Around a place of the window; around the middle where none is given. */
  const zoom = (by: number, at?: { clientX: number; clientY: number }) => {
    const edges = box.current?.getBoundingClientRect()
    const from =
      at && edges
        ? {
            x: at.clientX - edges.left - edges.width / 2,
            y: at.clientY - edges.top - edges.height / 2,
          }
        : { x: 0, y: 0 }
    setView((old) => zoomed(old, by, from, size()))
  }
  const latest = useRef(zoom)
  useEffect(() => {
    latest.current = zoom
  })

  useEffect(() => {
    const element = box.current
    if (!element) return
    // React's own listener may not prevent the page's zoom.
    const onWheel = (e: WheelEvent) => {
      e.preventDefault()
      latest.current(Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.002)), e)
    }
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return
      if (e.key === '+' || e.key === '=') latest.current(STEP)
      else if (e.key === '-') latest.current(1 / STEP)
      else if (e.key === '0') setView(fitted)
      else return
      e.preventDefault()
    }
    const around = element.closest('dialog')
    element.addEventListener('wheel', onWheel, { passive: false })
    around?.addEventListener('keydown', onKey)
    return () => {
      element.removeEventListener('wheel', onWheel)
      around?.removeEventListener('keydown', onKey)
    }
  }, [])

  const move = (e: PointerEvent) => {
    const before = fingers.current.get(e.pointerId)
    if (!before) return
    const now = { x: e.clientX, y: e.clientY }
    const other = [...fingers.current].find(([key]) => key !== e.pointerId)?.[1]
    if (other) {
      const apart = (p: { x: number; y: number }) => Math.hypot(p.x - other.x, p.y - other.y)
      const at = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 }
      zoom(apart(now) / Math.max(1, apart(before)), at)
    } else {
      setView((old) => panned(old, now.x - before.x, now.y - before.y, size()))
    }
    fingers.current.set(e.pointerId, now)
  }
  const lift = (e: PointerEvent) => fingers.current.delete(e.pointerId)

  return (
    <>
      <div
        ref={box}
        className="viewer-stage"
        data-zoomed={view.scale > 1}
        onDoubleClick={(e) => (view.scale > 1 ? setView(fitted) : zoom(2.5, e))}
        onPointerDown={(e) => {
          if (e.button !== 0) return
          e.currentTarget.setPointerCapture(e.pointerId)
          fingers.current.set(e.pointerId, { x: e.clientX, y: e.clientY })
        }}
        onPointerMove={move}
        onPointerUp={lift}
        onPointerCancel={lift}
      >
        <img
          src={fileUrl(id)}
          alt={name}
          width={width ?? undefined}
          height={height ?? undefined}
          draggable={false}
          data-loaded={loaded}
          onLoad={() => setLoaded(true)}
          style={{
            transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
            ...(loaded ? {} : { backgroundImage: `url("${thumbnailUrl(id)}")` }),
          }}
        />
      </div>
      <div className="viewer-zoom" role="group" aria-label={w.zoom}>
        <button
          type="button"
          className="quiet"
          aria-label={w.zoomOut}
          aria-disabled={view.scale <= 1}
          onClick={() => zoom(1 / STEP)}
        >
          <Icon name="minus" />
        </button>
        <button
          type="button"
          className="quiet"
          aria-label={w.zoomFit}
          onClick={() => setView(fitted)}
        >
          {Math.round(view.scale * 100)}%
        </button>
        <button type="button" className="quiet" aria-label={w.zoomIn} onClick={() => zoom(STEP)}>
          <Icon name="plus" />
        </button>
      </div>
    </>
  )
}
