#pragma once
// Test harness. A migrated template database is made once per schema state; each test process gets a clone of its own.
#include <memory>
#include <string>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::testing {

// STOA_TEST_DATABASE_URL must name a role that may create databases; without it every integration test fails with that sentence.
class TestDatabase {
public:
    TestDatabase();   // clones the template (creating and migrating it under a lock when needed)
    ~TestDatabase();  // drops the clone
    [[nodiscard]] db::Database& database();
    [[nodiscard]] const std::string& url() const;
    void truncate_all();  // every table but migrations; between tests of one process

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};
// One clone shared by all tests of the process.
[[nodiscard]] TestDatabase& shared_database();
[[nodiscard]] std::string test_redis_url();  // STOA_TEST_REDIS_URL, with a database number of this process
[[nodiscard]] inline Timestamp fixed_start() { return *parse_timestamp("2026-11-22T10:00:00Z"); }

// Builds requests for http::dispatch.
[[nodiscard]] http::Request request(http::Method method, std::string target, std::string body = {});

// An HTTP client whose answers a test decides.
class ScriptedClient final : public http_client::Client {
public:
    std::function<std::expected<http_client::Answer, http_client::CallError>(const http_client::Call&)> answer;
    std::vector<http_client::Call> calls;
    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
        calls.push_back(call);
        return answer(call);
    }
};

}  // namespace stoa::testing
