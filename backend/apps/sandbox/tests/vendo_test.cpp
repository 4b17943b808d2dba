#include "vendo.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "documents.hpp"
#include "recorder.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::sandbox {
namespace {

constexpr std::string_view kAccepted =
    "<?xml version=\"1.0\"?>\n<postbackResponse>\n  <transaction><code>1</code></transaction>\n</postbackResponse>";

struct Row {
    const char* name;
    const char* details;  // payment_details
    const char* amount;
    const char* currency;
    const char* first_name;
    const char* country;
    int http;
    int status;        // -1: no JSON
    const char* code;  // of the error or the result
    const char* processor_status;
    const char* extra;  // a member that must be there
};

std::string card(std::string_view number) {
    return fmt::format(
        R"({{"payment_method":"card","card_number":"{}","expiration_month":"05","expiration_year":"2099","cvv":"123","name_on_card":"ANA RUIZ"}})",
        number);
}

class VendoTest : public ::testing::Test {
protected:
    void start(std::string state_file = {}, std::string postback_url = {}) {
        routes_ = std::make_unique<http::Routes>();
        VendoOptions options;
        options.state_file = std::move(state_file);
        options.postback_url = std::move(postback_url);
        options.own_url = "http://localhost:8003/vendo";
        options.slow_answer = std::chrono::milliseconds{120};
        options.first_postback = first_postback_;
        options.retry_factor = 0;
        vendo_.reset();
        vendo_ = std::make_unique<Vendo>(control_, shop_, options);
        add_control_routes(*routes_, control_, [this] { vendo_->reset(); });
        vendo_->add_routes(*routes_);
        routes_->freeze();
    }
    void SetUp() override { start(); }

    http::Response send(http::Method method, std::string target, std::string body = {}) {
        auto request = testing::request(method, std::move(target), std::move(body));
        return http::dispatch(*routes_, request, {"http://localhost:8003", true});
    }
    json::Value post(std::string_view path, std::string body, int status = 200) {
        const auto response = send(http::Method::post, "/vendo/api/gateway/" + std::string(path), std::move(body));
        EXPECT_EQ(response.status, status) << response.body;
        return json::parse(response.body).value_or(json::Value());
    }
    std::string payment(std::string_view details, std::string_view amount = "54.90", std::string_view more = {}) {
        return fmt::format(
            R"({{"api_secret":"sandbox-api-secret","is_test":1,"merchant_id":1234567,"site_id":12345,"amount":{},"currency":"{}","external_references":{{"transaction_reference":"{}"}},)"
            R"("items":[{{"item_id":"SKU-1","item_description":"Chair","item_price":10.50,"item_quantity":1}}],"payment_details":{},)"
            R"("customer_details":{{"first_name":"{}","last_name":"Ruiz","email":"ana{}@example.test","language":"en","country":"{}","national_identifier":"842.989.480-21"}},)"
            R"("request_details":{{"ip_address":"203.0.113.9"}},"success_url":"https://shop.example.test/return?tx={{TRANSACTION_ID}}&ref={{REF}}&mail={{EMAIL}}"{}}})",
            amount, currency_, reference_, details, first_name_, ++buyers_, country_, more);
    }
    std::string simple(std::string_view members) {
        return fmt::format(R"({{"api_secret":"sandbox-api-secret","is_test":1,"merchant_id":1234567,{}}})", members);
    }
    std::int64_t pay(std::string_view amount = "54.90", std::string_view more = {}) {
        return post("payment", payment(card("4111111111111111"), amount, more)).at("transaction", "id")->as_int().value();
    }

    static std::string error_code(const json::Value& answer) {
        return answer.at("error", "code") ? answer.at("error", "code")->text() : "";
    }
    std::string signed_path(const std::string& path) {
        return "/vendo" + path + "&signature=" + crypto::base64url(crypto::hmac_sha1("sandbox-shared-secret", path));
    }
    std::string report(const std::string& query) {
        return send(http::Method::get, signed_path("/api/reconciliation?merchantID=1234567&" + query)).body;
    }
    std::string today() { return to_iso_date(date_of(SystemClock().now() + std::chrono::seconds(control_.seconds_ahead.load()))); }
    std::string all_of_today() { return report("startDate=" + today() + "&endDate=" + today() + "&format=1"); }
    http::Response answer_challenge(const json::Value& pending, std::string_view answer, std::string_view otp = "") {
        const std::string url = pending.at("result", "verification_url")->text();
        const auto query = url.substr(url.find('?') + 1);
        return send(http::Method::post, "/vendo/v/verification", query + "&answer=" + std::string(answer) + "&otp=" + std::string(otp));
    }

