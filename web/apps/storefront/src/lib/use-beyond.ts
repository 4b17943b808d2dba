'use client'
import { useEffect, useRef, useState } from 'react'

/** Room without end on one side: what lies there counts as in the window, also after a jump over the whole page. */
const ROOM = { above: '0px 0px 1000000px 0px', below: '1000000px 0px 0px 0px' }

/** Whether an element has gone out of the window on this side. */
export function useBeyond(side: keyof typeof ROOM) {
  const target = useRef<HTMLDivElement>(null)
  const [beyond, setBeyond] = useState(false)
  useEffect(() => {
    const element = target.current
    if (!element) return
    const observer = new IntersectionObserver(([entry]) => entry && setBeyond(!entry.isIntersecting), {
      rootMargin: ROOM[side],
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [side])
  return { target, beyond }
}
