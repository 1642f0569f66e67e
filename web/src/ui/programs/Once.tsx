/** A secret that is shown once: the server keeps only what proves it. */
import { useId } from 'react'
import { useWords } from '../../i18n'
import { copy } from '../copy'
import { Icon } from '../Icon'
import { toast } from '../parts/toasts'

interface Props {
  label: string
  secret: string
  hint: string
  /** How it is used, as a program would. */
  example?: string
}

export function Once({ label, secret, hint, example }: Props) {
  const w = useWords()
  const id = useId()
  const share = () => {
    copy(secret).then(
      () => toast({ text: w.copied }),
      () => undefined,
    )
  }
  return (
    <div className="once">
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <div className="with-button">
          <input
            id={id}
            readOnly
            value={secret}
            data-first
            aria-describedby={`${id}-hint`}
            onFocus={(e) => e.currentTarget.select()}
          />
          <button type="button" className="primary" onClick={share}>
            <Icon name="copy" /> {w.copy}
          </button>
        </div>
        <small id={`${id}-hint`}>{hint}</small>
      </div>
      {example !== undefined && (
        <pre tabIndex={0}>
          <code>{example}</code>
        </pre>
      )}
    </div>
  )
}