    Control control_;
    Recorder shop_;
    std::unique_ptr<http::Routes> routes_;
    std::unique_ptr<Vendo> vendo_;
    std::string currency_ = "EUR", reference_ = "S-100042-a1", first_name_ = "Ana", country_ = "ES";
    int buyers_ = 0;
    std::chrono::milliseconds first_postback_{0};
};

TEST_F(VendoTest, every_row_of_the_outcome_table) {
    const std::string approved = card("4111111111111111"), three_d = card("4000012892688323"), declined = card("4000000000000002"),
                      poor = card("4000000000009995"), wrong = card("4000000000000069"), fraud = card("4100000000000019");
    const std::string google = R"({"payment_method":"wallet","provider":"googlepay","data":{"token":"{\"signature\":\"x\"}"}})";
    const std::string google_3d = R"({"payment_method":"wallet","provider":"googlepay","data":{"token":"{\"threeDS\":true}"}})";
    const Row rows[] = {
        {"approved", approved.c_str(), "54.90", "EUR", "Ana", "ES", 200, 1, "", "", "card_details"},
        {"3-D Secure", three_d.c_str(), "54.90", "EUR", "Ana", "ES", 200, 2, "6307", "", "result"},
        {"declined", declined.c_str(), "54.90", "EUR", "Ana", "ES", 200, 0, "1306", "05", "transaction"},
        {"no funds", poor.c_str(), "54.90", "EUR", "Ana", "ES", 200, 0, "1307", "51", "transaction"},
        {"bad data", wrong.c_str(), "54.90", "EUR", "Ana", "ES", 200, 0, "1303", "", "transaction"},
        {"fraud", fraud.c_str(), "54.90", "EUR", "Ana", "ES", 200, 0, "301", "", "transaction"},
        {"late", approved.c_str(), "54.77", "EUR", "Ana", "ES", 200, 1, "", "", "card_details"},
        {"lost after", approved.c_str(), "54.78", "EUR", "Ana", "ES", 500, -1, "", "", ""},
        {"lost before", approved.c_str(), "54.79", "EUR", "Ana", "ES", 500, -1, "", "", ""},
        {"no cents in yen", approved.c_str(), "5478", "JPY", "Ana", "ES", 200, 1, "", "", "card_details"},
        {"pix", R"({"payment_method":"pix"})", "54.90", "BRL", "Paid", "BR", 200, 2, "6307", "", "result"},
        {"crypto", R"({"payment_method":"crypto"})", "54.90", "EUR", "Ana", "ES", 200, 2, "6307", "", "result"},
        {"pay by bank", R"({"payment_method":"paybybank"})", "54.90", "EUR", "Ana", "ES", 200, 2, "6307", "", "result"},
        {"sepa without iban", R"({"payment_method":"sepa"})", "54.90", "EUR", "Ana", "ES", 200, 2, "6307", "", "result"},
        {"sepa with iban", R"({"payment_method":"sepa","iban":"DE89370400440532013000"})", "54.77", "EUR", "Ana", "ES", 200, 1, "", "",
         "sepa_details"},
        {"oxxo", R"({"payment_method":"oxxo"})", "54.90", "MXN", "Paid", "MX", 200, 2, "6307", "", "oxxo_details"},
        {"google pay", google.c_str(), "54.90", "EUR", "Ana", "ES", 200, 1, "", "", "card_details"},
        {"google pay, 3-D Secure", google_3d.c_str(), "54.90", "EUR", "Ana", "ES", 200, 2, "6307", "", "result"},
        {"unknown token", R"({"token":"ffffffffffffffffffffffffffffffff"})", "54.90", "EUR", "Ana", "ES", 200, 0, "8105", "", ""},
        {"declined by name", approved.c_str(), "54.90", "EUR", "Declined", "ES", 200, 0, "1306", "05", "transaction"},
        {"declined by name, pix", R"({"payment_method":"pix"})", "54.90", "BRL", "Declined", "BR", 200, 0, "1306", "05", "transaction"},
        {"declined by name, sepa", R"({"payment_method":"sepa","iban":"DE89370400440532013000"})", "54.90", "EUR", "Declined", "DE", 200, 0,
         "1306", "05", "transaction"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        currency_ = row.currency;
        first_name_ = row.first_name;
        country_ = row.country;
        reference_ = std::string("S-") + row.name;
        const auto before = std::chrono::steady_clock::now();
        const auto response = send(http::Method::post, "/vendo/api/gateway/payment", payment(row.details, row.amount));
        EXPECT_EQ(response.status, row.http);
        const bool late = std::string_view(row.name) == "late";
        EXPECT_EQ(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds{120}, late);
        const bool listed = all_of_today().find("<merchantReference>S-" + std::string(row.name) + "<") != std::string::npos;
        EXPECT_EQ(listed, row.status == 1 || std::string_view(row.name) == "lost after");
        if (row.status < 0) {
            EXPECT_FALSE(json::parse(response.body));
            continue;
        }
        const auto answer = json::parse(response.body).value();
        EXPECT_EQ(answer.int_or("status", -1), row.status) << response.body;
        EXPECT_EQ(answer.text_or("request_id").size(), 24U);
        const auto* part = answer.find(row.status == 2 ? "result" : "error");
        EXPECT_EQ(part ? part->find("code")->text() : "", row.code);
        EXPECT_EQ(part ? part->text_or("processor_status") : "", row.processor_status);
        if (*row.extra) {
            EXPECT_NE(answer.find(row.extra), nullptr) << response.body;
        }
        if (answer.find("transaction")) {
            EXPECT_EQ(answer.at("transaction", "amount")->text(), row.amount);
            EXPECT_EQ(answer.at("external_references", "transaction_reference")->text(), reference_);
        }
        if (row.status >= 1) {
            EXPECT_EQ(answer.text_or("payment_details_token").size(), 32U);
        }
    }
}

