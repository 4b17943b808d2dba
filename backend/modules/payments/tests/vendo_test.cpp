// The gateway's wire: signatures, answers, reconciliation documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stoa/testing/testing.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments::vendo {
namespace {

using http_client::Answer;

TEST(VendoSignature, matches_the_published_vectors) {
    EXPECT_EQ(signature("3HDW9B", "/v/signup?site=1&offers=123"), "UrYz6hgkRcRHmPksyIjTt_jFJ-g");
    EXPECT_EQ(signature("test", "/?test=test"), "FHmXgS5ptIzbkeSWqc1AnPYZcxU");
    EXPECT_EQ(signature("test", "/?test=test&foo=barz"), "Nj-UJLpDvEI-F-epN44SG-8nqCg");
    EXPECT_EQ(signature("test", "foobarbaz"), "A8TXpuvf9jGDj_tzBgqSKvz0jKw");
    EXPECT_EQ(form_encode("a b/ä~."), "a+b%2F%C3%A4%7E.");
}

class GatewayTest : public ::testing::Test {
protected:
    GatewayTest() {
        config.url = "https://gateway.test";
        config.merchant_id = 7;
        config.site_id = 8;
        config.api_secret = "secret";
        config.shared_secret = "shared";
        attempt.id = AttemptId::make();
        attempt.reference = "S-1-a1";
        attempt.amount = Money(5490, Currency::of("EUR"));
        data.card = CardData{"4111111111111111", "05", "2031", "123", "ANA RUIZ"};
        data.payer = {"Ana", "Ruiz", "ana@example.test", "es", "ES", "Calle 1", "Madrid", "", "28001", ""};
        data.items = {{"SKU-1", "Chair", Money(5490, Currency::of("EUR")), 1}};
        data.ip_address = "203.0.113.9";
    }
    Outcome pay(int status, const std::string& body) {
        client.answer = [=](const http_client::Call&) { return Answer{status, {}, body}; };
        Gateway gateway(client, config);
        return gateway.pay(attempt, data, "");
    }
    testing::ScriptedClient client;
    Config::Vendo config;
    Attempt attempt;
    SendData data;
};

TEST_F(GatewayTest, sends_major_units_and_the_reference) {
    (void)pay(200, "{}");
    const auto sent = json::parse(client.calls.front().body);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->find("amount")->text(), "54.90");
    EXPECT_EQ(sent->at("external_references", "transaction_reference")->text(), "S-1-a1");
    EXPECT_EQ(sent->at("payment_details", "card_number")->text(), "4111111111111111");
    EXPECT_EQ(sent->at("customer_details", "language")->text(), "es");
    EXPECT_EQ(sent->find("items")->items()[0].find("item_price")->text(), "54.90");
    EXPECT_EQ(client.calls.front().url, "https://gateway.test/api/gateway/payment");
    data.ip_address = "2001:db8::1";
    (void)pay(200, "{}");
    EXPECT_EQ(json::parse(client.calls.back().body)->at("request_details", "ip_address")->text(), "192.0.2.1");
}

TEST_F(GatewayTest, a_large_order_is_a_short_list) {
    data.items.assign(250, {"SKU", "Cup", Money(100, Currency::of("EUR")), 2});
    (void)pay(200, "{}");
    const auto sent = json::parse(client.calls.front().body);
    ASSERT_TRUE(sent);
    const auto& items = sent->find("items")->items();
    ASSERT_EQ(items.size(), 100U);
    EXPECT_EQ(items[98].find("item_id")->text(), "SKU");
    EXPECT_EQ(items[99].text_or("item_description"), "151 more articles");
    EXPECT_EQ(items[99].find("item_price")->text(), "302.00");
    EXPECT_EQ(items[99].find("item_quantity")->text(), "1");
}

