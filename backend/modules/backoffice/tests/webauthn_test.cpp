// Keys and signatures below were made by another implementation (Python's cryptography package), once.
#include "domain/webauthn.hpp"

#include <gtest/gtest.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/testing/authenticator.hpp"

namespace stoa::backoffice::webauthn {
namespace {

struct Vector {
    const char* name;
    int algorithm;
    const char* attestation_object;
    const char* client_data_create;
    const char* authenticator_data;
    const char* client_data_get;
    const char* signature;
};
// es256 attests nothing, the others attest by themselves; eddsa signs with an extension.
const Vector kVectors[] = {
    {"es256", -7,
     "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikD1lGPGBsWw5dPagfNuP3wXWsIwxg51whRM47dSJHYHxFAAAAAQAAAAAAAAAAAAAAAAAAAAAAIBlAw7dX"
     "cFSO0d-xXYWDMiZn1dNoWcSiwa5ArtM9ZudlpQECAyYgASFYIHfP10iSBpwXTjAtwyB3O-eMOYPzQmt5Z4s0REuCFiZmIlgg-0lKGIZ8z_JNXcjr88oXZbaB"
     "7QOgqAQpt39VkgyZGZA",
     R"({"type":"webauthn.create","challenge":"17HOYgL9UaPFRWvdHVtdm9ZYbAd3vS8rlmQgV9EzAwY","origin":"https://shop.example","crossOrigin":false})",
     "D1lGPGBsWw5dPagfNuP3wXWsIwxg51whRM47dSJHYHwFAAAAAg",
     R"({"type":"webauthn.get","challenge":"nyUbh0GgznUl0_KlE0BgGbjffN8YN60cuUkZlH3_EQI","origin":"https://shop.example","crossOrigin":false})",
     "MEQCIA4WT_R9NOocCAu5zBJ9PKptkqIzlk0koOkm5PNNVdOZAiBnROCA7eR7agvQ31asp8eHYZ_TebeP5FfrsxpCJ7IdIA"},
    {"eddsa", -8,
     "o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZydjc2lnWEB2-as3_B8zhnIQGPYlANRdBr2LIq1fBjSUTziE-VcIv4jOikcYiK3N3H1-w2SMTsVvhT3IPpwHXhiC"
     "cQOsnOIPaGF1dGhEYXRhWIEPWUY8YGxbDl09qB824_fBdawjDGDnXCFEzjt1IkdgfEUAAAABAAAAAAAAAAAAAAAAAAAAAAAgPC-c9xWD0x1CPA1rvTSU9RfA"
     "0qYUfz9FcBgECWS8quGkAQEDJyAGIVggeSVLbom-9i0NNmMWTlk5rILl0o0GWE93Txg8XGNDYrI",
     R"({"type":"webauthn.create","challenge":"OQ08NlNzcNFh-zO29nsaf5HjYd_jbRNoXJZE_d8szjU","origin":"https://shop.example","crossOrigin":false})",
     "D1lGPGBsWw5dPagfNuP3wXWsIwxg51whRM47dSJHYHyFAAAAAqFpY3JlZFByb3BzQA",
     R"({"type":"webauthn.get","challenge":"fS8Q9PufRNWmaAQaooubH38Jlqh5H2jygna2HzDexv4","origin":"https://shop.example","crossOrigin":false})",
     "ryVks31FWWWck6JHYKdkBRJfwcrFz3xNGhbfDWFc3rWlTvRVDa3jYzVr4KixqKGJNOhh0hV34OkiywxPTBGSBg"},
    {"rs256", -257,
     "o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZzkBAGNzaWdZAQAPnCeAGUa4P8CKzJ1hPgMaHzHrB31tJ1HRTd1LSBsVvmgVIhAsqgqQ99K6Rg2wuvvv4bU3Rb-r"
     "NLY4S9CRd1MDIH4Ujg--IhUVDEcQiI0xE-FVxpC6ErR2WKRsynVpL6-KwrWXb42Bx2Rg2psUbxU4G2bn9s_f18zypgbtw20m4OYFjjzob7No4Yw7oRc2K0wM"
     "uAm6UhVLVGv0JYEcWRrfZWd9_tTDzJrSaEg30g7YpKQxIQZl7gZjGK0HM_arJFRHCqm--82AGsSJjZFynGt1PTE6tgT6HSqXhB9vU6uReYgzPxaejt8rEaaz"
     "fVX2pjOboX5Au7UDpoO_b0KLXMa7aGF1dGhEYXRhWQFnD1lGPGBsWw5dPagfNuP3wXWsIwxg51whRM47dSJHYHxFAAAAAQAAAAAAAAAAAAAAAAAAAAAAIJkQ"
     "nDVfIUHqItZD-Rpm2yZSzTWDV70K66TsTrnArh6cpAEDAzkBACBZAQCyEskAJf1U91IZ_Q5IOYj-Nf3cB2-eIgZPBLj_nsl8_RJPMIP1VKCf1aURNiyIU4QY"
     "KScjQMtkt8ChhlKxMV7iyR02_nXFEPh7O-J0daOIIc919dOaAUR2iYaz-9eh4jG1VNX5eDFHzmuxXN91GOjJSFJAEgR-2cDYVcZTSNHi-MB9KhZUu69cLcdz"
     "q7tMNc5qXNXFrgmj8s_L7lIvlzCehS0SeJ73SPrzqzkxeMjFWaoSMOuoHBp9uzr0JLm0uBQHarMOftkwWMXtolik7Px0SGCL40rfNpjne-Qt-OOQTjYkQH9B"
     "jgNIBSm0w_6YoWCHKj-N241qYhif1Osq60YjIUMBAAE",
     R"({"type":"webauthn.create","challenge":"XxEIkLKCnmTTLcOQFtVxtOVfg_IfDVxDbk3pV3amJYo","origin":"https://shop.example","crossOrigin":false})",
     "D1lGPGBsWw5dPagfNuP3wXWsIwxg51whRM47dSJHYHwFAAAAAg",
     R"({"type":"webauthn.get","challenge":"ltcoWGSLVhffNNJTfnYqXodCTkBehF5ysWD6bMrvVRI","origin":"https://shop.example","crossOrigin":false})",
     "gL3U8whHOmO98buKUeMsK4Trl1fGKBTupPVgbVfVQswnSij6W9CyomQFmHgRPxZesCWK8PHmta-S5uzGPYIRO_J0CP0iuJJ_3LrFhLGdkpaBLYe86W1Gipnr"
     "UHq5RbwnmY7qwVkTVLnnwYrKCcJ0ITvQYBSO68-qL0YGDURIAnJAAbLXNHsAS6BW8TGOhlMXG6oGOYhVhbh6DbvycEWh1ZYdcS_Y36xLhKp7GiW4fzy_5G1o"
     "MX98lfwN1fs-ryXqrMJWVegxx8gdfxk35bAA4txMJrPO-s1sjZDTFQn5IEM2jX8gzXMi7e0BpUqAtUvHJzhZSfGhGz6F5DgPTxln5g"},
};

std::string raw(std::string_view text) {
    std::string out;
    EXPECT_TRUE(crypto::base64url_decode(text, out));
    return out;
}
constexpr const char* kParty = "shop.example";
constexpr const char* kOrigin = "https://shop.example";

TEST(Webauthn, KeysOfThreeKindsAreReadAndTheirSignaturesVerified) {
    for (const auto& vector : kVectors) {
        SCOPED_TRACE(vector.name);
        EXPECT_EQ(challenge_of(vector.client_data_create, Ceremony::create, kOrigin), crypto::sha256(std::string("create ") + vector.name));
        EXPECT_EQ(challenge_of(vector.client_data_get, Ceremony::get, kOrigin), crypto::sha256(std::string("get ") + vector.name));
        const auto object = raw(vector.attestation_object);
        const auto credential = read_registration(object, vector.client_data_create, kParty);
        ASSERT_TRUE(credential);
        EXPECT_EQ(credential->algorithm, vector.algorithm);
        EXPECT_EQ(credential->id, crypto::sha256(vector.name));
        EXPECT_EQ(credential->sign_count, 1U);
        const auto data = raw(vector.authenticator_data), signature = raw(vector.signature);
        const auto verified = [&](const std::string& given, std::string_view client, const std::string& by,
                                  const std::string& party = kParty) {
            return read_assertion(given, client, by, party, credential->public_key, credential->algorithm, false).has_value();
        };
        EXPECT_TRUE(verified(data, vector.client_data_get, signature));
        EXPECT_EQ(read_assertion(data, vector.client_data_get, signature, kParty, credential->public_key, credential->algorithm, false)
                      ->sign_count,
                  2U);
        EXPECT_FALSE(verified(data, vector.client_data_get, signature, "other.example"));
        EXPECT_FALSE(verified(data, vector.client_data_create, signature));
        EXPECT_FALSE(verified(data, vector.client_data_get, signature.substr(1)));
        EXPECT_FALSE(verified(data, vector.client_data_get, ""));
        EXPECT_FALSE(verified(data + '\0', vector.client_data_get, signature));
        EXPECT_FALSE(read_assertion(data, vector.client_data_get, signature, kParty, credential->public_key, credential->algorithm, true));
        // Whatever bit is turned over, nothing that was signed is taken.
        for (std::size_t at = 0; at < data.size(); ++at) {
            auto changed = data;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            EXPECT_FALSE(verified(changed, vector.client_data_get, signature)) << at;
        }
        EXPECT_FALSE(read_registration(object, vector.client_data_create, "other.example"));
    }
}

TEST(Webauthn, ARegistrationThatIsCutOrLongerOrOtherwiseBrokenIsNone) {
    for (const auto& vector : kVectors) {
        SCOPED_TRACE(vector.name);
        const auto object = raw(vector.attestation_object);
        for (std::size_t length = 0; length < object.size(); ++length)
            EXPECT_FALSE(read_registration(object.substr(0, length), vector.client_data_create, kParty)) << length;
        EXPECT_FALSE(read_registration(object + "\xA0", vector.client_data_create, kParty));
        // Nothing here may crash; what the authenticator attested by itself may not change at all.
        const bool attested = object.find("packed") != std::string::npos;
        for (std::size_t at = 0; at < object.size(); ++at) {
            for (const char bits : {'\x01', '\x20', '\x80', '\xFF'}) {
                auto changed = object;
                changed[at] = static_cast<char>(changed[at] ^ bits);
                const auto read = read_registration(changed, vector.client_data_create, kParty);
                if (attested) {
                    EXPECT_FALSE(read) << at;
                }
            }
        }
        if (attested) {
            EXPECT_FALSE(read_registration(object, vector.client_data_get, kParty));
        }
    }
}

TEST(Webauthn, ClientDataOfAnotherKindPageOrFrameIsRefused) {
    const auto ask = [](const std::string& text) { return challenge_of(text, Ceremony::get, kOrigin).has_value(); };
    EXPECT_TRUE(ask(R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example"})"));
    EXPECT_TRUE(ask(R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example","crossOrigin":false,"other_keys":"x"})"));
    for (const auto* text : {
             R"({"type":"webauthn.create","challenge":"AAAA","origin":"https://shop.example"})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example:8443"})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"http://shop.example"})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://evil.shop.example"})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example","crossOrigin":true})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example","crossOrigin":"false"})",
             R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example","topOrigin":"https://evil.example"})",
             R"({"type":"webauthn.get","challenge":"","origin":"https://shop.example"})",
             R"({"type":"webauthn.get","challenge":"A*AA","origin":"https://shop.example"})",
             R"({"type":"webauthn.get","challenge":7,"origin":"https://shop.example"})",
             R"({"type":"webauthn.get","type":"webauthn.get","challenge":"AAAA","origin":"https://shop.example"})",
             R"(["webauthn.get"])",
             "",
             "{",
         })
        EXPECT_FALSE(ask(text)) << text;
}

TEST(Webauthn, ThePersonMustBeThereAndVerified) {
    testing::Authenticator device(kParty, kOrigin);
    const auto registered = [&] {
        const auto made = device.create("AAAA");
        return read_registration(raw(made.attestation_object), raw(made.client_data_json), kParty);
    };
    ASSERT_TRUE(registered());
    for (const unsigned flags : {0x00U, 0x01U, 0x04U}) {
        device.flags = flags;
        EXPECT_FALSE(registered()) << flags;
    }
    device.flags = 0x15;  // backed up, though it may not be
    EXPECT_FALSE(registered());
    device.flags = 0x1D;
    const auto backed_up = registered();
    ASSERT_TRUE(backed_up);
    EXPECT_TRUE(backed_up->backed_up);
    device.flags = 0x05;
    device.more_data = "x";
    EXPECT_FALSE(registered());
    device.flags = 0x85;
    device.more_data = "\xA1\x61x\x01";
    EXPECT_TRUE(registered());
    device.more_data = std::string("\xA2\x61x\x01\x61x\x01");  // a key twice
    EXPECT_FALSE(registered());
    device.more_data = "\xBF\x61x\x01\xFF";  // of no definite length
    EXPECT_FALSE(registered());
    device.more_data = std::string(5000, '\x81');  // deep
    EXPECT_FALSE(registered());
    device.more_data = "\xBB\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";  // wide
    EXPECT_FALSE(registered());
}

TEST(Webauthn, ThePartyIsTheNameInTheAddress) {
    EXPECT_EQ(party_of("https://shop.example").id, "shop.example");
    EXPECT_EQ(party_of("http://localhost:8080").id, "localhost");
    EXPECT_EQ(party_of("http://localhost:8080/").origin, "http://localhost:8080");
    EXPECT_EQ(party_of("http://127.0.0.1:8080").id, "");
    EXPECT_EQ(party_of("http://[::1]:8080").id, "");
}

}  // namespace
}  // namespace stoa::backoffice::webauthn
