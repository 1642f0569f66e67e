import { Icon } from '../Icon'

/** Half a name, to look for somebody or something in a list. */
export function Filter({ label, onQuery }: { label: string; onQuery: (query: string) => void }) {
  return (
    <div className="finder">
      <Icon name="search" />
      <input
        type="search"
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        onInput={(e) => onQuery(e.currentTarget.value)}
      />
    </div>
  )
}
