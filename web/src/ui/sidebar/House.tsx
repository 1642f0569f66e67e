import { useWords } from '../../i18n'
import { useChat } from '../context'
import { HouseMark } from '../HouseMark'
import { Icon } from '../Icon'
import { Menu, type MenuItem } from '../parts/Menu'
import { go, settingsPath } from '../route'
import { useHouseName } from '../server'
import { show } from '../shell/overlays'

/** What the house is called, and what one does with it as a whole. */
export function House() {
  const w = useWords()
  const admin = useChat((state) => state.me?.role === 'admin')
  const name = useHouseName()
  const items: MenuItem[] = [
    ...(admin
      ? [
          {
            label: w.invitePeople,
            icon: 'invite' as const,
            onPick: () => show({ kind: 'invite' }),
          },
          {
            label: w.administration,
            icon: 'shield' as const,
            onPick: () => go('/admin/people'),
          },
        ]
      : []),
    {
      label: w.setStatus,
      icon: 'smile',
      apart: admin,
      onPick: () => show({ kind: 'status' }),
    },
    { label: w.settings, icon: 'gear', onPick: () => go(settingsPath()) },
    { label: w.shortcuts, icon: 'keyboard', onPick: () => show({ kind: 'keys' }) },
    { label: w.signOut, icon: 'leave', apart: true, onPick: () => show({ kind: 'sign-out' }) },
  ]
  return (
    <header className="sidebar-head">
      <Menu label={w.houseMenu(name)} items={items} className="house" side="below-start">
        <HouseMark />
        <span className="brand">{name}</span>
        <Icon name="fold" />
      </Menu>
    </header>
  )
}
