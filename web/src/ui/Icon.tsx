/** Line icons, drawn for the app; 20 units wide. */
const paths = {
  search: 'M9 15a6 6 0 1 0 0-12 6 6 0 0 0 0 12zm4.5-1.5L17 17',
  plus: 'M10 4v12M4 10h12',
  back: 'M12 4l-6 6 6 6',
  close: 'M5 5l10 10M15 5L5 15',
  send: 'M10 16V4M5 9l5-5 5 5',
  down: 'M10 4v12M5 11l5 5 5-5',
  reply: 'M8 5L3 10l5 5M3 10h9a5 5 0 0 1 5 5',
  edit: 'M4 16l1-4 8-8 3 3-8 8-4 1zM11 6l3 3',
  trash: 'M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11',
  smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7 12c1.6 2 4.4 2 6 0M7.5 8v.5M12.5 8v.5',
  lock: 'M5 9h10v7H5zM7 9V7a3 3 0 0 1 6 0v2',
  people:
    'M7.5 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 16c0-3 2-4.500 4.500-4.500S12 13 12 16M13 9a2 2 0 1 0 0-4M13.500 11.500c2 .3 3.500 1.800 3.500 4.500',
  compass: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM12.500 7.500l-1.500 3.500-3.500 1.500L9 9z',
  chat: 'M4 5h12v8H9l-3.500 3v-3H4z',
  gear: 'M10 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.500 1.500M13.500 13.500L15 15M15 5l-1.500 1.500M6.500 13.500L5 15',
  filter: 'M3 5h14M6 10h8M8.500 15h3',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

/** A roof over the planks of a floor. */
export function Emblem() {
  return (
    <svg className="emblem" viewBox="0 0 64 44" aria-hidden="true">
      <path
        className="emblem-roof"
        d="M3 18C13 17 23 12 32 4c9 8 19 13 29 14l-3 5.500C48 22.500 39 19 32 13.500 25 19 16 22.500 6 23.500z"
      />
      <path className="emblem-roof" d="M16 24h4.500v9H16zM43.500 24H48v9h-4.500z" />
      <path className="emblem-floor" d="M9 33.500h46V37H9zM5 39h54v3.500H5z" />
    </svg>
  )
}
