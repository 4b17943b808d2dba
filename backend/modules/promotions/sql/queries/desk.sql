-- name: set_code
update promotions.code set enabled = $2::bool, expires_at = $3::timestamptz where id = $1::uuid returning id;

-- name: end_promotion
update promotions.promotion p
set enabled = p.enabled and (p.starts_at is null or p.starts_at < $2::timestamptz),
    ends_at = case when p.starts_at is null or p.starts_at < $2::timestamptz then $2::timestamptz else p.ends_at end, version = p.version + 1
where p.id = $1::uuid and p.enabled and (p.ends_at is null or p.ends_at > $2::timestamptz)
returning p.id;

-- name: shelve_promotion
update promotions.promotion p
set archived_at = case when $2::bool then coalesce(p.archived_at, $3::timestamptz) end, enabled = false, version = p.version + 1
where p.id = $1::uuid and (p.archived_at is not null) <> $2::bool;
