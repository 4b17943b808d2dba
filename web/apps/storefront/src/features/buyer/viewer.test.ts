import { describe, expect, it } from 'vitest'
import { asked, cookieIn, publicViewer, sameViewer, viewerFrom } from './viewer'

const from = (cookies: string) => viewerFrom((name) => cookieIn(cookies, name))
const MARK = '0123456789abcdef'

describe('who looks', () => {
  it('is everybody without cookies', () => {
    expect(from('')).toEqual(publicViewer)
    expect(sameViewer(from('other=1'), publicViewer)).toBe(true)
  })
  it('is told by currency, country and mark', () => {
    const viewer = from(`a=b; stoa_prefs=CHF.CH; stoa_buyer=${MARK}`)
    expect(viewer).toEqual({ currency: 'CHF', country: 'CH', buyer: MARK })
    expect(sameViewer(viewer, { currency: 'CHF', country: 'CH' })).toBe(false)
    expect(sameViewer(viewer, from(`stoa_buyer=${MARK}; stoa_prefs=CHF.CH`))).toBe(true)
  })
  it('is nobody special by a cookie that the API would not have set', () => {
    for (const value of ['', '1', MARK.toUpperCase(), `${MARK}0`, `${MARK.slice(1)};`])
      expect(from(`stoa_buyer=${value}`)).toEqual(publicViewer)
    expect(from('stoa_prefs=chf.ch')).toEqual(publicViewer)
  })
  it('is asked for without the mark: the session says who it is', () => {
    expect(asked(from(`stoa_buyer=${MARK}`))).toEqual({ currency: 'EUR', country: 'DE' })
  })
})
