import { Button, Checkbox, Field, Plus, Trash2 } from '@stoa/ui'
import { TextArea } from '../../components/controls'
import { type Draft, scaled, unscaled } from './draft'
import { COUNTRIES, FieldInput } from './fields'
import { AmountInputs, type Amounts, NumberInput, Part, useCurrencies } from './rule-inputs'

type Tier = { from?: Amounts; basis_points?: number | string; off?: Amounts }
type Goods = { categories?: string[]; collections?: string[]; products?: string[] }
export type Rules = {
  basis_points?: number | string
  off?: Amounts
  tiers?: Tier[]
  include?: Goods
  exclude?: Goods
  reward?: Goods
  minimum_spend?: Amounts
  exclude_reduced?: boolean
  first_order?: boolean
  groups?: string[]
  currencies?: string[]
  countries?: string[]
} & Record<string, unknown>

/** What the form holds is the text that is sent; nothing for a text that is no object. Exported for tests. */
export function rulesOf(text: string): Rules | null {
  if (!text.trim()) return {}
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Rules) : null
  } catch {
    return null
  }
}

/** Without a member that was emptied: the API takes no empty number. Exported for tests. */
export function withRule(rules: Rules, name: string, value: unknown): string {
  const { [name]: before, ...rest } = rules
  const made =
    value === undefined
      ? rest
      : before === undefined
        ? { ...rest, [name]: value }
        : { ...rules, [name]: value }
  return JSON.stringify(made, null, 2)
}

const SHARE = new Set(['percent', 'buy_x_get_y'])

