#pragma once
// Vendo as its documentation and SDK describe it. Strict about requests; the outcome depends on the card, the name and the cents of the
// amount (docs/reference/sandbox.md lists them).
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "control.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/json/value.hpp"
#include "vendo_postbacks.hpp"

namespace stoa::sandbox {

struct VendoOptions {
    std::int64_t merchant_id = 1234567;
    std::int64_t site_id = 12345;
    std::string api_secret = "sandbox-api-secret";
    std::string shared_secret = "sandbox-shared-secret";
    std::string own_url;                            // as the shopper's browser reaches us, "http://localhost:8003/vendo"
    std::string postback_url;                       // empty: none
    std::string state_file;                         // transactions survive a restart; empty: they do not
    double retry_factor = 1.0;                      // scales the minutes between postback retries
    std::chrono::milliseconds slow_answer{35000};   // amounts ending in .77
    std::chrono::milliseconds first_postback{200};  // from the payment to its notification
    std::string usd_rates = "EUR=1.08,GBP=1.27";    // dollars for one, for hosted pages that bill in another currency
};

class Vendo {
public:
    Vendo(Control& control, http_client::Client& client, VendoOptions options);
    void add_routes(http::Routes& routes);
    void reset();

private:
    struct Transaction {
        std::int64_t id = 0;
        int type = 3;
        std::int64_t minor = 0;
        std::string currency, reference, email, success_url, last_four, bin, method, at;
        std::int64_t original = 0;
        std::int64_t verification_id = 0;
        std::string state;  // paid · preauth · captured · pending · verified · rejected · declined
        std::int64_t refunded = 0;
        int partial_refunds = 0;
        bool test = true;
        std::string token;
    };
    struct Stored {
        std::string card, method;
    };
    static constexpr std::int64_t kFirstId = 240000000;  // what is below belongs to other merchants

    http::Response payment(const http::Request& request, bool register_only);
    http::Response capture(const http::Request& request);
    http::Response refund(const http::Request& request);
    http::Response subscription(const http::Request& request);
    http::Response verification_page(const http::Request& request);
    http::Response verification_answer(const http::Request& request);
    http::Response hosted_page(const http::Request& request);
    http::Response hosted_answer(const http::Request& request);
    http::Response reconciliation(const http::Request& request);
    http::Response resend_postback(const http::Request& request);
    http::Response charge_back(const http::Request& request);
    http::Response settings(const http::Request& request);
    http::Response list(const http::Request& request);

    [[nodiscard]] std::optional<std::string> check_payment(const json::Value& body, bool register_only) const;
    // With a transaction also the caller's references, as they came in `body` or, without one, as they are known.
    [[nodiscard]] http::Response failure(int code, std::string_view message, const Transaction* transaction = nullptr,
                                         std::string_view processor_status = {}, const json::Value* body = nullptr) const;
    [[nodiscard]] http::Response success(const Transaction& transaction, const json::Value& body) const;
    [[nodiscard]] http::Response verification_needed(const Transaction& transaction, const json::Value& body) const;
    // The payment that follows a verification; the caller holds the lock.
    const Transaction& complete(const Transaction& first, bool preauth);
    void confirm_waiting_pix();
    void queue_transaction_postback(const Transaction& transaction);
    [[nodiscard]] std::string card_of_token(const Transaction& transaction) const;
    Transaction& add(Transaction transaction);
    void save(const Transaction& transaction);
    void load();
    [[nodiscard]] std::string system_signature(std::int64_t id) const;
    [[nodiscard]] Timestamp now() const;

    Control& control_;
    const VendoOptions options_;
    std::string server_key_;
    std::atomic<bool> http_errors_ = false;  // 400 and 401 instead of 200 for refused requests
    std::atomic<bool> verification_postback_ = true;
    std::atomic<bool> transaction_postback_ = true;
    std::atomic<bool> second_step_once_ = false;  // a repeated second step is refused as done already
    std::atomic<int> refuse_next_ = 0;            // the next payment or refund is refused with this code
    mutable std::mutex mutex_;
    std::map<std::int64_t, Transaction> transactions_;
    std::map<std::string, Stored> tokens_;
    std::map<std::string, std::deque<std::chrono::steady_clock::time_point>> recent_;  // by e-mail
    std::set<std::int64_t> waiting_pix_;
    std::int64_t next_id_ = kFirstId;

    VendoPostbacks postbacks_;  // last: its thread uses the others
};

}  // namespace stoa::sandbox
