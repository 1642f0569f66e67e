/** Rooms that are put aside. */
export const archive = {
  archive: '보관하기',
  archiveSure: (room: string) => `‘${room}’ 방을 보관할까요?`,
  archiveMeans:
    '방 목록에서 사라지고 아무도 글을 쓰지 못해요. 읽고 찾는 것은 그대로예요. 언제든 되돌릴 수 있어요.',
  archivedIt: (room: string) => `‘${room}’ 방을 보관했어요.`,
  noArchived: '보관한 방이 없어요.',
  archivedRooms: '보관한 방',
}
