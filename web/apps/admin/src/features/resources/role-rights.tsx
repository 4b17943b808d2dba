import { Checkbox } from '@stoa/ui'
import { useQuery } from '@tanstack/react-query'
import { type ChangeEvent, useState } from 'react'
import { resources } from '../../api/resources'
import { Tag } from '../../components/controls'
import { may, permissionText } from '../../lib/permissions'
import { type Area, areasOf, LIMITED, limitsOf, withLimit, withRight } from './rights'
import { AmountInputs, useCurrencies } from './rule-inputs'

/** What somebody with a role may do, and up to which amount. */
export function RoleRights({
  codes,
  limits: text,
  errors,
  disabled,
  onCodes,
  onLimits,
}: {
  codes: string[]
  limits: string
  errors: { permissions?: string | undefined; limits?: string | undefined }
  disabled: boolean
  onCodes: (codes: string[]) => void
  onLimits: (text: string) => void
}) {
  const described = useQuery(resources).data ?? []
  const areas = areasOf(described)
  const currencies = useCurrencies()
  const limits = limitsOf(text) ?? {}
  const everything = codes.includes('*')
  // Taken back, "everything" leaves what there was before.
  const [before, setBefore] = useState<string[]>([])
  const known = new Set(
    areas.flatMap(({ name, rights }) => [`${name}.*`, ...rights.map((right) => `${name}.${right.name}`)]),
  )
  const others = codes.filter((code) => code !== '*' && !known.has(code))
  const groups = [...new Set(areas.map(({ group }) => group))]
  const problem = errors.permissions ?? errors.limits
  return (
    <div className="space-y-4 p-4">
      {problem ? (
        <p role="alert" className="text-sm text-destructive">
          {problem}
        </p>
      ) : null}
      <Checkbox
        label="Everything"
        hint="As an administrator: all there is, and all that comes later."
        checked={everything}
        disabled={disabled}
        onChange={(event) => {
          if (event.target.checked) setBefore(codes)
          onCodes(event.target.checked ? ['*'] : before)
        }}
      />
      {everything
        ? null
        : groups.map((group) => (
            <section key={group} aria-label={group}>
              <h3 className="mb-1 text-xs font-medium text-muted-foreground">{group}</h3>
              <div className="divide-y rounded-md border">
                {areas
                  .filter((area) => area.group === group)
                  .map((area) => (
                    <AreaRights key={area.name} {...{ area, codes, disabled, onCodes }} />
                  ))}
              </div>
            </section>
          ))}
      {others.length ? (
        <div>
          <h3 className="mb-1 text-xs font-medium text-muted-foreground">Others</h3>
          <ul className="flex flex-wrap gap-1.5">
            {others.map((code) => (
              <li key={code}>
                <Tag
                  removeLabel={`Take ${code} away`}
                  {...(disabled ? {} : { onRemove: () => onCodes(codes.filter((held) => held !== code)) })}
                >
                  {permissionText(code, described)}
                </Tag>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {Object.entries(LIMITED)
        .filter(([code]) => may(codes, code) || limits[code])
        .map(([code, label]) => (
          <fieldset key={code}>
            <legend className="mb-2 text-sm font-semibold">
              {label}
              <span className="ml-2 font-normal text-muted-foreground">
                Nothing entered: any amount. Once one is, a currency without an amount cannot be used.
              </span>
            </legend>
            <div className="grid gap-x-5 gap-y-3 sm:grid-cols-3">
              <AmountInputs
                {...{ label, currencies, disabled }}
                value={Object.fromEntries(
                  (limits[code] ?? []).map(({ amount, currency }) => [currency, amount]),
                )}
                zero
                onChange={(amounts) => onLimits(withLimit(limits, code, amounts))}
              />
            </div>
          </fieldset>
        ))}
    </div>
  )
}

function AreaRights({
  area,
  codes,
  disabled,
  onCodes,
}: {
  area: Area
  codes: string[]
  disabled: boolean
  onCodes: (codes: string[]) => void
}) {
  const all = codes.includes(`${area.name}.*`)
  const box = (right: string, label: string, checked: boolean) => ({
    'aria-label': `${area.label}: ${label}`,
    checked,
    disabled,
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onCodes(withRight(codes, area, right, event.target.checked)),
  })
  return (
    <fieldset className="grid gap-x-4 px-3 py-1.5 sm:grid-cols-[11rem_1fr]">
      <legend className="sr-only">{area.label}</legend>
      <Checkbox
        {...box('*', 'everything', all)}
        label={<span className="font-medium">{area.label}</span>}
        ref={(node) => {
          if (node) node.indeterminate = !all && codes.some((code) => code.startsWith(`${area.name}.`))
        }}
      />
      <div className="flex flex-wrap gap-x-5">
        {area.rights.map(({ name, label }) => (
          <Checkbox key={name} {...box(name, label, may(codes, `${area.name}.${name}`))} label={label} />
        ))}
      </div>
    </fieldset>
  )
}
