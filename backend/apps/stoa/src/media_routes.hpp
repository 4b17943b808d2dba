#pragma once
// GET /media/<sha>/<width>/<name>: pictures in the size and format the browser takes, made once and kept in the store under
// "t/<sha>/<width>.<format>". Addresses are immutable; the name is there for people and search engines.
#include "stoa/http/router.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::db {
class Database;
}
namespace stoa::http {
class StaffGate;
class AuditLog;
}  // namespace stoa::http
namespace stoa::catalog {
class Writer;
}

namespace stoa::app {

struct MediaLimits {
    int transforms_at_once = 2;
    int waiting = 6;  // beyond that a small original is sent as it is, a large one answers 503
};
// `store` must outlive the routes.
void add_media_routes(http::Routes& routes, storage::ObjectStore& store, MediaLimits limits = {});
// POST /api/v1/admin/media: staff adds a picture. What is handed in must outlive the routes.
void add_media_desk_routes(http::Routes& routes, db::Database& database, storage::ObjectStore& store, catalog::Writer& writer,
                           http::StaffGate& gate, http::AuditLog& audit);

}  // namespace stoa::app
