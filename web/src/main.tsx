import { createRoot } from 'react-dom/client'
import { speak } from './i18n'
import './styles/index.css'
import { App } from './ui/App'
import { Broken } from './ui/Broken'
import { Language } from './ui/Language'
import { languageOf, settings, showLook } from './ui/settings/store'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

showLook(settings.value)
const words = await speak(languageOf(settings.value))
document.title = words.appName
createRoot(root).render(
  <Language words={words}>
    <Broken>
      <App />
    </Broken>
  </Language>,
)
