import { AccordionItem } from '@stoa/ui'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { getFaq } from '@/features/content/api/get-content'
import { getStore } from '@/features/shell/api/get-store'
import { isLocale } from '@/i18n/locales'
import { JsonLd } from '@/lib/json-ld'
import { localiseHtml } from '@/lib/localise-html'
import { pageMetadata } from '@/lib/metadata'

export const ensureStatic = 'navigation'

type Props = PageProps<'/[locale]/faq'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params
  if (!isLocale(locale)) return {}
  const t = await getTranslations({ locale, namespace: 'content' })
  return pageMetadata({
    locale,
    title: t('faqTitle'),
    description: t('faqText'),
    pathIn: (other) => paths.faq(other),
  })
}

export default async function Page({ params }: Props) {
  const { locale } = await params
  if (!isLocale(locale)) notFound()
  const [t, faq, store] = await Promise.all([
    getTranslations({ locale, namespace: 'content' }),
    getFaq(locale),
    getStore(locale),
  ])
  return (
    <div className="container-page pt-14 lg:pt-20">
      <div className="mx-auto max-w-3xl">
        <h1 className="headline text-4xl lg:text-5xl">{t('faqTitle')}</h1>
        <p className="mt-4 text-lg text-muted-foreground">{t('faqText')}</p>
        {faq.groups.map((group) => (
          <section key={group.title} className="mt-14">
            <h2 className="headline mb-2 text-2xl">{group.title}</h2>
            {group.items.map((item) => (
              <AccordionItem key={item.question} title={item.question}>
                <div
                  className="prose-stoa max-w-prose"
                  // biome-ignore lint/security/noDangerouslySetInnerHtml: the API sanitises what the back office wrote
                  dangerouslySetInnerHTML={{ __html: localiseHtml(item.answer_html, locale) }}
                />
              </AccordionItem>
            ))}
          </section>
        ))}
        <p className="mt-14 rounded-lg bg-muted px-6 py-5">
          {t('faqContact')}{' '}
          <a href={`mailto:${store.contact.email}`} className="font-medium underline underline-offset-4">
            {t('writeUs')}
          </a>
        </p>
      </div>
      <JsonLd
        data={{
          '@type': 'FAQPage',
          mainEntity: faq.groups.flatMap((group) =>
            group.items.map((item) => ({
              '@type': 'Question',
              name: item.question,
              acceptedAnswer: { '@type': 'Answer', text: item.answer_html },
            })),
          ),
        }}
      />
    </div>
  )
}
