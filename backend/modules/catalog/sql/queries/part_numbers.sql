-- name: find_part_numbers
select v.product_id, p.variant_id, p.number, p.normal = $2::text as whole
from unnest($1::text[]) with ordinality as o (owner, place)
cross join lateral (
    select n.variant_id, n.number, n.normal from catalog.part_number n
    where n.owner = o.owner and n.normal >= $2::text collate "C" and n.normal < ($2::text || chr(1114111)) collate "C"
    order by n.normal limit $3::int
) p
join catalog.variant v on v.id = p.variant_id
order by whole desc, length(p.normal), p.normal, o.place
limit $3::int

-- name: part_numbers_of_products
select w.id as product_id, p.variant_id, p.number
from (select distinct unnest($2::uuid[]) as id) w
cross join lateral (
    select n.variant_id, n.number, n.owner, v.position
    from catalog.variant v
    join catalog.part_number n on n.variant_id = v.id and n.owner = any($1::text[])
    where v.product_id = w.id
    order by v.position, n.owner like 'group %', n.number
    limit $3::int
) p
order by w.id, p.position, p.owner like 'group %', p.number

-- name: part_number_by_id
select id, customer_group, company_id, number, variant_id from catalog.part_number where id = $1::uuid

-- name: part_number_by_name
select id from catalog.part_number where owner = $1::text and normal = $2::text

-- name: put_part_numbers
insert into catalog.part_number as p (id, customer_group, company_id, number, normal, variant_id, updated_at)
select n.id, nullif(n.customer_group, ''), nullif(n.company_id, '')::uuid, n.number, n.normal, n.variant_id, $7::timestamptz
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[]) as n (id, customer_group, company_id, number, normal, variant_id)
on conflict (owner, normal) do update set number = excluded.number, variant_id = excluded.variant_id, updated_at = excluded.updated_at
where p.number <> excluded.number or p.variant_id <> excluded.variant_id
returning (p.xmax = 0) as added

-- name: update_part_number
update catalog.part_number
set customer_group = $2::text, company_id = $3::uuid, number = $4::text, normal = $5::text, variant_id = $6::uuid, updated_at = $7::timestamptz
where id = $1::uuid

-- name: remove_part_number
delete from catalog.part_number where id = $1::uuid

-- name: remove_part_numbers
delete from catalog.part_number p using unnest($1::text[], $2::text[]) as n (owner, normal) where p.owner = n.owner and p.normal = n.normal
