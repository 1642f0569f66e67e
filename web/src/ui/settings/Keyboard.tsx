import { useWords } from '../../i18n'
import { Choice } from '../parts/Choice'
import { show } from '../shell/overlays'
import { settings, useSettings } from './store'

export function Keyboard() {
  const w = useWords()
  const { enter } = useSettings()
  return (
    <>
      <Choice
        label={w.enterDoes}
        hint={enter === 'send' ? w.enterSends : w.enterBreaks}
        value={enter}
        options={[
          { value: 'send', label: w.enterSend },
          { value: 'newline', label: w.enterNewLine },
        ]}
        onChoose={(value) => settings.set({ enter: value })}
      />
      <div className="buttons">
        <button type="button" onClick={() => show({ kind: 'keys' })}>
          {w.shortcuts}
        </button>
      </div>
    </>
  )
}
