import { createRoot } from 'react-dom/client'
import { speak } from './i18n'
import './styles/index.css'
import { App } from './ui/App'
import { Broken } from './ui/Broken'
import { Language } from './ui/Language'
import { installWorker } from './ui/worker'
import { languageOf, settings, showLook } from './ui/settings/store'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

showLook(settings.value)
// Behind the page's own files, so that it takes nothing from them.
addEventListener('load', () => setTimeout(installWorker, 1_000))
const words = await speak(languageOf(settings.value))
document.title = words.appName
createRoot(root).render(
  <Language words={words}>
    <Broken>
      <App />
    </Broken>
  </Language>,
)
