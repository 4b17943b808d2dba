#pragma once
// A passkey as a device makes and uses it (WebAuthn, ES256): for tests of what a browser passes on.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::testing {

class Authenticator {
public:
    Authenticator(std::string party_id, std::string origin);
    ~Authenticator();

    struct Made {
        std::string client_data_json, attestation_object;  // URL-safe base64
    };
    struct Signed {
        std::string credential_id, client_data_json, authenticator_data, signature;  // likewise
    };
    // `challenge` is URL-safe base64, as the shop gave it.
    [[nodiscard]] Made create(std::string_view challenge);
    [[nodiscard]] Signed get(std::string_view challenge);

    // What a test may lie about.
    std::string party_id, origin;
    std::string type_of_create = "webauthn.create", type_of_get = "webauthn.get";
    std::string more_client_data;  // ,"crossOrigin":true
    unsigned flags = 0x05;         // present, verified
    std::uint32_t sign_count = 1;  // goes up by one with each signature
    std::string more_data;         // behind the authenticator data

private:
    [[nodiscard]] std::string client_data(std::string_view type, std::string_view challenge) const;
    [[nodiscard]] std::string data(unsigned more_flags) const;
    struct Key;
    std::unique_ptr<Key> key_;
    std::string id_;
};

}  // namespace stoa::testing
