import { useLayoutEffect } from 'react'
import { withTone } from '../../core/emojis/emoji'
import { useWords } from '../../i18n'
import { useTone } from '../emoji/used'
import { Icon } from '../Icon'
import { Tile } from '../Tile'
import type { Option, Suggest } from './useSuggest'

export function SuggestList({ suggest }: { suggest: Suggest }) {
  const w = useWords()
  const { found, picked, list, takeByPointer } = suggest
  const marked = `${list}-${found[picked]?.key ?? ''}`
  useLayoutEffect(() => {
    document.getElementById(marked)?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <>
      <p className="unseen" role="status">
        {found.length > 0 && w.suggestedCount(found.length)}
      </p>
      {found.length > 0 && (
        <ul id={list} className="suggested" role="listbox" aria-label={w.suggested}>
          {found.map((option, index) => (
            <li
              key={option.key}
              id={`${list}-${option.key}`}
              role="option"
              aria-selected={index === picked}
              // The field keeps the focus.
              onPointerDown={(e) => e.preventDefault()}
              onClick={() => takeByPointer(option)}
            >
              <Shown option={option} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Shown({ option }: { option: Option }) {
  const w = useWords()
  const tone = useTone()
  if (option.kind === 'person') {
    const { user, outside } = option
    return (
      <>
        <Tile id={user.id} name={user.display_name} />
        <strong>{user.display_name}</strong>
        <small>@{user.username}</small>
        {outside && <small className="outside">{w.notInRoom}</small>}
      </>
    )
  }
  if (option.kind === 'call') {
    return (
      <>
        <Icon name="bell" />
        <strong>@{option.name}</strong>
        <small>{option.name === 'room' ? w.callRoom : w.callHere}</small>
      </>
    )
  }
  const { emoji, toned, ko, en, short } = option.emoji
  return (
    <>
      <span className="suggested-emoji">{toned ? withTone(emoji, tone) : emoji}</span>
      <span>{w.language === 'ko' ? ko : en}</span>
      {short[0] !== undefined && <small>:{short[0]}:</small>}
    </>
  )
}
