#include <thread>

#include "fixture.hpp"

namespace stoa::customers {
namespace {

using namespace std::chrono_literals;

TEST_F(AccountsTest, RegistrationNeedsTheMailAndThenLogsIn) {
    Browser browser;
    const auto answer = post(browser, "/account/register", registration("Ada@Example.net", kPassword, true));
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.text, "{}");
    EXPECT_EQ(browser.session, "");
    EXPECT_EQ(single("select count(*)::text from customers.customer"), "0");
    worker_->drain();

    ASSERT_EQ(mailer_.mails.size(), 1U);
    const auto& mail = mailer_.mails.front();
    EXPECT_EQ(mail.template_name, "verify_email");
    EXPECT_EQ(mail.to, "Ada@Example.net");
    EXPECT_EQ(mail.locale, "de");
    EXPECT_EQ(mail.data_json, R"({"first_name":"Ada"})");
    EXPECT_TRUE(json::parse(mail.secrets_json)->text_or("link").starts_with("http://localhost:8000/de/account/verify?token="));
    EXPECT_EQ(last_token().size(), 43U);
    // Only the hash is stored, and nothing of the request is left.
    EXPECT_EQ(single("select encode(token_hash, 'hex') from customers.token"), crypto::hex(crypto::sha256(last_token())));
    EXPECT_EQ(single("select count(*)::text from customers.intake"), "0");
    EXPECT_EQ(single("select coalesce(password_hash, 'none') from customers.customer"), "none");
    EXPECT_EQ(single("select count(*)::text from customers.consent"), "0");

    EXPECT_EQ(get(browser, "/session").body.find("customer"), nullptr);
    const auto verified = post(browser, "/account/verify", token_body(last_token()));
    EXPECT_EQ(verified.status, 200);
    EXPECT_EQ(verified.body.at("customer", "email")->text(), "Ada@Example.net");
    EXPECT_TRUE(verified.body.at("customer", "email_verified")->as_bool());
    EXPECT_EQ(verified.body.int_or("cart_item_count"), 5);
    EXPECT_NE(verified.header("set-cookie").find("HttpOnly"), std::string::npos);
    EXPECT_NE(verified.header("set-cookie").find("SameSite=Lax"), std::string::npos);
    EXPECT_EQ(get(browser, "/session").body.at("customer", "first_name")->text(), "Ada");
    EXPECT_EQ(single("select kind || granted::text || source || text_version from customers.consent"),
              "marketing_emailtrueregistration2026-01");
    EXPECT_EQ(single("select string_agg(type, ' ' order by version) from events.event where stream like 'customer:%'"),
              "customer.registered customer.verified");
    // No personal data in the log of events.
    EXPECT_EQ(single("select count(*)::text from events.event where data::text ilike '%ada%'"), "0");
}

TEST_F(AccountsTest, VerificationLinksAreForOnce) {
    Browser browser;
    post(browser, "/account/register", registration("ada@example.net"));
    worker_->drain();
    const auto token = last_token();
    Browser other;
    for (const std::string& wrong :
         {std::string("x"), std::string(43, 'A'), token.substr(1) + "A", token + "A", std::string(200, 'z'), std::string("' or 1=1 --")}) {
        const auto answer = post(other, "/account/verify", token_body(wrong));
        EXPECT_EQ(answer.status, 422) << wrong;
        EXPECT_EQ(answer.code(), "account.token_invalid");
        EXPECT_EQ(other.session, "");
    }
    EXPECT_EQ(post(other, "/account/password/reset", reset_body(token, "another fine password")).code(),
              "account.token_invalid");  // of another kind
    EXPECT_EQ(post(browser, "/account/verify", token_body(token)).status, 200);
    EXPECT_EQ(post(other, "/account/verify", token_body(token)).code(), "account.token_invalid");
    EXPECT_EQ(other.session, "");
}

TEST_F(AccountsTest, VerificationLinksEndAfterADayAndCanBeSentAgain) {
    Browser browser;
    post(browser, "/account/register", registration("ada@example.net"));
    worker_->drain();
    const auto old = last_token();
    clock_.advance(24h);
    EXPECT_EQ(post(browser, "/account/verify", token_body(old)).code(), "account.token_invalid");
    EXPECT_EQ(post(browser, "/account/verify/resend", R"({"email":"ADA@example.net"})").status, 202);
    worker_->drain();
    ASSERT_EQ(mailer_.mails.size(), 2U);
    EXPECT_NE(last_token(), old);
    EXPECT_EQ(post(browser, "/account/verify", token_body(last_token())).status, 200);
    Browser again;
    EXPECT_EQ(post(again, "/account/login", credentials("ada@example.net")).status, 200);
    // Verified accounts get no further such mail.
    EXPECT_EQ(post(browser, "/account/verify/resend", R"({"email":"ada@example.net"})").status, 202);
    worker_->drain();
    EXPECT_EQ(mailer_.mails.size(), 2U);
}

TEST_F(AccountsTest, TwoUsesOfOneLinkInTheSameMomentLogOneIn) {
    Browser browser;
    post(browser, "/account/register", registration("ada@example.net"));
    worker_->drain();
    const auto token = last_token();
    std::atomic<int> ok{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            Browser mine;
            if (post(mine, "/account/verify", token_body(token)).status == 200) ++ok;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(ok, 1);
    EXPECT_EQ(single("select count(*)::text from customers.session"), "1");
}

// Whichever of the two came first: the link that was sent before there was a second registration opens nothing any more.
TEST_F(AccountsTest, TheFirstLinkEndsWithASecondRegistration) {
    const std::string words = "the stranger's own words";
    for (const bool owner_first : {true, false}) {
        SCOPED_TRACE(owner_first);
        Browser owner, stranger;
        const std::string email = owner_first ? "ada@example.net" : "eve@example.net";
        const auto first = register_twice(owner_first ? owner : stranger, owner_first ? kPassword : words, owner_first ? stranger : owner,
                                          owner_first ? words : kPassword, email);
        mailer_.mails.clear();

        EXPECT_EQ(post(owner, "/account/verify", token_body(first)).code(), "account.token_invalid");
        EXPECT_EQ(owner.session, "");
        EXPECT_EQ(single("select count(*)::text from customers.customer where email_verified_at is not null"), owner_first ? "0" : "1");
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, words)).status, 401);
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, kPassword)).status, 401);
        // The way on is in the mailbox.
        ASSERT_EQ(mailer_.mails.size(), 1U);
        EXPECT_EQ(mailer_.mails.back().template_name, "password_reset");
        EXPECT_EQ(mailer_.mails.back().to, email);
        EXPECT_EQ(post(owner, "/account/password/reset", reset_body(last_token(), "chosen by who reads the mail")).status, 200);
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, words)).status, 401);
        EXPECT_EQ(post(owner, "/account/verify", token_body(first)).code(), "account.token_invalid");
    }
}

