/** The ways in which files come into a message: chosen, pasted, dragged onto the room. */
import { useEffect, useRef, useState, type RefObject } from 'react'
import { useClient } from '../context'
import { useWords } from '../../i18n'
import { sentence } from '../../i18n'
import { ApiError } from '../../core/api'
import { toast } from '../parts/toasts'

export function useAttach(place: string) {
  const client = useClient()
  return (files: readonly File[], isPasted = false) => {
    if (files.length === 0) return
    import('./attach')
      .then(({ attach, named }) =>
        attach(client, place, isPasted ? named(files, client.now()) : files),
      )
      .catch(() => toast({ text: sentence(new ApiError('offline', '')) }))
  }
}

/** Files that are dragged over the room or panel around an element; whether some are right now. */
export function useDrop(
  inside: RefObject<HTMLElement | null>,
  onFiles: (files: readonly File[]) => void,
): boolean {
  const w = useWords()
  const [over, setOver] = useState(false)
  const latest = useRef(onFiles)
  useEffect(() => {
    latest.current = onFiles
  })
  useEffect(() => {
    const around = inside.current?.closest<HTMLElement>('.room, .panel')
    if (!around) return
    const bound = new AbortController()
    const { signal } = bound
    const brings = (e: DragEvent) => e.dataTransfer?.types.includes('Files') === true
    around.addEventListener(
      'dragover',
      (e) => {
        if (!brings(e)) return
        e.preventDefault()
        if (e.dataTransfer) e.dataTransfer.dropEffect = 'copy'
        setOver(true)
      },
      { signal },
    )
    around.addEventListener(
      'dragleave',
      (e) => {
        const { relatedTarget: to } = e
        if (!(to instanceof Node && around.contains(to))) setOver(false)
      },
      { signal },
    )
    around.addEventListener(
      'drop',
      (e) => {
        setOver(false)
        if (!brings(e)) return
        e.preventDefault()
        const items = [...(e.dataTransfer?.items ?? [])]
        const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory === true)
        if (folders.length > 0) toast({ text: w.noFolders })
        const files = items
          .filter((item) => !folders.includes(item))
          .flatMap((item) => item.getAsFile() ?? [])
        latest.current(files)
      },
      { signal },
    )
    return () => bound.abort()
  }, [inside, w])
  return over
}
