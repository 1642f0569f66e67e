/** How many wait, on the tab's picture and on the installed app's. */
const PLAIN = '/icon.svg'
const WAITING = '/icon-waiting.svg'

export function badge(waiting: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const wanted = waiting > 0 ? WAITING : PLAIN
  if (icon && icon.getAttribute('href') !== wanted) icon.href = wanted
  const { setAppBadge, clearAppBadge } = navigator as Partial<Navigator>
  const done = waiting > 0 ? setAppBadge?.call(navigator, waiting) : clearAppBadge?.call(navigator)
  // Only installed apps have one.
  done?.catch(() => undefined)
}
