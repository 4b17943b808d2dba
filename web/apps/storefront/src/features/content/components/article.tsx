import type { ContentPage, Locale } from '@stoa/api-client'
import { getTranslations } from 'next-intl/server'
import { Crumbs } from '@/features/catalog/components/crumbs'
import { formatDate } from '@/lib/dates'
import { localiseHtml } from '@/lib/localise-html'

export async function Article({ page, path, locale }: { page: ContentPage; path: string; locale: Locale }) {
  const t = await getTranslations({ locale, namespace: 'content' })
  return (
    <div className="container-page pt-6">
      <Crumbs locale={locale} crumbs={[]} current={{ name: page.title, path }} />
      <article className="mt-10 max-w-2xl lg:mx-auto lg:mt-16">
        <h1 className="headline text-4xl lg:text-5xl">{page.title}</h1>
        <div
          className="prose-stoa mt-8 text-[1.0625rem] leading-relaxed"
          // biome-ignore lint/security/noDangerouslySetInnerHtml: the API sanitises what the back office wrote
          dangerouslySetInnerHTML={{ __html: localiseHtml(page.body_html, locale) }}
        />
        <p className="mt-12 text-sm text-muted-foreground">
          <time dateTime={page.updated_at}>
            {t('updated', { date: formatDate(page.updated_at, locale) })}
          </time>
        </p>
      </article>
    </div>
  )
}
