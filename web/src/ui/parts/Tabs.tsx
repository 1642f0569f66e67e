/** Views of one thing, one of which is shown. Arrows move between them. */
import { useId, useRef, type ReactNode } from 'react'
import { moved } from './moved'
import './tabs.css'

interface Props<T extends string> {
  label: string
  tabs: readonly { id: T; label: string }[]
  current: T
  onTab: (id: T) => void
  children: ReactNode
}

export function Tabs<T extends string>({ label, tabs, current, onTab, children }: Props<T>) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  return (
    <>
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className="tabs"
        onKeyDown={(e) => {
          const at = tabs.findIndex((tab) => tab.id === current)
          const next = moved(e.key, at, tabs.length, 'horizontal')
          const tab = next === null ? undefined : tabs[next]
          if (!tab) return
          e.preventDefault()
          onTab(tab.id)
          list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next ?? 0]?.focus()
        }}
      >
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab.id === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            className="tab"
            onClick={() => onTab(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${current}`}
        className="tab-panel"
      >
        {children}
      </div>
    </>
  )
}
