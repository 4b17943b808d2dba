-- Of gift cards: whom each unit is for, as many as there are units. [{"recipient_email": ..., "message": ..., "send_on": ...}]
alter table cart.line add column gifts jsonb check (jsonb_typeof(gifts) = 'array');
