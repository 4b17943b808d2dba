-- name: find_picture
select a.id from catalog_api.admin_asset a where a.sha256 = $1::text and a.name = $2::text
