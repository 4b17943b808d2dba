import { currencyExponent, Field, toDecimal } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { rows } from '../../api/resources'
import { TextInput } from '../../components/controls'
import { parseAmount } from './draft'

/** Minor units by currency; what is no number yet stands as it was typed. */
export type Amounts = Record<string, number | string>

/** The currencies that the shop has prices in. */
export function useCurrencies(): string[] {
  const lists = useQuery({ ...rows('price_lists', 'limit=200'), staleTime: 5 * 60_000, retry: false })
  return [...new Set(['EUR', ...(lists.data?.rows ?? []).map((row) => String(row.currency))])].sort()
}

export const Part = ({ title, note, children }: { title: string; note?: string; children: ReactNode }) => (
  <fieldset>
    <legend className="mb-2 text-sm font-semibold">
      {title}
      {note ? <span className="ml-2 font-normal text-muted-foreground">{note}</span> : null}
    </legend>
    <div className="grid gap-x-5 gap-y-3 md:grid-cols-2 xl:grid-cols-3">{children}</div>
  </fieldset>
)

/**
 * A number as it is typed. What is none yet goes into the rules as it stands, so that it is refused and not left out.
 */
export function NumberInput({
  label,
  hint,
  value,
  disabled,
  zero = false,
  read,
  show,
  onChange,
}: {
  label: ReactNode
  hint?: string | undefined
  value: unknown
  disabled: boolean
  /** Whether nothing is a number like others. It is none where the rules' own default is nothing. */
  zero?: boolean | undefined
  read: (typed: string) => number | null
  show: (value: number) => string
  onChange: (value: number | string | undefined) => void
}) {
  const shown =
    typeof value === 'number'
      ? value === 0 && !zero
        ? ''
        : show(value)
      : typeof value === 'string'
        ? value
        : ''
  const [typed, setTyped] = useState(shown)
  const [known, setKnown] = useState(value)
  // It changed elsewhere: in the text below, or because the form began anew.
  if (known !== value) {
    setKnown(value)
    setTyped(shown)
  }
  return (
    <Field
      label={label}
      hint={hint}
      error={typeof value === 'string' && value ? 'Should be a number.' : undefined}
    >
      <TextInput
        value={typed}
        readOnly={disabled}
        inputMode="decimal"
        autoComplete="off"
        className="text-right tabular-nums"
        onChange={(event) => {
          const text = event.target.value
          const compact = text.trim()
          const next = compact ? (read(compact) ?? compact) : undefined
          setTyped(text)
          setKnown(next)
          onChange(next)
        }}
      />
    </Field>
  )
}

export function AmountInputs({
  label,
  currencies,
  value,
  disabled,
  zero,
  onChange,
}: {
  label: string
  currencies: string[]
  value: Amounts
  disabled: boolean
  zero?: boolean
  onChange: (value: Amounts) => void
}) {
  return [...new Set([...currencies, ...Object.keys(value)])].map((currency) => (
    <NumberInput
      key={currency}
      label={`${label}, ${currency}`}
      value={value[currency]}
      disabled={disabled}
      zero={zero}
      read={(typed) => parseAmount(typed, currencyExponent(currency))}
      show={(amount) => toDecimal(amount, currencyExponent(currency))}
      onChange={(amount) => {
        const { [currency]: _gone, ...rest } = value
        onChange(amount === undefined ? rest : { ...value, [currency]: amount })
      }}
    />
  ))
}
