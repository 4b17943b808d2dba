import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { getContentList } from '@/features/content/api/get-content'
import { isLocale } from '@/i18n/locales'
import { formatDate } from '@/lib/dates'
import { pageMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/stories'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'content' })
  return pageMetadata({
    locale,
    title: t('storiesTitle'),
    description: t('storiesText'),
    pathIn: (other) => paths.stories(other),
  })
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const [t, all] = await Promise.all([
    getTranslations({ locale, namespace: 'content' }),
    getContentList(locale),
  ])
  const stories = all.filter((page) => page.kind === 'story')
  return (
    <div className="container-page pt-14 lg:pt-20">
      <header className="max-w-3xl">
        <h1 className="headline text-4xl lg:text-5xl">{t('storiesTitle')}</h1>
        <p className="mt-4 text-lg text-muted-foreground">{t('storiesText')}</p>
      </header>
      {stories.length === 0 ? (
        <p className="mt-12">{t('noStories')}</p>
      ) : (
        <ul className="mt-14 border-t">
          {stories.map((story) => (
            <li
              key={story.slug}
              className="group relative flex flex-wrap items-baseline gap-x-8 gap-y-1 border-b py-8"
            >
              <h2 className="headline flex-1 basis-80 text-2xl lg:text-3xl">
                <Link
                  href={paths.story(locale, story.slug)}
                  className="decoration-1 underline-offset-8 group-hover:underline after:absolute after:inset-0"
                >
                  {story.title}
                </Link>
              </h2>
              <time dateTime={story.updated_at} className="text-sm text-muted-foreground">
                {formatDate(story.updated_at, locale)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
