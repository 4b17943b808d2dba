#pragma once
// What a browser sends of a passkey, checked as the Web Authentication specification (level 2, sections 7.1 and 7.2) says. Nothing here
// knows of accounts: whether the challenge was ours and whose the key is, the caller finds out.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::backoffice::webauthn {

// Registered COSE numbers; in the order in which we ask for them.
inline constexpr int kEs256 = -7, kEdDsa = -8, kRs256 = -257;

struct Party {
    std::string id;      // "shop.example"
    std::string origin;  // "https://shop.example"
};
// Of the address that people type. The id is empty for an address without a name (an IP address), which no browser takes.
[[nodiscard]] Party party_of(std::string_view public_url);

enum class Ceremony { create, get };
// The challenge that was signed, in raw bytes; nullopt for anything but a request of `ceremony` by `origin` itself.
[[nodiscard]] std::optional<std::string> challenge_of(std::string_view client_data, Ceremony ceremony, std::string_view origin);

struct Credential {
    std::string id;          // raw
    std::string public_key;  // SubjectPublicKeyInfo
    int algorithm = 0;
    std::uint32_t sign_count = 0;
    bool may_be_backed_up = false, backed_up = false;
};
// A new credential: of this party, with the person present and verified, of an algorithm above. Attestation: none, or by itself.
[[nodiscard]] std::optional<Credential> read_registration(std::string_view attestation_object, std::string_view client_data,
                                                          std::string_view party_id);

struct Use {
    std::uint32_t sign_count = 0;
    bool backed_up = false;
};
// Signed by the key for this party, with the person present and verified. The caller compares the count.
[[nodiscard]] std::optional<Use> read_assertion(std::string_view authenticator_data, std::string_view client_data,
                                                std::string_view signature, std::string_view party_id, std::string_view public_key,
                                                int algorithm, bool may_be_backed_up);

}  // namespace stoa::backoffice::webauthn
