#include <fmt/format.h>

#include "fixture.hpp"
#include "stoa/testing/authenticator.hpp"

namespace stoa::backoffice {
namespace {

using testing::Authenticator;

class PasskeyTest : public BackofficeTest {
protected:
    static std::string confirmed() { return fmt::format(R"({{"password":"{}"}})", kPassword); }
    // What the shop asks a new passkey of this browser's account to be.
    json::Value begin(Browser& browser) {
        const auto begun = browser.post("/api/v1/admin/me/passkeys/options", confirmed());
        EXPECT_EQ(begun.status, 200) << begun.text;
        user_handle = begun.body.text_or("user_id");
        return begun.body;
    }
    static Reply keep(Browser& browser, const Authenticator::Made& made, const std::string& name = "Phone") {
        return browser.post("/api/v1/admin/me/passkeys", fmt::format(R"({{"name":"{}","client_data_json":"{}","attestation_object":"{}"}})",
                                                                     name, made.client_data_json, made.attestation_object));
    }
    std::string add(Browser& browser, Authenticator& added, const std::string& name = "Phone") {
        const auto kept = keep(browser, added.create(begin(browser).text_or("challenge")), name);
        EXPECT_EQ(kept.status, 201) << kept.text;
        return kept.body.text_or("id");
    }
    static std::string challenge(Browser& browser) {
        const auto asked = browser.post("/api/v1/admin/session/passkey/options");
        EXPECT_EQ(asked.status, 200) << asked.text;
        EXPECT_EQ(asked.body.text_or("rp_id"), "localhost");
        return asked.body.text_or("challenge");
    }
    Reply send(Browser& browser, const Authenticator::Signed& given) const {
        return browser.post(
            "/api/v1/admin/session/passkey",
            fmt::format(R"({{"credential_id":"{}","client_data_json":"{}","authenticator_data":"{}","signature":"{}","user_handle":"{}"}})",
                        given.credential_id, given.client_data_json, given.authenticator_data, given.signature, user_handle));
    }
    Reply sign_in(Browser& browser, Authenticator& used) const { return send(browser, used.get(challenge(browser))); }
    void expect_refused(const Reply& reply, const char* why) const {
        EXPECT_EQ(reply.status, 401) << why;
        EXPECT_EQ(reply.code(), "staff.passkey_refused") << why;
    }

