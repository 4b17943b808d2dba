#pragma once
// State change and event are one transaction. Events have a gap-free `version` per stream (one entity) and, once the relay has
// seen them committed, a gap-free global `position`.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/db/db.hpp"

namespace stoa::events {

struct NewEvent {
    std::string type;    // past tense, dotted: "order.placed"
    std::string stream;  // "order:<uuid>": the entity
    std::string data;    // JSON object: ids and facts
};

// Appends in the caller's transaction. Takes a row lock on the stream's counter, so writers of one entity queue here: append
// late in the transaction.
void append(db::Tx& tx, const NewEvent& event);
void append(db::Tx& tx, std::span<const NewEvent> events);

struct Event {
    std::int64_t position = 0;
    std::string type;
    std::string stream;
    std::int64_t version = 0;
    std::string data;
    Timestamp at;
};
// Committed events after `position`, in order, at most `limit`.
[[nodiscard]] std::vector<Event> read_after(db::Session& session, std::int64_t position, int limit);
[[nodiscard]] std::vector<Event> read_stream(db::Session& session, std::string_view stream, std::int64_t after_version, int limit);

// A handler is subscribed by name to event types ("order.placed", or a prefix "order.*"). It runs as a job, at least once;
// the transaction it is given commits together with its completion, so database effects happen exactly once.
struct Subscription {
    std::string handler;  // stable name, "messaging.order_confirmation"
    std::vector<std::string> types;
    std::function<void(db::Tx&, const Event&)> in_tx;  // either this
    std::function<void(const Event&)> outside_tx;      // or this (provider calls); must be repeatable
    // When set, only what it answers counts, and `types` bounds it: asked in each round of the relay, after the events of the round
    // were read. So whatever was committed before an event decides about it, and an event that nobody wants makes no job.
    std::function<std::vector<std::string>(db::Session&)> types_now = nullptr;
};

// True when `type` is one of `types`: equal, or below a prefix ("order.*"), or "*".
[[nodiscard]] bool matches(const std::vector<std::string>& types, std::string_view type);

// Gives committed events their position and turns them into jobs for the subscribed handlers. One leader at a time by advisory
// lock; a row lock makes even two leaders harmless. Transactions commit out of order, so an event gets its position when the
// relay first sees it committed: readers of positions never miss one. A handler gets the events that are relayed by a
// process that knows it.
class Relay {
public:
    // Called after each round's commit with the ids of the new jobs.
    using Wake = std::function<void(std::span<const std::int64_t> job_ids)>;
    Relay(db::Database& database, const std::vector<Subscription>& subscriptions, Wake wake = {});
    // One round; returns how many events were taken on. False leadership returns 0. One thread at a time.
    int run_once();
    [[nodiscard]] bool leads() const { return leadership_ != nullptr; }
    // Lets another process lead.
    void resign() { leadership_.reset(); }
    // NOTIFY channel. append() sends an empty payload when its transaction commits; the relay sends the highest position
    // (digits) when it gave positions: that is the moment to call read_after().
    static constexpr std::string_view kChannel = "stoa_events";

private:
    db::Database& database_;
    std::vector<Subscription> subscriptions_;
    Wake wake_;
    std::unique_ptr<db::Database::AdvisoryLock> leadership_;
};

}  // namespace stoa::events