TEST_F(VendoTest, refuses_in_the_documented_order_and_names_the_first_bad_field) {
    EXPECT_EQ(error_code(post("payment", "{")), "8102");
    EXPECT_EQ(error_code(post("payment", R"({"merchant_id":1})")), "8103");
    const auto field = [&](std::string body) {
        const auto answer = post("payment", std::move(body));
        EXPECT_EQ(error_code(answer), "8105");
        EXPECT_EQ(answer.find("transaction"), nullptr);
        return answer.at("error", "message")->text();
    };
    const auto visa = card("4111111111111111");
    EXPECT_EQ(field(payment(visa, "0")), "Invalid amount value");
    EXPECT_EQ(field(payment(visa, "1.234")), "Invalid amount value");
    EXPECT_EQ(field(payment(card("4111111111111112"))), "Invalid payment_details.card_number value");
    EXPECT_EQ(
        field(payment(
            R"({"payment_method":"card","card_number":"4111111111111111","expiration_month":"5","expiration_year":"2099","name_on_card":"A"})")),
        "Invalid payment_details.expiration_month value");
    EXPECT_EQ(
        field(payment(
            R"({"payment_method":"card","card_number":"4111111111111111","expiration_month":"05","expiration_year":"2020","name_on_card":"A"})")),
        "Invalid payment_details.expiration_year value");
    EXPECT_EQ(
        field(payment(
            R"({"payment_method":"card","card_number":"4111111111111111","expiration_month":"05","expiration_year":"2099","name_on_card":""})")),
        "Invalid payment_details.name_on_card value");
    EXPECT_EQ(field(payment(R"({"payment_method":"cheque"})")), "Invalid payment_details.payment_method value");
    EXPECT_EQ(field(payment(R"({"payment_method":"sepa","iban":"DE89370400440532013001"})")), "Invalid payment_details.iban value");
    EXPECT_EQ(field(payment(R"({"payment_method":"sepa"})", "1.00", R"(,"preauth_only":true)")), "Invalid preauth_only value");
    EXPECT_EQ(field(payment(R"({"payment_method":"pix"})")), "Invalid customer_details.country value");
    EXPECT_EQ(field(payment(R"({"payment_method":"oxxo"})")), "Invalid customer_details.country value");
    EXPECT_EQ(field(payment(visa, "1.00", R"(,"shipping_address":{"first_name":"Ana"})")), "Invalid shipping_address.last_name value");
    currency_ = "CHF";
    EXPECT_EQ(field(payment(visa)), "Invalid currency value");
    currency_ = "USD";
    EXPECT_EQ(field(payment(R"({"payment_method":"sepa"})")), "Invalid currency value");
    currency_ = "EUR";
    reference_ = "";
    EXPECT_EQ(field(payment(visa)), "Invalid external_references.transaction_reference value");
    EXPECT_EQ(all_of_today().find("<row"), std::string::npos);
}

TEST_F(VendoTest, http_statuses_of_refusals_can_be_switched) {
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo", R"({"http_errors":true})").status, 204);
    EXPECT_EQ(error_code(post("payment", "{", 400)), "8102");
    EXPECT_EQ(error_code(post("payment", "{}", 401)), "8103");
    EXPECT_EQ(error_code(post("payment", payment(card("4111111111111111"), "0"), 400)), "8105");
    EXPECT_EQ(error_code(post("payment", payment(card("4000000000000002")))), "1306");  // a decline is no refusal
}

TEST_F(VendoTest, a_person_who_asks_too_often_is_held_off) {
    const auto body = payment(card("4000000000000002"));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(error_code(post("payment", body)), "1306");
    EXPECT_EQ(error_code(post("payment", body)), "101");
}

