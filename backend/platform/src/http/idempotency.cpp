#include "stoa/http/idempotency.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "http/problem.hpp"
#include "http/text.hpp"
#include "sql/idempotency.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/log/log.hpp"

namespace stoa::http {
namespace {

constexpr auto kLifetime = std::chrono::hours(24 * 7);

// What migration 0700 left of the hashes of an older program: which request it was is no longer known.
constexpr std::string_view kBlankedHash = "0000000000000000000000000000000000000000000000000000000000000000";

bool is_key(std::string_view key) {
    if (key.size() < 8 || key.size() > 128) return false;
    for (const char c : key) {
        if (c < 0x21 || c > 0x7E) return false;
    }
    return true;
}

// Each part with its length in front, so that no two requests read alike.
std::string hash_of(const Request& request, std::string_view key) {
    std::string text;
    const auto add = [&](std::string_view part) { text.append(std::to_string(part.size())).append(":").append(part); };
    add(method_name(request.method));
    add(request.path);
    for (const auto& [name, value] : request.query) {
        add(name);
        add(value);
    }
    add(request.body);
    for (const auto& [name, value] : request.form) {
        add(name);
        add(value);
    }
    for (const Upload& upload : request.uploads) {
        add(upload.field);
        add(upload.file_name);
        add(std::to_string(upload.size));
    }
    return crypto::hex(crypto::hmac_sha256(key, text));
}

// The headers worth replaying, as "name: value" lines.
std::string kept_headers(const Response& response) {
    std::string out;
    for (const auto& [name, value] : response.headers) {
        if (same_ignoring_case(name, "content-type") || same_ignoring_case(name, "location"))
            out.append(lower(name)).append(": ").append(value).append("\n");
    }
    return out;
}

Response replayed(const db::Row& row) {
    Response response;
    response.status = row.get<int>("status");
    response.body = row.get<std::string>("body");
    std::string_view lines = row.get<std::string_view>("headers");
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos) response.header(line.substr(0, colon), line.substr(colon + 2));
        lines.remove_prefix(end + 1);
    }
    response.header("idempotency-replayed", "true");
    return response;
}

}  // namespace

// Claims that could not be given free because the database was away. Bounded: what does not fit waits for its lease.
struct Idempotency::Abandoned {
    struct Key {
        std::string scope;
        std::string key;
        Uuid claim;
    };
    static constexpr std::size_t kMost = 1000;
    std::mutex mutex;
    std::vector<Key> keys;
    std::atomic<bool> any{false};

    void add(Key key) {
        const std::lock_guard lock(mutex);
        if (keys.size() < kMost) keys.push_back(std::move(key));
        any = true;
    }
    std::vector<Key> take() {
        const std::lock_guard lock(mutex);
        any = false;
        return std::exchange(keys, {});
    }
};

struct Idempotency::Claim::State {
    db::Database* database;
    std::shared_ptr<Abandoned> abandoned;
    std::string scope;
    std::string key;
    Uuid claim;
    bool settled = false;
};

Idempotency::Idempotency(db::Database& database, const Clock& clock, std::string_view secret)
    : database_(database),
      clock_(clock),
      hash_key_(crypto::hmac_sha256(secret, "requests under an Idempotency-Key")),
      abandoned_(std::make_shared<Abandoned>()) {}

void Idempotency::release_abandoned() {
    if (!abandoned_->any) return;
    auto keys = abandoned_->take();
    try {
        database_.in_tx([&](db::Tx& tx) {
            for (const auto& [scope, key, claim] : keys) tx.exec(platform::sql::release_idempotency_key, scope, key, claim);
        });
    } catch (...) {
        for (auto& key : keys) abandoned_->add(std::move(key));
        throw;
    }
}

bool Idempotency::Claim::store_if_ours(db::Tx& tx, const Response& response) {
    const auto stored = tx.exec(platform::sql::store_idempotent_response, state_->scope, state_->key, state_->claim, response.status,
                                kept_headers(response), std::string(response.content()));
    if (stored != 1) return false;
    // Only a commit settles it: a rolled-back store leaves the key to be released.
    tx.after_commit([state = state_] { state->settled = true; });
    return true;
}

