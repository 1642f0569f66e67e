/** A part that is fetched when it is first wanted. Without a network it says so and can be tried again. */
import { useEffect, useState, type ComponentType, type ReactNode } from 'react'
import { sentence } from '../i18n'
import { ApiError } from '../core/api'
import { toast } from './parts/toasts'

interface Closable {
  onClose?: () => void
}

/** A part, and the way to have it before it is wanted; where it does not come that is no error yet. */
type Part<P> = ComponentType<P> & { ahead: () => Promise<void> }

/** How soon a part that has a place of its own is asked for again. */
const AGAIN_MS = 2_000

/** With `waiting`, which stands where the part will, it is asked for until it comes. */
export function later<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
  waiting?: ReactNode,
): Part<P> {
  let known: ComponentType<P> | null = null
  const Later = function Later(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => known)
    const { onClose } = props as Closable
    useEffect(() => {
      if (Part) return
      let over = false
      let timer: ReturnType<typeof setTimeout> | undefined
      const ask = () => {
        load().then(
          (part) => {
            known = part.default
            if (!over) setPart(() => part.default)
          },
          () => {
            if (over) return
            if (waiting !== undefined) {
              timer = setTimeout(ask, AGAIN_MS)
              return
            }
            toast({ text: sentence(new ApiError('offline', '')) })
            onClose?.()
          },
        )
      }
      ask()
      return () => {
        over = true
        clearTimeout(timer)
      }
    }, [Part, onClose])
    return Part ? <Part {...props} /> : waiting
  }
  const ahead = () =>
    load().then(
      (part) => {
        known = part.default
      },
      () => undefined,
    )
  return Object.assign(Later, { ahead })
}
