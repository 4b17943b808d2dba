export * from './client'
export * from './error'
export * from './routes'
export * from './types'
