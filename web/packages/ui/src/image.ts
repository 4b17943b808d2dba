export type ImageView = {
  src: string
  alt: string
  width: number
  height: number
  focal_x: number
  focal_y: number
  background?: string | null
  placeholder?: string | null
}

/** The widths that the media service keeps. */
export const IMAGE_WIDTHS = [80, 160, 320, 480, 640, 800, 1080, 1600] as const
export type ImageWidth = (typeof IMAGE_WIDTHS)[number]

export function imageSrc(src: string, width: ImageWidth): string {
  return src.replace('{w}', String(width))
}

/** All widths up to the picture's own; the first one above it too, so that nothing of it is lost. */
export function imageSrcSet(src: string, ownWidth: number): string | undefined {
  if (!src.includes('{w}')) return undefined
  const enough = IMAGE_WIDTHS.findIndex((width) => width >= ownWidth)
  const widths = enough < 0 ? IMAGE_WIDTHS : IMAGE_WIDTHS.slice(0, enough + 1)
  return widths.map((width) => `${imageSrc(src, width)} ${width}w`).join(', ')
}
