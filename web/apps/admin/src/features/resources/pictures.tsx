import { Button, Field, toast } from '@stoa/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Image as ImageIcon } from 'lucide-react'
import { type MouseEvent, type ReactNode, useRef } from 'react'
import { uploadPicture } from '../../api/media'
import { row as rowQuery } from '../../api/resources'
import { session } from '../../api/session'
import { may } from '../../lib/permissions'
import { problemText } from '../../lib/problem'
import { Link } from '../../lib/router'
import type { Draft } from './draft'

const ACCEPTED = 'image/jpeg,image/png,image/webp,image/avif'

/** Takes a file from the device to the shop. */
export function UploadButton({
  onDone,
  children,
  size = 'sm',
}: {
  onDone: (picture: { id: string; label: string }) => void
  children: ReactNode
  size?: 'sm'
}) {
  const client = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const rights = useQuery(session).data?.staff?.permissions ?? []
  const upload = useMutation({
    mutationFn: uploadPicture,
    onSuccess: (picture) => {
      void client.invalidateQueries({ queryKey: ['rows', 'media'] })
      onDone({ id: picture.id, label: picture.name })
    },
    onError: (error) => toast(problemText(error), { tone: 'error' }),
  })
  if (!may(rights, 'media.create')) return null
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={ACCEPTED}
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const [file] = event.target.files ?? []
          // The same file again is a change as well.
          event.target.value = ''
          if (file) upload.mutate(file)
        }}
      />
      <Button size={size} variant="outline" pending={upload.isPending} onClick={() => input.current?.click()}>
        {children}
      </Button>
    </>
  )
}

/** A picture of the shop's: seen, chosen by `finder` or brought from the device. */
export function PictureInput({
  chosen,
  onChange,
  disabled,
  frame,
  finder,
}: {
  chosen: { id: string; label: string } | null
  onChange: (value: Draft) => void
  disabled: boolean
  frame: {
    label: ReactNode
    hint: string | undefined
    error: string | undefined
    optional: string | undefined
  }
  finder: Parameters<typeof Field>[0]['children']
}) {
  const found = useQuery({ ...rowQuery('media', chosen?.id ?? ''), enabled: chosen !== null, retry: false })
  const src = typeof found.data?.src === 'string' ? found.data.src : ''
  return (
    <div className="flex items-start gap-3">
      {src ? (
        <img
          src={src}
          alt=""
          className="mt-6.5 size-16 flex-none rounded-md bg-tile object-cover"
          style={{
            objectPosition: `${Number(found.data?.focal_x ?? 500) / 10}% ${Number(found.data?.focal_y ?? 500) / 10}%`,
          }}
        />
      ) : (
        <span className="mt-6.5 grid size-16 flex-none place-items-center rounded-md bg-tile text-muted-foreground">
          <ImageIcon aria-hidden="true" className="size-5" />
        </span>
      )}
      <div className="min-w-0 flex-1 space-y-2">
        <Field {...frame}>{finder}</Field>
        {disabled ? null : (
          <div className="flex flex-wrap items-center gap-3">
            <UploadButton onDone={onChange}>Upload</UploadButton>
            {chosen ? (
              <Link
                href={`/r/media/${encodeURIComponent(chosen.id)}`}
                className="text-sm underline underline-offset-4"
              >
                Text and focal point
              </Link>
            ) : null}
          </div>
        )}
      </div>
    </div>
  )
}

/** Where in a picture its subject is, in thousandths: pressed with the pointer; the fields beside it take numbers. */
export function FocalPoint({
  src,
  x,
  y,
  disabled,
  onChange,
}: {
  src: string
  x: number
  y: number
  disabled: boolean
  onChange: (x: number, y: number) => void
}) {
  const place = (event: MouseEvent<HTMLButtonElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const part = (at: number, from: number, size: number) =>
      Math.round(Math.min(1, Math.max(0, (at - from) / size)) * 1000)
    // Pressed by the keyboard it has no place.
    if (event.detail > 0)
      onChange(part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height))
  }
  return (
    <div className="flex flex-wrap items-start gap-6 p-4">
      <button
        type="button"
        disabled={disabled}
        aria-label="Press where the subject is"
        onClick={place}
        className="relative w-fit max-w-full cursor-crosshair disabled:cursor-default"
      >
        <img src={src} alt="" className="max-h-96 max-w-full rounded-md bg-tile" />
        <span
          aria-hidden="true"
          className="pointer-events-none absolute size-6 -translate-1/2 rounded-full border-2 border-white bg-black/30 shadow-[0_0_0_2px_rgb(0_0_0/0.6)]"
          style={{ left: `${x / 10}%`, top: `${y / 10}%` }}
        />
      </button>
      <div className="flex items-start gap-3">
        {(['aspect-square w-28', 'aspect-[3/4] w-24'] as const).map((shape) => (
          <img
            key={shape}
            src={src}
            alt=""
            className={`${shape} rounded-md bg-tile object-cover`}
            style={{ objectPosition: `${x / 10}% ${y / 10}%` }}
          />
        ))}
      </div>
    </div>
  )
}
