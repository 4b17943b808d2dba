#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "service.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::backoffice {

struct Reply {
    int status = 0;
    json::Value body;
    std::string text;
    std::vector<std::pair<std::string, std::string>> headers;
    [[nodiscard]] std::string code() const { return body.text_or("code"); }
};

// A browser: keeps cookies, sends same-origin requests.
class Browser {
public:
    explicit Browser(const http::Routes& routes) : routes_(&routes) {}
    // As it leaves the handler: a body that is streamed is not made yet.
    http::Response respond(http::Method method, const std::string& target, const std::string& body = {},
                           const std::map<std::string, std::string>& headers = {}) {
        auto request = testing::request(method, target, body);
        request.remote_ip = ip;
        std::string cookie;
        for (const auto& [name, value] : cookies) cookie += (cookie.empty() ? "" : "; ") + name + "=" + value;
        if (!cookie.empty()) request.headers.emplace_back("cookie", cookie);
        request.headers.emplace_back("sec-fetch-site", "same-origin");
        request.headers.emplace_back("user-agent", "Browser/1");
        for (const auto& [name, value] : headers) {
            std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
            request.headers.emplace_back(name, value);
        }
        http::DispatchOptions options;
        options.development = true;
        return http::dispatch(*routes_, request, options);
    }
    Reply send(http::Method method, const std::string& target, const std::string& body = {},
               const std::map<std::string, std::string>& headers = {}) {
        const auto response = respond(method, target, body, headers);
        Reply out;
        out.status = response.status;
        out.text = std::string(response.content());
        if (response.stream) response.stream([&](std::string_view piece) { out.text += piece; });
        out.headers = response.headers;
        if (auto parsed = json::parse(out.text, {64 << 20, 64})) out.body = *parsed;
        for (const auto& [name, value] : response.headers) {
            if (name != "Set-Cookie" && name != "set-cookie") continue;
            const auto equals = value.find('=');
            const auto end = value.find(';');
            cookies[value.substr(0, equals)] = value.substr(equals + 1, end - equals - 1);
        }
        return out;
    }
    Reply get(const std::string& target) { return send(http::Method::get, target); }
    Reply post(const std::string& target, const std::string& body = "{}") { return send(http::Method::post, target, body); }
    Reply del(const std::string& target, const std::string& body = {}) { return send(http::Method::del, target, body); }

    std::map<std::string, std::string> cookies;
    std::string ip = "192.0.2.1";

private:
    const http::Routes* routes_;
};

inline constexpr const char* kPassword = "a key for every door";

class BackofficeTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    void SetUp() override { testing::shared_database().truncate_all(); }

    StaffId make(const std::string& email, std::vector<std::string> roles, bool must_change = false) {
        static const std::string hash = crypto::hash_password(kPassword);
        return *database.in_tx([&](db::Tx& tx) {
            return service.add(tx, {email, "Name of " + email.substr(0, email.find('@')), hash, must_change, std::move(roles)});
        });
    }
    void make_role(const std::string& code, const std::string& permissions, const std::string& limits = "{}") {
        database.in_tx([&](db::Tx& tx) {
            tx.run_text("insert into backoffice.role (code, name, permissions, limits) values ('" + code + "', 'A role', '{" + permissions +
                        "}', '" + limits + "')");
        });
    }
    Browser signed_in(const std::string& email) {
        Browser browser(routes());
        const auto reply = browser.post("/api/v1/admin/session", R"({"email":")" + email + R"(","password":")" + kPassword + "\"}");
        EXPECT_EQ(reply.status, 200) << reply.text;
        return browser;
    }
    std::int64_t count(const std::string& sql) {
        return database.read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    virtual void add_routes(http::Routes& routes) { add_staff_routes(routes, service); }
    const http::Routes& routes() {
        if (!routes_) {
            routes_ = std::make_unique<http::Routes>();
            add_routes(*routes_);
            routes_->freeze();
        }
        return *routes_;
    }

    db::Database& database = testing::shared_database().database();
    redis::Redis redis{"redis://127.0.0.1:1/0"};  // nobody there: limits are kept in this process
    ManualClock clock{testing::fixed_start()};
    Service service{database, redis, clock, {"http://localhost:8080", "a secret of thirty-two characters", "Stoa Home", 1000}};

private:
    std::unique_ptr<http::Routes> routes_;
};

}  // namespace stoa::backoffice
