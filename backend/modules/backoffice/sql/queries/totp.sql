-- name: find_totp
select totp_secret, totp_waiting, totp_last_step from backoffice.staff where id = $1::uuid and active

-- name: set_totp_waiting
update backoffice.staff set totp_waiting = $2::text where id = $1::uuid

-- name: confirm_totp
update backoffice.staff set totp_secret = totp_waiting, totp_waiting = null, totp_last_step = $3::bigint, updated_at = $4::timestamptz
where id = $1::uuid and totp_waiting = $2::text

-- name: use_totp_step
update backoffice.staff set totp_last_step = $2::bigint where id = $1::uuid and totp_last_step < $2::bigint

-- name: clear_totp
update backoffice.staff set totp_secret = null, totp_waiting = null, updated_at = $2::timestamptz where id = $1::uuid

-- name: delete_recovery_codes
delete from backoffice.recovery_code where staff_id = $1::uuid

-- name: insert_recovery_codes
insert into backoffice.recovery_code (staff_id, code_hash) select $1::uuid, decode(unnest($2::text[]), 'hex')

-- name: use_recovery_code
delete from backoffice.recovery_code where staff_id = $1::uuid and code_hash = decode($2::text, 'hex')

-- name: count_recovery_codes
select count(*) as count from backoffice.recovery_code where staff_id = $1::uuid
