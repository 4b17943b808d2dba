-- What the back office lists.
create view orders_api.admin_legal_entity as
select e.code as id, e.name, e.contact_name, e.email, e.phone, e.line1, e.line2, e.postal_code, e.city, e.state, e.country, e.vat_id, e.tax_number,
    e.registration, e.iban, e.bic, e.account_name, e.payment_days, e.issue_on
from orders.legal_entity e;
