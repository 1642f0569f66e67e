/** What a user agent says, in two words that people know; empty where it says nothing. */
export function device(agent: string): string {
  const browser = /(Edg|OPR|Whale|SamsungBrowser|Firefox|Chrome|Safari)\//.exec(agent)?.[1]
  const names: Record<string, string> = {
    Edg: 'Edge',
    OPR: 'Opera',
    SamsungBrowser: 'Samsung Internet',
  }
  const system = /(Windows|iPhone|iPad|Android|Mac OS X|CrOS|Linux)/.exec(agent)?.[1]
  const systems: Record<string, string> = { 'Mac OS X': 'macOS', CrOS: 'ChromeOS' }
  const parts = [
    browser && (names[browser] ?? browser),
    system && (systems[system] ?? system),
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(' · ') : agent.slice(0, 60)
}
