import { expect, it } from 'vitest'
import { csv } from './csv'

it('quotes what a spreadsheet would cut, and disarms formulas', () => {
  expect(
    csv([
      ['a', 1, -2],
      ['b,"c"\nd', '=SUM(A1)', '-1+2'],
    ]),
  ).toBe('a,1,-2\r\n"b,""c""\nd",\'=SUM(A1),\'-1+2\r\n')
})
