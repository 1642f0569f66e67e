export const search = {
  onlyHere: '이 방에서만',
  hasThing: '있는 것',
  things: {
    link: '링크가 있는 글',
    file: '파일이 있는 글',
    reaction: '반응이 있는 글',
    pin: '고정한 글',
  },
  dates: '날짜',
  lastDays: (days: number) =>
    days === 0 ? '오늘' : days === 365 ? '지난 한 해' : `지난 ${days}일`,
  filterChip: {
    from: (value: string) => `쓴 사람: ${value}`,
    in: (value: string) => `방: ${value}`,
    after: (value: string) => `${value}부터`,
    before: (value: string) => `${value}까지`,
  },
  searchInterpreted: (words: string) => `그대로는 찾은 글이 없어서 ‘${words}’ 글을 보여 드려요.`,
  goToRoom: '방으로 가기',
  searchUnknown: (name: string) => `‘${name}’이라는 사람이나 방을 찾지 못했어요.`,
  searchNoneHere: '찾은 글이 없어요.',
  searchTry: '이렇게 찾아볼까요?',
  searchOtherWords: '다른 말로 찾아보세요.',
  searchInstead: (words: string) => `‘${words}’ 찾기`,
  searchWithout: (filter: string) => `‘${filter}’ 빼고 찾기`,
  searchNoFilters: '거르지 않고 찾기',
}
