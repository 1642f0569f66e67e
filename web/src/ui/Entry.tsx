export { Entry } from './entry/Entry'
