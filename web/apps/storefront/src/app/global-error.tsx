'use client'
import { Mark } from '@/features/shell/components/logo'

/** The frame of the page could not be made, and with it no messages could be loaded: the words stand here. */
const WORDS = {
  en: ['Something on our side did not work', 'Your cart is safe. Please try again in a moment.', 'Try again'],
  de: [
    'Bei uns hat etwas nicht geklappt',
    'Ihr Warenkorb ist sicher. Bitte versuchen Sie es gleich noch einmal.',
    'Noch einmal versuchen',
  ],
  nl: ['Er ging bij ons iets mis', 'Uw winkelwagen is veilig. Probeer het zo nog eens.', 'Opnieuw proberen'],
  fr: [
    'Quelque chose n’a pas fonctionné chez nous',
    'Votre panier est en sécurité. Réessayez dans un instant.',
    'Réessayer',
  ],
} as const

const STYLE = `
  :root { color-scheme: light dark }
  body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; text-align: center;
    font-family: system-ui, sans-serif; line-height: 1.5;
    background: light-dark(oklch(0.985 0.004 85), oklch(0.192 0.008 150));
    color: light-dark(oklch(0.22 0.01 150), oklch(0.935 0.008 90)) }
  svg { width: 3rem; color: light-dark(oklch(0.375 0.058 135), oklch(0.83 0.075 128)) }
  h1 { font: 400 2.25rem/1.15 ui-serif, Georgia, serif; margin: 1.5rem 0 0.75rem }
  button { font: inherit; font-weight: 500; margin-top: 1.5rem; padding: 0.7rem 1.5rem; border: 0; border-radius: 0.375rem;
    cursor: pointer; background: light-dark(oklch(0.375 0.058 135), oklch(0.83 0.075 128));
    color: light-dark(oklch(0.985 0.008 95), oklch(0.2 0.02 140)) }
`

export default function GlobalError({ error }: { error: Error & { digest?: string }; reset: () => void }) {
  const asked = typeof window === 'undefined' ? 'en' : window.location.pathname.slice(1, 3)
  const locale = asked in WORDS ? (asked as keyof typeof WORDS) : 'en'
  const [title, text, again] = WORDS[locale]
  return (
    <html lang={locale}>
      <head>
        <title>{title}</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <main>
          <Mark />
          <h1>{title}</h1>
          <p>{text}</p>
          <button type="button" onClick={() => window.location.reload()}>
            {again}
          </button>
          {error.digest ? (
            <p>
              <small>{error.digest}</small>
            </p>
          ) : null}
        </main>
      </body>
    </html>
  )
}