TEST_F(VendoTest, second_step) {
    const auto step = [&](const json::Value& first) {
        return payment("{\"verification_id\":" + first.at("result", "verification_id")->text() + "}");
    };
    const auto pending = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(error_code(post("payment", payment(R"({"verification_id":999})"))), "8105");
    const auto still = post("payment", step(pending));
    EXPECT_EQ(still.int_or("status"), 2);
    EXPECT_EQ(still.at("result", "verification_url")->text(), pending.at("result", "verification_url")->text());

    EXPECT_EQ(send(http::Method::get, "/vendo/v/verification?transaction_id=240000001&systemsignature=forged").status, 403);
    const std::string url = pending.at("result", "verification_url")->text();
    const auto page = send(http::Method::get, url.substr(std::string("http://localhost:8003").size()));
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("54.90 EUR"), std::string::npos);

    const auto back = answer_challenge(pending, "accept", "1234");
    EXPECT_EQ(back.status, 302);
    EXPECT_EQ(back.header_value("location"), "https://shop.example.test/return?tx=" + pending.at("transaction", "id")->text() +
                                                 "&ref=S-100042-a1&mail=ana1%40example.test");
    // Amount and reference must be those of the first step.
    reference_ = "S-other";
    EXPECT_EQ(error_code(post("payment", step(pending))), "8105");
    reference_ = "S-100042-a1";
    const auto paid = post("payment", step(pending));
    EXPECT_EQ(paid.int_or("status"), 1);
    EXPECT_NE(paid.at("transaction", "id")->text(), pending.at("transaction", "id")->text());
    const auto repeated = post("payment", step(pending));
    EXPECT_EQ(repeated.at("transaction", "id")->text(), paid.at("transaction", "id")->text());
    const auto notes = control_.calls();
    EXPECT_EQ(std::count_if(notes.begin(), notes.end(), [](const CallRecord& call) { return call.method == "NOTE"; }), 1);
    // The list has the verification and one payment.
    const auto listed = all_of_today();
    EXPECT_NE(listed.find("<transactionCount>2</transactionCount>"), std::string::npos);
    EXPECT_NE(listed.find("<type>60</type>"), std::string::npos);
    EXPECT_NE(listed.find("<type>3</type>"), std::string::npos);

    const auto refused = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(refused, "reject").status, 302);
    EXPECT_EQ(error_code(post("payment", step(refused))), "1312");
    const auto mistyped = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(mistyped, "accept", "9999").status, 302);
    EXPECT_EQ(error_code(post("payment", step(mistyped))), "1312");
}

TEST_F(VendoTest, a_stored_card_behaves_like_the_card) {
    const auto token = [](const json::Value& answer) { return "{\"token\":\"" + answer.text_or("payment_details_token") + "\"}"; };
    const auto first = post("payment", payment(card("4111111111111111")));
    EXPECT_EQ(post("payment", payment(token(first))).int_or("status"), 1);
    const auto secured = post("payment", payment(card("4000012892688323")));
    (void)answer_challenge(secured, "accept");
    EXPECT_EQ(post("payment", payment("{\"verification_id\":" + secured.at("result", "verification_id")->text() + "}")).int_or("status"),
              1);
    EXPECT_EQ(post("payment", payment(token(secured))).int_or("status"), 2);
    EXPECT_EQ(post("payment", payment(token(secured), "54.90", R"(,"mit":true)")).int_or("status"), 1);

    // Registering moves no money.
    const auto registered = post("register-payment-method", payment(card("4111111111111111")));
    EXPECT_EQ(registered.int_or("status"), 1);
    EXPECT_EQ(registered.at("transaction", "amount")->text(), "0.00");
    EXPECT_EQ(post("payment", payment(token(registered))).int_or("status"), 1);
}

TEST_F(VendoTest, capture_takes_an_open_reservation_once_within_seven_days) {
    const auto reserve = [&] { return std::to_string(pay("20.00", R"(,"preauth_only":true)")); };
    const auto open = reserve();
    EXPECT_EQ(error_code(post("refund", simple("\"transaction_id\":" + open))), "1302");
    const auto captured = post("capture", simple("\"transaction_id\":" + open));
    EXPECT_EQ(captured.int_or("status"), 1);
    EXPECT_EQ(captured.at("transaction", "amount")->text(), "20.00");
    EXPECT_EQ(error_code(post("capture", simple("\"transaction_id\":" + open))), "1310");
    EXPECT_EQ(error_code(post("capture", simple("\"transaction_id\":" + std::to_string(pay())))), "1310");
    EXPECT_EQ(error_code(post("capture", simple("\"transaction_id\":1"))), "1310");
    const auto lapsing = reserve();
    control_.advance(24 * 7 + 1);
    EXPECT_EQ(error_code(post("capture", simple("\"transaction_id\":" + lapsing))), "1310");
}

TEST_F(VendoTest, one_partial_refund_then_the_rest) {
    const auto id = std::to_string(pay("54.90"));
    const auto refund = [&](std::string_view more) { return post("refund", simple("\"transaction_id\":" + id + std::string(more))); };
    EXPECT_EQ(error_code(refund(",\"partial_amount\":54.90")), "1302");
    EXPECT_EQ(error_code(refund(",\"partial_amount\":54.91")), "1302");
    EXPECT_EQ(error_code(refund(",\"partial_amount\":0")), "1302");
    EXPECT_EQ(error_code(refund(",\"partial_amount\":10.00,\"currency\":\"USD\"")), "8105");
    const auto partial = refund(",\"partial_amount\":10.00,\"currency\":\"EUR\"");
    EXPECT_EQ(partial.int_or("status"), 1);
    EXPECT_GT(partial.int_or("transaction_id"), 240000000);
    EXPECT_EQ(error_code(refund(",\"partial_amount\":5.00")), "1302");
    EXPECT_EQ(refund(",\"partial_amount\":null").int_or("status"), 1);
    EXPECT_EQ(error_code(refund("")), "1302");
    EXPECT_EQ(error_code(post("refund", simple("\"transaction_id\":7"))), "8105");
    const auto listed = all_of_today();
    EXPECT_NE(listed.find("<type>31</type><isNegative>1</isNegative>"), std::string::npos);
    EXPECT_NE(listed.find("<originalTransactionID>" + id + "</originalTransactionID><status>1</status><invoice><amount>44.90</amount>"),
              std::string::npos);
}

