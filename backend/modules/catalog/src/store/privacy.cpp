#include "stoa/catalog/privacy.hpp"

#include <fmt/format.h>

#include "sql/write.hpp"
#include "stoa/catalog/model.hpp"
#include "stoa/events/events.hpp"

namespace stoa::catalog {

void forget_reviewer(db::Tx& tx, const Uuid& customer) {
    const auto forgotten = tx.query(sql::forget_reviewer, customer);
    for (const auto row : forgotten) {
        const auto review = row.get<ReviewId>("id");
        events::append(tx, {"review.forgotten", "review:" + review.uuid().to_string(),
                            fmt::format(R"({{"review_id":"{}","product_id":"{}"}})", review.to_string(),
                                        row.get<ProductId>("product_id").to_string())});
    }
}

}  // namespace stoa::catalog
