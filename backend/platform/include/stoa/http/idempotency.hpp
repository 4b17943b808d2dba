#pragma once
// Idempotency-Key (design section 3). The row is inserted, in a transaction of its own, before work starts; the response
// is stored in the same transaction as the effect. Scope = who asks (customer, cart or guest token), so keys of two people never meet.
// Rows live 7 days. A claim whose process died is taken over after `lease` (the work must itself be repeatable by its
// unique keys, as checkout is). Stored with the answer: status, content type, Location and body; never Set-Cookie, because
// session secrets are not kept in plain text. Of the request only a keyed hash is stored: its body may hold the number of a card, which a
// plain hash would give away to whoever tries them all.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "stoa/db/db.hpp"
#include "stoa/http/message.hpp"

namespace stoa::http {

class Idempotency {
public:
    // `secret` keys the hashes of requests. With another one (after a rotation) a key that was used before answers 422.
    Idempotency(db::Database& database, const Clock& clock, std::string_view secret);

    class Claim {
    public:
        // Stores the response under the key; call inside the transaction of the effect. Throws ProblemException (409) when the
        // claim was taken over meanwhile, so that the effect rolls back.
        void store(db::Tx& tx, const Response& response);
        // For an effect that must stand whoever holds the key by now, such as the outcome of a payment: false when it was taken over.
        bool store_if_ours(db::Tx& tx, const Response& response);
        // Gives the key free again (nothing happened). Also done by the destructor when store() was not called. When the database is
        // away, the next begin() of this process tries again, so that a shopper's retry need not wait for the lease.
        void release() noexcept;
        Claim(Claim&&) noexcept = default;
        Claim& operator=(Claim&&) = delete;
        ~Claim();

    private:
        friend class Idempotency;
        struct State;
        explicit Claim(std::shared_ptr<State> state) : state_(std::move(state)) {}
        std::shared_ptr<State> state_;
    };

    // Response: a stored answer to replay (header Idempotency-Replayed: true), or a problem: 400 http.idempotency_key_missing
    // / _invalid, 409 http.idempotency_in_progress with Retry-After, 422 http.idempotency_key_reused.
    [[nodiscard]] std::variant<Claim, Response> begin(const Request& request, std::string_view scope,
                                                      std::chrono::seconds lease = std::chrono::seconds{90});

    // For a handler whose whole effect is one transaction: claim, run, store, answer. A Result error answers as problem
    // and releases the key. Without a key in the request (optional on that route) it just runs the body in a transaction.
    [[nodiscard]] Response run(const Request& request, std::string_view scope, const std::function<Result<Response>(db::Tx&)>& body);

private:
    struct Abandoned;
    void release_abandoned();
    db::Database& database_;
    const Clock& clock_;
    std::string hash_key_;
    std::shared_ptr<Abandoned> abandoned_;  // shared with the claims, which may outlive this
};

// Removes rows older than 7 days, in small transactions; how many.
std::int64_t purge_idempotency(db::Database& database, Timestamp now);

}  // namespace stoa::http
