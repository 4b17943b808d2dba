import { Monitor, Moon, Sun } from '@stoa/ui'
import { useSyncExternalStore } from 'react'
import { MenuCheck } from '../components/controls'

type Theme = 'system' | 'light' | 'dark'
const KEY = 'stoa_office_theme'
const listeners = new Set<() => void>()

const read = (): Theme => {
  const set = document.documentElement.dataset.theme
  return set === 'light' || set === 'dark' ? set : 'system'
}

function choose(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Then it lasts until the page is left.
  }
  for (const listener of listeners) listener()
}

const choices = [
  ['system', 'As the system', Monitor],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
] as const

export function ThemeChoice() {
  const theme = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    read,
    () => 'system' as const,
  )
  return (
    <fieldset>
      <legend className="px-2.5 pt-1 pb-0.5 text-xs text-muted-foreground">Appearance</legend>
      {choices.map(([value, label, Icon]) => (
        <MenuCheck key={value} checked={theme === value} onClick={() => choose(value)}>
          <Icon aria-hidden="true" className="size-4" />
          {label}
        </MenuCheck>
      ))}
    </fieldset>
  )
}
