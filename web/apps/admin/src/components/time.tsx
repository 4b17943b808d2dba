import { ago, exactTime } from '../lib/format'

/** Relative, with the exact time under the pointer. */
export const Time = ({ at }: { at: string }) => (
  <time dateTime={at} title={exactTime(at)}>
    {ago(at)}
  </time>
)
