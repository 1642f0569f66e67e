import { later } from '../later'
import { hideProfile, useProfile } from './profile'

const ProfileCard = later(() => import('./ProfileCard'))

export function Profiles() {
  const shown = useProfile()
  return (
    shown && (
      <ProfileCard
        key={shown.user}
        user={shown.user}
        room={shown.room}
        anchor={shown.anchor}
        onClose={hideProfile}
      />
    )
  )
}
