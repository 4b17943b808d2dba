import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App, createQueryClient } from './app'
import { browserHistory } from './lib/router'
import './styles.css'

const root = document.getElementById('root')
if (!root) throw new Error('There is no element to show the application in')
createRoot(root).render(
  <StrictMode>
    <App client={createQueryClient()} history={browserHistory()} />
  </StrictMode>,
)
