-- What a shop owes (a gift card, store credit) is a negative balance: it may go up to its ceiling and no further, as an asset may go down
-- to its floor.
alter table ledger.account add column ceiling bigint;
alter table ledger.account add constraint account_ceiling check (ceiling is null or balance <= ceiling);

create or replace function ledger.apply_entry() returns trigger language plpgsql as $$
begin
    update ledger.account set balance = balance + new.amount where id = new.account_id and (floor is not null or ceiling is not null);
    return new;
end $$;
