import localFont from 'next/font/local'

// Cut to size by tools/fonts; both under the SIL Open Font License, which lies beside them.
export const sans = localFont({
  src: '../fonts/text.woff2',
  weight: '400 600',
  display: 'swap',
  variable: '--font-geist',
  fallback: ['ui-sans-serif', 'system-ui', 'sans-serif'],
  adjustFontFallback: 'Arial',
})

export const serif = localFont({
  src: '../fonts/headline.woff2',
  weight: '400',
  display: 'swap',
  variable: '--font-fraunces',
  fallback: ['ui-serif', 'Georgia', 'serif'],
  adjustFontFallback: 'Times New Roman',
})
