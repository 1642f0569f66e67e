/** The words of pages about programs; they come with those pages. */
import { useWords } from '.'
import { programs as en } from './en/programs'
import { programs as ko } from './ko/programs'

const catalogues = { ko, en }

export const useProgramWords = (): typeof ko => catalogues[useWords().language]
