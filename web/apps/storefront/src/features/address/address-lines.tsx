import type { Address } from '@stoa/api-client'

/** An address as it stands on an envelope. `country` is the country's name. */
export function AddressLines({ address, country }: { address: Address; country?: string | undefined }) {
  const lines = [
    `${address.first_name} ${address.last_name}`,
    address.company,
    address.line1,
    address.line2,
    `${address.postal_code} ${address.city}`,
    address.state,
    country ?? address.country,
  ]
  return (
    <address className="text-sm not-italic">
      {lines.map((line) =>
        line?.trim() ? (
          <span key={line} className="block">
            {line}
          </span>
        ) : null,
      )}
    </address>
  )
}
