#pragma once
// Idempotency-Key (design section 3). The row is inserted, in a transaction of its own, before work starts; the response
// is stored in the same transaction as the effect. Scope = who asks (customer, cart or guest token), so keys of two people never meet.
// Rows live 7 days. A claim whose process died is taken over after `lease` (the work must itself be repeatable by its
// unique keys, as checkout is).
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "stoa/db/db.hpp"
#include "stoa/http/message.hpp"

namespace stoa::http {

class Idempotency {
public:
    Idempotency(db::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    class Claim {
    public:
        // Stores the response under the key; call inside the transaction of the effect.
        void store(db::Tx& tx, const Response& response);
        // Gives the key free again (nothing happened). Also done by the destructor when store() was not called.
        void release() noexcept;
        Claim(Claim&&) noexcept;
        ~Claim();

    private:
        friend class Idempotency;
        Claim(Idempotency* owner, std::string scope, std::string key);
        Idempotency* owner_;
        std::string scope_;
        std::string key_;
        bool settled_ = false;
    };

    // Response: a stored answer to replay (header Idempotency-Replayed: true), or a problem: 400 http.idempotency_key_missing
    // / _invalid, 409 http.idempotency_in_progress with Retry-After, 422 http.idempotency_key_reused.
    [[nodiscard]] std::variant<Claim, Response> begin(const Request& request, std::string_view scope,
                                                      std::chrono::seconds lease = std::chrono::seconds{90});

    // For a handler whose whole effect is one transaction: claim, run, store, answer. A Result error answers as problem
    // and releases the key. Without a key in the request (optional on that route) it just runs the body in a transaction.
    [[nodiscard]] Response run(const Request& request, std::string_view scope, const std::function<Result<Response>(db::Tx&)>& body);

private:
    db::Database& database_;
    const Clock& clock_;
};

}  // namespace stoa::http
