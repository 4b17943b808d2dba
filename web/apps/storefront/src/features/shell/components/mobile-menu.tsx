'use client'
import type { MenuItem } from '@stoa/api-client'
import { ChevronDown, Menu, Sheet } from '@stoa/ui'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { PreferencesButton } from '@/features/preferences/components/preferences-button'
import { leadsSomewhere } from '../menu'

export function MobileMenu({ items }: { items: MenuItem[] }) {
  const [open, setOpen] = useState(false)
  const t = useTranslations('shell')
  const common = useTranslations('common')
  const close = () => setOpen(false)
  return (
    <div className="-ml-2.5 lg:hidden">
      <button
        type="button"
        aria-label={t('menu')}
        aria-expanded={open}
        onClick={() => setOpen(true)}
        className="grid size-11 place-items-center rounded-md hover:bg-muted"
      >
        <Menu className="size-5.5" aria-hidden="true" />
      </button>
      <Sheet
        open={open}
        onClose={close}
        side="left"
        title={t('menu')}
        closeLabel={common('close')}
        footer={<PreferencesButton wide />}
      >
        <nav aria-label={t('mainNavigation')}>
          <ul className="-my-2">
            {items.map((item) =>
              item.children.length === 0 ? (
                <li key={item.href} className="border-b last:border-0">
                  <Link href={item.href} onClick={close} className="block py-3.5 text-lg">
                    {item.label}
                  </Link>
                </li>
              ) : (
                <li key={item.href} className="border-b last:border-0">
                  <details className="group" name="menu">
                    <summary className="flex items-center justify-between py-3.5 text-lg">
                      {item.label}
                      <ChevronDown
                        className="size-5 text-muted-foreground transition-transform group-open:rotate-180"
                        aria-hidden="true"
                      />
                    </summary>
                    <ul className="pb-3 pl-3">
                      {[
                        ...(leadsSomewhere(item)
                          ? [{ label: t('allOf', { name: item.label }), href: item.href }]
                          : []),
                        ...item.children,
                      ].map((child) => (
                        <li key={child.href}>
                          <Link href={child.href} onClick={close} className="block py-2.5 text-base">
                            {child.label}
                          </Link>
                        </li>
                      ))}
                    </ul>
                  </details>
                </li>
              ),
            )}
          </ul>
        </nav>
      </Sheet>
    </div>
  )
}
