import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { paths } from '@/config/paths'
import { getOwnHome } from '@/features/buyer/api/own-catalogue'
import { HomeView } from '@/features/home/components/home-view'
import { isLocale } from '@/i18n/locales'
import { alternatesOf } from '@/lib/metadata'

/** For a buyer with prices of their own, at the address of the page that everybody has (see config/paths). */
export const instant = false

export async function generateMetadata({ params }: PageProps<'/[locale]/own'>): Promise<Metadata> {
  const { locale } = await params
  return isLocale(locale)
    ? { alternates: alternatesOf(locale, paths.home), robots: { index: false, follow: true } }
    : {}
}

export default async function Page({ params }: PageProps<'/[locale]/own'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const { home, viewer } = await getOwnHome(locale)
  return <HomeView home={home} locale={locale} viewer={viewer} />
}