TEST_F(VendoTest, reconciliation_checks_signature_owner_range_and_site) {
    const auto id = std::to_string(pay());
    (void)post("payment", payment(card("4000000000000002")));
    const std::string query = "/api/reconciliation?merchantID=1234567&startDate=" + today() + "&format=1";
    EXPECT_NE(send(http::Method::get, "/vendo" + query + "&signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA").body.find("code=\"0006\""),
              std::string::npos);
    EXPECT_NE(send(http::Method::get, "/vendo" + query).body.find("code=\"0006\""), std::string::npos);
    EXPECT_NE(send(http::Method::post, signed_path(query)).body.find("<transactionCount>1<"), std::string::npos);
    EXPECT_NE(report("transactionId=" + id + "&format=1").find("<transaction id=\"" + id + "\">"), std::string::npos);
    EXPECT_NE(report("transactionId=" + std::to_string(std::stoll(id) + 1000) + "&format=1").find("<transactionCount>0<"),
              std::string::npos);
    EXPECT_NE(report("transactionId=73806356&format=1").find("code=\"2003\""), std::string::npos);
    EXPECT_NE(report("startDate=2020-01-01&endDate=2020-03-01&format=1").find("code=\"0004\""), std::string::npos);
    EXPECT_NE(report("startDate=" + today() + "&endDate=2999-01-01&format=1").find("code=\"0004\""), std::string::npos);
    EXPECT_NE(report("startDate=" + today() + "&siteIDs=1,2&format=1").find("<transactionCount>0<"), std::string::npos);
    EXPECT_NE(report("startDate=" + today() + "&siteIDs=1,12345&format=1").find("<transactionCount>1<"), std::string::npos);
    const auto csv = send(http::Method::get, signed_path("/api/reconciliation?merchantID=1234567&startDate=" + today() + "&format=0"));
    EXPECT_TRUE(csv.header_value("content-type").starts_with("text/csv"));
    EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 2);
    EXPECT_NE(csv.body.find(id + ","), std::string::npos);
    EXPECT_NE(csv.body.find(",3,0,\"S-100042-a1\",54.90,EUR,0\n"), std::string::npos);
}

TEST_F(VendoTest, references_come_back_whole_also_with_a_refusal) {
    const auto with_references = [&](std::string body) {
        const auto at = body.find("\"transaction_reference\"");
        return body.insert(at, R"("program_id":"p-1","affiliate_id":"a-2",)");
    };
    for (const auto* number : {"4111111111111111", "4000012892688323", "4000000000000002", "4100000000000019"}) {
        const auto answer = post("payment", with_references(payment(card(number))));
        EXPECT_EQ(answer.at("external_references", "transaction_reference")->text(), reference_) << number;
        EXPECT_EQ(answer.at("external_references", "program_id")->text(), "p-1") << number;
        EXPECT_EQ(answer.at("external_references", "affiliate_id")->text(), "a-2") << number;
    }
    const auto pending = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(pending, "reject").status, 302);
    const auto refused =
        post("payment", with_references(payment("{\"verification_id\":" + pending.at("result", "verification_id")->text() + "}")));
    EXPECT_EQ(error_code(refused), "1312");
    EXPECT_EQ(refused.at("external_references", "program_id")->text(), "p-1");
    // What was not valid is not echoed.
    EXPECT_EQ(post("payment", with_references(payment(card("4111111111111111"), "0"))).find("external_references"), nullptr);
}

TEST_F(VendoTest, a_repeated_second_step_can_be_refused) {
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo", R"({"second_step_once":true})").status, 204);
    const auto pending = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(pending, "accept").status, 302);
    const auto step = payment("{\"verification_id\":" + pending.at("result", "verification_id")->text() + "}");
    EXPECT_EQ(post("payment", step).int_or("status"), 1);
    EXPECT_EQ(error_code(post("payment", step)), "6308");
    EXPECT_NE(all_of_today().find("<transactionCount>2<"), std::string::npos);  // the verification and one payment
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo", R"({"refuse_next":500})").status, 204);
    EXPECT_EQ(error_code(post("payment", payment(card("4111111111111111")))), "500");
    EXPECT_EQ(post("payment", payment(card("4111111111111111"))).int_or("status"), 1);
}

