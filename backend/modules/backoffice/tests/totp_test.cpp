#include "domain/totp.hpp"

#include <gtest/gtest.h>

namespace stoa::backoffice {
namespace {

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

// RFC 6238, appendix B (SHA-1, eight digits).
TEST(Totp, AgreesWithTheTableOfItsStandard) {
    const std::string secret = "12345678901234567890";
    const std::pair<std::int64_t, const char*> rows[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                                                         {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& [seconds, code] : rows) EXPECT_EQ(totp_code(secret, totp_step(at(seconds)), 8), code) << seconds;
}

TEST(Totp, OneStepOfDriftIsAllowedAndACodeCountsOnce) {
    const std::string secret = "12345678901234567890";
    const auto now = at(1'000'000'020);
    const auto step = totp_step(now);
    for (const std::int64_t drift : {-1, 0, 1}) EXPECT_EQ(match_totp(secret, totp_code(secret, step + drift), now, 0), step + drift);
    for (const std::int64_t drift : {-2, 2}) EXPECT_EQ(match_totp(secret, totp_code(secret, step + drift), now, 0), std::nullopt);
    EXPECT_EQ(match_totp(secret, totp_code(secret, step), now, step), std::nullopt);
    EXPECT_EQ(match_totp(secret, totp_code(secret, step - 1), now, step), std::nullopt);
    EXPECT_EQ(match_totp(secret, "", now, 0), std::nullopt);
    EXPECT_EQ(match_totp(secret, totp_code(secret, step) + "0", now, 0), std::nullopt);
}

// RFC 4648, section 10.
TEST(Totp, Base32) {
    EXPECT_EQ(base32(""), "");
    EXPECT_EQ(base32("f"), "MY");
    EXPECT_EQ(base32("fo"), "MZXQ");
    EXPECT_EQ(base32("foo"), "MZXW6");
    EXPECT_EQ(base32("foob"), "MZXW6YQ");
    EXPECT_EQ(base32("fooba"), "MZXW6YTB");
    EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
    EXPECT_EQ(otpauth_uri("Stoa Home", "a+b@stoa.example", "foobar"),
              "otpauth://totp/Stoa%20Home:a%2Bb%40stoa.example?secret=MZXW6YTBOI&issuer=Stoa%20Home&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace stoa::backoffice
