// Acceptable requests for the operations of the back office.
#include <fmt/format.h>

#include "stage.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/testing/authenticator.hpp"

namespace stoa::testing {
namespace {

constexpr std::string_view kPassword = "correct horse battery";
const std::string kResources = "/api/v1/admin/resources/";

std::string unbase32(std::string_view text) {
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

// RFC 6238, as an authenticator app computes it.
std::string code_at(const std::string& secret, Timestamp now) {
    auto step = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() / 30;
    std::string counter(8, '\0');
    for (int i = 7; i >= 0; --i, step >>= 8) counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xFF);
    const auto mac = crypto::hmac_sha1(unbase32(secret), counter);
    const auto offset = static_cast<std::size_t>(mac[19] & 0xF);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(mac[offset + i]);
    return fmt::format("{:06}", (number & 0x7FFFFFFF) % 1'000'000);
}

std::string must_say(const Answer& answer, std::string_view member) {
    auto text = answer.body.text_or(member);
    if (text.empty()) throw std::runtime_error("stage: " + answer.text);
    return text;
}

std::string sign_in_body(const std::string& email) { return fmt::format(R"({{"email":"{}","password":"{}"}})", email, kPassword); }

}  // namespace

std::string Stage::fresh_code(const std::string& secret) {
    world.clock.advance(std::chrono::seconds(30));
    return code_at(secret, world.clock.now());
}

Shopper& Stage::staff(const std::string& email, std::string* totp) {
    static const std::string hash = crypto::hash_password(kPassword);
    world.shop->database.in_tx([&](db::Tx& tx) { (void)world.shop->staff->add(tx, {email, "Boss", hash, false, {"administrator"}}); });
    people_.push_back(std::make_unique<Shopper>(*world.shop));
    auto& person = *people_.back();
    const auto answer = person.post("/api/v1/admin/session", sign_in_body(email));
    if (answer.status != 200) throw std::runtime_error("stage: sign in: " + answer.text);
    if (totp) {
        *totp = must_say(person.post("/api/v1/admin/me/totp", fmt::format(R"({{"password":"{}"}})", kPassword)), "secret");
        const auto on = person.post("/api/v1/admin/me/totp/confirm", fmt::format(R"({{"code":"{}"}})", fresh_code(*totp)));
        if (on.status != 200) throw std::runtime_error("stage: second factor: " + on.text);
    }
    return person;
}

void Stage::add_staff_asks() {
    const auto get = [](Shopper* who, std::map<std::string, std::string> params = {}, std::string query = {}) {
        Ask ask;
        ask.who = who;
        ask.params = std::move(params);
        ask.query = std::move(query);
        return ask;
    };
    const auto with = [](Shopper* who, std::string body, int status = 200, std::map<std::string, std::string> params = {}) {
        Ask ask;
        ask.who = who;
        ask.body = std::move(body);
        ask.status = status;
        ask.params = std::move(params);
        return ask;
    };
    const auto password = fmt::format(R"({{"password":"{}"}})", kPassword);
    const auto first_row = [](Stage& s, const std::string& resource) {
        const auto list = s.boss->get(kResources + resource + "?limit=1");
        const auto* rows = list.body.find("rows");
        if (!rows || rows->items().empty()) throw std::runtime_error("stage: nothing in " + resource + ": " + list.text);
        return rows->items().front().text_or("id");
    };
    const auto new_synonym = [](Stage& s) {
        return must_say(
            s.boss->post(kResources + "synonyms", fmt::format(R"({{"locale":"en","words":["lamp","light{}"]}})", ++s.people_made_)), "id");
    };
    const auto version = [](Stage& s, const std::string& target) { return must_say(s.boss->get(kResources + target), "version"); };

    // Signing in
    asks_["staff_sign_in"] = [=](Stage& s) {
        s.people_.push_back(std::make_unique<Shopper>(*s.world.shop));
        return with(s.people_.back().get(), sign_in_body("boss@example.test"));
    };
    asks_["staff_second_factor"] = [=](Stage& s) {
        const auto email = s.fresh_email();
        std::string secret;
        auto& who = s.staff(email, &secret);
        if (who.post("/api/v1/admin/session", sign_in_body(email)).body.text_or("status") != "second_factor")
            throw std::runtime_error("stage: no second factor is asked for");
        return with(&who, fmt::format(R"({{"code":"{}"}})", s.fresh_code(secret)));
    };
    for (const auto* id : {"get_staff_session", "list_staff_sessions", "get_totp", "list_resources", "list_saved_views", "get_admin_home",
                           "list_failed_jobs"})
        asks_[id] = [=](Stage& s) { return get(s.boss); };
    asks_["staff_sign_out"] = [=](Stage& s) {
        auto ask = get(&s.staff(s.fresh_email()));
        ask.status = 204;
        return ask;
    };
    asks_["end_staff_session"] = [=](Stage& s) {
        const auto email = s.fresh_email();
        s.staff(email);
        std::string session;
        const auto list = s.boss->get("/api/v1/admin/sessions");
        for (const auto& one : list.body.find("sessions")->items()) {
            if (one.text_or("email") == email) session = one.text_or("id");
        }
        auto ask = get(s.boss, {{"id", session}});
        ask.status = 204;
        return ask;
    };
    asks_["change_staff_password"] = [=](Stage& s) {
        return with(&s.staff(s.fresh_email()), fmt::format(R"({{"current":"{}","new":"another long one 55"}})", kPassword), 204);
    };
    asks_["enrol_totp"] = [=](Stage& s) { return with(&s.staff(s.fresh_email()), password); };
    asks_["confirm_totp"] = [=](Stage& s) {
        auto& who = s.staff(s.fresh_email());
        const auto secret = must_say(who.post("/api/v1/admin/me/totp", password), "secret");
        return with(&who, fmt::format(R"({{"code":"{}"}})", s.fresh_code(secret)));
    };
    asks_["remove_totp"] = [=](Stage& s) {
        std::string secret;
        return with(&s.staff(s.fresh_email(), &secret), password, 204);
    };

    const auto device = [](Stage& s) {
        const auto& url = s.world.shop->config.public_url;
        return Authenticator(url.substr(url.find("://") + 3, url.find(':', 8) - url.find("://") - 3), url);
    };
    const auto made = [=](Shopper& who, Authenticator& authenticator, std::string& handle) {
        const auto asked = who.post("/api/v1/admin/me/passkeys/options", password);
        handle = must_say(asked, "user_id");
        const auto passkey = authenticator.create(must_say(asked, "challenge"));
        return fmt::format(R"({{"name":"Phone","client_data_json":"{}","attestation_object":"{}"}})", passkey.client_data_json,
                           passkey.attestation_object);
    };
    asks_["upload_picture"] = [=](Stage& s) {
        // One pixel.
        std::string png;
        (void)crypto::base64_decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                                    png);
        auto ask = with(s.boss, png, 201);
        ask.query = fmt::format("?name=pixel-{}.png", ++s.people_made_);
        ask.headers["content-type"] = "image/png";
        return ask;
    };
    asks_["list_passkeys"] = [=](Stage& s) { return get(s.boss); };
    asks_["begin_passkey"] = [=](Stage& s) { return with(&s.staff(s.fresh_email()), password); };
    asks_["add_passkey"] = [=](Stage& s) {
        auto& who = s.staff(s.fresh_email());
        auto authenticator = device(s);
        std::string handle;
        return with(&who, made(who, authenticator, handle), 201);
    };
    asks_["remove_passkey"] = [=](Stage& s) {
        auto& who = s.staff(s.fresh_email());
        auto authenticator = device(s);
        std::string handle;
        const auto added = who.post("/api/v1/admin/me/passkeys", made(who, authenticator, handle));
        return with(&who, password, 204, {{"id", must_say(added, "id")}});
    };
    asks_["ask_for_passkey"] = [=](Stage& s) { return with(&s.staff(s.fresh_email()), "{}"); };
    asks_["sign_in_with_passkey"] = [=](Stage& s) {
        auto& who = s.staff(s.fresh_email());
        auto authenticator = device(s);
        std::string handle;
        must_say(who.post("/api/v1/admin/me/passkeys", made(who, authenticator, handle)), "id");
        const auto given = authenticator.get(must_say(who.post("/api/v1/admin/session/passkey/options", "{}"), "challenge"));
        return with(
            &who,
            fmt::format(R"({{"credential_id":"{}","client_data_json":"{}","authenticator_data":"{}","signature":"{}","user_handle":"{}"}})",
                        given.credential_id, given.client_data_json, given.authenticator_data, given.signature, handle));
    };

