import { request } from './request'

export type Picture = { id: string; name: string; src: string; width: number; height: number }

/** The file as it is; the same bytes under the same name are the same picture. */
export const uploadPicture = (file: File) =>
  request<Picture>('POST', '/media', {
    query: new URLSearchParams({ name: file.name.slice(0, 200) || 'picture' }),
    file,
  })
