import { Emblem } from './Icon'
import { useServer } from './server'

/** What stands for the workspace: its picture, else the roof. */
export function HouseMark() {
  const picture = useServer()?.picture
  if (picture == null) return <Emblem />
  return <img className="house-picture" src={picture} alt="" width={40} height={40} />
}
