-- An ordered cart may give its cookie to the cart that holds what was not bought.
alter table cart.cart drop constraint cart_check;
alter table cart.cart add constraint open_cart_has_owner check (state <> 'open' or token_hash is not null or customer_id is not null);
