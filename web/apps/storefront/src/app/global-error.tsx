'use client'

/** The last resort, when the frame of the page itself could not be made. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: 'system-ui, sans-serif',
          padding: '4rem 1.5rem',
          maxWidth: '36rem',
          margin: 'auto',
        }}
      >
        <h1>Something on our side did not work</h1>
        <p>Your cart is safe. Try again in a moment.</p>
        <button type="button" onClick={reset} style={{ font: 'inherit', padding: '0.75rem 1.5rem' }}>
          Try again
        </button>
      </body>
    </html>
  )
}
