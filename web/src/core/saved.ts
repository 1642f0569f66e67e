/** What one keeps for later, as far as it is known. */
import type { Api } from './api'

export class Saved {
  private readonly ids = new Set<number>()
  private asked: Promise<void> | undefined

  constructor(private readonly api: Pick<Api, 'save' | 'saved'>) {}

  has(id: number): boolean {
    return this.ids.has(id)
  }

  /** What was saved last: enough to know what is saved of what one sees. */
  ask(): Promise<void> {
    this.asked ??= this.load()
    return this.asked
  }

  async set(id: number, on: boolean): Promise<void> {
    await this.api.save(id, on)
    if (on) this.ids.add(id)
    else this.ids.delete(id)
  }

  private async load(): Promise<void> {
    try {
      const { saved } = await this.api.saved()
      for (const { message } of saved) this.ids.add(message.id)
    } catch (error) {
      // The next who asks may have more luck.
      this.asked = undefined
      throw error
    }
  }
}