    // Resources
    asks_["list_resource_rows"] = [=](Stage& s) { return get(s.boss, {{"resource", "products"}}, "?q=chair&sort=handle&limit=5"); };
    asks_["create_resource_row"] = [=](Stage& s) {
        auto ask =
            with(s.boss, fmt::format(R"({{"locale":"en","words":["sofa","couch{}"]}})", ++s.people_made_), 201, {{"resource", "synonyms"}});
        ask.key = "staff-key-" + std::to_string(s.people_made_);
        return ask;
    };
    asks_["get_resource_row"] = [=](Stage& s) { return get(s.boss, {{"resource", "products"}, {"id", s.chair.product.to_string()}}); };
    asks_["update_resource_row"] = [=](Stage& s) {
        auto ask = with(s.boss, fmt::format(R"({{"position":{}}})", ++s.people_made_), 200, {{"resource", "pages"}, {"id", "imprint"}});
        ask.headers["if-match"] = version(s, "pages/imprint");
        return ask;
    };
    asks_["delete_resource_row"] = [=](Stage& s) {
        const auto id = new_synonym(s);
        auto ask = get(s.boss, {{"resource", "synonyms"}, {"id", id}});
        ask.headers["if-match"] = version(s, "synonyms/" + id);
        ask.status = 204;
        return ask;
    };
    asks_["get_resource_history"] = [=](Stage& s) { return get(s.boss, {{"resource", "synonyms"}, {"id", new_synonym(s)}}); };
    asks_["run_resource_action"] = [=](Stage& s) {
        auto ask = with(s.boss, fmt::format(R"({{"ids":["{}"],"input":{{"by":1,"reason":"received"}}}})", first_row(s, "stock")), 200,
                        {{"resource", "stock"}, {"action", "adjust"}});
        ask.key = "staff-key-" + std::to_string(++s.people_made_);
        return ask;
    };
    asks_["preview_resource_action"] = [=](Stage& s) {
        return with(s.boss, fmt::format(R"({{"ids":["{}"],"input":{{"percent":"-10"}}}})", first_row(s, "prices")), 200,
                    {{"resource", "prices"}, {"action", "change_prices"}});
    };
    asks_["export_resource"] = [=](Stage& s) { return get(s.boss, {{"resource", "products"}}, "?format=csv"); };
    asks_["import_resource"] = [=](Stage& s) {
        auto ask = with(s.boss, fmt::format("locale,words\nen,desk|table{}\n", ++s.people_made_), 200, {{"resource", "synonyms"}});
        ask.key = Uuid::v7().to_string();
        ask.query = "?dry_run=false";
        ask.headers["content-type"] = "text/csv";
        return ask;
    };
    asks_["preview_promotion"] = [=](Stage& s) {
        return with(s.boss, fmt::format(R"({{"promotion_id":"{}","lines":[{{"variant_id":"{}","quantity":2}}],"codes":["TEN"]}})",
                                        first_row(s, "promotions"), s.chair.variant.to_string()));
    };
    asks_["preview_page"] = [=](Stage& s) { return with(s.boss, R"({"body":"*Oil* it."})"); };
    asks_["save_view"] = [=](Stage& s) {
        return with(s.boss, fmt::format(R"({{"resource":"products","name":"View {}","query":"filter[status]=active"}})", ++s.people_made_),
                    201);
    };
    asks_["remove_saved_view"] = [=](Stage& s) {
        const auto saved =
            s.boss->post("/api/v1/admin/views", fmt::format(R"({{"resource":"products","name":"Gone {}","query":""}})", ++s.people_made_));
        auto ask = get(s.boss, {{"id", must_say(saved, "id")}});
        ask.status = 204;
        return ask;
    };
    asks_["search_everything"] = [=](Stage& s) { return get(s.boss, {}, "?q=chair"); };
    asks_["replay_failed_job"] = [=](Stage& s) {
        const auto id = s.world.shop->database.in_tx([](db::Tx& tx) {
            return tx
                .run_text(
                    "insert into jobs.job (kind, state, finished_at, last_error) values ('test.dead', 'dead', now(), 'no') returning id")
                .front()
                .get<std::string>("id");
        });
        auto ask = with(s.boss, "{}", 204, {{"id", id}});
        return ask;
    };
}

}  // namespace stoa::testing