TEST_F(GatewayTest, believes_a_success_only_when_it_is_ours) {
    const auto body = [](std::string_view amount, std::string_view currency, std::string_view reference) {
        return R"({"status":1,"external_references":{"transaction_reference":")" + std::string(reference) +
               R"("},"transaction":{"id":240168518,"amount":)" + std::string(amount) + R"(,"currency":")" + std::string(currency) +
               R"(","datetime":"2026-11-02T15:31:14+01:00"},"card_details":{"auth_code":"8a"},"payment_details_token":"tok","request_id":"r1"})";
    };
    const auto paid = pay(200, body("\"54.90\"", "EUR", "S-1-a1"));
    EXPECT_EQ(paid.kind, AttemptState::paid);
    EXPECT_EQ(paid.transaction_id, 240168518);
    EXPECT_EQ(paid.token, "tok");
    EXPECT_EQ(pay(200, body("54.9", "EUR", "S-1-a1")).kind, AttemptState::paid);
    EXPECT_EQ(pay(200, body("54.91", "EUR", "S-1-a1")).kind, AttemptState::unknown);
    EXPECT_EQ(pay(200, body("54.90", "USD", "S-1-a1")).kind, AttemptState::unknown);
    EXPECT_EQ(pay(200, body("54.90", "EUR", "S-2-a1")).kind, AttemptState::unknown);
    attempt.preauthorise = true;
    EXPECT_EQ(pay(200, body("54.90", "EUR", "S-1-a1")).kind, AttemptState::preauthorised);
}

TEST_F(GatewayTest, tells_declines_failures_and_the_unknown_apart) {
    const auto decline =
        pay(200, R"({"status":0,"transaction":{"id":1},"error":{"code":1306,"message":"no","processor_status":"05"},"request_id":"r"})");
    EXPECT_EQ(decline.kind, AttemptState::declined);
    EXPECT_EQ(decline.decline, Decline::declined);
    EXPECT_EQ(decline.processor_status, "05");
    EXPECT_EQ(pay(200, R"({"status":0,"error":{"code":"1307","message":"no","processor_status":"51"}})").decline,
              Decline::insufficient_funds);
    EXPECT_EQ(pay(200, R"({"status":0,"error":{"code":4242,"message":"new","processor_status":"99"}})").kind, AttemptState::declined);
    EXPECT_EQ(pay(400, R"({"status":0,"error":{"code":"8105","message":"Invalid currency value"}})").kind, AttemptState::failed);
    EXPECT_EQ(pay(401, R"({"status":0,"error_code":8103,"error_message":"no"})").kind, AttemptState::failed);
    EXPECT_EQ(pay(200, R"({"status":0,"error":{"code":1301,"message":"broken"}})").kind, AttemptState::unknown);
    EXPECT_EQ(pay(500, "<html>").kind, AttemptState::unknown);
    EXPECT_EQ(pay(200, "<html>").kind, AttemptState::unknown);
    EXPECT_EQ(pay(200, R"({"status":7})").kind, AttemptState::unknown);
    Gateway gateway(client, config);
    client.answer = [](const http_client::Call&) {
        return std::unexpected(http_client::CallError{http_client::Failure::not_sent, "refused"});
    };
    EXPECT_EQ(gateway.pay(attempt, data, "").kind, AttemptState::failed);
    client.answer = [](const http_client::Call&) { return std::unexpected(http_client::CallError{http_client::Failure::timeout, "60 s"}); };
    EXPECT_EQ(gateway.pay(attempt, data, "").kind, AttemptState::unknown);
}

