import type { ServicePoint } from '@stoa/api-client'

export type OpeningRow = { from: number; to: number; hours: string[] }

/** Opening times with equal days put together: Monday to Friday on one row. Days without any are closed. */
export function openingRows(opening: ServicePoint['opening']): OpeningRow[] {
  const rows: OpeningRow[] = []
  for (let day = 1; day <= 7; day++) {
    const hours = opening
      .filter((entry) => entry.day === day)
      .sort((a, b) => a.from.localeCompare(b.from))
      .map((entry) => `${entry.from} – ${entry.to}`)
    const last = rows.at(-1)
    if (last && last.to === day - 1 && last.hours.join() === hours.join()) last.to = day
    else rows.push({ from: day, to: day, hours })
  }
  return rows
}

/** Name of a weekday, 1 being Monday. */
export const weekday = (day: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, day)),
  )

const METRES_PER_DEGREE = 111_320
const FARTHEST = 12_000

export type Placed = { id: string; x: number; y: number }

/**
 * Where points lie relative to each other, in per cent of a box of the given shape. Longitudes shrink with the
 * cosine of the latitude; for the few kilometres that a sketch shows, that is all there is to it. The first point is
 * the nearest; what lies in another town would press all the others into one corner, and is left out.
 */
export function sketch(
  points: Pick<ServicePoint, 'id' | 'latitude' | 'longitude'>[],
  ratio: number,
): { placed: Placed[]; widthMetres: number } {
  const known = points
    .map((point) => ({
      id: point.id,
      lat: Number.parseFloat(point.latitude),
      lon: Number.parseFloat(point.longitude),
    }))
    .filter((point) => Number.isFinite(point.lat) && Number.isFinite(point.lon))
  const [nearest] = known
  if (!nearest) return { placed: [], widthMetres: 0 }
  const shrink = Math.cos((nearest.lat * Math.PI) / 180)
  const around = known
    .map(({ id, lat, lon }) => ({
      id,
      east: (lon - nearest.lon) * shrink * METRES_PER_DEGREE,
      north: (lat - nearest.lat) * METRES_PER_DEGREE,
    }))
    .filter(({ east, north }) => Math.hypot(east, north) <= FARTHEST)
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  const east0 = middle(around.map(({ east }) => east))
  const north0 = middle(around.map(({ north }) => north))
  const flat = around.map(({ id, east, north }) => ({ id, east: east - east0, north: north - north0 }))
  const half = Math.max(
    200,
    ...flat.map((point) => Math.abs(point.east)),
    ...flat.map((point) => Math.abs(point.north) * ratio),
  )
  // A margin, so that no marker is cut.
  const width = half * 2 * 1.25
  return {
    placed: flat.map((point) => ({
      id: point.id,
      x: 50 + (point.east / width) * 100,
      y: 50 - (point.north / (width / ratio)) * 100,
    })),
    widthMetres: width,
  }
}
