'use client'
import type { Media } from '@stoa/api-client'
import { ChevronLeft, ChevronRight, cn, Dialog, Picture } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { useEffect, useRef, useState } from 'react'

/** On a phone one strip to swipe; on wide screens all pictures in a scroll, the first one large. */
export function Gallery({ media, name }: { media: Media[]; name: string }) {
  const t = useTranslations('product')
  const common = useTranslations('common')
  const strip = useRef<HTMLUListElement>(null)
  const [at, setAt] = useState(0)
  const [zoomed, setZoomed] = useState<number | undefined>()
  const first = media[0]?.id

  // Another variant shows other pictures: start at its first one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the first picture changes
  useEffect(() => {
    strip.current?.scrollTo({ left: 0 })
    setAt(0)
  }, [first])

  // The first fills the row, and so does a last one that would stand alone.
  const isWide = (index: number) => index === 0 || (index === media.length - 1 && media.length % 2 === 0)

  const onScroll = () => {
    const list = strip.current
    if (list) setAt(Math.round(list.scrollLeft / list.clientWidth))
  }
  const large = zoomed === undefined ? undefined : media[zoomed]
  const turn = (step: number) =>
    setZoomed((now) => (now === undefined ? now : (now + step + media.length) % media.length))

  return (
    <div className="relative max-md:-mx-4">
      <ul
        ref={strip}
        onScroll={onScroll}
        aria-label={t('gallery', { name })}
        className="no-scrollbar flex snap-x snap-mandatory overflow-x-auto lg:grid lg:grid-cols-2 lg:gap-4 lg:overflow-visible"
      >
        {media.map((picture, index) => (
          <li
            key={picture.id}
            className={cn('w-full flex-none snap-center', isWide(index) && 'lg:col-span-2')}
          >
            <button
              type="button"
              aria-label={`${t('zoom')}: ${picture.alt}`}
              onClick={() => setZoomed(index)}
              className={cn(
                'block w-full cursor-zoom-in overflow-hidden bg-tile md:rounded-lg',
                'aspect-4/5 max-h-[80dvh] lg:max-h-none',
                isWide(index) && 'lg:aspect-[6/5]',
              )}
            >
              <Picture
                image={picture}
                priority={index === 0}
                fit="contain"
                sizes={
                  isWide(index)
                    ? '(min-width: 1440px) 760px, (min-width: 1024px) 54vw, (min-width: 768px) 46vw, 100vw'
                    : '(min-width: 1440px) 370px, (min-width: 1024px) 27vw, (min-width: 768px) 46vw, 100vw'
                }
                className="size-full"
              />
            </button>
          </li>
        ))}
      </ul>
      {media.length > 1 ? (
        <div aria-hidden="true" className="absolute inset-x-0 bottom-4 flex justify-center gap-2 lg:hidden">
          {media.map((picture, index) => (
            <span
              key={picture.id}
              className={cn('size-1.5 rounded-full', index === at ? 'bg-foreground' : 'bg-foreground/25')}
            />
          ))}
        </div>
      ) : null}
      <Dialog
        open={large !== undefined}
        onClose={() => setZoomed(undefined)}
        title={large ? t('picture', { index: (zoomed ?? 0) + 1, count: media.length }) : name}
        closeLabel={common('close')}
        className="stoa-modal-wide"
      >
        {large ? (
          <div className="relative bg-tile">
            <Picture
              image={large}
              sizes="(min-width: 900px) 860px, 100vw"
              fit="contain"
              className="mx-auto max-h-[72dvh] w-auto"
            />
            {media.length > 1 ? (
              <>
                <button
                  type="button"
                  aria-label={t('previous')}
                  onClick={() => turn(-1)}
                  className="absolute top-1/2 left-2 grid size-11 -translate-y-1/2 place-items-center rounded-full bg-background"
                >
                  <ChevronLeft className="size-5" aria-hidden="true" />
                </button>
                <button
                  type="button"
                  aria-label={t('next')}
                  onClick={() => turn(1)}
                  className="absolute top-1/2 right-2 grid size-11 -translate-y-1/2 place-items-center rounded-full bg-background"
                >
                  <ChevronRight className="size-5" aria-hidden="true" />
                </button>
              </>
            ) : null}
          </div>
        ) : null}
      </Dialog>
    </div>
  )
}
