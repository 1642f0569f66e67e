import { useEffect, type RefObject } from 'react'

/** Lets a field be as high as its text, in browsers whose styles cannot (`field-sizing`). */
export function useGrow(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useEffect(() => {
    if (field.current && !CSS.supports('field-sizing', 'content')) grow(field.current)
  }, [field, text])
}

function grow(element: HTMLTextAreaElement): void {
  element.style.height = 'auto'
  const border = element.offsetHeight - element.clientHeight
  element.style.height = `${element.scrollHeight + border}px`
}
