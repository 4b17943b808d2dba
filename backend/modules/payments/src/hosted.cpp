#include "stoa/payments/hosted.hpp"

#include "sql/payments.hpp"

namespace stoa::payments {

void limit_hosted_page(db::Tx& tx, AttemptId attempt, Timestamp until) { tx.exec(sql::limit_hosted_page, attempt, until); }

std::optional<Timestamp> hosted_page_limit(db::Session& session, AttemptId attempt) {
    const auto rows = session.query(sql::hosted_page_limit, attempt);
    return rows.empty() ? std::nullopt : rows.front().get<std::optional<Timestamp>>("expires_at");
}

}  // namespace stoa::payments
