#include "store/attempt_rows.hpp"

namespace stoa::payments {

Attempt attempt_from(const db::Row& row) {
    Attempt attempt;
    attempt.id = row.get<AttemptId>("id");
    attempt.payable = row.get<Uuid>("payable");
    attempt.number = row.get<int>("number");
    attempt.reference = row.get<std::string>("reference");
    attempt.amount = row.money("amount");
    attempt.method = json::from_name<Method>(row.get<std::string>("method")).value();
    attempt.state = json::from_name<AttemptState>(row.get<std::string>("state")).value();
    attempt.preauthorise = row.get<bool>("preauthorise");
    attempt.save_method = row.get<bool>("save_method");
    attempt.customer = row.get<std::optional<Uuid>>("customer_id");
    attempt.stored_method = row.get<std::optional<StoredMethodId>>("stored_method_id");
    attempt.label = row.get<std::string>("label");
    attempt.decline = json::from_name<Decline>(row.get<std::string>("decline")).value_or(Decline::technical);
    attempt.redirect_url = row.get<std::string>("redirect_url");
    attempt.verification_id = row.get<std::optional<std::int64_t>>("verification_id");
    attempt.transaction_id = row.get<std::optional<std::int64_t>>("transaction_id");
    attempt.captured = row.money("captured");
    attempt.refunded = row.money("refunded");
    attempt.created_at = row.get<Timestamp>("created_at");
    attempt.provider_code = row.get<std::string>("provider_code");
    attempt.second_call_at = row.get<std::optional<Timestamp>>("second_call_at");
    attempt.capture_sent_at = row.get<std::optional<Timestamp>>("capture_sent_at");
    attempt.slot = row.get<std::string>("slot");
    attempt.merchant_initiated = row.get<bool>("merchant_initiated");
    attempt.written_off = row.money("written_off");
    return attempt;
}

std::optional<Attempt> first_attempt(const db::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return attempt_from(rows.front());
}

}  // namespace stoa::payments
