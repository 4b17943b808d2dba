-- Keys that open the back office without a password (WebAuthn). Only the public half is here: public_key is a SubjectPublicKeyInfo.
create table backoffice.passkey (
    id uuid primary key,
    staff_id uuid not null references backoffice.staff (id) on delete cascade,
    credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
    public_key bytea not null check (length(public_key) between 1 and 2000),
    algorithm integer not null check (algorithm in (-7, -8, -257)),
    sign_count bigint not null check (sign_count between 0 and 4294967295),
    may_be_backed_up boolean not null,
    backed_up boolean not null check (may_be_backed_up or not backed_up),
    name text not null check (length(name) between 1 and 80),
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkey_staff on backoffice.passkey (staff_id, created_at);

-- What an authenticator is asked to sign: used once, within five minutes. staff_id: whose new passkey it is for; null: to sign in.
create table backoffice.passkey_challenge (
    challenge_hash bytea primary key check (length(challenge_hash) = 32),
    staff_id uuid references backoffice.staff (id) on delete cascade,
    created_at timestamptz not null
);
create index passkey_challenge_staff on backoffice.passkey_challenge (staff_id);
create index passkey_challenge_created on backoffice.passkey_challenge (created_at);
