-- Files that go with a mail, by their keys in the object store: [{"file_name", "content_type", "key"}].
alter table messaging.message add column attachments jsonb check (jsonb_typeof(attachments) = 'array');
