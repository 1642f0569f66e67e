export { Confirm, Dialog } from './parts/Dialog'
