/**
 * Tab goes through the rows' own contents only in the row where one is: a room of four hundred
 * messages would be a thousand stops otherwise.
 */
import { createContext, useContext } from 'react'

/** Whether the row around is the one where one is; outside of rows nothing is left out. */
export const RowContext = createContext(true)

/** The `tabIndex` of something within a row. */
export function useStop(): 0 | -1 {
  return useContext(RowContext) ? 0 : -1
}
