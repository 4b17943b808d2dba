-- Decisions of people without an account, by mail address. They become the account's when it proves that the address is its own.
create table customers.guest_consent (
    id bigint generated always as identity primary key,
    email_key text not null check (length(email_key) <= 320),
    kind text not null check (kind in ('marketing_email', 'marketing_whatsapp', 'personalisation')),
    text_version text not null check (length(text_version) <= 40),
    text text not null check (length(text) <= 1000),
    source text not null check (length(source) <= 40),
    at timestamptz not null
);
create index guest_consent_email on customers.guest_consent (email_key);
