/** How it looks. Each choice is seen at once. */
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Choice } from '../parts/Choice'
import { Tile } from '../Tile'
import { settings, useSettings } from './store'

export function Appearance() {
  const w = useWords()
  const now = useSettings()
  const me = useChat((state) => state.me)
  return (
    <>
      <Choice
        label={w.theme}
        value={now.theme}
        options={[
          { value: 'system', label: w.asSystem },
          { value: 'light', label: w.themeLight },
          { value: 'dark', label: w.themeDark },
          { value: 'contrast', label: w.themeContrast },
        ]}
        onChoose={(theme) => settings.set({ theme })}
      />
      <Choice
        label={w.density}
        value={now.density}
        options={[
          { value: 'comfortable', label: w.comfortable },
          { value: 'compact', label: w.compact },
        ]}
        onChoose={(density) => settings.set({ density })}
      />
      <Choice
        label={w.textSize}
        value={now.text_size}
        options={[
          { value: 'small', label: w.sizeSmall },
          { value: 'medium', label: w.sizeMedium },
          { value: 'large', label: w.sizeLarge },
          { value: 'largest', label: w.sizeLargest },
        ]}
        onChoose={(text_size) => settings.set({ text_size })}
      />
      <Choice
        label={w.languageLabel}
        value={now.language}
        options={[
          { value: 'system', label: w.asSystem },
          { value: 'ko', label: '한국어' },
          { value: 'en', label: 'English' },
        ]}
        onChoose={(language) => settings.set({ language })}
      />
      <figure className="preview" aria-label={w.preview}>
        {me &&
          [w.previewOne, w.previewTwo].map((said, n) => (
            <div key={n} className="preview-message">
              <Tile id={me.id + n * 4097} name={n === 0 ? w.appName : me.display_name} />
              <div>
                <strong>{n === 0 ? w.appName : me.display_name}</strong>
                <p>{said}</p>
              </div>
            </div>
          ))}
      </figure>
    </>
  )
}