TEST_F(VendoTest, money_that_goes_back_is_listed_and_told) {
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{200, {}, std::string(kAccepted)}; };
    start({}, "http://shop.test/hooks");
    const auto reserved = pay("20.00", R"(,"preauth_only":true)");
    EXPECT_EQ(post("capture", simple("\"transaction_id\":" + std::to_string(reserved))).int_or("status"), 1);
    EXPECT_EQ(post("refund", simple("\"transaction_id\":" + std::to_string(reserved) + ",\"partial_amount\":5.00")).int_or("status"), 1);
    const auto back = send(http::Method::post, "/__sandbox/vendo/chargeback", R"({"reference":"S-100042-a1","type":32})");
    EXPECT_EQ(back.status, 200);
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo/chargeback", R"({"reference":"S-100042-a1"})").status, 404);  // nothing is left
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo/chargeback", R"({"reference":"S-100042-a1","type":3})").status, 400);
    const auto calls = shop_.wait_for(4);
    ASSERT_EQ(calls.size(), 4U);
    std::set<std::string> types;
    for (const auto& call : calls) {
        const auto at = call.body.find("transaction_type=") + 17;
        types.insert(call.body.substr(at, call.body.find('&', at) - at));
        EXPECT_NE(call.body.find("&merchant_reference=S-100042-a1&"), std::string::npos);
    }
    EXPECT_EQ(types, (std::set<std::string>{"3", "71", "31", "32"}));
    const auto listed = all_of_today();
    EXPECT_NE(listed.find("<type>32</type><isNegative>1</isNegative>"), std::string::npos);
    EXPECT_NE(listed.find("<originalTransactionID>" + std::to_string(reserved) +
                          "</originalTransactionID><status>1</status><invoice><amount>15.00<"),
              std::string::npos);
}

TEST_F(VendoTest, the_verification_is_told_when_that_is_switched_on) {
    shop_.answer = [](const http_client::Call&, std::size_t) {
        return http_client::Answer{200, {}, "<postbackResponse><verification><code>1</code></verification></postbackResponse>"};
    };
    start({}, "http://shop.test/hooks");
    const auto accepted = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(accepted, "accept").status, 302);
    EXPECT_EQ(shop_.wait_for(1).at(0).body, "callback=verification&transaction_id=" + accepted.at("transaction", "id")->text() +
                                                "&merchant_reference=S-100042-a1&status=1&is_test=1");
    const auto rejected = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(rejected, "reject").status, 302);
    EXPECT_NE(shop_.wait_for(2).at(1).body.find("&status=0&"), std::string::npos);
    // Off, nothing is told; reset() switches it on again.
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo", R"({"verification_postback":false})").status, 204);
    const auto silent = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(silent, "accept").status, 302);
    EXPECT_EQ(send(http::Method::post, "/__sandbox/reset").status, 204);
    const auto told = post("payment", payment(card("4000012892688323")));
    EXPECT_EQ(answer_challenge(told, "accept").status, 302);
    const auto calls = shop_.wait_for(3);
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_NE(calls[2].body.find("transaction_id=" + told.at("transaction", "id")->text() + "&"), std::string::npos);
}

TEST_F(VendoTest, reset_takes_back_every_switch) {
    start({}, "http://shop.test/hooks");
    EXPECT_EQ(send(http::Method::post, "/__sandbox/vendo",
                   R"({"http_errors":true,"second_step_once":true,"transaction_postback":false,"refuse_next":301,"retry_factor":1000,)"
                   R"("postback_url":"http://elsewhere.test/hooks"})")
                  .status,
              204);
    EXPECT_EQ(send(http::Method::post, "/__sandbox/reset").status, 204);
    EXPECT_EQ(error_code(post("payment", "{")), "8102");  // with 200
    shop_.answer = [](const http_client::Call&, std::size_t count) {
        return http_client::Answer{count == 1 ? 500 : 200, {}, std::string(kAccepted)};
    };
    (void)pay();
    const auto calls = shop_.wait_for(2);  // the second after the pause of the start again
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[1].url, "http://shop.test/hooks");
}

TEST_F(VendoTest, hosted_page_checks_what_the_provider_asks_for) {
    const auto page = [&](std::string_view parameters) {
        return send(http::Method::get, signed_path("/v/custom-offer?site=12345&" + std::string(parameters) + "&ref=S-1")).status;
    };
    const std::string good = "type=normal&billing_schedule_type=token&token_amount=54.90&token_quantity=1";
    EXPECT_EQ(page(good), 200);
    EXPECT_EQ(page(good + "&billing_currency=EUR&expires=4102444800"), 200);
    EXPECT_EQ(page(good + "&expires=1700000000"), 403);
    EXPECT_EQ(page(good + "&expires=soon"), 403);
    EXPECT_EQ(page(good + "&billing_currency=CHF"), 400);
    EXPECT_EQ(page("billing_schedule_type=token&token_amount=54.90&token_quantity=1"), 400);
    EXPECT_EQ(page("type=oneclick&billing_schedule_type=token&token_amount=54.90&token_quantity=1"), 400);
    EXPECT_EQ(page("type=normal&token_amount=54.90&token_quantity=1"), 400);
    EXPECT_EQ(page("type=normal&billing_schedule_type=token&token_quantity=1"), 400);
    EXPECT_EQ(page("type=normal&billing_schedule_type=token&token_amount=0&token_quantity=1"), 400);
    EXPECT_EQ(page("type=normal&billing_schedule_type=token&token_amount=54.90"), 400);
}

