import { useRef } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'

export function AttachButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const w = useWords()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={w.attach}
        data-tip={w.attach}
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={w.attach}
        tabIndex={-1}
        onChange={(e) => {
          onFiles([...(e.currentTarget.files ?? [])])
          // The same file again is another choice.
          e.currentTarget.value = ''
        }}
      />
    </>
  )
}