void Idempotency::Claim::store(db::Tx& tx, const Response& response) {
    if (store_if_ours(tx, response)) return;
    throw ProblemException(
        {ErrorKind::conflict, "http.idempotency_in_progress", "Another request with this Idempotency-Key has taken over.", {}, {}, {}, 1});
}

void Idempotency::Claim::release() noexcept {
    if (!state_ || state_->settled) return;
    state_->settled = true;
    try {
        // When the outcome of a commit is unknown this waits for it, and deletes nothing if the response was stored.
        state_->database->in_tx(
            [&](db::Tx& tx) { tx.exec(platform::sql::release_idempotency_key, state_->scope, state_->key, state_->claim); });
    } catch (const std::exception& e) {
        log::warning("idempotency key stays claimed until the database is back", {{"cause", e.what()}});
        try {
            state_->abandoned->add({state_->scope, state_->key, state_->claim});
        } catch (const std::bad_alloc&) {  // its lease ends some time
        }
    }
}

Idempotency::Claim::~Claim() { release(); }

std::variant<Idempotency::Claim, Response> Idempotency::begin(const Request& request, std::string_view scope, std::chrono::seconds lease) {
    const std::string key(request.header("idempotency-key"));
    if (key.empty()) return problem_with(400, "http.idempotency_key_missing", "Send an Idempotency-Key header.");
    if (!is_key(key)) return problem_with(400, "http.idempotency_key_invalid", "Idempotency-Key takes 8 to 128 visible ASCII characters.");
    const std::string hash = hash_of(request, hash_key_);
    release_abandoned();
    const auto state = std::make_shared<Claim::State>(Claim::State{&database_, abandoned_, std::string(scope), key, Uuid::v7(), false});
    // The other request may give its key free between our two looks; then we ask for it again.
    for (int attempt = 0; attempt < 3; ++attempt) {
        const Timestamp now = clock_.now();
        std::optional<Response> answer;
        const auto claim = [&](db::Tx& tx) {
            answer.reset();
            if (!tx.query(platform::sql::claim_idempotency_key, state->scope, key, hash, state->claim, now, lease.count()).empty())
                return true;
            const db::Rows rows = tx.query(platform::sql::find_idempotency_key, state->scope, key, now);
            if (rows.empty()) return false;
            const db::Row row = rows.front();
            const auto stored = row.get<std::string_view>("request_hash");
            if (stored != hash && stored != kBlankedHash) {
                answer = problem_with(422, "http.idempotency_key_reused", "This Idempotency-Key was used with another request.");
            } else if (row.is_null(row.index_of("status"))) {
                answer = problem_with(409, "http.idempotency_in_progress", "The same request is being worked on.",
                                      std::min(2, row.get<int>("seconds_left")));
            } else {
                answer = replayed(row);
            }
            return false;
        };
        bool claimed = false;
        try {
            claimed = database_.in_tx(claim);
        } catch (const db::CommitUnknown&) {
            abandoned_->add({state->scope, state->key, state->claim});  // it may stand, and nobody works on it
            throw;
        }
        if (claimed) return Claim(state);
        if (answer) return std::move(*answer);
    }
    return problem_with(409, "http.idempotency_in_progress", "The same request is being worked on.", 1);
}

Response Idempotency::run(const Request& request, std::string_view scope, const std::function<Result<Response>(db::Tx&)>& body) {
    if (request.header("idempotency-key").empty()) {
        auto outcome = database_.in_tx(body);
        return outcome ? std::move(*outcome) : problem(outcome.error());
    }
    auto begun = begin(request, scope);
    if (Response* answer = std::get_if<Response>(&begun)) return std::move(*answer);
    Claim& claim = std::get<Claim>(begun);
    auto outcome = database_.in_tx([&](db::Tx& tx) {
        Result<Response> response = body(tx);
        if (response) claim.store(tx, *response);
        return response;
    });
    return outcome ? std::move(*outcome) : problem(outcome.error());
}

std::int64_t purge_idempotency(db::Database& database, Timestamp now) {
    std::int64_t total = 0;
    while (true) {
        const std::int64_t removed =
            database.in_tx([&](db::Tx& tx) { return tx.exec(platform::sql::purge_idempotency_keys, now - kLifetime); });
        total += removed;
        if (removed == 0) return total;
    }
}

}  // namespace stoa::http
