/** The reader's language and look for everything inside; both follow the settings at once. */
import { useEffect, useLayoutEffect, useState, type ReactNode } from 'react'
import { speak, WordsContext, type Words } from '../i18n'
import { languageOf, showLook, useSettings } from './settings/store'

export function Language({ words, children }: { words: Words; children: ReactNode }) {
  const settings = useSettings()
  const [spoken, setSpoken] = useState(words)
  const wanted = languageOf(settings)

  useLayoutEffect(() => showLook(settings), [settings])
  useEffect(() => {
    document.documentElement.lang = spoken.language
  }, [spoken])
  useEffect(() => {
    if (wanted === spoken.language) return
    let over = false
    // A catalogue that does not come leaves the language as it is.
    speak(wanted).then(
      (next) => {
        if (!over) setSpoken(next)
      },
      () => undefined,
    )
    return () => {
      over = true
    }
  }, [wanted, spoken])

  return <WordsContext value={spoken}>{children}</WordsContext>
}
