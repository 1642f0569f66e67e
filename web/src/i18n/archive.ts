/** The words of rooms that are put aside; they come with what shows them. */
import { useWords } from '.'
import { archive as en } from './en/archive'
import { archive as ko } from './ko/archive'

const catalogues = { ko, en }

export const useArchiveWords = (): typeof ko => catalogues[useWords().language]
