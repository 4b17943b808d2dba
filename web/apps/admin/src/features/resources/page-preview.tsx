import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { pagePreview } from '../../api/previews'
import { Choice, Panel } from '../../components/controls'
import { Failure } from '../../components/states'
import { languageName } from '../../lib/format'
import { LOCALES } from './draft'

const PAUSE_MS = 400

/** What is being written, as the shop would show it: rendered by the server, kept nowhere. */
export function PagePreview({
  title,
  body,
}: {
  title: Record<string, string>
  body: Record<string, string>
}) {
  const [locale, setLocale] = useState<string>('en')
  const text = body[locale] ?? ''
  const [asked, setAsked] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const found = useQuery({ ...pagePreview(asked), placeholderData: keepPreviousData })
  return (
    <Panel
      title="Preview"
      actions={
        <Choice
          aria-label="Language of the preview"
          value={locale}
          className="w-36"
          onChange={(event) => setLocale(event.target.value)}
        >
          {LOCALES.map((entry) => (
            <option key={entry} value={entry}>
              {languageName(entry)}
            </option>
          ))}
        </Choice>
      }
    >
      {found.error && !found.data ? (
        <div className="p-4">
          <Failure error={found.error} retry={() => found.refetch()} />
        </div>
      ) : (
        <article className="prose-shop max-w-prose p-4" aria-live="off">
          <h2>{title[locale] || title.en}</h2>
          {/* Built by the server from escaped text and a fixed list of tags. */}
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: as above */}
          <div dangerouslySetInnerHTML={{ __html: found.data?.html ?? '' }} />
        </article>
      )}
    </Panel>
  )
}
