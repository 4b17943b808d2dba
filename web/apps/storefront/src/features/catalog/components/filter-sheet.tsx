'use client'
import type { Listing } from '@stoa/api-client'
import { Button, Sheet } from '@stoa/ui'
import { useTranslations } from 'next-intl'
import { clearFilters, countFilters, type Filters } from '../filters'
import { Facets } from './facets'

export function FilterSheet({
  open,
  onClose,
  listing,
  filters,
  onChange,
}: {
  open: boolean
  onClose: () => void
  listing: Listing
  filters: Filters
  onChange: (next: Filters) => void
}) {
  const t = useTranslations('catalog')
  const common = useTranslations('common')
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={t('filters')}
      closeLabel={common('close')}
      footer={
        <div className="flex gap-3">
          {countFilters(filters) > 0 ? (
            <Button variant="outline" onClick={() => onChange(clearFilters(filters))}>
              {t('clearAll')}
            </Button>
          ) : null}
          <Button block onClick={onClose}>
            {t('showResults', { count: listing.total })}
          </Button>
        </div>
      }
    >
      {open ? <Facets listing={listing} filters={filters} onChange={onChange} /> : null}
    </Sheet>
  )
}
