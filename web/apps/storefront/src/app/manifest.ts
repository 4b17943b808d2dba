import type { MetadataRoute } from 'next'
import { connection } from 'next/server'
import { getTranslations } from 'next-intl/server'
import { getStore } from '@/features/shell/api/get-store'
import { defaultLocale } from '@/i18n/locales'

export default async function manifest(): Promise<MetadataRoute.Manifest> {
  await connection()
  const [store, t] = await Promise.all([
    getStore(defaultLocale),
    getTranslations({ locale: defaultLocale, namespace: 'shell' }),
  ])
  return {
    name: store.name,
    short_name: store.name.split(' ')[0] ?? store.name,
    description: t('tagline'),
    start_url: '/',
    display: 'standalone',
    background_color: '#fbfaf7',
    theme_color: '#3b4a2f',
    icons: [
      { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
      { src: '/icon-192.png', type: 'image/png', sizes: '192x192' },
      { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
    ],
  }
}