TEST_F(AccountsTest, KnownAndUnknownAddressesLookTheSame) {
    member("known@example.net");
    const auto mails = mailer_.mails.size();
    for (const char* route : {"/account/register", "/account/password/forgot", "/account/verify/resend"}) {
        Browser a, b;
        const auto body_for = [&](std::string_view email) {
            return std::string_view(route) == "/account/register" ? registration(email) : fmt::format(R"({{"email":"{}"}})", email);
        };
        const auto before = db::Database::statements_on_this_thread();
        const auto known = post(a, route, body_for("known@example.net"));
        const auto between = db::Database::statements_on_this_thread();
        const auto unknown = post(b, route, body_for("unknown@example.net"));
        const auto after = db::Database::statements_on_this_thread();
        EXPECT_EQ(known.status, 202) << route;
        EXPECT_EQ(unknown.status, 202) << route;
        EXPECT_EQ(known.text, unknown.text) << route;
        EXPECT_EQ(known.header("set-cookie") + unknown.header("set-cookie"), "");
        // The same statements, so the same time.
        EXPECT_EQ(between - before, after - between) << route;
    }
    // Looking at the stored intake there is no difference either.
    EXPECT_EQ(single("select count(*)::text from customers.intake"), "6");
    EXPECT_EQ(mailer_.mails.size(), mails);
    worker_->drain();
    std::vector<std::string> sent;
    for (std::size_t i = mails; i < mailer_.mails.size(); ++i) sent.push_back(mailer_.mails[i].template_name + " " + mailer_.mails[i].to);
    EXPECT_EQ(sent, (std::vector<std::string>{"already_registered known@example.net", "verify_email unknown@example.net",
                                              "password_reset known@example.net", "password_reset unknown@example.net",
                                              "verify_email unknown@example.net"}));
    EXPECT_EQ(mailer_.mails[mails].secrets_json, "");  // nothing in it logs anybody in

    Browser c;
    const auto wrong_password = post(c, "/account/login", credentials("known@example.net", "not the password"));
    const auto no_account = post(c, "/account/login", credentials("nobody@example.net", "not the password"));
    const auto no_address = post(c, "/account/login", credentials("not an address", "not the password"));
    for (const auto* answer : {&wrong_password, &no_account, &no_address}) {
        EXPECT_EQ(answer->status, 401);
        EXPECT_EQ(answer->code(), "account.invalid_credentials");
        EXPECT_EQ(answer->body.text_or("detail"), wrong_password.body.text_or("detail"));
    }
}

