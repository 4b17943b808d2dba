#pragma once
// Vendo's gateway (docs/reference/vendo.md): requests and answers as values. Every call ends in an Outcome; nothing here
// throws for what the provider or the network does. Bodies are never logged: they carry the API secret and card data.
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stoa/payments/payments.hpp"

namespace stoa::payments::vendo {

// How long a shopper may take to confirm a payment elsewhere.
inline constexpr std::chrono::minutes kVerificationLife{120};

// base64url(HMAC-SHA1(shared secret, path?query)) without padding, appended as the last parameter.
[[nodiscard]] std::string signature(std::string_view shared_secret, std::string_view path_and_query);
// application/x-www-form-urlencoded as PHP writes it: space is +, upper-case hex.
[[nodiscard]] std::string form_encode(std::string_view text);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body);

struct Transaction {
    std::int64_t id = 0;
    int type = 0;
    bool negative = false;
    bool is_test = false;
    bool successful = true;
    std::string reference;
    std::int64_t original_id = 0;
    std::string amount;  // major units as written
    std::string currency;
};
// XML of /api/reconciliation. nullopt when it is not such a document or carries an error.
[[nodiscard]] std::optional<std::vector<Transaction>> parse_reconciliation(std::string_view xml, std::string& error);

// What the hosted page takes: US dollars, at the operator's rate ("EUR=1.08,GBP=1.27") for an amount in another currency that it can bill.
// nullopt: it cannot be offered.
[[nodiscard]] std::optional<Money> in_dollars(const Money& amount, std::string_view rates);

// The provider's error codes in the shop's words.
[[nodiscard]] Outcome classify_error(std::int64_t code, bool has_processor_status);

class Gateway {
public:
    // `may_call` takes one call from the provider's allowance; without it there is no limit.
    Gateway(http_client::Client& client, Config::Vendo config, std::function<bool()> may_call = {})
        : client_(client), config_(std::move(config)), may_call_(std::move(may_call)) {}

    [[nodiscard]] Outcome pay(const Attempt& attempt, const SendData& data, const std::string& token);
    [[nodiscard]] Outcome complete_verification(const Attempt& attempt);
    [[nodiscard]] Outcome capture(const Attempt& attempt);
    [[nodiscard]] Outcome refund(const Attempt& attempt, std::optional<Money> partial);
    // All transactions from `from` to `to`, both included, in as many calls as the provider's limit of a month asks for; those of the
    // other mode (test or live) are left out. nullopt: no answer.
    [[nodiscard]] std::optional<std::vector<Transaction>> reconciliation(Date from, Date to);
    [[nodiscard]] std::string hosted_url(const Attempt& attempt, const SendData& data, std::optional<Timestamp> until = std::nullopt) const;

private:
    [[nodiscard]] std::optional<std::vector<Transaction>> reconciliation_of(Date from, Date to);
    [[nodiscard]] Outcome post(std::string_view path, const std::string& body, const Attempt& attempt, bool expects_payment);
    void begin(json::Writer& out) const;

    http_client::Client& client_;
    Config::Vendo config_;
    std::function<bool()> may_call_;
};

}  // namespace stoa::payments::vendo
