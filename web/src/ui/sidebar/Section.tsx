/** A part of the list that folds in. */
import { useRef } from 'react'
import type { Section as Own } from '../../core/sections'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { Menu } from '../parts/Menu'
import { show } from '../shell/overlays'
import { arrange, dropSection, useArrangement } from './order'

interface SectionProps {
  id: string
  title: string
  /** Somebody waits in it, also while it is folded in. */
  unread: boolean
  tools: React.ReactNode
  children: React.ReactNode
}

/** Folded in, it still shows where somebody waits and where one is. */
export function Section({ id, title, unread, tools, children }: SectionProps) {
  const { folded } = useArrangement()
  const list = useRef<HTMLUListElement>(null)
  const open = !folded.includes(id)
  const toggle = () => {
    const rest = folded.filter((one) => one !== id)
    arrange({ folded: open ? [...rest, id] : rest })
  }
  return (
    <section className="section" data-open={open}>
      <div className="section-head">
        <h2>
          <button
            type="button"
            className="section-fold"
            aria-expanded={open}
            onClick={toggle}
            data-unread={unread && !open}
          >
            <Icon name="fold" />
            {title}
          </button>
        </h2>
        {tools}
      </div>
      <ul className="planks" ref={list}>
        {children}
      </ul>
    </section>
  )
}

/** What can be done with a section that somebody made. */
export function SectionMenu({ section }: { section: Own }) {
  const w = useWords()
  return (
    <Menu
      label={w.sectionMenu(section.name)}
      items={[
        { label: w.renameSection, icon: 'edit', onPick: () => show({ kind: 'section', section }) },
        { label: w.dropSection, icon: 'trash', onPick: () => dropSection(section.id) },
      ]}
    />
  )
}
