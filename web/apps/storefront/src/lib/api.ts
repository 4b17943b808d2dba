'use client'
import { createClient } from '@stoa/api-client'

/** The API from the browser: the page's own origin, with its cookies. */
export const api = createClient({ credentials: 'same-origin' })
