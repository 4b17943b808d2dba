#include <fmt/format.h>

#include "domain/totp.hpp"
#include "fixture.hpp"

namespace stoa::backoffice {
namespace {

class StaffTest : public BackofficeTest {
protected:
    // Turns the second factor on; its secret.
    std::string enrol(Browser& browser) {
        const auto begun = browser.post("/api/v1/admin/me/totp", fmt::format(R"({{"password":"{}"}})", kPassword));
        EXPECT_EQ(begun.status, 200) << begun.text;
        const auto secret = unbase32(begun.body.text_or("secret"));
        EXPECT_EQ(begun.body.text_or("otpauth_uri").find("otpauth://totp/Stoa%20Home:"), 0U);
        const auto done = browser.post("/api/v1/admin/me/totp/confirm", fmt::format(R"({{"code":"{}"}})", code(secret)));
        EXPECT_EQ(done.status, 200) << done.text;
        if (const auto* codes = done.body.find("recovery_codes")) {
            for (const auto& one : codes->items()) recovery_codes.push_back(one.text());
        }
        EXPECT_EQ(recovery_codes.size(), 10U);
        return secret;
    }
    std::string code(const std::string& secret) { return totp_code(secret, totp_step(clock.now())); }
    static std::string unbase32(const std::string& text) {
        constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        std::string out;
        unsigned buffer = 0;
        int bits = 0;
        for (const char c : text) {
            buffer = buffer << 5 | static_cast<unsigned>(kAlphabet.find(c));
            bits += 5;
            if (bits >= 8) out += static_cast<char>(buffer >> (bits -= 8) & 0xFF);
        }
        return out;
    }
    std::vector<std::string> recovery_codes;
};

TEST_F(StaffTest, SigningInGivesASessionWithTheRightsOfAllRoles) {
    make_role("reader", "products.read");
    make("clerk@stoa.example", {"clerk", "reader"});
    Browser browser(routes());
    EXPECT_EQ(browser.get("/api/v1/admin/session").code(), "staff.login_required");
    const auto wrong = browser.post("/api/v1/admin/session", R"({"email":"clerk@stoa.example","password":"wrong"})");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.code(), "staff.invalid_credentials");
    const auto unknown = browser.post("/api/v1/admin/session", R"({"email":"nobody@stoa.example","password":"wrong"})");
    EXPECT_EQ(unknown.code(), "staff.invalid_credentials");
    EXPECT_TRUE(browser.cookies.empty());

    const auto right = browser.post("/api/v1/admin/session", fmt::format(R"({{"email":"CLERK@stoa.example","password":"{}"}})", kPassword));
    ASSERT_EQ(right.status, 200) << right.text;
    EXPECT_EQ(right.body.text_or("status"), "signed_in");
    EXPECT_TRUE(browser.cookies.contains("stoa_staff"));
    const auto session = browser.get("/api/v1/admin/session");
    EXPECT_EQ(session.text, right.text);
    EXPECT_EQ(session.body.find("staff")->find("limits")->find("orders.refund")->items().front().int_or("amount"), 20000);

    auto request = testing::request(http::Method::get, "/");
    request.headers.emplace_back("cookie", "stoa_staff=" + browser.cookies["stoa_staff"]);
    const auto actor = service.require(request, "orders.refund");
    ASSERT_TRUE(actor);
    EXPECT_TRUE(actor->within_limit("orders.refund", Money(20000, Currency::of("EUR"))));
    EXPECT_FALSE(actor->within_limit("orders.refund", Money(20001, Currency::of("EUR"))));
    EXPECT_EQ(service.require(request, "staff.create").error().code, "staff.forbidden");
    EXPECT_EQ(count("select count(*) from backoffice.session where token_hash = sha256(convert_to('" + browser.cookies["stoa_staff"] +
                    "', 'UTF8'))"),
              1);

