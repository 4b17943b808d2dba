import type { DeliveryPromise, Locale } from '@stoa/api-client'
import { formatLocale } from '@stoa/ui'

const utc = (day: string) => new Date(`${day}T12:00:00Z`)

/** "Tue 24 – Wed 25 Nov": both ends in words, the month once when it is the same. */
export function formatPromise(promise: DeliveryPromise, locale: Locale): string {
  const format = new Intl.DateTimeFormat(formatLocale(locale), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
  return promise.from === promise.to
    ? format.format(utc(promise.from))
    : format.formatRange(utc(promise.from), utc(promise.to))
}

export function formatDate(iso: string, locale: Locale): string {
  return new Intl.DateTimeFormat(formatLocale(locale), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'Europe/Amsterdam',
  }).format(new Date(iso))
}

/** A day of the calendar, whatever the time zone: "24 December 2026". */
export const formatDay = (day: string, locale: Locale): string =>
  new Intl.DateTimeFormat(formatLocale(locale), {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(utc(day))
