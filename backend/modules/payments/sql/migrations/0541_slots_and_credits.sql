-- A payable may be paid by several payments at once, each in a slot of its own: '' the payment at checkout, 'credit:<id>' a gift card or
-- store credit beside it, 'due:<n>' what became due later. In each slot one payment at most succeeds or is under way.
alter table payments.attempt add column slot text not null default '' check (length(slot) <= 60);
alter table payments.attempt add column merchant_initiated boolean not null default false;
create unique index attempt_living_in_slot on payments.attempt (payable, slot)
    where state in ('sent', 'verification_pending', 'unknown', 'paid', 'preauthorised', 'tentative', 'deferred');
drop index payments.attempt_one_living;

alter table payments.attempt drop constraint attempt_method_check;
alter table payments.attempt add constraint attempt_method_check
    check (method in ('card', 'stored_card', 'sepa', 'hosted', 'invoice', 'gift_card', 'store_credit')) not valid;
alter table payments.attempt validate constraint attempt_method_check;

-- Since when the customer allows the shop to charge the card by itself, for what became due on an order.
alter table payments.stored_method add column consented_at timestamptz;

-- What the shop owes somebody: a gift card, whoever has its code, or a customer's store credit. The balance is the ledger's
-- (liability:gift-card:<id>, liability:store-credit:<id>).
create table payments.credit (
    id uuid primary key,
    kind text not null check (kind in ('gift_card', 'store_credit')),
    currency char(3) not null,
    code_hash bytea unique,
    code_hint text not null default '',  -- the last four characters: to recognise it by
    customer_id uuid,
    issued bigint not null default 0 check (issued >= 0),
    email text not null default '' check (length(email) <= 320),
    note text not null default '' check (length(note) <= 500),
    expires_at timestamptz,
    voided_at timestamptz,
    staff_id uuid,
    staff_name text not null default '',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    check ((kind = 'gift_card') = (code_hash is not null)),
    check ((kind = 'store_credit') = (customer_id is not null))
);
create unique index credit_of_customer on payments.credit (customer_id, currency) where kind = 'store_credit';
create index credit_newest on payments.credit (created_at desc, id desc);

-- Promised to an order that is being paid for, until it is paid or the hold expires. Its expiry is judged when it is read.
create table payments.credit_hold (
    owner uuid not null,
    credit_id uuid not null references payments.credit (id) on delete restrict,
    amount bigint not null check (amount > 0),
    expires_at timestamptz not null,
    primary key (owner, credit_id)
);
create index credit_hold_credit on payments.credit_hold (credit_id);
