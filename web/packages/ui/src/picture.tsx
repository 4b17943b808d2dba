import type { CSSProperties } from 'react'
import { cn } from './cn'
import { type ImageView, imageSrc, imageSrcSet } from './image'

/**
 * A picture from the media service in the sizes it keeps. The box must be given a size or an aspect ratio by its
 * parent or class; width and height reserve the space either way. The page marks a picture that is there with
 * `data-shown`, and the theme then hides its placeholder: a cut-out would show it through, and a later rendering with
 * fresh data may well bring a placeholder to a picture that came without one.
 */
export function Picture({
  image,
  sizes,
  priority = false,
  fit = 'cover',
  alt,
  className,
}: {
  image: ImageView
  sizes: string
  priority?: boolean
  fit?: 'cover' | 'contain'
  alt?: string
  className?: string
}) {
  const style: CSSProperties = { objectPosition: `${image.focal_x / 10}% ${image.focal_y / 10}%` }
  if (image.placeholder) {
    style.backgroundImage = `url("${image.placeholder}")`
    style.backgroundSize = fit
    style.backgroundPosition = 'center'
    style.backgroundRepeat = 'no-repeat'
  } else if (image.background && fit === 'cover') {
    // A cut-out stands on the ground of its tile, which changes in the dark; only a full picture has one of its own.
    style.backgroundColor = image.background
  }
  return (
    <img
      src={imageSrc(image.src, 640)}
      srcSet={imageSrcSet(image.src, image.width)}
      sizes={sizes}
      width={image.width}
      height={image.height}
      alt={alt ?? image.alt}
      loading={priority ? 'eager' : 'lazy'}
      fetchPriority={priority ? 'high' : undefined}
      decoding="async"
      suppressHydrationWarning
      style={style}
      className={cn(fit === 'cover' ? 'object-cover' : 'object-contain', className)}
    />
  )
}
