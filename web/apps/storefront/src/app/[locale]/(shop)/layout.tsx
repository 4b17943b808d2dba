import { notFound } from 'next/navigation'
import { Footer } from '@/features/shell/components/footer'
import { Header } from '@/features/shell/components/header'
import { isLocale } from '@/i18n/locales'

export default async function ShopLayout({ children, params }: LayoutProps<'/[locale]'>) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  return (
    <>
      <Header locale={locale} />
      <main id="content" tabIndex={-1} className="flex-1 outline-none">
        {children}
      </main>
      <Footer locale={locale} />
    </>
  )
}
