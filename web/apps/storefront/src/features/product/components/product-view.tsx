import type { Locale } from '@stoa/api-client'
import { AccordionItem, Rating } from '@stoa/ui'
import { getTranslations } from 'next-intl/server'
import { paths } from '@/config/paths'
import { Crumbs } from '@/features/catalog/components/crumbs'
import { getStore } from '@/features/shell/api/get-store'
import { JsonLd } from '@/lib/json-ld'
import { localiseHtml } from '@/lib/localise-html'
import { absolute } from '@/lib/metadata'
import type { CachedProduct } from '../api/get-product'
import { productData } from '../structured-data'
import { ProductStage } from './product-stage'
import { RecentlyViewed } from './recently-viewed'
import { RelatedProducts } from './related-products'
import { Reviews } from './reviews'

export async function ProductView({ cached, locale }: { cached: CachedProduct; locale: Locale }) {
  const { product } = cached
  const [t, common, store] = await Promise.all([
    getTranslations({ locale, namespace: 'product' }),
    getTranslations({ locale, namespace: 'common' }),
    getStore(locale),
  ])
  const path = paths.product(locale, product.slug)
  const { rating } = product
  return (
    <>
      <div className="container-page pt-6">
        <Crumbs
          locale={locale}
          crumbs={product.breadcrumbs}
          current={{ name: product.name, path }}
          className="mb-6 max-lg:mb-4"
        />
        <ProductStage
          rendered={cached}
          locale={locale}
          returnDays={store.return_days}
          heading={
            <>
              {product.brand ? <p className="text-sm text-muted-foreground">{product.brand}</p> : null}
              <h1 className="mt-1 text-2xl font-medium tracking-tight lg:text-3xl">{product.name}</h1>
              {product.subtitle ? <p className="mt-1 text-muted-foreground">{product.subtitle}</p> : null}
              {rating && rating.count > 0 ? (
                <a
                  href="#reviews"
                  className="tap mt-3 inline-flex items-center gap-2 py-1 text-sm hover:underline"
                >
                  <Rating
                    average={rating.average}
                    label={common('rating', {
                      value: (rating.average / 10).toLocaleString(locale, { minimumFractionDigits: 1 }),
                    })}
                  />
                  <span className="text-muted-foreground">
                    {common('ratingCount', { count: rating.count })}
                  </span>
                </a>
              ) : null}
            </>
          }
        >
          <div className="mt-9 border-t">
            <AccordionItem title={t('description')} open>
              <div
                className="prose-stoa"
                // biome-ignore lint/security/noDangerouslySetInnerHtml: the API sanitises what the back office wrote
                dangerouslySetInnerHTML={{ __html: localiseHtml(product.description_html, locale) }}
              />
            </AccordionItem>
            {product.attributes.length > 0 ? (
              <AccordionItem title={t('dimensions')} open>
                <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-6 gap-y-2.5 text-sm">
                  {product.attributes.map((attribute) => (
                    <div key={attribute.code} className="contents">
                      <dt className="text-muted-foreground">{attribute.name}</dt>
                      <dd>{attribute.value}</dd>
                    </div>
                  ))}
                </dl>
              </AccordionItem>
            ) : null}
          </div>
        </ProductStage>
      </div>
      <div className="container-page mt-20 grid grid-cols-[minmax(0,1fr)] gap-20 lg:mt-28 lg:gap-28">
        <RelatedProducts cached={cached} locale={locale} />
        <Reviews product={product} locale={locale} viewer={cached.viewer} />
        <RecentlyViewed
          product={{ id: product.id, slugs: { ...product.alternates, [locale]: product.slug } }}
          locale={locale}
          viewer={cached.viewer}
        />
      </div>
      <JsonLd data={productData(product, locale, absolute(path), absolute)} />
    </>
  )
}
