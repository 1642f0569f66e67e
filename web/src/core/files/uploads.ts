/**
 * Files on their way: jobs beside the outbox, so that a large file holds back no text. Each is sent
 * in pieces and goes on where it broke off, also after a reload.
 */
import type { Attachment, Upload } from '../../api/types'
import { ApiError } from '../api'
import type { Clock } from '../connection'

/** What is sent in one request: little is lost when the line breaks. */
const PIECE_BYTES = 4 * 1024 * 1024
const AT_ONCE = 2
const DELAY_MS = 1_000
const DELAY_MAX_MS = 20_000

export type JobState = 'waiting' | 'sending' | 'paused' | 'failed' | 'done'

/** Somebody chose it: its content and what is known of it here. */
export interface Chosen {
  name: string
  blob: Blob
  width?: number | undefined
  height?: number | undefined
}

export interface Job {
  key: string
  /** Where it waits for its message, or the message it is in. */
  place: string
  name: string
  size: number
  type: string
  /** Of a picture, as it stands upright. */
  width?: number | undefined
  height?: number | undefined
  /** What the server calls it until it is whole. */
  upload?: string | undefined
  sent: number
  state: JobState
  /** Why it failed: the server's code. */
  error?: string | undefined
  file?: Attachment | undefined
  addedAt: number
}

/** How bytes come to the server. */
export interface Carrier {
  begin(name: string, size: number): Promise<Upload>
  progress(upload: string): Promise<Upload>
  piece(
    upload: string,
    from: number,
    bytes: Blob,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<Upload>
  giveUp(upload: string): Promise<unknown>
  /** Takes back a file that no message carries. */
  takeBack(file: number): Promise<unknown>
}

/** Keeps jobs with their contents over a reload. */
export interface Keeper {
  all(): Promise<{ job: Job; blob: Blob }[]>
  put(job: Job, blob: Blob): Promise<void>
  remove(key: string): Promise<void>
}

export interface Told {
  done(job: Job): void
  failed(job: Job): void
}

const none: readonly Job[] = []

export class Uploads {
  private jobs: readonly Job[] = none
  private readonly contents = new Map<string, Blob>()
  private readonly running = new Map<string, AbortController>()
  private readonly tries = new Map<string, number>()
  private readonly waits = new Map<string, () => void>()
  private readonly listeners = new Set<() => void>()
  private byPlace = new Map<string, readonly Job[]>()
  private order = 0
  private closed = false

  constructor(
    private readonly carrier: Carrier,
    private readonly keeper: Keeper,
    private readonly clock: Clock,
    private readonly newId: () => string,
    private readonly told: Told,
  ) {}

  /** What was on its way before the page was loaded. */
  async restore(): Promise<void> {
    const kept = await this.keeper.all().catch(() => [])
    if (this.closed) return
    const known = new Set(this.jobs.map(({ key }) => key))
    const news = kept.filter(({ job }) => !known.has(job.key))
    for (const { job, blob } of news) this.contents.set(job.key, blob)
    const jobs = news.map(({ job }) => (job.state === 'sending' ? as(job, 'waiting') : job))
    this.jobs = [...jobs, ...this.jobs].sort((a, b) => a.addedAt - b.addedAt)
    this.order = Math.max(this.order, ...this.jobs.map(({ addedAt }) => addedAt))
    this.tell()
    for (const job of jobs) if (job.state === 'done') this.told.done(job)
    this.run()
  }

  of(place: string): readonly Job[] {
    let found = this.byPlace.get(place)
    if (!found) {
      const here = this.jobs.filter((job) => job.place === place)
      found = here.length === 0 ? none : here
      this.byPlace.set(place, found)
    }
    return found
  }

  job(key: string): Job | undefined {
    return this.jobs.find((job) => job.key === key)
  }

  content(key: string): Blob | undefined {
    return this.contents.get(key)
  }

  add(place: string, chosen: readonly Chosen[]): void {
    for (const { name, blob, width, height } of chosen) {
      const job: Job = {
        key: this.newId(),
        place,
        name: name.normalize('NFC'),
        size: blob.size,
        type: blob.type,
        width,
        height,
        sent: 0,
        state: 'waiting',
        addedAt: ++this.order,
      }
      this.contents.set(job.key, blob)
      this.jobs = [...this.jobs, job]
      this.keep(job)
    }
    this.tell()
    this.run()
  }

  /** They belong to a message now, which is sent when they are whole. */
  move(keys: readonly string[], place: string): void {
    for (const key of keys) this.change(key, { place })
  }

  pause(key: string): void {
    const job = this.job(key)
    if (!job || (job.state !== 'sending' && job.state !== 'waiting')) return
    this.change(key, { state: 'paused' })
    this.stop(key)
    this.run()
  }

  resume(key: string): void {
    const job = this.job(key)
    if (!job || (job.state !== 'paused' && job.state !== 'failed')) return
    this.tries.delete(key)
    this.change(key, { state: 'waiting', error: undefined })
    this.run()
  }

