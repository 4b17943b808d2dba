-- What the back office lists.
create view catalog_api.admin_product_type as
select t.code as id, coalesce(t.names ->> 'en', t.code) as name, t.names,
    array(select a.code from catalog.product_type_attribute ta join catalog.attribute a on a.id = ta.attribute_id
          where ta.type_code = t.code order by ta.position) as attributes
from catalog.product_type t;
