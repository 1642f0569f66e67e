/**
 * The one policy of the page. Under the content security policy a script can be named by a URL only
 * through it, and it lets through one: the service worker's.
 */
const WORKER = '/sw.js'

interface Factory {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): unknown }
}

function only(url: string): string {
  if (url !== WORKER) throw new TypeError(`${url} is no script of this app`)
  return url
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
const policy = factory?.createPolicy('maru', { createScriptURL: only })

/** The service worker's address, as the browser wants it. */
export const workerUrl = (): string => (policy?.createScriptURL(WORKER) ?? WORKER) as string
