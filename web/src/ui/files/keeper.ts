/** Uploads that are not done, kept by the browser with their contents. */
import type { Job, Keeper } from '../../core/files/uploads'

const NAME = 'maru.uploads'
const JOBS = 'jobs'

interface Kept {
  key: string
  user: number
  job: Job
  blob: Blob
}

export function keeperOf(user: number): Keeper {
  return {
    all: async () => {
      const all = await run('readonly', (jobs) => jobs.getAll() as IDBRequest<Kept[]>)
      return all.filter((one) => one.user === user)
    },
    put: async (job, blob) => {
      await run('readwrite', (jobs) => jobs.put({ key: job.key, user, job, blob }))
    },
    remove: async (key) => {
      await run('readwrite', (jobs) => jobs.delete(key))
    },
  }
}

/** Nothing of anybody stays behind on a shared machine. */
export function forgetUploads(): void {
  if ('indexedDB' in window) indexedDB.deleteDatabase(NAME)
}

/** Opened for each act, so that another tab can delete all of it. */
async function run<T>(
  mode: IDBTransactionMode,
  act: (jobs: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(NAME, 1)
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(JOBS, { keyPath: 'key' })
  }
  const database = await answer(opening)
  try {
    return await answer(act(database.transaction(JOBS, mode).objectStore(JOBS)))
  } finally {
    database.close()
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('storage'))
  })
}