/** The rules of a promotion by what they mean, for its kind; as text as well, for whoever wants all of them at once. */
export function PromotionRules({
  kind,
  value,
  error,
  disabled,
  onChange,
}: {
  kind: string
  value: string
  error?: string | undefined
  disabled: boolean
  onChange: (value: string) => void
}) {
  const rules = rulesOf(value)
  const currencies = useCurrencies()
  const text = (
    <Field label="All rules as text" hint={rules ? undefined : 'This is no valid JSON yet.'}>
      <TextArea
        value={value}
        readOnly={disabled}
        rows={8}
        spellCheck={false}
        className="font-mono"
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
  const problem = error ? (
    <p role="alert" className="text-sm text-destructive">
      {error}
    </p>
  ) : null
  if (!rules)
    return (
      <div className="space-y-3">
        {problem}
        {text}
      </div>
    )
  const set = (name: string, member: unknown) => onChange(withRule(rules, name, member))
  const count = (name: string, label: string, hint?: string) => (
    <NumberInput
      label={label}
      hint={hint}
      value={rules[name]}
      disabled={disabled}
      read={(typed) => (/^\d+$/.test(typed) ? Number(typed) : null)}
      show={String}
      onChange={(number) => set(name, number)}
    />
  )
  const share = (
    <NumberInput
      label={kind === 'buy_x_get_y' ? 'Per cent off each of them' : 'Per cent off'}
      hint={kind === 'buy_x_get_y' ? '100 gives them for nothing.' : undefined}
      value={rules.basis_points}
      disabled={disabled}
      read={(typed) => unscaled(typed, 'percent')}
      show={(number) => scaled(number, 'percent')}
      onChange={(number) => set('basis_points', number)}
    />
  )
  const amounts = (label: string, found: Amounts | undefined, to: (value: Amounts) => void) => (
    <AmountInputs {...{ label, currencies, disabled }} value={found ?? {}} onChange={to} />
  )
  const goods = (name: 'include' | 'exclude' | 'reward', title: string, note: string) => (
    <Part title={title} note={note}>
      {(['categories', 'collections', 'products'] as const).map((resource) => (
        <FieldInput
          key={resource}
          field={{
            name: `${name}.${resource}`,
            label: resource.charAt(0).toUpperCase() + resource.slice(1),
            type: 'list',
            resource,
          }}
          quiet
          disabled={disabled}
          value={rules[name]?.[resource] ?? []}
          onChange={(chosen) => set(name, { ...rules[name], [resource]: chosen })}
        />
      ))}
    </Part>
  )
  const list = (name: 'groups' | 'countries' | 'currencies', label: string, help: string) => (
    <FieldInput
      field={{
        name,
        label,
        help,
        type: 'list',
        ...(name === 'groups' ? { suggest: 'customer_groups' } : {}),
        ...(name === 'countries' ? { options: COUNTRIES } : {}),
        ...(name === 'currencies'
          ? { options: currencies.map((code) => ({ value: code, label: code })) }
          : {}),
      }}
      quiet
      disabled={disabled}
      value={(rules[name] ?? []) as Draft}
      onChange={(chosen) => set(name, chosen)}
    />
  )
  return (
    <div className="space-y-5">
      {problem}
      {kind === 'free_shipping' ? (
        <p className="text-muted-foreground">Delivery costs nothing where the conditions below are met.</p>
      ) : kind ? (
        <Part title="What is taken off">
          {SHARE.has(kind) ? share : null}
          {kind === 'fixed_amount' ? amounts('Amount off', rules.off, (off) => set('off', off)) : null}
          {kind === 'buy_x_get_y' ? (
            <>
              {count('buy_quantity', 'Who buys so many')}
              {count('get_quantity', 'gets so many')}
            </>
          ) : null}
          {kind === 'cheapest_free' ? (
            <>
              {count('group_size', 'Of every so many pieces')}
              {count('free_quantity', 'so many are free, the cheapest')}
            </>
          ) : null}
          {kind === 'buy_x_get_y' || kind === 'cheapest_free'
            ? count('max_applications', 'At most so often in one cart', 'Empty: as often as it fits.')
            : null}
          {kind === 'tiered_spend' ? (
            <Tiers
              tiers={rules.tiers ?? []}
              {...{ currencies, disabled }}
              onChange={(tiers) => set('tiers', tiers)}
            />
          ) : null}
        </Part>
      ) : (
        <p className="text-muted-foreground">Choose the kind first.</p>
      )}
      {goods('include', 'For these goods', 'None chosen: for all.')}
      {goods('exclude', 'But not for these', '')}
      {kind === 'buy_x_get_y' ? goods('reward', 'What is given', 'None chosen: of the same goods.') : null}
      <Part title="When it applies">
        {amounts('From this spend on', rules.minimum_spend, (spend) => set('minimum_spend', spend))}
        {count('minimum_quantity', 'From so many pieces on')}
        <Checkbox
          label="Only on somebody's first order"
          checked={rules.first_order === true}
          disabled={disabled}
          onChange={(event) => set('first_order', event.target.checked)}
        />
        <Checkbox
          label="Not for goods that are reduced already"
          checked={rules.exclude_reduced === true}
          disabled={disabled}
          onChange={(event) => set('exclude_reduced', event.target.checked)}
        />
        {list('groups', 'Customer groups', 'Members of any of them. None: everybody.')}
        {list('countries', 'Delivered to', 'None: everywhere.')}
        {list('currencies', 'Currencies', 'None: every one that the amounts are given in.')}
      </Part>
      <details>
        <summary className="cursor-pointer text-sm text-muted-foreground hover:text-foreground">
          All rules as text
        </summary>
        <div className="mt-2">{text}</div>
      </details>
    </div>
  )
}

function Tiers({
  tiers,
  currencies,
  disabled,
  onChange,
}: {
  tiers: Tier[]
  currencies: string[]
  disabled: boolean
  onChange: (tiers: Tier[]) => void
}) {
  const set = (at: number, change: Partial<Tier>) =>
    onChange(tiers.map((tier, index) => (index === at ? { ...tier, ...change } : tier)))
  return (
    <div className="col-span-full space-y-3">
      <ul className="space-y-3">
        {tiers.map((tier, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={index} className="flex items-start gap-3 rounded-md border p-3">
            <fieldset className="grid min-w-0 flex-1 gap-x-4 gap-y-3 sm:grid-cols-3">
              <legend className="sr-only">Step {index + 1}</legend>
              <AmountInputs
                label="Who spends"
                {...{ currencies, disabled }}
                value={tier.from ?? {}}
                onChange={(from) => set(index, { from })}
              />
              <AmountInputs
                label="gets off"
                {...{ currencies, disabled }}
                value={tier.off ?? {}}
                onChange={(off) => set(index, { off })}
              />
              <NumberInput
                label="or per cent off"
                value={tier.basis_points}
                disabled={disabled}
                read={(typed) => unscaled(typed, 'percent')}
                show={(number) => scaled(number, 'percent')}
                onChange={(share) => set(index, { basis_points: share ?? 0 })}
              />
            </fieldset>
            {disabled ? null : (
              <Button
                size="sm"
                variant="ghost"
                aria-label={`Remove step ${index + 1}`}
                onClick={() => onChange(tiers.filter((_, at) => at !== index))}
              >
                <Trash2 aria-hidden="true" className="size-4" />
              </Button>
            )}
          </li>
        ))}
      </ul>
      {disabled ? null : (
        <Button size="sm" variant="outline" onClick={() => onChange([...tiers, { from: {}, off: {} }])}>
          <Plus aria-hidden="true" className="size-4" />
          Add a step
        </Button>
      )}
    </div>
  )
}
