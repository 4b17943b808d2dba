create schema backoffice;

-- Permissions are "resource.action", "resource.*" or "*". Limits: {"orders.refund": [{"amount": 20000, "currency": "EUR"}]}.
create table backoffice.role (
    code text primary key check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    name text not null check (length(name) between 1 and 120),
    permissions text[] not null default '{}' check (cardinality(permissions) <= 500),
    limits jsonb not null default '{}' check (jsonb_typeof(limits) = 'object'),
    updated_at timestamptz not null default now()
);
insert into backoffice.role (code, name, permissions, limits) values
    ('administrator', 'Administrator', '{*}', '{}'),
    ('clerk', 'Clerk',
     '{home.read,orders.*,customers.read,products.read,variants.read,categories.read,collections.read,stock.*,warehouses.read,reviews.*,jobs.read}',
     '{"orders.refund": [{"amount": 20000, "currency": "EUR"}]}'),
    ('merchandiser', 'Merchandiser',
     '{home.read,products.*,variants.*,categories.*,collections.*,attributes.*,price_lists.*,promotions.*,reviews.*,pages.*,synonyms.*,search_rules.*,stock.read}',
     '{}');

-- totp_secret is sealed with the shop's secret key; totp_waiting is one that was shown and not confirmed yet. totp_last_step: no code of
-- that step or an earlier one counts again.
create table backoffice.staff (
    id uuid primary key,
    email text not null check (length(email) between 3 and 254),
    email_key text not null unique check (email_key = lower(email_key)),
    name text not null check (length(name) between 1 and 120),
    password_hash text not null check (length(password_hash) between 1 and 200),
    must_change_password boolean not null default false,
    active boolean not null default true,
    totp_secret text check (length(totp_secret) <= 400),
    totp_waiting text check (length(totp_waiting) <= 400),
    totp_last_step bigint not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create table backoffice.staff_role (
    staff_id uuid not null references backoffice.staff (id) on delete cascade,
    role_code text not null references backoffice.role (code) on delete restrict,
    primary key (staff_id, role_code)
);
create index staff_role_role on backoffice.staff_role (role_code);

create table backoffice.recovery_code (
    staff_id uuid not null references backoffice.staff (id) on delete cascade,
    code_hash bytea not null check (length(code_hash) = 32),
    primary key (staff_id, code_hash)
);

-- second_factor_due: the password was right, the second factor is still to come; nothing else is open to such a session.
create table backoffice.session (
    id uuid primary key,
    token_hash bytea not null unique check (length(token_hash) = 32),
    staff_id uuid not null references backoffice.staff (id) on delete cascade,
    second_factor_due boolean not null,
    ip text not null default '' check (length(ip) <= 64),
    user_agent text not null default '' check (length(user_agent) <= 300),
    created_at timestamptz not null,
    last_seen_at timestamptz not null
);
create index session_staff on backoffice.session (staff_id, created_at);
create index session_last_seen on backoffice.session (last_seen_at);

create table backoffice.saved_view (
    id uuid primary key,
    staff_id uuid not null references backoffice.staff (id) on delete cascade,
    resource text not null check (length(resource) between 1 and 60),
    name text not null check (length(name) between 1 and 80),
    query text not null check (length(query) <= 2000),
    created_at timestamptz not null,
    unique (staff_id, resource, name)
);

-- Every write of the staff. hash = SHA-256 over the previous row's hash and this row; before and after are kept as the text that was hashed.
create table backoffice.audit (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    staff_id uuid,  -- null: the command line
    staff_name text not null,
    action text not null check (length(action) between 1 and 60),
    resource text not null check (length(resource) between 1 and 60),
    object_id text not null check (length(object_id) <= 200),
    before text check (jsonb_typeof(before::jsonb) = 'object'),
    after text check (jsonb_typeof(after::jsonb) = 'object'),
    ip text not null,
    user_agent text not null,
    request_id text not null,
    hash bytea not null check (length(hash) = 32)
);
create index audit_object on backoffice.audit (resource, object_id, number desc);
create index audit_staff on backoffice.audit (staff_id, number desc);

-- The end of the chain: what is locked to append, and what tells that the last rows are gone.
create table backoffice.audit_head (
    one boolean primary key default true check (one),
    number bigint not null,
    hash bytea not null check (length(hash) = 32)
);

create function backoffice.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;
create trigger audit_append_only before update or delete on backoffice.audit for each row execute function backoffice.refuse_change();
