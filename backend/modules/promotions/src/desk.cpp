#include "stoa/promotions/desk.hpp"

#include "sql/desk.hpp"

namespace stoa::promotions {

bool set_code(db::Tx& tx, CodeId code, bool enabled, std::optional<Timestamp> expires_at) {
    return !tx.query(sql::set_code, code, enabled, expires_at).empty();
}

bool end_promotion(db::Tx& tx, PromotionId promotion, Timestamp at) { return !tx.query(sql::end_promotion, promotion, at).empty(); }

void shelve(db::Tx& tx, PromotionId promotion, Shelf shelf, Timestamp at) {
    tx.exec(sql::shelve_promotion, promotion, shelf == Shelf::archived, at);
}

}  // namespace stoa::promotions
