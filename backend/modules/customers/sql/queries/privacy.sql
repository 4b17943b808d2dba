-- name: erase_customer
update customers.customer set email = null, email_key = null, password_hash = null, first_name = '', last_name = '', phone = null, source_ref = null, company_id = null,
    erased_at = $2::timestamptz, updated_at = $2::timestamptz
where id = $1::uuid and erased_at is null

-- name: erase_addresses
delete from customers.address where customer_id = $1::uuid

-- name: erase_tokens
delete from customers.token where customer_id = $1::uuid

-- name: erase_wishlist
delete from customers.wishlist_item where customer_id = $1::uuid

-- name: erase_groups
delete from customers.group_member where customer_id = $1::uuid

-- name: erase_intake
delete from customers.intake where lower(email) = $1::text