    EXPECT_EQ(browser.del("/api/v1/admin/session").status, 204);
    EXPECT_EQ(count("select count(*) from backoffice.session"), 0);
}

TEST_F(StaffTest, ACustomersCookieIsNothingHere) {
    make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    Browser other(routes());
    other.cookies["stoa_session"] = browser.cookies["stoa_staff"];
    EXPECT_EQ(other.get("/api/v1/admin/session").status, 401);
    EXPECT_EQ(other.get("/api/v1/admin/sessions").status, 401);
}

TEST_F(StaffTest, SessionsEndByIdlenessByAgeAndWhenTheAccountIsClosed) {
    const auto id = make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    for (int hours = 0; hours < 7 * 24; hours += 7) {
        EXPECT_EQ(browser.get("/api/v1/admin/session").status, 200) << hours;
        clock.advance(std::chrono::hours(7));
    }
    EXPECT_EQ(browser.get("/api/v1/admin/session").status, 401);
    auto second = signed_in("admin@stoa.example");
    clock.advance(std::chrono::hours(8) + std::chrono::seconds(1));
    EXPECT_EQ(second.get("/api/v1/admin/session").status, 401);
    auto third = signed_in("admin@stoa.example");
    EXPECT_EQ(third.get("/api/v1/admin/session").status, 200);
    database.in_tx(
        [&](db::Tx& tx) { tx.run_text("update backoffice.staff set active = false where id = '" + id.uuid().to_string() + "'"); });
    EXPECT_EQ(third.get("/api/v1/admin/session").status, 401);
}

TEST_F(StaffTest, TheListOfSessionsAndForcedSignOut) {
    make("admin@stoa.example", {"administrator"});
    make("clerk@stoa.example", {"clerk"});
    auto admin = signed_in("admin@stoa.example");
    auto clerk = signed_in("clerk@stoa.example");
    EXPECT_EQ(admin.get("/api/v1/admin/sessions").body.find("sessions")->items().size(), 2U);
    const auto own = clerk.get("/api/v1/admin/sessions");
    ASSERT_EQ(own.body.find("sessions")->items().size(), 1U);
    EXPECT_TRUE(own.body.find("sessions")->items().front().bool_or("current"));
    std::string admins, clerks = own.body.find("sessions")->items().front().text_or("id");
    const auto all = admin.get("/api/v1/admin/sessions");
    for (const auto& session : all.body.find("sessions")->items()) {
        if (session.text_or("email") == "admin@stoa.example") admins = session.text_or("id");
    }
    EXPECT_EQ(clerk.del("/api/v1/admin/sessions/" + admins).status, 404);
    EXPECT_EQ(admin.get("/api/v1/admin/session").status, 200);
    EXPECT_EQ(admin.del("/api/v1/admin/sessions/" + clerks).status, 204);
    EXPECT_EQ(clerk.get("/api/v1/admin/session").status, 401);
    EXPECT_EQ(count("select count(*) from backoffice.audit where action = 'end_session' and staff_name = 'Name of admin'"), 1);
}

TEST_F(StaffTest, AFirstPasswordMustBeChangedBeforeAnythingElse) {
    make("new@stoa.example", {"administrator"}, true);
    auto browser = signed_in("new@stoa.example");
    auto elsewhere = signed_in("new@stoa.example");
    auto request = testing::request(http::Method::get, "/");
    request.headers.emplace_back("cookie", "stoa_staff=" + browser.cookies["stoa_staff"]);
    EXPECT_EQ(service.require(request, "orders.read").error().code, "staff.password_change_due");
    // Whoever saw the first password must not leave a key of their own behind.
    const auto confirmed = fmt::format(R"({{"password":"{}"}})", kPassword);
    EXPECT_EQ(browser.post("/api/v1/admin/me/passkeys/options", confirmed).code(), "staff.password_change_due");
    EXPECT_EQ(browser.post("/api/v1/admin/me/totp", confirmed).code(), "staff.password_change_due");
    const auto put = [&](const std::string& current, const std::string& fresh) {
        return browser.send(http::Method::put, "/api/v1/admin/me/password",
                            fmt::format(R"({{"current":"{}","new":"{}"}})", current, fresh));
    };
    EXPECT_EQ(put(kPassword, "short").code(), "staff.weak_password");
    EXPECT_EQ(put(kPassword, "aaaaaaaaaaaaaaaaaa").code(), "staff.weak_password");
    EXPECT_EQ(put("not the password", "another long one 55").code(), "staff.invalid_credentials");
    const auto kept = put(kPassword, kPassword);
    EXPECT_EQ(kept.status, 422) << "whoever gave it knows it";
    EXPECT_EQ(kept.body.find("errors")->items().front().text_or("code"), "same_password");
    EXPECT_EQ(service.require(request, "orders.read").error().code, "staff.password_change_due");
    EXPECT_EQ(put(kPassword, "another long one 55").status, 204);
    EXPECT_TRUE(service.require(request, "orders.read"));
    EXPECT_EQ(elsewhere.get("/api/v1/admin/session").status, 401);
}

TEST_F(StaffTest, TheSecondFactorIsAskedForAndACodeOpensOnce) {
    make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    EXPECT_EQ(browser.post("/api/v1/admin/me/totp", R"({"password":"wrong"})").code(), "staff.invalid_credentials");
    EXPECT_EQ(browser.post("/api/v1/admin/me/totp/confirm", R"({"code":"000000"})").code(), "staff.totp_off");
    const auto secret = enrol(browser);
    EXPECT_EQ(count("select count(*) from backoffice.staff where totp_secret like '%" + base32(secret) + "%'"), 0);
    EXPECT_EQ(browser.post("/api/v1/admin/me/totp", fmt::format(R"({{"password":"{}"}})", kPassword)).code(), "staff.totp_on");

    clock.advance(std::chrono::seconds(30));
    Browser next(routes());
    const auto half = next.post("/api/v1/admin/session", fmt::format(R"({{"email":"admin@stoa.example","password":"{}"}})", kPassword));
    EXPECT_EQ(half.text, R"({"status":"second_factor","methods":["totp"]})");
    // Half a session opens nothing.
    EXPECT_EQ(next.get("/api/v1/admin/sessions").code(), "staff.login_required");
    auto request = testing::request(http::Method::get, "/");
    request.headers.emplace_back("cookie", "stoa_staff=" + next.cookies["stoa_staff"]);
    EXPECT_EQ(service.require(request, "").error().code, "staff.login_required");
    const auto half_token = next.cookies["stoa_staff"];

    EXPECT_EQ(next.post("/api/v1/admin/session/totp", R"({"code":"123"})").code(), "staff.invalid_code");
    const auto given = code(secret);
    const auto full = next.post("/api/v1/admin/session/totp", fmt::format(R"({{"code":"{}"}})", given));
    EXPECT_EQ(full.body.text_or("status"), "signed_in") << full.text;
    EXPECT_NE(next.cookies["stoa_staff"], half_token);
    EXPECT_EQ(next.get("/api/v1/admin/sessions").status, 200);

    // The same code, seen over somebody's shoulder.
    Browser thief(routes());
    thief.post("/api/v1/admin/session", fmt::format(R"({{"email":"admin@stoa.example","password":"{}"}})", kPassword));
    EXPECT_EQ(thief.post("/api/v1/admin/session/totp", fmt::format(R"({{"code":"{}"}})", given)).code(), "staff.invalid_code");
    // A recovery code opens once, in either case of letters.
    std::string low = recovery_codes.front();
    for (char& c : low) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(thief.post("/api/v1/admin/session/totp", fmt::format(R"({{"code":"{}"}})", low)).status, 200);
    Browser again(routes());
    again.post("/api/v1/admin/session", fmt::format(R"({{"email":"admin@stoa.example","password":"{}"}})", kPassword));
    EXPECT_EQ(again.post("/api/v1/admin/session/totp", fmt::format(R"({{"code":"{}"}})", recovery_codes.front())).code(),
              "staff.invalid_code");
    EXPECT_EQ(next.get("/api/v1/admin/me/totp").text, R"({"enabled":true,"recovery_codes_left":9})");
    // Half a session is over after ten minutes.
    clock.advance(std::chrono::minutes(11));
    EXPECT_EQ(again.post("/api/v1/admin/session/totp", fmt::format(R"({{"code":"{}"}})", code(secret))).code(), "staff.login_required");

    EXPECT_EQ(next.del("/api/v1/admin/me/totp", R"({"password":"wrong"})").code(), "staff.invalid_credentials");
    EXPECT_EQ(next.del("/api/v1/admin/me/totp", fmt::format(R"({{"password":"{}"}})", kPassword)).status, 204);
    EXPECT_EQ(signed_in("admin@stoa.example").get("/api/v1/admin/sessions").status, 200);
}

TEST_F(StaffTest, GuessingIsLimited) {
    Service strict{database, redis, clock, {"http://localhost:8080", "a secret of thirty-two characters", "Stoa Home", 1}};
    http::Routes own;
    add_staff_routes(own, strict);
    own.freeze();
    make("admin@stoa.example", {"administrator"});
    Browser browser(own);
    browser.ip = "198.51.100.7";
    int tried = 0;
    Reply reply;
    do {
        reply = browser.post("/api/v1/admin/session", R"({"email":"admin@stoa.example","password":"a wrong password"})");
    } while (reply.status == 401 && ++tried < 50);
    EXPECT_EQ(reply.code(), "staff.rate_limited");
    EXPECT_EQ(tried, 10);
}

TEST_F(StaffTest, ACookieOverHttpsIsBoundToTheHost) {
    Service secure{database, redis, clock, {"https://shop.example", "a secret of thirty-two characters", "Stoa Home", 1000}};
    http::Routes own;
    add_staff_routes(own, secure);
    own.freeze();
    make("admin@stoa.example", {"administrator"});
    Browser browser(own);
    EXPECT_EQ(browser.post("/api/v1/admin/session", fmt::format(R"({{"email":"admin@stoa.example","password":"{}"}})", kPassword)).status,
              200);
    ASSERT_TRUE(browser.cookies.contains("__Host-stoa_staff"));
    EXPECT_EQ(browser.get("/api/v1/admin/session").status, 200);
}

TEST_F(StaffTest, ATakenAddressIsNotTakenAgainAndUnknownRolesAreRefused) {
    make("admin@stoa.example", {"administrator"});
    database.in_tx([&](db::Tx& tx) {
        EXPECT_FALSE(service.add(tx, {"Admin@Stoa.example", "Twin", "x", false, {"administrator"}}));
        EXPECT_THROW((void)service.add(tx, {"other@stoa.example", "Other", "x", false, {"emperor"}}), std::invalid_argument);
        EXPECT_THROW((void)service.add(tx, {"no address", "Other", "x", false, {}}), std::invalid_argument);
    });
}

// ---- the log --------------------------------------------------------------------------------------------------------------
class AuditTest : public BackofficeTest {
protected:
    void write(int rows) {
        http::StaffActor actor;
        actor.id = StaffId::make();
        actor.name = "Alex";
        actor.ip = "192.0.2.1";
        database.in_tx([&](db::Tx& tx) {
            for (int i = 0; i < rows; ++i) {
                service.record(
                    tx, actor,
                    {"update", "products", fmt::format("prod_{}", i), R"({"name":"Chair"})", fmt::format(R"({{"name":"Chair {}"}})", i)});
                clock.advance(std::chrono::microseconds(1234567));
            }
        });
    }
    AuditCheck check() { return check_audit(database); }
    void change(const std::string& sql) {
        database.in_tx([&](db::Tx& tx) {
            tx.run_text("alter table backoffice.audit disable trigger audit_append_only; " + sql +
                        "; alter table backoffice.audit enable trigger audit_append_only");
        });
    }
};

TEST_F(AuditTest, ALogThatIsWrittenToMeanwhileIsWhole) {
    write(3);
    bool written = false;
    db::set_fault_hook([&](std::string_view query) {
        if (query != "backoffice.audit_head" || std::exchange(written, true)) return;
        std::thread([&] { write(2); }).join();
    });
    const auto seen = check();
    db::set_fault_hook(nullptr);
    EXPECT_TRUE(written);
    EXPECT_EQ(seen.reason, "");
    EXPECT_EQ(seen.rows, 3);
    EXPECT_EQ(check().rows, 5);
}

TEST_F(AuditTest, AWholeLogIsWholeAndAChangedRowIsFound) {
    EXPECT_EQ(check().reason, "");
    write(2105);  // more than one page of the check
    EXPECT_EQ(check().reason, "");
    EXPECT_EQ(check().rows, 2105);
    const char* changes[] = {"update backoffice.audit set after = '{\"name\":\"Table\"}' where number = 7",
                             "update backoffice.audit set staff_name = 'Somebody else' where number = 7",
                             "update backoffice.audit set at = at + interval '1 microsecond' where number = 7",
                             "update backoffice.audit set before = null where number = 7",
                             "update backoffice.audit set hash = sha256('x') where number = 7"};
    for (const auto* sql : changes) {
        change("create table if not exists public.audit_copy as table backoffice.audit");
        change(sql);
        EXPECT_EQ(check().first_bad, 7) << sql;
        change("delete from backoffice.audit; insert into backoffice.audit select * from public.audit_copy; drop table public.audit_copy");
        EXPECT_EQ(check().reason, "");
    }
    change("delete from backoffice.audit where number = 9");
    EXPECT_EQ(check().reason, "row 9 is missing");
}

TEST_F(AuditTest, RowsThatAreGoneFromTheEndAreMissed) {
    write(5);
    change("delete from backoffice.audit where number > 3");
    EXPECT_EQ(check().reason, "the log ends at row 3, but 5 were written");
}

TEST_F(AuditTest, TheTableIsAppendOnly) {
    write(1);
    for (const auto* sql : {"update backoffice.audit set action = 'x'", "delete from backoffice.audit"})
        EXPECT_THROW(database.in_tx([&](db::Tx& tx) { tx.run_text(sql); }), db::DbError) << sql;
    EXPECT_EQ(check().rows, 1);
}

TEST_F(AuditTest, AnEntryOfARolledBackChangeDoesNotExistAndLeavesNoGap) {
    write(1);
    EXPECT_THROW(database.in_tx([&](db::Tx& tx) {
        service.record(tx, {}, {"update", "products", "x", {}, {}});
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    write(1);
    EXPECT_EQ(check().rows, 2);
    EXPECT_EQ(check().reason, "");
}

TEST_F(AuditTest, WritersOfOneMomentMakeOneChain) {
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&] {
            http::StaffActor actor;
            actor.name = "Alex";
            for (int k = 0; k < 20; ++k)
                database.in_tx([&](db::Tx& tx) { service.record(tx, actor, {"update", "products", "x", {}, {}}); });
        });
    }
    for (auto& writer : writers) writer.join();
    EXPECT_EQ(check().rows, 80);
    EXPECT_EQ(check().reason, "");
}

}  // namespace
}  // namespace stoa::backoffice
