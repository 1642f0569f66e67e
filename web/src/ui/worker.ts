/** The service worker: the shell without a network, notifications, news of a newer version. */
import { w } from '../i18n'
import { toast } from './parts/toasts'
import { workerUrl } from './trust'

const HOUR_MS = 3_600_000

/** Installs it once the page has nothing else to do. Plain http knows no such thing. */
export function installWorker(): void {
  const { serviceWorker } = navigator as Partial<Navigator>
  if (!serviceWorker || import.meta.env.DEV) return
  const wasControlled = serviceWorker.controller !== null
  serviceWorker.register(workerUrl(), { updateViaCache: 'none' }).then(
    (registration: ServiceWorkerRegistration | undefined) => {
      // Some browsers in private windows answer with nothing.
      if (!registration) return
      const watch = (worker: ServiceWorker | null) =>
        worker?.addEventListener('statechange', () => {
          // The first one ever replaces nothing.
          if (worker.state === 'installed' && serviceWorker.controller) offer(worker)
        })
      if (registration.waiting && serviceWorker.controller) offer(registration.waiting)
      registration.addEventListener('updatefound', () => watch(registration.installing))
      setInterval(() => void registration.update().catch(() => undefined), HOUR_MS)
    },
    () => undefined,
  )
  let reloading = false
  serviceWorker.addEventListener('controllerchange', () => {
    // Drafts are kept with every letter: a reload loses nothing.
    if (!wasControlled || reloading) return
    reloading = true
    location.reload()
  })
}

/** The newer version is there and waits until somebody wants it. */
function offer(worker: ServiceWorker): void {
  toast({
    text: w.newVersion,
    stays: true,
    act: { label: w.useNewVersion, run: () => worker.postMessage('use') },
  })
}