TEST_F(GatewayTest, a_verification_carries_its_address_and_number) {
    const auto outcome = pay(
        200,
        R"({"status":2,"transaction":{"id":5},"result":{"code":6307,"message":"v","verification_url":"https://gateway.test/v","verification_id":6},"request_id":"r"})");
    EXPECT_EQ(outcome.kind, AttemptState::verification_pending);
    EXPECT_EQ(outcome.verification_id, 6);
    EXPECT_EQ(outcome.redirect_url, "https://gateway.test/v");
    attempt.verification_id = 6;
    Gateway gateway(client, config);
    (void)gateway.complete_verification(attempt);
    const auto sent = json::parse(client.calls.back().body);
    EXPECT_EQ(*sent->at("payment_details", "verification_id")->as_int(), 6);
    EXPECT_EQ(sent->find("mit"), nullptr);
}

TEST_F(GatewayTest, a_call_over_the_limit_is_not_made_and_says_so) {
    int left = 1;
    client.answer = [](const http_client::Call&) { return Answer{500, {}, ""}; };
    Gateway gateway(client, config, [&] { return left-- > 0; });
    EXPECT_EQ(gateway.pay(attempt, data, "").kind, AttemptState::unknown);
    const auto refused = gateway.pay(attempt, data, "");
    EXPECT_EQ(refused.decline, Decline::try_later);
    EXPECT_TRUE(refused.untouched);
    EXPECT_FALSE(gateway.reconciliation(Date{std::chrono::year{2026} / 11 / 2}, Date{std::chrono::year{2026} / 11 / 2}));
    EXPECT_EQ(client.calls.size(), 1U);
}

TEST_F(GatewayTest, tells_what_the_provider_never_touched) {
    for (const auto* code : {"101", "500"}) {
        const auto refused = pay(200, R"({"status":0,"error":{"code":)" + std::string(code) + R"(,"message":"no"}})");
        EXPECT_TRUE(refused.untouched) << code;
        EXPECT_EQ(refused.decline, Decline::try_later) << code;
    }
    EXPECT_FALSE(pay(200, R"({"status":0,"error":{"code":1306,"message":"no","processor_status":"05"}})").untouched);
    EXPECT_FALSE(pay(500, "").untouched);
    EXPECT_EQ(pay(200, R"({"status":0,"error":{"code":1101,"message":"no"}})").decline, Decline::other_method);
    for (const auto* code : {"300", "301", "501", "507"})
        EXPECT_EQ(pay(200, R"({"status":0,"error":{"code":)" + std::string(code) + R"(,"message":"no"}})").decline,
                  Decline::suspected_fraud)
            << code;
}

TEST_F(GatewayTest, a_list_of_months_is_asked_for_in_parts_and_without_the_other_mode) {
    client.answer = [](const http_client::Call& call) {
        const bool first = call.url.find("startDate=2026-09-01") != std::string::npos;
        return Answer{200,
                      {},
                      "<reconciliation><body><row><transaction id=\"" + std::string(first ? "1" : "2") + "\"><isTest>" +
                          (first ? "1" : "0") + "</isTest><type>3</type></transaction></row></body></reconciliation>"};
    };
    Gateway gateway(client, config);
    const auto rows = gateway.reconciliation(Date{std::chrono::year{2026} / 9 / 1}, Date{std::chrono::year{2026} / 10 / 15});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1U);  // the live one is none of a test shop's
    EXPECT_EQ(rows->front().id, 1);
    ASSERT_EQ(client.calls.size(), 2U);
    EXPECT_THAT(client.calls[0].url, ::testing::HasSubstr("startDate=2026-09-01&endDate=2026-09-28&"));
    EXPECT_THAT(client.calls[1].url, ::testing::HasSubstr("startDate=2026-09-29&endDate=2026-10-15&"));
}

TEST_F(GatewayTest, the_hosted_page_takes_dollars_and_ends_with_our_patience) {
    config.usd_rates = "GBP=1.27, EUR=1.0842";
    attempt.method = Method::hosted;
    attempt.created_at = testing::fixed_start();
    Gateway gateway(client, config);
    const auto url = gateway.hosted_url(attempt, data);
    EXPECT_THAT(url, ::testing::HasSubstr("token_amount=59.52&token_quantity=1&billing_currency=EUR&"));
    const auto expires =
        std::chrono::duration_cast<std::chrono::seconds>((attempt.created_at + kVerificationLife).time_since_epoch()).count();
    EXPECT_THAT(url, ::testing::HasSubstr("&expires=" + std::to_string(expires) + "&signature="));
    EXPECT_THAT(gateway.hosted_url(attempt, data, attempt.created_at + std::chrono::minutes{30}),
                ::testing::HasSubstr("&expires=" + std::to_string(expires - 90 * 60) + "&signature="));

    const auto dollars = [](std::int64_t minor, std::string_view currency, std::string_view rates) {
        const auto amount = in_dollars(Money(minor, Currency::of(currency)), rates);
        return amount ? amount->minor() : -1;
    };
    EXPECT_EQ(dollars(1000, "USD", "none"), 1000);
    EXPECT_EQ(dollars(1000, "GBP", "GBP=1.27"), 1270);
    EXPECT_EQ(dollars(1000, "EUR", "GBP=1.27"), -1);
    EXPECT_EQ(dollars(1000, "CHF", "CHF=1.1"), -1);  // the page does not bill in it
    for (const auto* wrong : {"EUR=", "EUR=1,08", "EUR=0", "EUR=1.0.8", "EUR=x", "EUR"})
        EXPECT_EQ(dollars(1000, "EUR", wrong), -1) << wrong;
}

