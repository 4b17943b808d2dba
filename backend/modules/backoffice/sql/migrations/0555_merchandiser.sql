-- Whoever looks after price lists and attributes looks after what is in them.
update backoffice.role set permissions = permissions || '{prices.*,product_types.*,media.*}'::text[]
where code = 'merchandiser' and not (permissions && '{*,prices.*,product_types.*,media.*}'::text[]);
