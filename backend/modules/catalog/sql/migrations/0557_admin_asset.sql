-- What the back office lists.
create view catalog_api.admin_asset as
select a.id, a.name, a.sha256, a.content_type, a.width, a.height, a.focal_x, a.focal_y, a.background, a.placeholder, a.alt, a.created_at,
    '/media/' || a.sha256 || '/320/' || a.name as src
from catalog.asset a;
