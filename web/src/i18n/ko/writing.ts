/** Writing, and what was written. */
export const writing = {
  showMore: '더 보기',
  showLess: '접기',
  spoiler: '가려진 글 보기',
  copyCode: '코드 복사',
  table: '표',
  taskDone: '한 일',
  taskOpen: '할 일',
  leadsTo: (host: string) => `→ ${host}`,
  controlCharacter: '글 방향을 바꾸는 보이지 않는 글자',
}
