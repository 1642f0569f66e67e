/** The words of the administration; they come with its pages. */
import { useWords } from '.'
import { admin as en } from './en/admin'
import { admin as ko } from './ko/admin'

const catalogues = { ko, en }

export const useAdminWords = (): typeof ko => catalogues[useWords().language]