TEST_F(VendoTest, hosted_page_comes_back_with_its_placeholders_filled) {
    const std::string path =
        "/v/custom-offer?site=12345&type=normal&billing_schedule_type=token&token_amount=59.29&token_quantity=1&billing_currency=EUR"
        "&email=ana%40example.test&ref=S-1-a1&success_url=https%3A%2F%2Fshop.test%2Fdone&decline_url=https%3A%2F%2Fshop.test%2Fno";
    const auto page = send(http::Method::get, signed_path(path)).body;
    EXPECT_NE(page.find("Pay 54.90 EUR"), std::string::npos) << page;
    const auto seal = page.substr(page.find("name=seal value=") + 16, 64);
    const auto answer = [&](std::string_view what) {
        return send(http::Method::post, "/vendo/v/hosted",
                    "ref=S-1-a1&token_amount=59.29&billing_currency=EUR&email=ana%40example.test"
                    "&success_url=https%3A%2F%2Fshop.test%2Fdone%3Ft%3D%7BTRANSACTION_ID%7D%26r%3D%7BREF%7D%26m%3D%7BEMAIL%7D"
                    "&decline_url=https%3A%2F%2Fshop.test%2Fno%3Fr%3D%7BREF%7D&seal=" +
                        seal + "&card=4111111111111111&answer=" + std::string(what));
    };
    EXPECT_EQ(answer("cancel").header_value("location"), "https://shop.test/no?r=S-1-a1");
    EXPECT_EQ(answer("pay").header_value("location"), "https://shop.test/done?t=240000001&r=S-1-a1&m=ana%40example.test");
    EXPECT_NE(all_of_today().find("<amount>54.90</amount><currency>EUR</currency>"), std::string::npos);
}

TEST_F(VendoTest, hosted_page_wants_the_documented_signature) {
    // The provider's published vectors.
    const auto signature = [](std::string_view key, std::string_view text) { return crypto::base64url(crypto::hmac_sha1(key, text)); };
    EXPECT_EQ(signature("3HDW9B", "/v/signup?site=1&offers=123"), "UrYz6hgkRcRHmPksyIjTt_jFJ-g");
    EXPECT_EQ(signature("test", "/?test=test&foo=barz"), "Nj-UJLpDvEI-F-epN44SG-8nqCg");
    const std::string path =
        "/v/custom-offer?site=12345&type=normal&billing_schedule_type=token&token_amount=54.90&token_quantity=1&ref=S-1";
    EXPECT_EQ(send(http::Method::get, signed_path(path)).status, 200);
    EXPECT_EQ(send(http::Method::get, signed_path(path) + "x").status, 403);
    EXPECT_EQ(send(http::Method::get, "/vendo" + path).status, 403);
}

TEST_F(VendoTest, oxxo_gives_a_voucher) {
    currency_ = "MXN";
    country_ = "MX";
    const auto answer = post("payment", payment(R"({"payment_method":"oxxo"})"));
    std::string packed;
    ASSERT_TRUE(crypto::base64_decode(answer.at("oxxo_details", "oxxo_pdf_gzip_base_64")->text(), packed));
    EXPECT_EQ(packed.substr(0, 2), "\x1f\x8b");
    EXPECT_EQ(answer.at("oxxo_details", "oxxo_barcode")->text(), answer.at("transaction", "id")->text());
    EXPECT_TRUE(parse_iso_date(answer.at("oxxo_details", "expiration_date")->text()));
}

TEST_F(VendoTest, pix_confirms_itself_and_says_so) {
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{200, {}, std::string(kAccepted)}; };
    start({}, "http://shop.test/hooks");
    currency_ = "BRL";
    country_ = "BR";
    const auto pending = post("payment", payment(R"({"payment_method":"pix"})"));
    const auto step = payment("{\"verification_id\":" + pending.at("result", "verification_id")->text() + "}");
    EXPECT_EQ(post("payment", step).int_or("status"), 2);
    control_.advance(1);
    const auto calls = shop_.wait_for(1);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_TRUE(calls[0].body.starts_with("callback=transaction&")) << calls[0].body;
    EXPECT_NE(calls[0].body.find("&merchant_reference=S-100042-a1&"), std::string::npos);
    const auto paid = post("payment", step);
    EXPECT_EQ(paid.int_or("status"), 1);
    EXPECT_NE(calls[0].body.find("&transaction_id=" + paid.at("transaction", "id")->text() + "&"), std::string::npos);
}