TEST_F(AccountsTest, ARegistrationDoesNotTellWhetherTheAddressHadAnAccount) {
    member("known@example.net");
    Browser stranger;
    const std::string words = "the stranger's own words";
    std::vector<std::string> answers;
    for (const char* email : {"known@example.net", "unknown@example.net"}) {
        post(stranger, "/account/register", registration(email, words, false, "Mallory"));
        worker_->drain();
        const auto answer = post(stranger, "/account/login", credentials(email, words));
        answers.push_back(fmt::format("{} {} {}", answer.status, answer.code(), answer.body.text_or("detail")));
        EXPECT_EQ(stranger.session, "");
    }
    EXPECT_EQ(answers[0],
              "401 account.invalid_credentials E-mail address or password is not right, or the link in our mail was not opened yet.");
    EXPECT_EQ(answers[1], answers[0]);
}

TEST_F(AccountsTest, OfTwoRegistrationsNoneIsTakenAtItsWord) {
    const std::string words = "the stranger's own words";
    for (const bool owner_first : {true, false}) {
        SCOPED_TRACE(owner_first);
        Browser owner, stranger;
        const std::string email = owner_first ? "ada@example.net" : "eve@example.net";
        (void)register_twice(owner_first ? owner : stranger, owner_first ? kPassword : words, owner_first ? stranger : owner,
                             owner_first ? words : kPassword, email);
        EXPECT_EQ(post(owner, "/account/verify/resend", fmt::format(R"({{"email":"{}"}})", email)).status, 202);
        worker_->drain();
        const auto& mail = mailer_.mails.back();
        EXPECT_EQ(mail.template_name, "password_reset");
        EXPECT_EQ(mail.to, email);
        EXPECT_EQ(post(owner, "/account/verify", token_body(last_token())).code(), "account.token_invalid");
        EXPECT_EQ(post(owner, "/account/password/reset", reset_body(last_token(), "chosen by who reads the mail")).status, 200);
        EXPECT_TRUE(get(owner, "/account").body.bool_or("email_verified"));
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, words)).status, 401);
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, kPassword)).status, 401);
        EXPECT_EQ(post(stranger, "/account/login", credentials(email, "chosen by who reads the mail")).status, 200);
    }
}

TEST_F(AccountsTest, AnAddressThatIsProvenByAResetLinkTakesItsGuestConsents) {
    database().in_tx(
        [&](db::Tx& tx) { customers_->record_guest_consent(tx, "Ada@example.net", ConsentKind::marketing_email, "de", "checkout"); });
    Browser browser;
    post(browser, "/account/register", registration("ada@example.net"));
    post(browser, "/account/password/forgot", R"({"email":"ada@example.net"})");
    worker_->drain();
    ASSERT_EQ(mailer_.mails.back().template_name, "password_reset");
    EXPECT_EQ(single("select count(*)::text from customers.consent"), "0");
    EXPECT_EQ(post(browser, "/account/password/reset", reset_body(last_token(), "a brand new passphrase")).status, 200);
    EXPECT_EQ(single("select kind || granted::text || source from customers.consent"), "marketing_emailtruecheckout");
    EXPECT_EQ(single("select count(*)::text from customers.guest_consent"), "0");
}

