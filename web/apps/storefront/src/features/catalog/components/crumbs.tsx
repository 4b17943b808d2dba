import type { Crumb, Locale } from '@stoa/api-client'
import { Breadcrumbs } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { JsonLd } from '@/lib/json-ld'
import { absolute } from '@/lib/metadata'

/** The way here, for people and, as structured data, for search engines. */
export async function Crumbs({
  locale,
  crumbs,
  current,
  className,
}: {
  locale: Locale
  crumbs: readonly Crumb[]
  current: { name: string; path: string }
  className?: string
}) {
  const t = await getTranslations({ locale, namespace: 'common' })
  const trail = [
    { name: t('home'), path: paths.home(locale) },
    ...crumbs.map((crumb) => ({ name: crumb.name, path: paths.category(locale, crumb.slug) })),
  ]
  return (
    <>
      <Breadcrumbs
        label={t('breadcrumbs')}
        {...(className ? { className } : {})}
        items={[
          ...trail.map((step) => ({
            key: step.path,
            node: (
              <Link href={step.path} className="tap py-1 hover:text-foreground hover:underline">
                {step.name}
              </Link>
            ),
          })),
          {
            key: 'current',
            node: (
              <span aria-current="page" className="text-foreground">
                {current.name}
              </span>
            ),
          },
        ]}
      />
      <JsonLd
        data={{
          '@type': 'BreadcrumbList',
          itemListElement: [...trail, current].map((step, index) => ({
            '@type': 'ListItem',
            position: index + 1,
            name: step.name,
            item: absolute(step.path),
          })),
        }}
      />
    </>
  )
}
