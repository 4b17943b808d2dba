#include "domain/password.hpp"

#include <gtest/gtest.h>

namespace stoa::customers {
namespace {

std::string verdict(std::string_view password, std::string_view email = "ada.lovelace@example.net") {
    const auto error = check_password(password, email, "/password");
    if (!error) return "ok";
    EXPECT_EQ(error->code, "account.weak_password");
    EXPECT_EQ(error->fields.size(), 1U);
    EXPECT_EQ(error->fields.front().pointer, "/password");
    return error->fields.front().code;
}

TEST(Password, NeedsTenCharacters) {
    EXPECT_EQ(verdict(""), "too_short");
    EXPECT_EQ(verdict("kJ8!xQz2w"), "too_short");
    EXPECT_EQ(verdict("kJ8!xQz2wv"), "ok");
    EXPECT_EQ(verdict("ÄÖÜßéàçñøł"), "ok");    // ten code points
    EXPECT_EQ(verdict("ÄÖÜßé"), "too_short");  // ten bytes
}

TEST(Password, RefusesWhatEverybodyTries) {
    for (const char* bad : {"1234567890", "0987654321", "aaaaaaaaaa", "abababababab", "password123", "Password2024!", "PASSWORT-2026",
                            "qwertyuiop", "qwertzuiop1", "azertyuiop", "iloveyou2024", "letmein12345", "abcdefghij", "passwordpassword",
                            "12345678901234567890", "motdepasse1", "wachtwoord!!"}) {
        EXPECT_EQ(verdict(bad), "too_common") << bad;
    }
    for (const char* good : {"correct horse battery", "drei Stühle am See", "trustworthy-lamp-91", "x9$Lq!vB2#tR"})
        EXPECT_EQ(verdict(good), "ok") << good;
}

TEST(Password, MayNotHoldTheMailName) {
    EXPECT_EQ(verdict("my-Ada.Lovelace-77"), "contains_email");
    EXPECT_EQ(verdict("ax-something-77", "ax@example.net"), "ok");  // two letters prove nothing
}

}  // namespace
}  // namespace stoa::customers
