'use client'
import type { ProductOption, ProductPage, Variant } from '@stoa/api-client'
import { cn } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { choice, type Selection } from '../variants'

/** Swatches for colours, chips for the rest. What is sold out stays in sight, struck through and said in words. */
export function OptionPicker({
  product,
  option,
  variant,
  onChoose,
}: {
  product: ProductPage
  option: ProductOption
  variant: Variant
  onChoose: (selection: Selection) => void
}) {
  const t = useTranslations('product')
  const chosen = option.values.find((value) => value.value === variant.options[option.code])
  const colours = option.values.some((value) => value.colour)
  return (
    <fieldset>
      <legend className="mb-2.5 text-sm">
        {t.rich('chosenRich', {
          option: option.name,
          value: chosen?.label ?? '',
          strong: (words) => <span className="font-medium">{words}</span>,
        })}
      </legend>
      <div className={cn('flex flex-wrap', colours ? 'gap-2.5' : 'gap-2')}>
        {option.values.map((value) => {
          const { state, selection } = choice(product, variant, option.code, value.value)
          const words =
            state === 'available'
              ? value.label
              : state === 'sold_out'
                ? t('soldOutSuffix', { value: value.label })
                : t('notMade', { value: value.label })
          const gone = state !== 'available'
          return (
            <label key={value.value} title={words} className="relative">
              <input
                type="radio"
                name={`${product.id}-${option.code}`}
                value={value.value}
                checked={value.value === variant.options[option.code]}
                onChange={() => onChoose(selection)}
                aria-label={words}
                className="peer absolute -inset-px size-[calc(100%+2px)] cursor-pointer appearance-none rounded-full"
              />
              {colours ? (
                <span
                  aria-hidden="true"
                  className={cn(
                    'pointer-events-none block rounded-full border-2 border-transparent p-1 peer-checked:border-foreground peer-hover:border-input peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-ring',
                  )}
                >
                  <span
                    className={cn(
                      'swatch-dot relative block size-8 overflow-hidden rounded-full',
                      gone && 'struck',
                    )}
                    style={value.colour ? { backgroundColor: value.colour } : undefined}
                  />
                </span>
              ) : (
                <span
                  aria-hidden="true"
                  className={cn(
                    'pointer-events-none relative flex min-h-11 min-w-14 items-center justify-center overflow-hidden rounded-md border bg-card px-4 text-sm peer-checked:border-foreground peer-checked:shadow-[inset_0_0_0_1px_var(--foreground)] peer-hover:border-input peer-focus-visible:outline-2 peer-focus-visible:outline-ring',
                    gone && 'struck text-muted-foreground',
                  )}
                >
                  {value.label}
                </span>
              )}
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}
