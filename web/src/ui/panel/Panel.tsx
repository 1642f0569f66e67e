/** The frame of what stands beside a room. On a narrow screen it covers the room. */
import { useRef, type ReactNode } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { isComposing } from '../composing'
import { useReturn } from './useReturn'

interface Props {
  title: string
  /** Of what: said beside the title. */
  note?: string
  /** Stand before the button that closes. */
  tools?: ReactNode
  onClose: () => void
  children: ReactNode
}

export function Panel({ title, note, tools, onClose, children }: Props) {
  const w = useWords()
  const panel = useRef<HTMLElement>(null)

  // The focus comes in, unless something inside took it, and goes back to where it was.
  useReturn(() => {
    const element = panel.current
    if (element && !element.contains(document.activeElement)) element.focus({ preventScroll: true })
  }, panel)

  return (
    <aside
      ref={panel}
      className="panel"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(e) => {
        if (e.key === 'Escape' && !e.defaultPrevented && !isComposing(e.nativeEvent)) onClose()
      }}
    >
      <header className="panel-head">
        <button type="button" className="quiet narrow" aria-label={w.back} onClick={onClose}>
          <Icon name="back" />
        </button>
        <div className="panel-title">
          <h2>{title}</h2>
          {note !== undefined && <p>{note}</p>}
        </div>
        {tools}
        <button type="button" className="quiet wide" aria-label={w.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </aside>
  )
}
