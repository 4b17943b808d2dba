#pragma once
// Accounts through their routes, on a real database; mails are kept instead of sent.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::customers {

class KeptMails final : public AccountMailer {
public:
    std::vector<AccountMail> mails;
    void queue(db::Tx& tx, const AccountMail& mail) override {
        tx.after_commit([this, mail] { mails.push_back(mail); });
    }
};

inline constexpr const char* kPassword = "three chairs and a lamp";

class AccountsTest : public ::testing::Test {
protected:
    explicit AccountsTest(std::string redis_url = testing::test_redis_url(), std::string public_url = "http://localhost:8000",
                          int rate_limit_factor = 1000)
        : redis_(std::move(redis_url)),
          customers_(make_customers(database(), redis_, clock_, mailer_, {std::move(public_url), rate_limit_factor})) {
        testing::shared_database().truncate_all();
        add_customers_routes(routes_, *customers_, [this](const http::Request&, const std::optional<CustomerInfo>& customer) {
            return SessionExtras{customer ? cart_of_customer_ : 2, "EUR", "DE"};
        });
        routes_.freeze();
        worker_ = std::make_unique<jobs::Worker>(database(), redis_, clock_, customers_job_handlers(*customers_),
                                                 std::vector<events::Subscription>{}, std::vector<jobs::Schedule>{});
    }

    static db::Database& database() { return testing::shared_database().database(); }

    struct Answer {
        int status = 0;
        json::Value body;
        std::string text;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string code() const { return body.text_or("code"); }
        std::string header(std::string_view name) const {
            for (const auto& [key, value] : headers) {
                if (key == name) return value;
            }
            return {};
        }
    };
    // A browser: keeps its cookie, has an address of its own.
    struct Browser {
        std::string session;
        std::string ip = next_ip();
        std::string agent = "Test/1.0";
        static std::string next_ip() {
            static std::atomic<int> count{static_cast<int>(std::chrono::steady_clock::now().time_since_epoch().count() % 10'000'000)};
            const int n = ++count;
            return fmt::format("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
        }
    };

    Answer send(Browser& browser, http::Method method, std::string target, std::string body = {}) {
        auto request = testing::request(method, "/api/v1" + target, std::move(body));
        request.remote_ip = browser.ip;
        request.headers.emplace_back("user-agent", browser.agent);
        request.headers.emplace_back("origin", "http://localhost:8000");
        if (!browser.session.empty()) request.headers.emplace_back("cookie", "a=b; stoa_session=" + browser.session);
        const auto response = http::dispatch(routes_, request, {"http://localhost:8000", false});
        Answer answer{response.status, {}, std::string(response.content()), {}};
        for (const auto& [name, value] : response.headers) {
            std::string lower = name;
            for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            answer.headers.emplace_back(lower, value);
            if (lower == "set-cookie" && value.starts_with("stoa_session=")) browser.session = value.substr(13, value.find(';') - 13);
        }
        if (!answer.text.empty()) {
            auto parsed = json::parse(answer.text);
            EXPECT_TRUE(parsed) << answer.text;
            if (parsed) answer.body = *parsed;
        }
        return answer;
    }
    Answer get(Browser& b, std::string target) { return send(b, http::Method::get, std::move(target)); }
    Answer post(Browser& b, std::string target, std::string body = "{}") {
        return send(b, http::Method::post, std::move(target), std::move(body));
    }
    Answer put(Browser& b, std::string target, std::string body = {}) {
        return send(b, http::Method::put, std::move(target), std::move(body));
    }
    Answer patch(Browser& b, std::string target, std::string body) {
        return send(b, http::Method::patch, std::move(target), std::move(body));
    }
    Answer del(Browser& b, std::string target, std::string body = {}) {
        return send(b, http::Method::del, std::move(target), std::move(body));
    }

    static std::string registration(std::string_view email, std::string_view password = kPassword, bool marketing = false,
                                    std::string_view first_name = "Ada") {
        return fmt::format(R"({{"email":{},"password":{},"first_name":{},"last_name":"Lovelace","locale":"de","accepts_marketing":{}}})",
                           json::quote(email), json::quote(password), json::quote(first_name), marketing);
    }
    static std::string credentials(std::string_view email, std::string_view password = kPassword) {
        return fmt::format(R"({{"email":{},"password":{}}})", json::quote(email), json::quote(password));
    }
    static std::string token_body(std::string_view token) { return fmt::format(R"({{"token":{}}})", json::quote(token)); }
    static std::string reset_body(std::string_view token, std::string_view password) {
        return fmt::format(R"({{"token":{},"password":{}}})", json::quote(token), json::quote(password));
    }

    // The token in the link of the last mail.
    std::string last_token() const {
        if (mailer_.mails.empty()) return {};
        const auto secrets = json::parse(mailer_.mails.back().secrets_json);
        if (!secrets) return {};
        const auto link = secrets->text_or("link");
        return link.substr(link.find("token=") + 6);
    }
    // Two who register with one address, one after the other; the token of the link that the first was sent.
    std::string register_twice(Browser& first, const std::string& first_words, Browser& second, const std::string& second_words,
                               const std::string& email) {
        post(first, "/account/register", registration(email, first_words));
        worker_->drain();
        EXPECT_EQ(mailer_.mails.back().template_name, "verify_email");
        auto token = last_token();
        post(second, "/account/register", registration(email, second_words));
        worker_->drain();
        EXPECT_EQ(mailer_.mails.back().template_name, "password_reset");
        return token;
    }

    // Registers, verifies, logs in.
    Browser member(std::string_view email, bool marketing = false) {
        Browser browser;
        EXPECT_EQ(post(browser, "/account/register", registration(email, kPassword, marketing)).status, 202);
        worker_->drain();
        EXPECT_EQ(post(browser, "/account/verify", token_body(last_token())).status, 200);
        EXPECT_EQ(browser.session.size(), 43U);
        return browser;
    }

    static std::string single(std::string_view sql) {
        return database().read([&](db::Session& session) {
            const auto rows = session.run_text(sql);
            return rows.empty() || rows.front().is_null(0) ? std::string("-") : rows.front().get<std::string>(0);
        });
    }
    // Everything this module has written, to prove that a refusal changed nothing.
    static std::string fingerprint() {
        std::string out;
        for (const char* table : {"customer", "session", "token", "intake", "address", "consent", "wishlist_item", "group_member"}) {
            out += single(fmt::format("select count(*) || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from customers.{} t",
                                      table)) +
                   " ";
        }
        return out;
    }

    ManualClock clock_{testing::fixed_start()};
    redis::Redis redis_;
    KeptMails mailer_;
    std::unique_ptr<Customers> customers_;
    http::Routes routes_;
    std::unique_ptr<jobs::Worker> worker_;
    std::int64_t cart_of_customer_ = 5;
};

}  // namespace stoa::customers
