import { buttonVariants } from '@stoa/ui'
import Link from 'next/link'
import { getLocale, getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'

export default async function NotFound() {
  const locale = await getLocale()
  const t = await getTranslations('shell')
  return (
    <div className="container-page grid place-items-center py-24 text-center lg:py-36">
      <div className="max-w-xl">
        <h1 className="headline text-4xl lg:text-5xl">{t('notFoundTitle')}</h1>
        <p className="mt-4 text-lg text-muted-foreground">{t('notFoundText')}</p>
        <div className="mt-8 flex flex-wrap justify-center gap-3">
          <Link href={paths.home(locale)} className={buttonVariants()}>
            {t('notFoundHome')}
          </Link>
          <Link href={paths.search(locale)} className={buttonVariants({ variant: 'outline' })}>
            {t('notFoundSearch')}
          </Link>
        </div>
      </div>
    </div>
  )
}
