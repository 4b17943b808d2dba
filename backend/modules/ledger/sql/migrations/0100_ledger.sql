-- Double-entry ledger. A posting is a set of entries that add up to zero per currency; accounts may have a floor that their
-- balance cannot go below. Debits are positive, credits negative. Entries are never changed or deleted.
create schema ledger;

create table ledger.account (
    id uuid primary key,
    code text not null check (length(code) between 1 and 120),
    currency char(3) not null,
    -- Only an account with a floor keeps its balance in its row (the row's lock is what guards the floor); every other balance is
    -- the sum of its entries, so that busy accounts such as sales are no point of contention.
    balance bigint not null default 0,
    floor bigint,
    created_at timestamptz not null default now(),
    unique (code, currency),
    unique (id, currency),
    constraint account_floor check (floor is null or balance >= floor)
);

create table ledger.posting (
    id uuid primary key,
    -- What happened, once: "capture:<attempt>"; a repeated posting is recognised by it.
    reference text not null unique check (length(reference) between 1 and 160),
    kind text not null check (length(kind) between 1 and 60),
    at timestamptz not null
);

create table ledger.entry (
    id bigint generated always as identity primary key,
    posting_id uuid not null references ledger.posting (id) on delete restrict,
    account_id uuid not null,
    amount bigint not null check (amount <> 0),
    currency char(3) not null,
    -- The document this entry belongs to ("order:<uuid>"), for balances of one order.
    subject text not null default '' check (length(subject) <= 120),
    constraint entry_account_currency foreign key (account_id, currency) references ledger.account (id, currency) on delete restrict
);
create index entry_account on ledger.entry (account_id, id);
create index entry_posting on ledger.entry (posting_id);
create index entry_subject on ledger.entry (subject) where subject <> '';

create function ledger.apply_entry() returns trigger language plpgsql as $$
begin
    update ledger.account set balance = balance + new.amount where id = new.account_id and floor is not null;
    return new;
end $$;
create trigger entry_applies after insert on ledger.entry for each row execute function ledger.apply_entry();

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'ledger entries are never changed' using errcode = 'check_violation', constraint = 'entry_immutable';
end $$;
create trigger entry_immutable before update or delete on ledger.entry for each row execute function ledger.refuse_change();
create trigger posting_immutable before update or delete on ledger.posting for each row execute function ledger.refuse_change();

create function ledger.check_balanced() returns trigger language plpgsql as $$
begin
    if exists (select 1 from ledger.entry e where e.posting_id = new.posting_id group by e.currency having sum(e.amount) <> 0) then
        raise exception 'posting % is not balanced', new.posting_id using errcode = 'check_violation', constraint = 'posting_balanced';
    end if;
    return null;
end $$;
create constraint trigger posting_balanced after insert on ledger.entry deferrable initially deferred
    for each row execute function ledger.check_balanced();
