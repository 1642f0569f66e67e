import { createRoot } from 'react-dom/client'
import { w } from './i18n'
import './styles/index.css'
import { App } from './ui/App'
import { Broken } from './ui/Broken'

document.title = w.appName
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <Broken>
    <App />
  </Broken>,
)
