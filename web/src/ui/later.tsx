/** A part that is fetched when it is first wanted. Without a network it says so and can be tried again. */
import { useEffect, useState, type ComponentType } from 'react'
import { sentence } from '../i18n'
import { ApiError } from '../core/api'
import { toast } from './parts/toasts'

interface Closable {
  onClose?: () => void
}

export function later<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P> {
  let known: ComponentType<P> | null = null
  return function Later(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => known)
    const { onClose } = props as Closable
    useEffect(() => {
      if (Part) return
      let over = false
      load().then(
        (part) => {
          known = part.default
          if (!over) setPart(() => part.default)
        },
        () => {
          if (over) return
          toast({ text: sentence(new ApiError('offline', '')) })
          onClose?.()
        },
      )
      return () => {
        over = true
      }
    }, [Part, onClose])
    return Part && <Part {...props} />
  }
}
