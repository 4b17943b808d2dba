/**
 * Holds the names that the applications use (types.ts, routes.ts) to the document the server prints (schema.d.ts).
 * Nothing here runs; when the two part, `npm run typecheck` names the routes.
 */
import type { InputOf, ResponseOf, RouteKey } from './routes'
import type { paths } from './schema'

type Prefixed<Path extends string> = `/api/v1${Path}`
type MethodOf<K extends RouteKey> = K extends `${infer Method} ${string}` ? Lowercase<Method> : never
type PathOf<K extends RouteKey> = K extends `${string} ${infer Path}` ? Prefixed<Path> : never
type Operation<K extends RouteKey> =
  PathOf<K> extends keyof paths
    ? MethodOf<K> extends keyof paths[PathOf<K>]
      ? paths[PathOf<K>][MethodOf<K>]
      : never
    : never

type Json<Holder> = Holder extends { content: { 'application/json': infer Body } } ? Body : undefined
type Success<Responses> = Json<Responses[Extract<keyof Responses, 200 | 201 | 202>]>
type ServerAnswer<K extends RouteKey> =
  Operation<K> extends { responses: infer Responses } ? Success<Responses> : never
type ServerBody<K extends RouteKey> =
  Operation<K> extends { requestBody: infer Holder } ? Json<Holder> : unknown

type Unknown = { [K in RouteKey]: [Operation<K>] extends [never] ? K : never }[RouteKey]
type AnswersDiffer = {
  [K in RouteKey]: unknown extends ResponseOf<K>
    ? never
    : [Shape<ServerAnswer<K>>] extends [Shape<ResponseOf<K>>]
      ? never
      : K
}[RouteKey]
type BodiesDiffer = {
  [K in RouteKey]: InputOf<K> extends { body: infer Body }
    ? [Body] extends [ServerBody<K>]
      ? never
      : [Body] extends [undefined]
        ? never
        : K
    : never
}[RouteKey]

/**
 * The document calls some words plain strings that the applications know one by one, and some members it does not
 * describe: only shapes are compared, as far as they are told.
 */
type Shape<T> = unknown extends T
  ? never
  : T extends string
    ? string
    : T extends readonly (infer Item)[]
      ? Shape<Item>[]
      : T extends object
        ? { [Key in keyof T]: Shape<T[Key]> }
        : T

type Nothing<Found> = [Found] extends [never] ? true : Found

export const everyRouteExists: Nothing<Unknown> = true
export const answersFit: Nothing<AnswersDiffer> = true
export const bodiesFit: Nothing<BodiesDiffer> = true
