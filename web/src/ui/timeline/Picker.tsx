/** What one reacts with usually, beside a message. */
import { useWords } from '../../i18n'
import { PickerButton } from '../emoji/PickerButton'
import { usedEmoji, useRecent } from '../emoji/used'
import { Icon } from '../Icon'
import { moved } from '../parts/moved'

/** So many are at hand without looking for them. */
const AT_HAND = 7

interface PickerProps {
  /** Below the buttons, where above there is no room. */
  below: boolean
  onPick: (emoji: string) => void
}

/** What one reacts with usually, and the way to all others. */
export function Picker({ below, onPick }: PickerProps) {
  const w = useWords()
  const recent = useRecent(AT_HAND)
  return (
    <div
      className="picker"
      data-below={below}
      role="group"
      aria-label={w.react}
      onKeyDown={(e) => {
        if (!(e.target instanceof HTMLElement)) return
        const all = [...e.currentTarget.querySelectorAll<HTMLElement>(':scope > button')]
        const at = moved(e.key, all.indexOf(e.target), all.length, 'horizontal')
        if (at === null) return
        e.preventDefault()
        all[at]?.focus()
      }}
    >
      {recent.map((emoji) => (
        <button
          type="button"
          className="quiet"
          key={emoji}
          onClick={() => {
            usedEmoji(emoji)
            onPick(emoji)
          }}
        >
          {emoji}
        </button>
      ))}
      <PickerButton label={w.moreReactions} onPick={onPick}>
        <Icon name="plus" />
      </PickerButton>
    </div>
  )
}
