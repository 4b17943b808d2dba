// Ids, time, money and secrets: the values everything else is made of.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/money/money.hpp"

namespace stoa {
namespace {

using CartTestId = Id<"cart">;
using OrderTestId = Id<"ord">;

TEST(Ids, grow_and_never_repeat) {
    std::set<Uuid> seen;
    Uuid last;
    for (int i = 0; i < 20000; ++i) {
        const auto id = Uuid::v7();
        EXPECT_LT(last, id);
        EXPECT_TRUE(seen.insert(id).second);
        EXPECT_EQ(id.bytes[6] >> 4, 7);
        EXPECT_EQ(id.bytes[8] >> 6, 2);
        last = id;
    }
}

TEST(Ids, read_what_they_write_and_nothing_else) {
    const auto id = CartTestId::make();
    EXPECT_EQ(CartTestId::parse(id.to_string()), id);
    EXPECT_EQ(id.to_string().size(), 31U);
    EXPECT_EQ(Uuid::parse(id.uuid().to_string()), id.uuid());
    EXPECT_FALSE(OrderTestId::parse(id.to_string()));
    const auto text = id.to_string();
    for (const std::string& bad : {std::string(), text.substr(1), text + "0", "cart_" + std::string(26, 'u'),
                                   "cart_8" + std::string(25, '0'), "CART" + text.substr(4), id.uuid().to_string()})
        EXPECT_FALSE(CartTestId::parse(bad)) << bad;
    EXPECT_FALSE(Uuid::parse("0192f0c1-2345-7abc-8def-0123456789ag"));
    EXPECT_EQ(CartTestId::derived("a"), CartTestId::derived("a"));
    EXPECT_NE(CartTestId::derived("a").uuid(), OrderTestId::derived("a").uuid());
}

TEST(Time, reads_and_writes_rfc_3339) {
    const auto at = parse_timestamp("2026-11-22T10:26:09.5+01:00");
    ASSERT_TRUE(at);
    EXPECT_EQ(to_rfc3339(*at), "2026-11-22T09:26:09.500000Z");
    EXPECT_EQ(parse_timestamp("2026-11-22 10:26:09.123456+00"), parse_timestamp("2026-11-22T10:26:09.123456Z"));
    EXPECT_EQ(to_http_date(*parse_timestamp("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const auto* bad : {"", "2026-11-22", "2026-11-22T10:26:09", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z",
                            "2026-11-22T10:26:09Zx", "2026-11-22T10:26:09.Z", "x026-11-22T10:26:09Z"})
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
    EXPECT_EQ(to_iso_date(*parse_iso_date("2024-02-29")), "2024-02-29");
    EXPECT_FALSE(parse_iso_date("2025-02-29"));
    // What PostgreSQL would refuse
    EXPECT_FALSE(parse_iso_date("0000-01-01"));
    EXPECT_FALSE(parse_timestamp("0000-01-01T00:00:00Z"));
    EXPECT_FALSE(parse_timestamp("0001-01-01T00:00:00+23:00"));
    EXPECT_TRUE(parse_timestamp("0001-01-01T00:00:00Z"));
}

TEST(MoneyValue, rounds_as_it_is_told) {
    struct Case {
        std::int64_t a, b, c, half_up, half_even, down, up;
    };
    for (const auto& [a, b, c, half_up, half_even, down, up] :
         {Case{5, 1, 2, 3, 2, 2, 3}, Case{7, 1, 2, 4, 4, 3, 4}, Case{-5, 1, 2, -3, -2, -2, -3}, Case{1, 1, 3, 0, 0, 0, 1},
          Case{2, 1, 3, 1, 1, 0, 1}, Case{6, 1, 3, 2, 2, 2, 2}}) {
        EXPECT_EQ(mul_div(a, b, c, Rounding::half_up), half_up);
        EXPECT_EQ(mul_div(a, b, c, Rounding::half_even), half_even);
        EXPECT_EQ(mul_div(a, b, c, Rounding::down), down);
        EXPECT_EQ(mul_div(a, b, c, Rounding::up), up);
    }
    EXPECT_EQ(mul_div(std::numeric_limits<std::int64_t>::max(), 10000, 10000, Rounding::half_up), std::numeric_limits<std::int64_t>::max());
    EXPECT_THROW((void)mul_div(std::numeric_limits<std::int64_t>::max(), 2, 1, Rounding::half_up), std::overflow_error);
    EXPECT_THROW((void)mul_div(1, 1, 0, Rounding::half_up), std::domain_error);
}

TEST(MoneyValue, parts_always_add_up) {
    std::mt19937_64 random(20261122);
    for (int round = 0; round < 20000; ++round) {
        const auto currency = Currency::of(round % 3 == 0 ? "JPY" : round % 3 == 1 ? "EUR" : "BHD");
        const Money whole(static_cast<std::int64_t>(random() % 2000001) - 1000000, currency);
        std::vector<std::int64_t> weights(1 + random() % 12);
        for (auto& weight : weights) weight = static_cast<std::int64_t>(random() % 1000);
        Money sum = Money::zero(currency);
        const auto parts = whole.split(weights);
        std::int64_t total = 0;
        for (const auto weight : weights) total += weight;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            sum += parts[i];
            if (total > 0) {
                // No part is further than one unit from its exact share.
                EXPECT_LE(std::llabs(parts[i].minor() * total - whole.minor() * weights[i]), total);
            }
        }
        ASSERT_EQ(sum, whole) << "round " << round;
    }
    EXPECT_THROW((void)Money(1, Currency::of("EUR")).split({}), std::invalid_argument);
}

TEST(MoneyValue, refuses_to_mix_currencies_and_to_overflow) {
    const Money euro(100, Currency::of("EUR"));
    EXPECT_THROW((void)(euro + Money(100, Currency::of("CHF"))), std::logic_error);
    EXPECT_THROW((void)(Money(std::numeric_limits<std::int64_t>::max(), Currency::of("EUR")) + Money(1, Currency::of("EUR"))),
                 std::overflow_error);
    EXPECT_FALSE(Currency::parse("eur"));
    EXPECT_THROW((void)Currency::of("???"), std::invalid_argument);
}

TEST(MoneyValue, writes_and_reads_major_units) {
    EXPECT_EQ(Money(5490, Currency::of("EUR")).to_decimal(), "54.90");
    EXPECT_EQ(Money(-5, Currency::of("EUR")).to_decimal(), "-0.05");
    EXPECT_EQ(Money(500, Currency::of("JPY")).to_decimal(), "500");
    EXPECT_EQ(Money(1234, Currency::of("BHD")).to_decimal(), "1.234");
    EXPECT_EQ(Money(std::numeric_limits<std::int64_t>::min(), Currency::of("EUR")).to_decimal(), "-92233720368547758.08");
    EXPECT_EQ(Money::parse_decimal("54.9", Currency::of("EUR")), Money(5490, Currency::of("EUR")));
    EXPECT_EQ(Money::parse_decimal("54.900", Currency::of("EUR")), Money(5490, Currency::of("EUR")));
    EXPECT_EQ(Money::parse_decimal("-1", Currency::of("JPY")), Money(-1, Currency::of("JPY")));
    for (const auto* bad : {"", ".", "1.234", "1,5", "1e3", "--1", "1.2.3", "99999999999999999999"})
        EXPECT_FALSE(Money::parse_decimal(bad, Currency::of("EUR"))) << bad;
}

TEST(Crypto, signs_seals_and_hashes) {
    EXPECT_EQ(crypto::hex(crypto::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231, test case 2.
    EXPECT_EQ(crypto::hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    std::string payload;
    const auto token = crypto::sign_token("key", "purpose", "hello");
    EXPECT_TRUE(crypto::verify_token("key", "purpose", token, payload));
    EXPECT_EQ(payload, "hello");
    EXPECT_FALSE(crypto::verify_token("key", "other", token, payload));
    EXPECT_FALSE(crypto::verify_token("other", "purpose", token, payload));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (changed == token) continue;
        EXPECT_FALSE(crypto::verify_token("key", "purpose", changed, payload)) << i;
    }
    const auto sealed = crypto::encrypt("key", "card", "secret");
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_EQ(crypto::decrypt("key", "card", sealed), "secret");
    EXPECT_THROW((void)crypto::decrypt("key", "other", sealed), std::runtime_error);
    EXPECT_THROW((void)crypto::decrypt("key", "card", sealed.substr(0, 10)), std::runtime_error);
    const auto hash = crypto::hash_password("correct horse");
    EXPECT_TRUE(crypto::verify_password(hash, "correct horse"));
    EXPECT_FALSE(crypto::verify_password(hash, "wrong horse"));
    EXPECT_FALSE(crypto::verify_password("no hash", "wrong horse"));
    EXPECT_TRUE(crypto::equal_constant_time("a", "a"));
    EXPECT_FALSE(crypto::equal_constant_time("a", "ab"));
}

TEST(Crypto, known_answers) {
    // RFC 2202, test cases 1 to 3.
    EXPECT_EQ(crypto::hex(crypto::hmac_sha1(std::string(20, '\x0b'), "Hi There")), "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(crypto::hex(crypto::hmac_sha1("Jefe", "what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(crypto::hex(crypto::hmac_sha1(std::string(20, '\xaa'), std::string(50, '\xdd'))), "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
    EXPECT_EQ(crypto::hex(crypto::hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(crypto::hex(crypto::sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(crypto::hex(std::string("\x00\x7f\x80\xff", 4)), "007f80ff");
    EXPECT_EQ(crypto::hex(""), "");
}

TEST(Crypto, base64_takes_what_it_writes_and_nothing_else) {
    std::string out;
    for (std::size_t size = 0; size < 70; ++size) {
        const auto raw = crypto::random_bytes(size);
        ASSERT_TRUE(crypto::base64_decode(crypto::base64(raw), out)) << size;
        EXPECT_EQ(out, raw);
        ASSERT_TRUE(crypto::base64url_decode(crypto::base64url(raw), out)) << size;
        EXPECT_EQ(out, raw);
    }
    EXPECT_EQ(crypto::base64("\xfb\xff"), "+/8=");
    EXPECT_EQ(crypto::base64url("\xfb\xff"), "-_8");
    for (const auto& bad : std::initializer_list<std::string>{"A", "+_8=", "+/8", "+/9=", "+/8= ", "+/8=\n", " +/8=", "+/8==", "====",
                                                              "+\xff"
                                                              "8=",
                                                              std::string("+/8\0", 4)})
        EXPECT_FALSE(crypto::base64_decode(bad, out)) << bad;
    for (const auto& bad : std::initializer_list<std::string>{"A", "-/8", "-_8=", "-_9", "-_8 ", "-_ 8", "\xff\xff",
                                                              "-\xff"
                                                              "8",
                                                              std::string("-_8\0", 4)})
        EXPECT_FALSE(crypto::base64url_decode(bad, out)) << bad;
}

TEST(Crypto, sealed_text_opens_unchanged_or_not_at_all) {
    for (const auto& plain : std::initializer_list<std::string>{"", "x", std::string(1000, 'y')}) {
        const auto sealed = crypto::encrypt("key", "card", plain);
        EXPECT_EQ(crypto::decrypt("key", "card", sealed), plain);
        EXPECT_NE(crypto::encrypt("key", "card", plain), sealed);
        // Nonce, text and tag: a changed bit anywhere is noticed, and so is a missing or an added byte.
        for (std::size_t i = 0; i < sealed.size(); i += 1 + sealed.size() / 60) {
            auto changed = sealed;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            EXPECT_THROW((void)crypto::decrypt("key", "card", changed), std::runtime_error) << i;
        }
        EXPECT_THROW((void)crypto::decrypt("key", "card", sealed.substr(0, sealed.size() - 1)), std::runtime_error);
        EXPECT_THROW((void)crypto::decrypt("key", "card", sealed + "x"), std::runtime_error);
        EXPECT_THROW((void)crypto::decrypt("other", "card", sealed), std::runtime_error);
    }
    EXPECT_THROW((void)crypto::decrypt("key", "card", ""), std::runtime_error);
}

TEST(Crypto, comparison_sees_every_byte) {
    const std::string text = crypto::random_bytes(32);
    EXPECT_TRUE(crypto::equal_constant_time(text, std::string(text)));
    EXPECT_TRUE(crypto::equal_constant_time("", ""));
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto other = text;
        other[i] = static_cast<char>(other[i] ^ 0x80);
        EXPECT_FALSE(crypto::equal_constant_time(text, other)) << i;
    }
    EXPECT_FALSE(crypto::equal_constant_time(text, text.substr(1)));
}

TEST(Configuration, names_every_mistake_at_once) {
    const auto from = [](std::map<std::string, std::string, std::less<>> values) {
        return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
            const auto it = values.find(name);
            if (it == values.end()) return std::nullopt;
            return it->second;
        };
    };
    EXPECT_EQ(load_config(from({})).http_port, 8001);
    EXPECT_EQ(load_config(from({{"STOA_PUBLIC_URL", "https://shop.example/"}})).public_url, "https://shop.example");
    EXPECT_EQ(load_config(from({{"STOA_STOREFRONT_URL", ""}})).storefront_url, "");
    try {
        (void)load_config(from({{"STOA_HTTP_PORT", "80x"},
                                {"STOA_ENV", "test"},
                                {"STOA_SECRET_KEY", "short"},
                                {"STOA_LOG_LEVEL", "loud"},
                                {"STOA_DEFAULT_CURRENCY", "eur"},
                                {"STOA_DEFAULT_COUNTRY", "Germany"},
                                {"STOA_SEARCH_BACKEND", "solr"},
                                {"STOA_OPENSEARCH_URL", "search:9200"},
                                {"STOA_OPENSEARCH_PREFIX", "Stoa"},
                                {"STOA_SENDER_COUNTRY", "n"}}));
        FAIL() << "accepted";
    } catch (const ConfigError& error) {
        const std::string text = error.what();
        for (const auto* name :
             {"STOA_HTTP_PORT", "STOA_ENV", "STOA_SECRET_KEY", "STOA_LOG_LEVEL", "STOA_DEFAULT_CURRENCY", "STOA_DEFAULT_COUNTRY",
              "STOA_SENDER_COUNTRY", "STOA_SEARCH_BACKEND", "STOA_OPENSEARCH_URL", "STOA_OPENSEARCH_PREFIX"})
            EXPECT_NE(text.find(name), std::string::npos) << text;
    }
}

TEST(Configuration, production_takes_nothing_that_belongs_to_the_sandbox) {
    const std::map<std::string, std::string, std::less<>> good{{"STOA_ENV", "production"},
                                                               {"STOA_PUBLIC_URL", "https://shop.example"},
                                                               {"STOA_SECRET_KEY", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
                                                               {"STOA_REVALIDATE_SECRET", "f0e1d2c3b4a5968778695a4b3c2d1e0f"},
                                                               {"STOA_VENDO_URL", "https://secure.vend-o.com"},
                                                               {"STOA_VENDO_MERCHANT_ID", "7654321"},
                                                               {"STOA_VENDO_SITE_ID", "54321"},
                                                               {"STOA_VENDO_API_SECRET", "a"},
                                                               {"STOA_VENDO_SHARED_SECRET", "b"},
                                                               {"STOA_VENDO_TEST", "0"},
                                                               {"STOA_VENDO_USD_RATES", "EUR=1.1634,GBP=1.3212"},
                                                               {"STOA_SENDCLOUD_URL", "https://panel.sendcloud.sc"},
                                                               {"STOA_SENDCLOUD_PUBLIC_KEY", "c"},
                                                               {"STOA_SENDCLOUD_SECRET_KEY", "d"},
                                                               {"STOA_SMTP_URL", "smtps://user:password@mail.example:465"},
                                                               {"STOA_MAIL_FROM", "Shop <shop@shop.example>"}};
    const auto findings = [](const std::map<std::string, std::string, std::less<>>& values) {
        return unsafe_for_production(load_config([&](std::string_view name) -> std::optional<std::string> {
            const auto it = values.find(name);
            if (it == values.end()) return std::nullopt;
            return it->second;
        }));
    };
    EXPECT_EQ(findings(good), std::vector<std::string>{});
    // Each of them left at its default is found, by its name, and nothing else is.
    for (const auto& [name, value] : good) {
        if (name == "STOA_ENV") continue;
        auto values = good;
        values.erase(name);
        const auto found = findings(values);
        ASSERT_EQ(found.size(), 1U) << name;
        EXPECT_TRUE(found[0].starts_with(name + " ")) << found[0];
    }
    const auto published = [](const std::map<std::string, std::string, std::less<>>& values) {
        return published_secrets(load_config([&](std::string_view name) -> std::optional<std::string> {
            const auto it = values.find(name);
            return it == values.end() ? std::nullopt : std::optional(it->second);
        }));
    };
    EXPECT_EQ(published(good), std::vector<std::string>{});
    EXPECT_EQ(published({}).size(), 4U);
    auto unlimited = good;
    unlimited["STOA_VENDO_CALLS_PER_5_MINUTES"] = "0";
    EXPECT_EQ(findings(unlimited).size(), 1U);
    // OpenSearch's settings count when it is chosen.
    auto searching = good;
    searching["STOA_SEARCH_BACKEND"] = "opensearch";
    EXPECT_EQ(findings(searching).size(), 3U);
    searching["STOA_OPENSEARCH_URL"] = "https://search.example:9200";
    searching["STOA_OPENSEARCH_PASSWORD"] = "e";
    EXPECT_EQ(findings(searching), std::vector<std::string>{});
    searching["STOA_OPENSEARCH_URL"] = "http://search.example:9200";
    EXPECT_EQ(findings(searching).size(), 1U);
    searching["STOA_OPENSEARCH_USER"] = "none";
    EXPECT_EQ(findings(searching), std::vector<std::string>{});
}

}  // namespace
}  // namespace stoa