TEST_F(VendoTest, postbacks_are_repeated_until_the_answer_is_right) {
    shop_.answer = [](const http_client::Call&, std::size_t count) {
        if (count == 1) return http_client::Answer{500, {}, std::string(kAccepted)};
        if (count == 2) return http_client::Answer{200, {}, "OK"};
        if (count == 3)
            return http_client::Answer{
                200, {}, "<postbackResponse><transaction><code>2</code><errorMessage>down</errorMessage></transaction></postbackResponse>"};
        return http_client::Answer{200, {}, std::string(kAccepted)};
    };
    start({}, "http://shop.test/hooks");
    const auto id = pay();
    const auto calls = shop_.wait_for(4);
    ASSERT_EQ(calls.size(), 4U);
    for (const auto& call : calls) EXPECT_EQ(call.body, calls[0].body);
    EXPECT_NE(calls[0].body.find("transaction_id=" + std::to_string(id) + "&transaction_type=3&"), std::string::npos);
    EXPECT_EQ(calls[0].headers.at(0).second, "application/x-www-form-urlencoded");
    // By hand, as often as wanted.
    EXPECT_EQ(send(http::Method::post, "/__sandbox/postbacks", R"({"reference":"S-100042-a1","times":3})").status, 204);
    EXPECT_EQ(shop_.wait_for(7).size(), 7U);
    EXPECT_EQ(send(http::Method::post, "/__sandbox/postbacks", R"({"reference":"S-nothing"})").status, 404);
}

TEST_F(VendoTest, a_postback_nobody_takes_is_given_up_after_ten_repetitions) {
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{503, {}, ""}; };
    start({}, "http://shop.test/hooks");
    (void)pay();
    EXPECT_EQ(shop_.wait_for(11).size(), 11U);
    // A later one passes: nothing of the first is left in the queue.
    EXPECT_EQ(send(http::Method::post, "/__sandbox/postbacks", R"({"reference":"S-100042-a1"})").status, 204);
    const auto calls = shop_.wait_for(12);
    ASSERT_GE(calls.size(), 12U);
    EXPECT_NE(calls[11].body.find("&resend=0"), std::string::npos);
}

TEST_F(VendoTest, a_restart_forgets_nothing) {
    const std::string file = "/tmp/stoa-vendo-test-" + std::to_string(::getpid()) + ".jsonl";
    std::filesystem::remove(file);
    start(file);
    const auto secured = post("payment", payment(card("4000012892688323")));
    const auto id = pay("12.34");
    start(file);
    EXPECT_NE(all_of_today().find("<transaction id=\"" + std::to_string(id) + "\">"), std::string::npos);
    EXPECT_EQ(answer_challenge(secured, "accept").status, 302);
    const auto paid = post("payment", payment("{\"verification_id\":" + secured.at("result", "verification_id")->text() + "}"));
    EXPECT_EQ(paid.int_or("status"), 1);
    EXPECT_GT(paid.at("transaction", "id")->as_int().value(), id);
    start(file);
    EXPECT_EQ(post("payment", payment("{\"token\":\"" + paid.text_or("payment_details_token") + "\"}")).int_or("status"), 2);
    EXPECT_EQ(post("refund", simple("\"transaction_id\":" + std::to_string(id))).int_or("status"), 1);
    std::filesystem::remove(file);
}

TEST_F(VendoTest, what_the_shop_was_not_told_yet_is_told_after_a_restart) {
    const std::string file = "/tmp/stoa-vendo-postbacks-" + std::to_string(::getpid()) + ".jsonl";
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{200, {}, std::string(kAccepted)}; };
    first_postback_ = std::chrono::milliseconds{700};
    start(file, "http://shop.test/hooks");
    const auto id = pay();
    start(file, "http://shop.test/hooks");
    const auto calls = shop_.wait_for(1);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_NE(calls[0].body.find("transaction_id=" + std::to_string(id) + "&"), std::string::npos);
    // Told once, it is not told again.
    start(file, "http://shop.test/hooks");
    std::this_thread::sleep_for(std::chrono::milliseconds{250});
    EXPECT_EQ(shop_.wait_for(1).size(), 1U);
    std::filesystem::remove(file);
    std::filesystem::remove(file + ".postbacks");
}

TEST_F(VendoTest, planned_faults_hit_before_or_after_the_effect) {
    const auto fault = [&](std::string_view kind) {
        EXPECT_EQ(
            send(http::Method::post, "/__sandbox/fail-next", fmt::format(R"({{"provider":"vendo","kind":"{}","path":"/payment"}})", kind))
                .status,
            204);
        return send(http::Method::post, "/vendo/api/gateway/payment", payment(card("4111111111111111")));
    };
    const auto count = [&] {
        const auto report = all_of_today();
        const auto from = report.find("<transactionCount>") + 18;
        return report.substr(from, report.find('<', from) - from);
    };
    EXPECT_EQ(fault("down").status, 503);
    EXPECT_EQ(fault("error_before").status, 500);
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(fault("error_after").status, 500);
    EXPECT_EQ(count(), "1");
    EXPECT_FALSE(json::parse(fault("garbage").body));
    EXPECT_EQ(fault("drop").status, 444);
    EXPECT_EQ(count(), "3");
    EXPECT_EQ(send(http::Method::post, "/__sandbox/fail-next", R"({"provider":"vendo","kind":"explode"})").status, 422);
    EXPECT_EQ(send(http::Method::post, "/__sandbox/reset").status, 204);
    EXPECT_EQ(count(), "0");
}

}  // namespace
}  // namespace stoa::sandbox
