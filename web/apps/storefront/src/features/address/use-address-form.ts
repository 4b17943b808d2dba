'use client'
import type { Address, Country, FieldError } from '@stoa/api-client'
import { useState } from 'react'
import {
  type AddressDraft,
  type AddressField,
  type AddressProblems,
  checkAddress,
  draftOf,
  emptyAddress,
  problemsFrom,
  toAddress,
} from './address'

/** The state of one address form. A field complains once it was left, or once somebody tried to go on. */
export function useAddressForm(initial: Address | undefined, countries: Country[], fallbackCountry: string) {
  const [draft, setDraft] = useState<AddressDraft>(() =>
    initial ? draftOf(initial) : emptyAddress(fallbackCountry),
  )
  const [left, setLeft] = useState<ReadonlySet<AddressField>>(new Set())
  const [fromServer, setFromServer] = useState<AddressProblems>({})
  const [submitted, setSubmitted] = useState(false)
  const country = countries.find(({ code }) => code === draft.country)
  const found = checkAddress(draft, country)
  const shown: AddressProblems = { ...fromServer }
  for (const [field, problem] of Object.entries(found) as [AddressField, AddressProblems[AddressField]][]) {
    if (problem && (submitted || left.has(field))) shown[field] = problem
  }
  return {
    draft,
    country,
    problems: shown,
    set: (field: AddressField, value: string) => {
      setDraft((old) => ({ ...old, [field]: value }))
      setFromServer(({ [field]: _gone, ...rest }) => rest)
    },
    leave: (field: AddressField) => {
      // An empty field that was only passed through says nothing yet.
      if (draft[field].trim()) setLeft((old) => new Set(old).add(field))
    },
    replace: (address: Address) => {
      setDraft(draftOf(address))
      setFromServer({})
    },
    /** The address to send, or undefined when there is something to mend first. */
    submit: (): Address | undefined => {
      setSubmitted(true)
      return Object.keys(found).length === 0 ? toAddress(draft) : undefined
    },
    /** Says at the fields what the server found; false when none of it concerns this form. */
    refuse: (errors: readonly FieldError[], at: string): boolean => {
      const refused = problemsFrom(errors, at, country)
      setFromServer(refused)
      return Object.keys(refused).length > 0
    },
  }
}
export type AddressForm = ReturnType<typeof useAddressForm>
