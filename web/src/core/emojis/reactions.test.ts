import { expect, it } from 'vitest'
import { grouped, reactionTo } from './reactions'

const reactions = [
  { emoji: '👍', user_ids: [1, 2] },
  { emoji: '🎉', user_ids: [3] },
  { emoji: '👍\uFE0F', user_ids: [2, 4] },
]

it('one emoji is one reaction, however it is spelled', () => {
  expect(grouped(reactions)).toEqual([
    { emoji: '👍', user_ids: [1, 2, 4] },
    { emoji: '🎉', user_ids: [3] },
  ])
})

it('what one takes back is what one gave', () => {
  expect(reactionTo(reactions, '👍', 4)).toEqual({ mine: true, spelling: '👍\uFE0F' })
  expect(reactionTo(reactions, '👍\uFE0F', 9)).toEqual({ mine: false, spelling: '👍' })
  expect(reactionTo(reactions, '🔥', 9)).toEqual({ mine: false, spelling: '🔥' })
})
