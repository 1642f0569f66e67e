import { Component, type ReactNode } from 'react'
import { w } from '../i18n'

/** The last resort: a page that says so instead of an empty one. */
export class Broken extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <main className="waiting">
        <p role="alert">{w.broken}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          {w.reload}
        </button>
      </main>
    )
  }
}
