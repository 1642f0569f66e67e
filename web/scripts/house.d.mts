export const password: string
export interface House {
  base: string
  setup: string
  stop: () => Promise<void>
}
export function openHouse(): Promise<House>
export function furnish(house: House): Promise<{ room: number; rooms: Record<string, number> }>
