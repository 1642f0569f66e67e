import type { ReactNode } from 'react'
import { useWords } from '../../i18n'
import { Icon, type IconName } from '../Icon'
import { back, following } from '../route'
import { useNarrow } from '../useNarrow'
import './settings.css'

interface PagesProps {
  title: string
  /** A section was asked for by its address. */
  chosen: boolean
  nav: { to: string; icon: IconName; label: string; here: boolean }[]
  heading: string
  listPath: string
  children: ReactNode
}

/** Pages with a list of them beside it; on a narrow screen the list comes first. */
export function Pages({ title, chosen, nav, heading, listPath, children }: PagesProps) {
  const w = useWords()
  const Heading = useNarrow() ? 'h1' : 'h2'
  return (
    <main className="pages" data-chosen={chosen}>
      <nav className="pages-nav" aria-label={title}>
        <header className="pages-head">
          <button
            type="button"
            className="quiet narrow"
            aria-label={w.back}
            onClick={() => back('/')}
          >
            <Icon name="back" />
          </button>
          <h1>{title}</h1>
        </header>
        <ul>
          {nav.map(({ to, icon, label, here }) => (
            <li key={to}>
              <a
                href={to}
                className="pages-link"
                aria-current={here ? 'page' : undefined}
                onClick={following(to)}
              >
                <Icon name={icon} />
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="pages-body">
        <header className="pages-head">
          <button
            type="button"
            className="quiet narrow"
            aria-label={w.back}
            onClick={() => back(listPath)}
          >
            <Icon name="back" />
          </button>
          <Heading>{heading}</Heading>
        </header>
        <div className="pages-content">{children}</div>
      </div>
    </main>
  )
}