TEST_F(AccountsTest, LoginGivesANewSessionAndEndsTheOldOne) {
    auto browser = member("ada@example.net");
    const auto first = browser.session;
    const auto answer = post(browser, "/account/login", credentials("ADA@EXAMPLE.NET"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(browser.session, first);
    Browser with_old;
    with_old.session = first;
    EXPECT_EQ(get(with_old, "/account").status, 401);
    // A token that was planted is not taken over.
    Browser planted;
    planted.session = std::string(43, 'x');
    post(planted, "/account/login", credentials("ada@example.net"));
    EXPECT_NE(planted.session, std::string(43, 'x'));
    EXPECT_EQ(single("select count(*)::text from customers.session where length(token_hash) = 32"), "2");
}

TEST_F(AccountsTest, LogoutAndLogoutEverywhere) {
    auto phone = member("ada@example.net");
    Browser laptop, stranger;
    laptop.agent = "Laptop \xff\x01 browser" + std::string(500, 'x');
    post(laptop, "/account/login", credentials("ada@example.net"));
    auto other = member("eve@example.net");

    const auto list = get(laptop, "/account/sessions");
    ASSERT_EQ(list.body.find("items")->items().size(), 2U);
    int current = 0;
    for (const auto& item : list.body.find("items")->items()) current += item.bool_or("current") ? 1 : 0;
    EXPECT_EQ(current, 1);

    const auto phone_session = phone.session;
    EXPECT_EQ(post(phone, "/account/logout").status, 204);
    EXPECT_EQ(phone.session, "");
    phone.session = phone_session;
    EXPECT_EQ(get(phone, "/account").status, 401);
    EXPECT_EQ(get(laptop, "/account").status, 200);
    EXPECT_EQ(post(stranger, "/account/logout").status, 204);  // harmless without a session

    post(phone, "/account/login", credentials("ada@example.net"));
    const auto kept_phone = phone, kept_laptop = laptop;
    EXPECT_EQ(post(laptop, "/account/logout-all").status, 204);
    for (Browser b : {kept_phone, kept_laptop}) EXPECT_EQ(get(b, "/account").status, 401);
    EXPECT_EQ(get(other, "/account").status, 200);
    EXPECT_EQ(post(stranger, "/account/logout-all").status, 401);
}

TEST_F(AccountsTest, OneSessionCanBeEndedButOnlyMine) {
    auto ada = member("ada@example.net");
    auto eve = member("eve@example.net");
    Browser second;
    post(second, "/account/login", credentials("ada@example.net"));
    std::string id;
    const auto list = get(ada, "/account/sessions");
    for (const auto& item : list.body.find("items")->items()) {
        if (!item.bool_or("current")) id = item.text_or("id");
    }
    const auto before = fingerprint();
    EXPECT_EQ(del(eve, "/account/sessions/" + id).status, 404);
    EXPECT_EQ(del(eve, "/account/sessions/nonsense").status, 404);
    Browser nobody;
    EXPECT_EQ(del(nobody, "/account/sessions/" + id).status, 401);
    EXPECT_EQ(fingerprint(), before);
    EXPECT_EQ(del(ada, "/account/sessions/" + id).status, 204);
    EXPECT_EQ(get(second, "/account").status, 401);
    EXPECT_EQ(get(ada, "/account").status, 200);
}

TEST_F(AccountsTest, SessionsSlideForThirtyDaysWithOneStatementEach) {
    auto ada = member("ada@example.net");
    for (int i = 0; i < 4; ++i) {
        clock_.advance(29 * 24h);
        const auto before = db::Database::statements_on_this_thread();
        const auto answer = get(ada, "/session");
        EXPECT_EQ(db::Database::statements_on_this_thread() - before, 1U);
        EXPECT_NE(answer.body.find("customer"), nullptr);
        EXPECT_NE(answer.header("set-cookie"), "");  // the cookie slides too
    }
    const auto seen = single("select last_seen_at::text from customers.session");
    clock_.advance(4min);
    EXPECT_EQ(get(ada, "/session").header("set-cookie"), "");
    EXPECT_EQ(single("select last_seen_at::text from customers.session"), seen);
    clock_.advance(2min);
    get(ada, "/session");
    EXPECT_NE(single("select last_seen_at::text from customers.session"), seen);
    clock_.advance(30 * 24h);
    EXPECT_EQ(get(ada, "/account").status, 401);
    Browser guest;
    const auto before = db::Database::statements_on_this_thread();
    EXPECT_EQ(get(guest, "/session").body.int_or("cart_item_count"), 2);
    guest.session = "far too short";
    get(guest, "/session");
    EXPECT_EQ(db::Database::statements_on_this_thread(), before);
}

TEST_F(AccountsTest, ForgottenPasswordByMail) {
    auto ada = member("ada@example.net");
    Browser elsewhere;
    EXPECT_EQ(post(elsewhere, "/account/password/forgot", R"({"email":"ada@example.net"})").status, 202);
    worker_->drain();
    EXPECT_EQ(mailer_.mails.back().template_name, "password_reset");
    const auto token = last_token();
    const auto before = fingerprint();
    const auto weak = post(elsewhere, "/account/password/reset", reset_body(token, "short"));
    EXPECT_EQ(weak.status, 422);
    EXPECT_EQ(weak.code(), "account.weak_password");
    EXPECT_EQ(post(elsewhere, "/account/password/reset", reset_body(token, "it is ada and nothing else")).status,
              200 + 222);              // holds the mail name
    EXPECT_EQ(fingerprint(), before);  // and the link still works
    EXPECT_EQ(post(elsewhere, "/account/password/reset", reset_body(token, "a brand new passphrase")).status, 200);
    EXPECT_EQ(get(elsewhere, "/account").status, 200);
    EXPECT_EQ(get(ada, "/account").status, 401);  // other sessions ended
    EXPECT_EQ(mailer_.mails.back().template_name, "password_changed");
    Browser again;
    EXPECT_EQ(post(again, "/account/login", credentials("ada@example.net")).status, 401);
    EXPECT_EQ(post(again, "/account/login", credentials("ada@example.net", "a brand new passphrase")).status, 200);
    EXPECT_EQ(post(again, "/account/password/reset", reset_body(token, "and yet another one")).code(), "account.token_invalid");
}

TEST_F(AccountsTest, ResetLinksEndAndTheFirstUseEndsTheOthers) {
    member("ada@example.net");
    Browser b;
    post(b, "/account/password/forgot", R"({"email":"ada@example.net"})");
    worker_->drain();
    const auto first = last_token();
    post(b, "/account/password/forgot", R"({"email":"ada@example.net"})");
    worker_->drain();
    const auto second = last_token();
    EXPECT_EQ(post(b, "/account/password/reset", reset_body(second, "a brand new passphrase")).status, 200);
    EXPECT_EQ(post(b, "/account/password/reset", reset_body(first, "another new passphrase")).code(), "account.token_invalid");
    post(b, "/account/password/forgot", R"({"email":"ada@example.net"})");
    worker_->drain();
    clock_.advance(2h);
    EXPECT_EQ(post(b, "/account/password/reset", reset_body(last_token(), "another new passphrase")).code(), "account.token_invalid");
}

TEST_F(AccountsTest, ResettingProvesTheAddressOfAnUnverifiedAccount) {
    Browser b;
    post(b, "/account/register", registration("ada@example.net"));
    worker_->drain();
    const auto verify = last_token();
    post(b, "/account/password/forgot", R"({"email":"ada@example.net"})");
    worker_->drain();
    int verified = 0;
    customers_->on_verified([&](db::Tx&, const CustomerInfo& info, const http::Request&, http::Response&) {
        verified += info.email == "ada@example.net" ? 1 : 0;
    });
    EXPECT_EQ(post(b, "/account/password/reset", reset_body(last_token(), "a brand new passphrase")).status, 200);
    EXPECT_EQ(verified, 1);
    // The old link would bring back the old password.
    EXPECT_EQ(post(b, "/account/verify", token_body(verify)).code(), "account.token_invalid");
}

TEST_F(AccountsTest, ChangingThePasswordEndsOtherSessions) {
    auto ada = member("ada@example.net");
    Browser other;
    post(other, "/account/login", credentials("ada@example.net"));
    const auto body = [](std::string_view current, std::string_view fresh) {
        return fmt::format(R"({{"current":{},"new":{}}})", json::quote(current), json::quote(fresh));
    };
    const auto before = fingerprint();
    const auto wrong = put(ada, "/account/password", body("not my password", "a brand new passphrase"));
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(wrong.code(), "account.invalid_credentials");
    EXPECT_EQ(wrong.body.find("errors")->items().front().text_or("pointer"), "/current");
    EXPECT_EQ(put(ada, "/account/password", body(kPassword, "short")).code(), "account.weak_password");
    Browser nobody;
    EXPECT_EQ(put(nobody, "/account/password", body(kPassword, "a brand new passphrase")).status, 401);
    EXPECT_EQ(fingerprint(), before);
    EXPECT_EQ(put(ada, "/account/password", body(kPassword, "a brand new passphrase")).status, 204);
    EXPECT_EQ(get(ada, "/account").status, 200);
    EXPECT_EQ(get(other, "/account").status, 401);
    EXPECT_EQ(mailer_.mails.back().template_name, "password_changed");
}

TEST_F(AccountsTest, HooksRunInTheLoginsTransaction) {
    member("ada@example.net");
    bool fail_now = true;
    customers_->on_login([&](db::Tx& tx, const CustomerInfo& info, const http::Request&, http::Response& response) {
        tx.run_text("insert into customers.customer_group (code, name) values ('seen', 'Seen')");
        response.header("x-hook", info.email);
        if (fail_now) throw std::runtime_error("the cart could not be merged");
    });
    Browser b;
    EXPECT_EQ(post(b, "/account/login", credentials("ada@example.net")).status, 500);
    EXPECT_EQ(b.session, "");
    EXPECT_EQ(single("select count(*)::text from customers.customer_group"), "0");
    EXPECT_EQ(single("select count(*)::text from customers.session"), "1");
    fail_now = false;
    EXPECT_EQ(post(b, "/account/login", credentials("ada@example.net")).header("x-hook"), "ada@example.net");
    EXPECT_EQ(single("select count(*)::text from customers.customer_group"), "1");
}

TEST_F(AccountsTest, ReplayedIntakeJobsDoNothing) {
    Browser b;
    post(b, "/account/register", registration("ada@example.net"));
    const auto payload = single("select payload::text from jobs.job where kind = 'customers.intake'");
    worker_->drain();
    const auto handlers = customers_job_handlers(*customers_);
    database().in_tx([&](db::Tx& tx) { handlers.front().in_tx(tx, jobs::Job{1, "customers.intake", payload, 2}); });
    EXPECT_EQ(mailer_.mails.size(), 1U);
    EXPECT_EQ(payload.find("ada"), std::string::npos);  // job rows outlive the work: no personal data in them
}

TEST_F(AccountsTest, CleanUpForgetsWhatIsOver) {
    auto ada = member("ada@example.net");
    Browser never;
    post(never, "/account/register", registration("never@example.net"));
    worker_->drain();
    const auto handlers = customers_job_handlers(*customers_);
    const auto clean_up = [&] { database().in_tx([&](db::Tx& tx) { handlers[1].in_tx(tx, jobs::Job{}); }); };
    clock_.advance(29 * 24h);
    clean_up();
    EXPECT_EQ(single("select count(*)::text from customers.customer"), "2");
    clock_.advance(3 * 24h);
    clean_up();
    EXPECT_EQ(single("select string_agg(email, ',') from customers.customer"), "ada@example.net");
    EXPECT_EQ(single("select count(*)::text from customers.session"), "0");
}

class WithLimits : public AccountsTest {
protected:
    WithLimits() : AccountsTest(testing::test_redis_url(), "http://localhost:8000", 1) {}
};
TEST_F(WithLimits, RateLimitsPerAddressAndPerPerson) {
    // Redis outlives the tests: an address nobody used before.
    const auto ada = fmt::format("ada-{}@example.net", crypto::hex(crypto::random_bytes(6)));
    member(ada);
    Browser b;
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        const auto answer = post(b, "/account/login", credentials(ada, "not the password"));
        if (answer.status != 429) continue;
        ++refused;
        EXPECT_EQ(answer.code(), "account.rate_limited");
        EXPECT_NE(answer.header("retry-after"), "");
    }
    EXPECT_EQ(refused, 2);
    // The person elsewhere is not locked out by it.
    Browser elsewhere;
    EXPECT_EQ(post(elsewhere, "/account/login", credentials(ada)).status, 200);
    // Whoever asks for mails too often is refused, whether the address is known or not, and nobody else is.
    for (const std::string& email : {ada, "x" + ada}) {
        Browser stranger, owner;
        const auto asked = fmt::format(R"({{"email":"{}"}})", email);
        int limited = 0;
        for (int i = 0; i < 8; ++i) {
            if (post(stranger, "/account/password/forgot", asked).status == 429) ++limited;
        }
        EXPECT_EQ(limited, 3) << email;
        worker_->drain();
        const auto mails = mailer_.mails.size();
        EXPECT_EQ(post(owner, "/account/password/forgot", asked).status, 202);
        worker_->drain();
        EXPECT_EQ(mailer_.mails.size(), mails + (email == ada ? 1 : 0));
    }
    // Asked from many places, the mailbox is spared in silence; another kind of mail is still sent.
    const auto mails = mailer_.mails.size();
    const auto eve = "e" + ada;
    for (int i = 0; i < 30; ++i) {
        Browser fresh;
        EXPECT_EQ(post(fresh, "/account/password/forgot", fmt::format(R"({{"email":"{}"}})", ada)).status, 202);
        Browser other;
        EXPECT_EQ(post(other, "/account/password/forgot", fmt::format(R"({{"email":"{}"}})", eve)).status, 202);
    }
    worker_->drain();
    EXPECT_EQ(mailer_.mails.size(), mails + 20 - 6);
    Browser owner;
    EXPECT_EQ(post(owner, "/account/register", registration(eve)).status, 202);
    worker_->drain();
    EXPECT_EQ(mailer_.mails.back().to, eve);
}

class WithoutRedis : public AccountsTest {
protected:
    WithoutRedis() : AccountsTest("redis://127.0.0.1:1/0", "http://localhost:8000", 1) {}
};
TEST_F(WithoutRedis, EverythingWorksAndLimitsStillHold) {
    auto ada = member("ada@example.net");
    EXPECT_EQ(get(ada, "/account").status, 200);
    Browser b;
    int refused = 0;
    for (int i = 0; i < 12; ++i) {
        if (post(b, "/account/login", credentials("ada@example.net", "not the password")).status == 429) ++refused;
    }
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(post(ada, "/account/logout-all").status, 204);
}

class OverHttps : public AccountsTest {
protected:
    OverHttps() : AccountsTest(testing::test_redis_url(), "https://shop.example/") {}
};
TEST_F(OverHttps, CookiesAreSecureAndBoundToTheHost) {
    Browser b;
    post(b, "/account/register", registration("ada@example.net"));
    worker_->drain();
    EXPECT_TRUE(json::parse(mailer_.mails.back().secrets_json)->text_or("link").starts_with("https://shop.example/de/account/verify?"));
    const auto cookie = post(b, "/account/verify", token_body(last_token())).header("set-cookie");
    EXPECT_TRUE(cookie.starts_with("__Host-stoa_session=")) << cookie;
    EXPECT_NE(cookie.find("Secure"), std::string::npos);
}

TEST_F(AccountsTest, SeedsAndImportsAreRepeatable) {
    const auto id = database().in_tx([&](db::Tx& tx) {
        return customers_->create(
            tx,
            {std::nullopt, "demo@example.net", crypto::hash_password(kPassword), "Demo", "Person", std::nullopt, "en", "", {"vip", "b2b"}});
    });
    database().in_tx([&](db::Tx& tx) {
        EXPECT_EQ(customers_->create(tx, {std::nullopt, "DEMO@example.net", "", "Other", "Name", std::nullopt, "en", "", {"vip"}}), id);
        const auto old = customers_->create(tx, {std::nullopt, "", "", "", "", std::nullopt, "en", "retail-17850", {}});
        EXPECT_EQ(customers_->create(tx, {std::nullopt, "", "", "", "", std::nullopt, "en", "retail-17850", {}}), old);
    });
    Browser b;
    EXPECT_EQ(post(b, "/account/login", credentials("demo@example.net")).status, 200);
    const auto info = database().read([&](db::Session& session) { return customers_->find_by_email(session, "Demo@Example.net"); });
    ASSERT_TRUE(info);
    EXPECT_EQ(info->groups, std::vector<std::string>{"vip"});
    EXPECT_EQ(info->first_name, "Demo");
    EXPECT_FALSE(info->company);
    // The company that somebody buys for is known wherever the customer is, the session included.
    const auto company = Uuid::v7();
    database().in_tx([&](db::Tx& tx) { customers_->set_company(tx, id, company); });
    EXPECT_EQ(database().read([&](db::Session& session) { return customers_->find(session, id); })->company, company);
    auto request = testing::request(http::Method::get, "/");
    request.headers.emplace_back("cookie", "stoa_session=" + b.session);
    request.deadline = {};  // or the first answer would serve both
    EXPECT_EQ(customers_->require(request).company, company);
    database().in_tx([&](db::Tx& tx) { customers_->set_company(tx, id, std::nullopt); });
    EXPECT_FALSE(customers_->require(request).company);
    EXPECT_EQ(single("select count(*)::text from customers.customer"), "2");
}

}  // namespace
}  // namespace stoa::customers
