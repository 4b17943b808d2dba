import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getHome } from '@/features/home/api/get-home'
import { HomeView } from '@/features/home/components/home-view'
import { isLocale } from '@/i18n/locales'
import { alternatesOf } from '@/lib/metadata'

export const ensureStatic = 'navigation'

export async function generateMetadata({ params }: PageProps<'/[locale]'>): Promise<Metadata> {
  const { locale } = await params
  return isLocale(locale) ? { alternates: alternatesOf(locale, paths.home) } : {}
}

export default async function HomePage({ params }: PageProps<'/[locale]'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return <HomeView home={await getHome(locale)} locale={locale} />
}
