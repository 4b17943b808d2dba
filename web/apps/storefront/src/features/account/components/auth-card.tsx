import type { ReactNode } from 'react'

/** The narrow column in which one signs in, registers or sets a password. */
export function AuthCard({
  title,
  text,
  children,
}: {
  title: ReactNode
  text?: ReactNode
  children: ReactNode
}) {
  return (
    <div className="container-page pt-10 lg:pt-16">
      <div className="mx-auto max-w-md">
        <h1 className="headline text-3xl lg:text-4xl">{title}</h1>
        {text ? <div className="mt-3 text-muted-foreground">{text}</div> : null}
        <div className="mt-8">{children}</div>
      </div>
    </div>
  )
}
