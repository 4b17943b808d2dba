import type { Category, Locale } from '@stoa/api-client'
import { chipClass, EmptyState, Picture } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { localiseHtml } from '@/lib/localise-html'
import type { CachedListing } from '../api/get-listing'
import { Crumbs } from './crumbs'
import { ListingView } from './listing-view'

export async function CategoryPage({
  category,
  cached,
  search,
  locale,
}: {
  category: Category
  cached: CachedListing
  search: string
  locale: Locale
}) {
  const t = await getTranslations({ locale, namespace: 'catalog' })
  return (
    <div className="container-page pt-6">
      <Crumbs
        locale={locale}
        crumbs={category.breadcrumbs.filter((crumb) => crumb.slug !== category.slug)}
        current={{ name: category.name, path: paths.category(locale, category.slug) }}
      />
      <header className="mt-6 mb-10 max-w-3xl lg:mt-8 lg:mb-14">
        <h1 className="headline text-4xl lg:text-5xl">{category.name}</h1>
        {category.description ? (
          <div
            className="prose-stoa mt-4 text-lg text-muted-foreground"
            // biome-ignore lint/security/noDangerouslySetInnerHtml: the API allows a fixed list of tags
            dangerouslySetInnerHTML={{ __html: localiseHtml(category.description, locale) }}
          />
        ) : null}
      </header>
      {category.children.length > 0 ? (
        <nav
          aria-label={t('subcategories', { name: category.name })}
          className="-mx-4 mb-10 overflow-x-auto px-4"
        >
          <ul className="flex gap-3">
            {category.children.map((child) => (
              <li key={child.id} className="flex-none">
                <Link
                  href={paths.category(locale, child.slug)}
                  className={child.image ? `${chipClass} py-1 pl-1` : chipClass}
                >
                  {child.image ? (
                    <span className="grid size-11 place-items-center overflow-hidden rounded-full bg-tile">
                      <Picture image={child.image} sizes="44px" alt="" fit="contain" className="size-9" />
                    </span>
                  ) : null}
                  {child.name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
      <ListingView
        scope={{ category: category.slug }}
        locale={locale}
        rendered={cached}
        initialSearch={search}
        empty={<EmptyState title={t('categoryNotFound')} />}
      />
    </div>
  )
}
