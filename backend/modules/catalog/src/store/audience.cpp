#include "stoa/catalog/audience.hpp"

#include "sql/read.hpp"
#include "store/rows.hpp"

namespace stoa::catalog {

std::optional<Audience> audience_of(db::Session& session, ProductId id) {
    const auto rows = session.query(sql::product_audience, id);
    if (rows.empty()) return std::nullopt;
    return store::audience_from_row(rows.front());
}

}  // namespace stoa::catalog
