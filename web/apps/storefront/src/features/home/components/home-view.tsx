import type { Home, Locale } from '@stoa/api-client'
export function HomeView({ home }: { home: Home; locale: Locale }) {
  return <h1 className="headline container-page text-5xl">{home.hero.title}</h1>
}
