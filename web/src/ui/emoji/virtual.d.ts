declare module 'virtual:emoji' {
  const rows: readonly import('../../core/emojis/find').Row[]
  export default rows
}
