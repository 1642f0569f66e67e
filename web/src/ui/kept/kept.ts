/** What this browser keeps for a start without a network, in IndexedDB. */
import type { Start } from '../../core/start'

const NAME = 'maru'
const STORE = 'kept'
const KEY = 'start'

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => {
      // Who signs out in another tab deletes it.
      request.result.onversionchange = () => request.result.close()
      done(request.result)
    }
    request.onerror = () => fail(new Error('the browser keeps nothing'))
  })
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open()
  try {
    return await new Promise<T>((done, fail) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE))
      request.onsuccess = () => done(request.result)
      request.onerror = () => fail(new Error('the browser keeps nothing'))
    })
  } finally {
    database.close()
  }
}

export async function keep(start: Start): Promise<void> {
  await within('readwrite', (store) => store.put(start, KEY)).catch(() => undefined)
}

export async function recall(): Promise<Start | null> {
  const start = await within(
    'readonly',
    (store) => store.get(KEY) as IDBRequest<Start | undefined>,
  ).catch(() => undefined)
  return start ?? null
}

export function forgetKept(): void {
  try {
    indexedDB.deleteDatabase(NAME)
  } catch {
    // Refused altogether: nothing was kept.
  }
}
