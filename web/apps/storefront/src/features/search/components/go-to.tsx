import Link from 'next/link'

/** The frame of the page is on its way already: too late for a redirect of HTTP, not for one of HTML. */
export function GoTo({ path }: { path: string }) {
  return (
    <p className="container-page py-24 text-center">
      <meta httpEquiv="refresh" content={`0;url=${path}`} />
      <Link href={path} className="underline underline-offset-4">
        {path}
      </Link>
    </p>
  )
}
