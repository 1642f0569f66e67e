/** Ctrl/Cmd-K: anywhere by half a name. */
import { useMemo, useRef, useState } from 'react'
import type { Author } from '../../api/types'
import { isKorean } from '../../core/text'
import { myRooms, roomTitle } from '../../core/model'
import { candidates, weightOf, type Candidate } from '../../core/switcher'
import { useWords, type Words } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon, type IconName } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { useCombobox } from '../parts/useCombobox'
import { usePeople } from '../people/usePeople'
import { useDirectory } from '../rooms/useDirectory'
import { go, roomPath, searchPath, settingsPath, useRoute } from '../route'
import { useDirect } from '../rooms/useDirect'
import { settings } from '../settings/store'
import { Tile } from '../Tile'
import { show } from './overlays'
import './switcher.css'

const SHOWN = 12

interface Target extends Candidate {
  /** Said after the name, quieter. */
  aside?: string
  icon?: IconName
  tile?: number
  unread?: number
  open: () => void
}

export default function Switcher({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const field = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState('')
  const found = useTargets(query, onClose)
  const box = useCombobox({
    field,
    count: found.length,
    question: query,
    onPick: (index) => found[index]?.open(),
  })
  return (
    <Dialog title={w.switcher} bare size="large" onClose={onClose}>
      <div className="switcher-head finder">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          placeholder={w.switcherHint}
          aria-label={w.switcherHint}
          enterKeyHint="go"
          onInput={(e) => setQuery(e.currentTarget.value)}
          {...box.input}
        />
      </div>
      <ul className="switcher-list" aria-label={w.switcher} {...box.list}>
        {found.map((one, index) => (
          <li key={one.key} className="switcher-item" {...box.option(index)}>
            {one.tile === undefined ? (
              <span className="switcher-icon">
                <Icon name={one.icon ?? 'hash'} />
              </span>
            ) : (
              <Tile id={one.tile} name={one.names[0] ?? ''} />
            )}
            <span
              className="switcher-name"
              lang={isKorean(one.names[0] ?? '') ? 'ko' : undefined}
              data-unread={(one.unread ?? 0) > 0}
            >
              {one.names[0]}
            </span>
            {one.aside !== undefined && <small>{one.aside}</small>}
          </li>
        ))}
      </ul>
      <p className="unseen" role="status">
        {query !== '' && w.peopleFound(found.length)}
      </p>
      <footer className="switcher-foot" aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {w.toChoose}
        </span>
        <span>
          <kbd>Enter</kbd> {w.toOpen}
        </span>
        <span>
          <kbd>Esc</kbd> {w.toClose}
        </span>
      </footer>
    </Dialog>
  )
}

function useTargets(query: string, onClose: () => void): Target[] {
  const w = useWords()
  const client = useClient()
  const route = useRoute()
  const direct = useDirect()
  const rooms = useChat((state) => state.rooms)
  const me = useChat((state) => state.me)
  const { people } = usePeople(query, 6)
  useDirectory(query.trim())

  return useMemo(() => {
    const then = (act: () => void) => () => {
      onClose()
      act()
    }
    const state = client.store.state
    const mine = myRooms(state).map((room, place): Target => {
      const { unread = 0, mentions = 0 } = room.me ?? {}
      const other = room.members?.find((user) => user.id !== me?.id)
      return {
        key: `room ${room.id}`,
        kind: 'room',
        names: [roomTitle(room, me?.id), ...(room.topic === '' ? [] : [room.topic])],
        weight: weightOf({ id: room.id, unread, mentions }, route.room, place),
        unread,
        ...(room.kind === 'direct'
          ? { tile: other?.id ?? room.id }
          : { icon: room.kind === 'private' ? 'lock' : 'hash' }),
        ...(unread > 0 ? { aside: w.unreadOf(unread) } : {}),
        open: then(() => go(roomPath(room.id))),
      }
    })
    const open = Object.values(rooms)
      .filter((room) => room.kind === 'public' && !room.me && !room.archived)
      .map((room): Target => {
        const aside = w.notJoined
        const { id, name, topic } = room
        const go_ = then(() => go(roomPath(id)))
        return {
          key: `room ${id}`,
          kind: 'room',
          names: [name, topic],
          weight: 0,
          aside,
          open: go_,
        }
      })
    const others = people
      .filter((user) => user.id !== me?.id)
      .map((user) =>
        person(
          user,
          then(() => direct.start([user.id])),
        ),
      )
    const all = [...mine, ...open, ...others, ...commands(w, me?.role === 'admin', then)]
    const best = candidates(query, all, SHOWN)
    const text = query.trim()
    if (text === '') return best
    const search: Target = {
      key: 'search',
      kind: 'command',
      names: [w.searchFor(text)],
      weight: 0,
      icon: 'search',
      open: then(() => go(searchPath(route.room, text))),
    }
    return [...best, search]
  }, [client, rooms, me, people, query, route.room, w, direct, onClose])
}

function person(user: Author, open: () => void): Target {
  const { id, display_name, username } = user
  const aside = `@${username}`
  return {
    key: `person ${id}`,
    kind: 'person',
    names: [display_name, username],
    weight: 0.9,
    tile: id,
    aside,
    open,
  }
}

/** Acts and places. Each is found by its name in either language. */
const beginnings = new Set(['create', 'browse', 'direct', 'invite'])

function commands(w: Words, admin: boolean, then: (act: () => void) => () => void): Target[] {
  const command = (key: string, icon: IconName, names: string[], act: () => void): Target => ({
    key,
    kind: 'command',
    names,
    weight: 0.2,
    first: beginnings.has(key),
    icon,
    open: then(act),
  })
  const place = (to: string, icon: IconName, names: string[]): Target => ({
    key: to,
    kind: 'place',
    names,
    weight: 0.3,
    icon,
    open: then(() => go(to)),
  })
  return [
    command('create', 'plus', [w.newRoom, 'new room', '새 방'], () =>
      show({ kind: 'create-room' }),
    ),
    command('browse', 'compass', [w.browseRooms, 'browse', 'directory', '방 찾기'], () =>
      show({ kind: 'directory' }),
    ),
    command('direct', 'chat', [w.newDirect, 'new message', 'dm', '대화'], () =>
      show({ kind: 'direct' }),
    ),
    command('status', 'smile', [w.setStatus, 'status', '상태'], () => show({ kind: 'status' })),
    command('light', 'sun', [w.toLight, 'light theme', '밝게'], () =>
      settings.set({ theme: 'light' }),
    ),
    command('dark', 'sun', [w.toDark, 'dark theme', '어둡게'], () =>
      settings.set({ theme: 'dark' }),
    ),
    command('language', 'globe', [w.toOtherLanguage, 'language', '언어', 'english', '한국어'], () =>
      settings.set({ language: w.language === 'ko' ? 'en' : 'ko' }),
    ),
    command('keys', 'keyboard', [w.shortcuts, 'shortcuts', 'help', '도움말'], () =>
      show({ kind: 'keys' }),
    ),
    command('sign-out', 'leave', [w.signOut, 'sign out', 'log out', '로그아웃'], () =>
      show({ kind: 'sign-out' }),
    ),
    place('/threads', 'threads', [w.threads, 'threads', '답글']),
    place('/mentions', 'at', [w.mentions, 'mentions', '멘션']),
    place('/saved', 'flag', [w.savedPlace, 'saved', '저장']),
    place('/later', 'clock', [w.unsentPlace, 'drafts', 'scheduled', '초안', '예약']),
    place(settingsPath(), 'gear', [w.settings, 'settings', 'preferences', '환경 설정']),
    place(settingsPath('profile'), 'person', [w.profile, 'profile', 'picture', '사진']),
    place(settingsPath('keyboard'), 'keyboard', [w.keyboard, 'keyboard', 'enter']),
    place(settingsPath('password'), 'key', [w.password, 'password', '암호']),
    place(settingsPath('bots'), 'bot', [w.bots, 'bots']),
    place(settingsPath('webhooks'), 'forward', [w.webhooks, 'webhooks']),
    place(settingsPath('appearance'), 'eye', [w.appearance, 'appearance', 'theme', '테마']),
    place(settingsPath('sessions'), 'device', [w.sessions, 'sessions', 'devices', '기기']),
    place(settingsPath('notifications'), 'bell', [w.notifications, 'notifications', '알림']),
    place(settingsPath('security'), 'shield', [w.security, 'security', 'passkey', '2단계']),
    place(settingsPath('tokens'), 'key', [w.tokens, 'tokens', '토큰']),
    place(settingsPath('data'), 'download', [w.myData, 'export', 'data', '내려받기']),
    ...(admin
      ? [
          place('/admin/people', 'shield', [w.administration, w.adminPeople, 'admin', 'people']),
          ...(
            [
              ['rooms', 'hash', w.adminRooms, 'rooms'],
              ['invites', 'invite', w.adminInvites, 'invitations'],
              ['security', 'lock', w.adminSecurity, 'security'],
              ['live', 'clock', w.adminLive, 'live'],
              ['words', 'book', w.wordsPlace, 'words'],
              ['hooks', 'link', w.hooksPlace, 'incoming webhooks'],
              ['webhooks', 'forward', w.webhooks, 'outgoing webhooks'],
              ['bots', 'bot', w.bots, 'bots'],
              ['server', 'gear', w.adminServer, 'server'],
            ] as const
          ).map(([page, icon, name, also]) => ({
            ...place(`/admin/${page}`, icon, [
              `${w.administration}: ${name}`,
              name,
              `admin ${also}`,
            ]),
            // What has the same name and is nearer comes first.
            weight: 0.1,
          })),
          place('/admin/statistics', 'chart', [w.statisticsPlace, 'statistics', '통계']),
          place('/admin/audit', 'shield', [w.auditPlace, 'audit', '감사']),
          place('/admin/imports', 'upload', [w.importsPlace, 'import', '가져오기']),
          command('invite', 'invite', [w.invitePeople, 'invite', '초대'], () =>
            show({ kind: 'invite' }),
          ),
        ]
      : []),
  ]
}
