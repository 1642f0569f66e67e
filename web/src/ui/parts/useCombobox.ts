/**
 * A field with a list below it: the focus stays in the field, arrows move a mark in the list, one
 * Enter takes what is marked, also the Enter that ends a syllable.
 */
import { useId, useLayoutEffect, useState, type KeyboardEvent, type RefObject } from 'react'
import { isComposing } from '../composing'
import { useEnter } from '../useEnter'
import { moved } from './moved'

interface Options {
  field: RefObject<HTMLInputElement | null>
  count: number
  /** Another question: the mark goes back to the beginning. */
  question: string
  /** Nothing is marked until an arrow is pressed: Enter is about what was typed. */
  loose?: boolean
  onPick: (index: number) => void
  /** Enter while nothing is marked. */
  onEnter?: (text: string) => void
}

export function useCombobox({ field, count, question, loose = false, ...on }: Options) {
  const { onPick, onEnter } = on
  const list = useId()
  const start = loose ? -1 : 0
  const [state, setState] = useState({ question, marked: start })
  const marked = state.question === question ? Math.min(state.marked, count - 1) : start
  const mark = (next: number) => setState({ question, marked: next })

  useEnter(field, (element) => {
    if (marked >= 0 && marked < count) onPick(marked)
    else onEnter?.(element.value)
  })

  // The marked one is in view.
  const option = `${list}-${marked}`
  useLayoutEffect(() => {
    document.getElementById(option)?.scrollIntoView({ block: 'nearest' })
  }, [option])

  return {
    marked,
    input: {
      role: 'combobox',
      'aria-expanded': count > 0,
      'aria-controls': list,
      'aria-autocomplete': 'list' as const,
      'aria-activedescendant': marked >= 0 && marked < count ? option : undefined,
      autoComplete: 'off',
      spellCheck: false,
      onKeyDown: (e: KeyboardEvent) => {
        if (isComposing(e.nativeEvent) || e.ctrlKey || e.metaKey || e.altKey) return
        if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
        const next = moved(e.key, marked, count)
        if (next === null) return
        e.preventDefault()
        mark(next)
      },
    },
    list: { id: list, role: 'listbox' as const },
    option: (index: number) => ({
      id: `${list}-${index}`,
      role: 'option' as const,
      'aria-selected': index === marked,
      onPointerMove: () => {
        if (index !== marked) mark(index)
      },
      // The field keeps the focus, and an open syllable ends before the choice is made.
      onPointerDown: (e: React.PointerEvent) => e.preventDefault(),
      onClick: () => onPick(index),
    }),
  }
}