  /** Gives it up; what the server has of it is let go there too. */
  cancel(key: string): void {
    const job = this.job(key)
    this.forget([key])
    if (job?.file) this.carrier.takeBack(job.file.id).catch(() => undefined)
    else if (job?.upload !== undefined) this.carrier.giveUp(job.upload).catch(() => undefined)
  }

  /** Their message is out. */
  forget(keys: readonly string[]): void {
    if (keys.length === 0) return
    for (const key of keys) {
      this.stop(key)
      this.contents.delete(key)
      this.keeper.remove(key).catch(() => undefined)
    }
    this.jobs = this.jobs.filter(({ key }) => !keys.includes(key))
    this.tell()
    this.run()
  }

  /** The line is back: nobody waits any longer. */
  again(): void {
    this.tries.clear()
    for (const cancel of this.waits.values()) cancel()
    this.waits.clear()
    this.run()
  }

  close(): void {
    this.closed = true
    for (const key of [...this.running.keys(), ...this.waits.keys()]) this.stop(key)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private stop(key: string): void {
    this.running.get(key)?.abort()
    this.running.delete(key)
    this.waits.get(key)?.()
    this.waits.delete(key)
  }

  private run(): void {
    for (const job of this.jobs) {
      if (this.closed || this.running.size >= AT_ONCE) return
      if (job.state !== 'waiting' || this.waits.has(job.key)) continue
      const abort = new AbortController()
      this.running.set(job.key, abort)
      void this.carry(job.key, abort)
    }
  }

  private async carry(key: string, abort: AbortController): Promise<void> {
    this.change(key, { state: 'sending' })
    try {
      const file = await this.bring(key, abort.signal)
      if (abort.signal.aborted || !file) return
      this.change(key, { state: 'done', file, sent: file.size, error: undefined })
      const job = this.job(key)
      if (job) this.told.done(job)
    } catch (error) {
      if (abort.signal.aborted) return
      this.broke(key, error)
    } finally {
      if (this.running.get(key) === abort) this.running.delete(key)
      this.run()
    }
  }

  /** Piece by piece, from where the server is. */
  private async bring(key: string, signal: AbortSignal): Promise<Attachment | undefined> {
    const content = this.contents.get(key)
    let job = this.job(key)
    if (!job || !content) return undefined
    let at: Upload | undefined
    if (job.upload !== undefined) at = await this.carrier.progress(job.upload).catch(forgotten)
    if (!at) {
      at = await this.carrier.begin(job.name, job.size)
      if (signal.aborted) {
        this.carrier.giveUp(at.id).catch(() => undefined)
        return undefined
      }
      this.change(key, { upload: at.id, sent: 0 })
    }
    while (!at.file) {
      if (signal.aborted) return undefined
      const from = at.offset
      this.change(key, { sent: from })
      const bytes = content.slice(from, from + PIECE_BYTES)
      const sent = (count: number) => {
        if (!signal.aborted) this.change(key, { sent: from + count })
      }
      at = await this.carrier.piece(at.id, from, bytes, sent, signal)
      this.tries.delete(key)
      job = this.job(key)
      if (!job) return undefined
    }
    return at.file ?? undefined
  }

  private broke(key: string, error: unknown): void {
    if (isFinal(error)) {
      this.change(key, { state: 'failed', error: error.code })
      const job = this.job(key)
      if (job) this.told.failed(job)
      return
    }
    const tries = this.tries.get(key) ?? 0
    this.tries.set(key, tries + 1)
    this.change(key, { state: 'waiting' })
    const delay_ms = Math.min(DELAY_MAX_MS, DELAY_MS * 2 ** tries)
    const cancel = this.clock.after(delay_ms * (0.5 + this.clock.random()), () => {
      this.waits.delete(key)
      this.run()
    })
    this.waits.set(key, cancel)
  }

  private change(key: string, change: Partial<Job>): void {
    const old = this.job(key)
    if (!old) return
    const job = { ...old, ...change }
    this.jobs = this.jobs.map((one) => (one === old ? job : one))
    // How far it has come is the server's to know.
    if ('upload' in change || 'file' in change || 'place' in change || change.state === 'paused') {
      this.keep(job)
    }
    this.tell()
  }

  private keep(job: Job): void {
    const blob = this.contents.get(job.key)
    // Where nothing can be kept, a reload loses what is on its way.
    if (blob) this.keeper.put(job, blob).catch(() => undefined)
  }

  private tell(): void {
    const old = this.byPlace
    this.byPlace = new Map()
    // A place in which nothing changed keeps its list.
    for (const [place, list] of old) {
      const now = this.of(place)
      if (now.length === list.length && now.every((job, n) => job === list[n])) {
        this.byPlace.set(place, list)
      }
    }
    for (const listener of [...this.listeners]) listener()
  }
}

function as(job: Job, state: JobState): Job {
  return { ...job, state }
}

/** The server knows nothing of it any more: it begins anew. */
function forgotten(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined
  throw error
}

const passing = new Set([408, 409, 425, 429])

/** Asking again will not change the answer. */
function isFinal(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    ((error.status >= 400 && error.status < 500 && !passing.has(error.status)) ||
      error.status === 507)
  )
}
