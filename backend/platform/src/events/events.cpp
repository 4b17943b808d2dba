#include "stoa/events/events.hpp"

#include <algorithm>

#include "sql/events.hpp"
#include "sql/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::events {
namespace {

constexpr int kBatch = 500;
constexpr int kAttempts = 12;
constexpr std::int64_t kLeaderLock = 0x53746f6152656c61;  // "StoaRela"

Event from_row(const db::Row& row) {
    Event out;
    out.position = row.get<std::int64_t>("position");
    out.type = row.get<std::string>("type");
    out.stream = row.get<std::string>("stream");
    out.version = row.get<std::int64_t>("version");
    out.data = row.get<std::string>("data");
    out.at = row.get<Timestamp>("at");
    return out;
}

std::vector<Event> from_rows(const db::Rows& rows) {
    std::vector<Event> out;
    out.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) out.push_back(from_row(row));
    return out;
}

}  // namespace

void append(db::Tx& tx, const NewEvent& event) { append(tx, std::span(&event, 1)); }

void append(db::Tx& tx, std::span<const NewEvent> events) {
    if (events.empty()) return;
    std::vector<std::string> types;
    std::vector<std::string> streams;
    std::vector<std::string> data;
    for (const auto& event : events) {
        types.push_back(event.type);
        streams.push_back(event.stream);
        data.push_back(event.data);
    }
    // PostgreSQL sends equal notifications of one transaction once.
    const std::array calls{db::call(platform::sql::append_events, types, streams, data), db::call(platform::sql::notify_events, "")};
    (void)tx.pipeline(calls);
}

std::vector<Event> read_after(db::Session& session, std::int64_t position, int limit) {
    return from_rows(session.query(platform::sql::events_after, position, limit));
}

std::vector<Event> read_stream(db::Session& session, std::string_view stream, std::int64_t after_version, int limit) {
    return from_rows(session.query(platform::sql::events_of_stream, stream, after_version, limit));
}

bool matches(const std::vector<std::string>& types, std::string_view type) {
    return std::any_of(types.begin(), types.end(), [&](const std::string& wanted) {
        if (wanted == "*" || wanted == type) return true;
        return wanted.ends_with(".*") && type.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
    });
}

Relay::Relay(db::Database& database, const std::vector<Subscription>& subscriptions, Wake wake)
    : database_(database), subscriptions_(subscriptions), wake_(std::move(wake)) {}

int Relay::run_once() {
    if (leadership_ && !leadership_->still_held()) {
        log::warning("the relay lost its leadership");
        leadership_.reset();
    }
    if (!leadership_) {
        leadership_ = database_.try_lock(kLeaderLock);
        if (!leadership_) return 0;
    }
    const bool waiting =
        database_.read([](db::Session& session) { return session.query(platform::sql::events_waiting).front().get<bool>("waiting"); });
    if (!waiting) return 0;

    std::vector<std::int64_t> job_ids;
    const int taken = database_.in_tx([&](db::Tx& tx) {
        job_ids.clear();
        // The lock first, in a statement of its own: the next one must see what an earlier holder of the lock committed.
        const auto last = tx.query(platform::sql::lock_relay).front().get<std::int64_t>("last_position");
        std::vector<std::pair<std::int64_t, std::string>> given;
        const db::Rows rows = tx.query(platform::sql::give_positions, last, kBatch);
        for (const auto& row : rows) given.emplace_back(row.get<std::int64_t>("position"), row.get<std::string>("type"));
        if (given.empty()) return 0;
        std::sort(given.begin(), given.end());

        std::vector<std::optional<std::vector<std::string>>> narrowed;
        for (const auto& subscription : subscriptions_)
            narrowed.push_back(subscription.types_now ? std::optional(subscription.types_now(tx)) : std::nullopt);
        std::vector<std::string> kinds;
        std::vector<std::int64_t> positions;
        for (const auto& [position, type] : given) {
            for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
                const auto& subscription = subscriptions_[i];
                if (!matches(subscription.types, type) || (narrowed[i] && !matches(*narrowed[i], type))) continue;
                kinds.push_back(subscription.handler);
                positions.push_back(position);
            }
        }
        std::vector<db::Call> calls{db::call(platform::sql::insert_event_jobs, kinds, positions, kAttempts),
                                    db::call(platform::sql::advance_relay, given.back().first),
                                    db::call(platform::sql::notify_events, std::to_string(given.back().first))};
        if (!kinds.empty()) calls.push_back(db::call(platform::sql::notify_job, ""));
        const auto results = tx.pipeline(calls);
        for (const auto& row : results.front()) job_ids.push_back(row.get<std::int64_t>("id"));
        return static_cast<int>(given.size());
    });
    if (taken > 0) metrics::count("events_relayed_total", {}, static_cast<std::uint64_t>(taken));
    if (wake_ && !job_ids.empty()) wake_(job_ids);
    return taken;
}

}  // namespace stoa::events
