/** Recovery codes, on the one occasion on which they are shown. */
import { useState } from 'react'
import { useWords } from '../../i18n'
import { copy } from '../copy'

export function Codes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const w = useWords()
  const [copied, setCopied] = useState(false)
  return (
    <section className="form" aria-label={w.recovery}>
      <h3>{w.recovery}</h3>
      <p>{w.recoveryKeep}</p>
      <ol className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p className="done" role="status">
        {copied && w.recoveryCopied}
      </p>
      <div className="buttons">
        <button
          type="button"
          onClick={() => void copy(codes.join('\n')).then(() => setCopied(true))}
        >
          {w.recoveryCopy}
        </button>
        <button type="button" className="primary" onClick={onKept}>
          {w.recoverySaved}
        </button>
      </div>
    </section>
  )
}
