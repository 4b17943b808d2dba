import { describe, expect, it } from 'vitest'
import { openingRows, sketch, weekday } from './opening'

describe('opening times', () => {
  it('put equal days together and keep a pause at noon', () => {
    const weekdays = [1, 2, 3, 4, 5].flatMap((day) => [
      { day, from: '13:00', to: '18:00' },
      { day, from: '09:00', to: '12:00' },
    ])
    expect(openingRows([...weekdays, { day: 6, from: '10:00', to: '14:00' }])).toEqual([
      { from: 1, to: 5, hours: ['09:00 – 12:00', '13:00 – 18:00'] },
      { from: 6, to: 6, hours: ['10:00 – 14:00'] },
      { from: 7, to: 7, hours: [] },
    ])
  })
  it('begin the week on Monday', () => {
    expect(weekday(1, 'en')).toBe('Mon')
    expect(weekday(7, 'de')).toBe('So')
  })
})

describe('the sketch', () => {
  it('puts north above south and east right of west, inside the box', () => {
    const { placed } = sketch(
      [
        { id: 'north-west', latitude: '52.38', longitude: '4.88' },
        { id: 'south-east', latitude: '52.36', longitude: '4.92' },
      ],
      1.6,
    )
    const [a, b] = placed
    expect(a && b && a.x < b.x && a.y < b.y).toBe(true)
    for (const { x, y } of placed) {
      expect(x).toBeGreaterThan(5)
      expect(x).toBeLessThan(95)
      expect(y).toBeGreaterThan(5)
      expect(y).toBeLessThan(95)
    }
  })
  it('leaves out what lies in another town', () => {
    const { placed, widthMetres } = sketch(
      [
        { id: 'near', latitude: '52.3791', longitude: '4.9003' },
        { id: 'far', latitude: '51.44', longitude: '5.48' },
        { id: 'beside', latitude: '52.3811', longitude: '4.8896' },
      ],
      1.9,
    )
    expect(placed.map(({ id }) => id)).toEqual(['near', 'beside'])
    expect(widthMetres).toBeLessThan(1500)
  })
  it('puts a single point in the middle, and none nowhere', () => {
    expect(sketch([{ id: 'a', latitude: '52', longitude: '4' }], 1.6).placed).toEqual([
      { id: 'a', x: 50, y: 50 },
    ])
    expect(sketch([{ id: 'a', latitude: 'x', longitude: '4' }], 1.6).placed).toEqual([])
  })
})
