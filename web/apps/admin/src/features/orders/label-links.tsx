import { FileText } from 'lucide-react'
import { labelHref, type Shipment } from '../../api/orders'

/** The label of a parcel, for paper and for a label printer; nothing while there is none. */
export function LabelLinks({
  shipment,
  parcel,
  children = 'Label',
}: {
  shipment: Shipment
  parcel: Shipment['parcels'][number]
  children?: string
}) {
  if (!parcel.tracking_number) return null
  const name = `${shipment.order_number}-${shipment.number}, parcel ${parcel.position}`
  const link = { target: '_blank', rel: 'noreferrer' }
  return (
    <span className="inline-flex items-center gap-x-3">
      <a
        {...link}
        href={labelHref(shipment.id, parcel.position, 'pdf')}
        className="inline-flex items-center gap-1 underline underline-offset-4"
      >
        <FileText aria-hidden="true" className="size-4" />
        {children}
      </a>
      <a
        {...link}
        href={labelHref(shipment.id, parcel.position, 'zpl')}
        aria-label={`Label of ${name} as ZPL`}
        title="For a label printer"
        className="text-muted-foreground underline underline-offset-4"
      >
        ZPL
      </a>
    </span>
  )
}
