'use client'
import { cn, Heart, toast } from '@stoa/ui'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { paths } from '@/config/paths'
import { errorKey } from '@/lib/error-message'
import { useWished } from '../api/use-wishlist'

/** The heart: keeps a product on the wish list. Guests are asked to sign in, and come back to the product. */
export function WishButton({
  productId,
  name,
  round = false,
  className,
}: {
  productId: string
  /** Said after the words of the button, where there are several of them on a page. */
  name?: string
  round?: boolean
  className?: string
}) {
  const locale = useLocale()
  const router = useRouter()
  const t = useTranslations('product')
  const errors = useTranslations('errors')
  const { guest, wished, change } = useWished(productId)
  return (
    <button
      type="button"
      aria-pressed={wished}
      aria-label={name ? `${t('wishlistAdd')}: ${name}` : t('wishlistAdd')}
      title={wished ? t('wishlistRemove') : t('wishlistAdd')}
      onClick={() => {
        if (guest) router.push(paths.login(locale, location.pathname + location.search))
        else if (!change.isPending) {
          change.mutate(!wished, { onError: (error) => toast(errors(errorKey(error)), { tone: 'error' }) })
        }
      }}
      className={cn(
        'grid place-items-center hover:bg-muted',
        round ? 'rounded-full' : 'rounded-md',
        className,
      )}
    >
      <Heart
        className={cn('size-5 transition-colors', wished && 'fill-current text-sale')}
        aria-hidden="true"
      />
    </button>
  )
}
