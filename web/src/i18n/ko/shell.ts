/** The frame around the talk: dialogs, menus, keys, the switcher. */
export const shell = {
  loseTyped: '쓴 것을 버릴까요?',
  keepTyping: '계속 쓰기',
  discard: '버리기',
  undo: '되돌리기',
  copy: '복사',
  copied: '복사했어요.',
  moreActions: '더 보기',
  tryAgain: '다시 해 보기',
}
