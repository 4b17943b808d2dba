import localFont from 'next/font/local'

export const sans = localFont({
  src: '../../../../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2',
  weight: '100 900',
  display: 'swap',
  variable: '--font-geist',
  fallback: ['ui-sans-serif', 'system-ui', 'sans-serif'],
  adjustFontFallback: 'Arial',
})

export const serif = localFont({
  src: '../../../../node_modules/@fontsource-variable/fraunces/files/fraunces-latin-opsz-normal.woff2',
  weight: '100 900',
  display: 'swap',
  variable: '--font-fraunces',
  fallback: ['ui-serif', 'Georgia', 'serif'],
  adjustFontFallback: 'Times New Roman',
})
