/** Everything that somebody may have otherwise, in sections with an address each. */
import { Fragment, type ReactNode } from 'react'
import { useWords, type Words } from '../../i18n'
import type { IconName } from '../Icon'
import { later } from '../later'
import { settingsPath } from '../route'
import { Appearance } from './Appearance'
import { Keyboard } from './Keyboard'
import { Notifications } from './Notifications'
import { Pages } from './Pages'
import { Password } from './Password'
import { Profile } from './Profile'
import { Sessions } from './Sessions'
import { SignInSecurity } from './SignInSecurity'

const Tokens = later(() => import('../programs/Tokens'))
const Bots = later(() => import('../programs/Bots'))
const Outgoing = later(() => import('../programs/Outgoing'))
const Data = later(() => import('./Data'))

interface Section {
  id: string
  icon: IconName
  title: (w: Words) => string
  body: (props: Props) => ReactNode
}

interface Props {
  section: string | undefined
  onSignOut: (everywhere: boolean) => void
}

const sections: readonly Section[] = [
  {
    id: 'profile',
    icon: 'person',
    title: (w) => w.profile,
    body: () => <Profile />,
  },
  { id: 'appearance', icon: 'sun', title: (w) => w.appearance, body: () => <Appearance /> },
  {
    id: 'notifications',
    icon: 'bell',
    title: (w) => w.notifications,
    body: () => <Notifications />,
  },
  { id: 'keyboard', icon: 'keyboard', title: (w) => w.keyboard, body: () => <Keyboard /> },
  { id: 'password', icon: 'key', title: (w) => w.password, body: () => <Password /> },
  { id: 'security', icon: 'shield', title: (w) => w.security, body: () => <SignInSecurity /> },
  {
    id: 'sessions',
    icon: 'device',
    title: (w) => w.sessions,
    body: ({ onSignOut }) => <Sessions onSignOut={onSignOut} />,
  },
  { id: 'tokens', icon: 'key', title: (w) => w.tokens, body: () => <Tokens /> },
  { id: 'bots', icon: 'bot', title: (w) => w.bots, body: () => <Bots /> },
  { id: 'webhooks', icon: 'forward', title: (w) => w.webhooks, body: () => <Outgoing /> },
  { id: 'data', icon: 'download', title: (w) => w.myData, body: () => <Data /> },
]

export default function SettingsPage(props: Props) {
  const w = useWords()
  const { section } = props
  // A narrow screen begins with the list, a wide one with the first section.
  const chosen = sections.find(({ id }) => id === section)
  const shown = chosen ?? sections[0]
  return (
    <Pages
      title={w.settings}
      chosen={chosen !== undefined}
      nav={sections.map(({ id, icon, title }) => ({
        to: settingsPath(id),
        icon,
        label: title(w),
        here: id === shown?.id,
      }))}
      heading={shown?.title(w) ?? ''}
      listPath={settingsPath()}
    >
      <Fragment key={shown?.id}>{shown?.body(props)}</Fragment>
    </Pages>
  )
}
