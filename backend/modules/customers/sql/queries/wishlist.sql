-- name: list_wishlist
select w.product_id from customers.wishlist_item w where w.customer_id = $1::uuid order by w.added_at desc, w.product_id limit 500

-- name: add_to_wishlist
insert into customers.wishlist_item (customer_id, product_id, added_at)
select $1::uuid, $2::uuid, $3::timestamptz
where (select count(*) from customers.wishlist_item w where w.customer_id = $1::uuid) < 500
    or exists (select from customers.wishlist_item w where w.customer_id = $1::uuid and w.product_id = $2::uuid)
on conflict (customer_id, product_id) do update set added_at = customers.wishlist_item.added_at

-- name: remove_from_wishlist
delete from customers.wishlist_item where customer_id = $1::uuid and product_id = $2::uuid
