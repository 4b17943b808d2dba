import type { Home, Image, Locale } from '@stoa/api-client'
import { ArrowRight, buttonVariants, Picture, Rating } from '@stoa/ui'
import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { localisePath, paths } from '@/config/paths'
import { publicViewer, type Viewer } from '@/features/buyer/viewer'
import { getStore } from '@/features/shell/api/get-store'
import { JsonLd } from '@/lib/json-ld'
import { localiseHtml } from '@/lib/localise-html'
import { absolute } from '@/lib/metadata'
import { LiveRail } from './live-rail'

export async function HomeView({
  home,
  locale,
  viewer = publicViewer,
}: {
  home: Home
  locale: Locale
  /** For whom its rows of products are. */
  viewer?: Viewer
}) {
  const [t, common, store] = await Promise.all([
    getTranslations({ locale, namespace: 'home' }),
    getTranslations({ locale, namespace: 'common' }),
    getStore(locale),
  ])
  return (
    <>
      <Hero hero={home.hero} locale={locale} />
      {home.rooms.length > 0 ? (
        <section aria-labelledby="rooms" className="container-page mt-20 lg:mt-28">
          <h2 id="rooms" className="headline text-3xl lg:text-4xl">
            {t('rooms')}
          </h2>
          <ul
            className={`mt-8 grid grid-cols-2 gap-x-4 gap-y-8 md:gap-x-6 md:gap-y-10 ${home.rooms.length % 3 === 0 ? 'md:grid-cols-3' : 'lg:grid-cols-4'}`}
          >
            {home.rooms.map((room) => (
              <li key={room.href} className="group relative">
                <div className="aspect-4/5 overflow-hidden rounded-lg bg-tile lg:aspect-square">
                  {room.image ? (
                    <Picture
                      image={room.image}
                      fit={fitOf(room.image)}
                      alt=""
                      sizes="(min-width: 1440px) 440px, (min-width: 768px) 31vw, 46vw"
                      className="size-full transition-transform duration-250 group-hover:scale-[1.02]"
                    />
                  ) : null}
                </div>
                <h3 className="mt-4 text-lg font-medium">
                  <Link href={localisePath(locale, room.href)} className="after:absolute after:inset-0">
                    {room.title}
                  </Link>
                </h3>
                <p className="mt-1 text-sm text-muted-foreground">{room.text}</p>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {home.new_arrivals.length > 0 ? (
        <Rail id="new" title={t('newArrivals')}>
          <LiveRail part="new_arrivals" cards={home.new_arrivals} locale={locale} viewer={viewer} />
        </Rail>
      ) : null}
      <Story story={home.story} locale={locale} more={t('readStory')} />
      {home.best_sellers.length > 0 ? (
        <Rail id="best" title={t('bestSellers')}>
          <LiveRail part="best_sellers" cards={home.best_sellers} locale={locale} viewer={viewer} />
        </Rail>
      ) : null}
      {home.reviews.length > 0 ? (
        <section aria-labelledby="voices" className="container-page mt-24 lg:mt-32">
          <h2 id="voices" className="headline text-3xl lg:text-4xl">
            {t('reviews')}
          </h2>
          <ul className="mt-10 grid gap-x-12 gap-y-10 md:grid-cols-3">
            {home.reviews.slice(0, 3).map((review) => (
              <li key={`${review.product_slug}/${review.author}/${review.title}`}>
                <figure className="flex h-full flex-col border-t pt-6">
                  <Rating
                    average={review.rating * 10}
                    label={common('rating', { value: String(review.rating) })}
                  />
                  <blockquote className="mt-4 flex-1">
                    <p className="headline text-xl leading-snug">{review.title}</p>
                    <p className="mt-2 text-sm text-muted-foreground">{review.body}</p>
                  </blockquote>
                  <figcaption className="mt-4 text-sm">
                    {review.author}{' '}
                    <Link
                      href={paths.product(locale, review.product_slug)}
                      className="text-muted-foreground underline decoration-1 underline-offset-4 hover:text-foreground"
                    >
                      {t('about', { product: review.product_name })}
                    </Link>
                  </figcaption>
                </figure>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <JsonLd
        data={{
          '@type': 'Organization',
          '@id': `${absolute('/')}#organization`,
          name: store.name,
          url: absolute(paths.home(locale)),
          logo: absolute('/icon-512.png'),
          email: store.contact.email,
          telephone: store.contact.phone,
          address: store.contact.address,
        }}
      />
      <JsonLd
        data={{
          '@type': 'WebSite',
          name: store.name,
          url: absolute(paths.home(locale)),
          inLanguage: locale,
          potentialAction: {
            '@type': 'SearchAction',
            target: {
              '@type': 'EntryPoint',
              urlTemplate: `${absolute(paths.search(locale))}?q={search_term_string}`,
            },
            'query-input': 'required name=search_term_string',
          },
        }}
      />
    </>
  )
}

/** A cut-out product stands whole on its ground; a wide picture of a room fills its frame. */
const fitOf = (image: Image) => (image.width < image.height ? 'contain' : 'cover')

function Hero({ hero, locale }: { hero: Home['hero']; locale: Locale }) {
  return (
    <section>
      <div className="mx-auto grid max-w-[100rem] items-center lg:min-h-[min(44rem,calc(100dvh-7rem))] lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className="px-4 pt-12 pb-10 md:px-8 lg:py-20 xl:pl-12">
          <h1 className="headline text-[clamp(2.75rem,6.2vw,5.5rem)] leading-[0.98]">{hero.title}</h1>
          <p className="mt-6 max-w-md text-lg">{hero.text}</p>
          <Link
            href={localisePath(locale, hero.cta_href)}
            className={`${buttonVariants({ size: 'lg' })} mt-8`}
          >
            {hero.cta_label}
            <ArrowRight className="size-4.5" aria-hidden="true" />
          </Link>
        </div>
        {hero.image ? (
          <div className="relative aspect-4/3 bg-tile lg:aspect-auto lg:h-full">
            <Picture
              image={hero.image}
              fit={fitOf(hero.image)}
              priority
              sizes="(min-width: 1440px) 840px, (min-width: 1024px) 58vw, 100vw"
              className="absolute inset-0 size-full"
            />
          </div>
        ) : null}
      </div>
    </section>
  )
}

function Rail({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id} className="container-page mt-24 lg:mt-32">
      <h2 id={id} className="headline mb-8 text-3xl lg:text-4xl">
        {title}
      </h2>
      {children}
    </section>
  )
}

function Story({ story, locale, more }: { story: Home['story']; locale: Locale; more: string }) {
  if (!story.title) return null
  return (
    <section aria-labelledby="story" className="mt-24 bg-accent text-accent-foreground lg:mt-32">
      <div className="container-page grid items-center gap-10 py-10 md:grid-cols-2 md:py-16 lg:gap-20 lg:py-20">
        {story.image ? (
          // A cut-out has air above and below: a squarer frame shows it larger.
          <div
            className={`overflow-hidden rounded-lg bg-tile ${story.image.width < story.image.height ? 'aspect-square lg:aspect-[11/10]' : 'aspect-4/3'}`}
          >
            <Picture
              image={story.image}
              sizes="(min-width: 1440px) 640px, (min-width: 768px) 46vw, 94vw"
              className="size-full"
            />
          </div>
        ) : null}
        <div className="max-w-xl">
          <h2 id="story" className="headline text-3xl lg:text-5xl">
            {story.title}
          </h2>
          <div
            className="prose-stoa mt-5 text-foreground lg:text-lg"
            // biome-ignore lint/security/noDangerouslySetInnerHtml: the API sanitises what the back office wrote
            dangerouslySetInnerHTML={{ __html: localiseHtml(story.body_html, locale) }}
          />
          {story.href ? (
            <Link
              href={localisePath(locale, story.href)}
              className="tap mt-6 inline-flex items-center gap-2 font-medium underline decoration-1 underline-offset-4"
            >
              {more}
              <ArrowRight className="size-4" aria-hidden="true" />
            </Link>
          ) : null}
        </div>
      </div>
    </section>
  )
}