    Authenticator device{"localhost", "http://localhost:8080"};
    std::string user_handle;
};

TEST_F(PasskeyTest, OpensTheBackOfficeWithoutPasswordAndCode) {
    const auto id = make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    const auto options = begin(browser);
    EXPECT_EQ(options.text_or("rp_id"), "localhost");
    EXPECT_EQ(options.text_or("rp_name"), "Stoa Home");
    EXPECT_EQ(options.text_or("user_name"), "admin@stoa.example");
    const auto key = add(browser, device);
    Authenticator second{"localhost", "http://localhost:8080"};
    add(browser, second, "Laptop");
    database.in_tx([&](db::Tx& tx) {  // a second factor that is asked for after a password
        tx.run_text("update backoffice.staff set totp_secret = 'x' where id = '" + id.uuid().to_string() + "'");
    });

    Browser other(routes());
    const auto opened = sign_in(other, device);
    ASSERT_EQ(opened.status, 200) << opened.text;
    EXPECT_EQ(opened.body.text_or("status"), "signed_in");
    EXPECT_EQ(opened.body.find("staff")->text_or("email"), "admin@stoa.example");
    const auto list = other.get("/api/v1/admin/me/passkeys");
    ASSERT_EQ(list.body.find("passkeys")->items().size(), 2U);
    EXPECT_EQ(list.body.find("passkeys")->items()[0].text_or("name"), "Phone");
    EXPECT_NE(list.body.find("passkeys")->items()[0].text_or("last_used_at"), "");
    EXPECT_EQ(list.body.find("passkeys")->items()[1].text_or("last_used_at"), "");
    EXPECT_EQ(begin(browser).find("exclude_credentials")->items().size(), 2U);
    EXPECT_EQ(count("select count(*) from backoffice.audit where action = 'add_passkey' and after::jsonb ->> 'passkey' = 'Phone'"), 1);

    EXPECT_EQ(other.del("/api/v1/admin/me/passkeys/" + key, R"({"password":"wrong"})").code(), "staff.invalid_credentials");
    EXPECT_EQ(other.del("/api/v1/admin/me/passkeys/" + key, confirmed()).status, 204);
    EXPECT_EQ(other.del("/api/v1/admin/me/passkeys/" + key, confirmed()).status, 404);
    expect_refused(sign_in(other, device), "removed");
    EXPECT_EQ(sign_in(other, second).status, 200);
}

TEST_F(PasskeyTest, AHalfSessionIsFinishedByAPasskey) {
    const auto id = make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    add(browser, device);
    database.in_tx(
        [&](db::Tx& tx) { tx.run_text("update backoffice.staff set totp_secret = 'x' where id = '" + id.uuid().to_string() + "'"); });
    auto half = signed_in("admin@stoa.example");
    EXPECT_EQ(half.get("/api/v1/admin/session").text, R"({"status":"second_factor","methods":["totp","passkey"]})");
    // Half a session makes no passkeys.
    EXPECT_EQ(half.post("/api/v1/admin/me/passkeys/options", confirmed()).code(), "staff.login_required");
    EXPECT_EQ(sign_in(half, device).status, 200);
    EXPECT_EQ(half.get("/api/v1/admin/me/passkeys").status, 200);
}

TEST_F(PasskeyTest, AChallengeIsUsedOnceSoonAndForWhatItWasGiven) {
    make("admin@stoa.example", {"administrator"});
    make("clerk@stoa.example", {"clerk"});
    auto browser = signed_in("admin@stoa.example");
    auto clerk = signed_in("clerk@stoa.example");

    EXPECT_EQ(browser.post("/api/v1/admin/me/passkeys/options", R"({"password":"wrong"})").code(), "staff.invalid_credentials");
    const auto made = device.create(begin(browser).text_or("challenge"));
    EXPECT_EQ(keep(clerk, made).status, 422);  // the administrator's challenge
    EXPECT_EQ(keep(browser, made).status, 201);
    Authenticator second{"localhost", "http://localhost:8080"};
    const auto late = begin(browser).text_or("challenge");
    clock.advance(std::chrono::minutes(5));
    EXPECT_EQ(keep(browser, second.create(late)).status, 422);
    EXPECT_EQ(keep(browser, second.create(challenge(browser))).status, 422);  // one to sign in
    EXPECT_EQ(keep(browser, second.create("AAAA")).status, 422);
    EXPECT_EQ(count("select count(*) from backoffice.passkey"), 1);

    Browser other(routes());
    user_handle = begin(browser).text_or("user_id");
    const auto once = device.get(challenge(other));
    EXPECT_EQ(send(other, once).status, 200);
    expect_refused(send(other, once), "again");
    const auto old = device.get(challenge(other));
    clock.advance(std::chrono::minutes(5));
    expect_refused(send(other, old), "late");
    expect_refused(send(other, device.get(begin(browser).text_or("challenge"))), "one to register");
    expect_refused(send(other, device.get("AAAA")), "never given");
    // What nobody used is gone with the next one.
    clock.advance(std::chrono::minutes(6));
    (void)challenge(other);
    EXPECT_EQ(count("select count(*) from backoffice.passkey_challenge"), 1);
}

TEST_F(PasskeyTest, WhatIsNotSignedHereByThisPersonIsRefused) {
    make("admin@stoa.example", {"administrator"});
    make("clerk@stoa.example", {"clerk"});
    auto browser = signed_in("admin@stoa.example");
    add(browser, device);
    const auto handle = user_handle;
    auto clerk = signed_in("clerk@stoa.example");
    Authenticator clerks{"localhost", "http://localhost:8080"};
    add(clerk, clerks);

    Browser other(routes());
    expect_refused(sign_in(other, device), "another's handle");
    user_handle = handle;
    Authenticator stranger{"localhost", "http://localhost:8080"};
    expect_refused(sign_in(other, stranger), "unknown");
    const auto with = [&](auto change, const char* why) {
        const auto before = device.flags;
        change(device);
        expect_refused(sign_in(other, device), why);
        device.flags = before;
        device.origin = "http://localhost:8080";
        device.party_id = "localhost";
        device.type_of_get = "webauthn.get";
        device.more_client_data = device.more_data = "";
    };
    with([](Authenticator& d) { d.origin = "http://evil.example"; }, "origin");
    with([](Authenticator& d) { d.party_id = "evil.example"; }, "party");
    with([](Authenticator& d) { d.type_of_get = "webauthn.create"; }, "type");
    with([](Authenticator& d) { d.flags = 0x01; }, "not verified");
    with([](Authenticator& d) { d.flags = 0x04; }, "not present");
    with([](Authenticator& d) { d.flags = 0x0D; }, "may be copied now");
    with([](Authenticator& d) { d.more_client_data = R"(,"crossOrigin":true)"; }, "in a frame");
    with([](Authenticator& d) { d.more_data = "x"; }, "more behind");
    // A signature of the one over the key of the other.
    auto mixed = device.get(challenge(other));
    mixed.signature = clerks.get("AAAA").signature;
    expect_refused(send(other, mixed), "another's signature");
    EXPECT_TRUE(other.cookies.empty());
    EXPECT_EQ(sign_in(other, device).status, 200);
}

TEST_F(PasskeyTest, ACountThatDoesNotGoUpComesFromACopy) {
    make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    add(browser, device);
    Browser other(routes());
    EXPECT_EQ(sign_in(other, device).status, 200);
    device.sign_count -= 1;
    expect_refused(sign_in(other, device), "the same count");
    device.sign_count = UINT32_MAX;  // and over to nothing
    expect_refused(sign_in(other, device), "a count of nothing");
    device.sign_count = 7;
    EXPECT_EQ(sign_in(other, device).status, 200);
    // One that never counts is taken as it is.
    Authenticator modern{"localhost", "http://localhost:8080"};
    modern.sign_count = 0;
    add(browser, modern);
    for (int i = 0; i < 2; ++i) {
        modern.sign_count = UINT32_MAX;
        EXPECT_EQ(sign_in(other, modern).status, 200);
    }
}

TEST_F(PasskeyTest, AClosedAccountIsNotOpenedAndAKeyBelongsToOne) {
    const auto id = make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    add(browser, device);
    EXPECT_EQ(keep(browser, device.create(begin(browser).text_or("challenge"))).code(), "staff.passkey_taken");
    database.in_tx(
        [&](db::Tx& tx) { tx.run_text("update backoffice.staff set active = false where id = '" + id.uuid().to_string() + "'"); });
    Browser other(routes());
    expect_refused(sign_in(other, device), "closed");
}

TEST_F(PasskeyTest, AnAccountHasTwentyAtMost) {
    const auto id = make("admin@stoa.example", {"administrator"});
    auto browser = signed_in("admin@stoa.example");
    database.in_tx([&](db::Tx& tx) {
        tx.run_text(
            "insert into backoffice.passkey (id, staff_id, credential_id, public_key, algorithm, sign_count, may_be_backed_up, "
            "backed_up, name, created_at) select gen_random_uuid(), '" +
            id.uuid().to_string() + "', int4send(n), 'x', -7, 0, false, false, 'Key', now() from generate_series(1, 20) as n");
    });
    EXPECT_EQ(keep(browser, device.create(begin(browser).text_or("challenge"))).code(), "staff.passkey_limit");
}

}  // namespace
}  // namespace stoa::backoffice