TEST_F(GatewayTest, a_partial_refund_names_its_amount_and_a_full_one_does_not) {
    attempt.transaction_id = 99;
    client.answer = [](const http_client::Call&) { return Answer{200, {}, R"({"status":1,"request_id":"r","transaction_id":100})"}; };
    Gateway gateway(client, config);
    EXPECT_EQ(gateway.refund(attempt, Money(1000, Currency::of("EUR"))).transaction_id, 100);
    EXPECT_EQ(json::parse(client.calls.back().body)->find("partial_amount")->text(), "10.00");
    (void)gateway.refund(attempt, std::nullopt);
    EXPECT_EQ(json::parse(client.calls.back().body)->find("partial_amount"), nullptr);
}

TEST(VendoReconciliation, reads_rows_and_errors) {
    std::string error;
    const auto rows = parse_reconciliation(
        R"(<?xml version="1.0"?><reconciliation><header/><body><row id="0"><transaction id="73806356"><dateTime>2026-11-02 15:31:14</dateTime><type>31</type><isNegative>1</isNegative><isTest>1</isTest>
           <merchantReference>S-1-a1</merchantReference><originalTransactionID>5</originalTransactionID><status>1</status><invoice><amount>54.90</amount><currency>EUR</currency></invoice></transaction></row></body></reconciliation>)",
        error);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().id, 73806356);
    EXPECT_EQ(rows->front().type, 31);
    EXPECT_TRUE(rows->front().negative);
    EXPECT_EQ(rows->front().reference, "S-1-a1");
    EXPECT_EQ(rows->front().amount, "54.90");
    EXPECT_EQ(rows->front().original_id, 5);
    EXPECT_FALSE(
        parse_reconciliation("<reconciliation><error code=\"0006\">AuthToken or Signature is incorrect</error></reconciliation>", error));
    EXPECT_THAT(error, ::testing::HasSubstr("0006"));
    EXPECT_FALSE(parse_reconciliation("not xml", error));
    // Entities stand for files, or for themselves a million times over: a document that declares any is refused.
    for (const auto* entities : {"<!ENTITY x SYSTEM \"file:///etc/passwd\">", "<!ENTITY a \"aaaa\"><!ENTITY x \"&a;&a;&a;&a;\">"}) {
        EXPECT_FALSE(
            parse_reconciliation(std::string("<!DOCTYPE r [") + entities +
                                     "]><reconciliation><body><row><transaction id=\"1\"><merchantReference>&x;</merchantReference>"
                                     "</transaction></row></body></reconciliation>",
                                 error));
    }
}

TEST(VendoForms, are_read_tolerantly) {
    const auto form = parse_form("callback=transaction&merchant_reference=S-1%2Da1&x=a+b&broken=%zz&empty&=");
    EXPECT_EQ(form[1].second, "S-1-a1");
    EXPECT_EQ(form[2].second, "a b");
    EXPECT_EQ(form[3].second, "%zz");
}

TEST(Ibans, are_checked_as_the_bank_does) {
    EXPECT_TRUE(is_iban("DE89 3704 0044 0532 0130 00"));
    EXPECT_TRUE(is_iban("nl91abna0417164300"));
    EXPECT_TRUE(is_iban("MT84MALT011000012345MTLCAST001S"));
    for (const auto* wrong : {"", "DE", "DE88370400440532013000", "DE89370400440532013001", "8937040044053201300", "DE8937040044053201300Ä",
                              "DE89-3704-0044-0532-0130-00"})
        EXPECT_FALSE(is_iban(wrong)) << wrong;
}

TEST(CardHints, say_no_more_than_people_need) {
    const auto hint = card_hint({"4111111111111111", "05", "2031", "123", "ANA"});
    EXPECT_EQ(hint.brand, "Visa");
    EXPECT_EQ(hint.last4, "1111");
    EXPECT_EQ(card_hint({"5555555555554444", "", "", "", ""}).brand, "Mastercard");
    EXPECT_EQ(card_hint({"2223003122003222", "", "", "", ""}).brand, "Mastercard");
    EXPECT_EQ(card_hint({"378282246310005", "", "", "", ""}).brand, "American Express");
}

}  // namespace
}  // namespace stoa::payments::vendo
