#include "domain/webauthn.hpp"

#include <arpa/inet.h>
#include <cbor.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <array>
#include <map>
#include <memory>

#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"

namespace stoa::backoffice::webauthn {
namespace {

// ---- CBOR: what authenticators write is flat, of definite lengths, and without a key twice (CTAP2 canonical form)
struct ItemDeleter {
    void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, ItemDeleter>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// The item at the beginning of `data`, which is moved behind it.
Item take_item(std::string_view& data) {
    cbor_load_result result{};
    Item item(data.empty() ? nullptr : cbor_load(bytes(data), data.size(), &result));
    if (!item || result.error.code != CBOR_ERR_NONE) return nullptr;
    data.remove_prefix(result.read);
    return item;
}

std::optional<std::string> byte_string(const cbor_item_t* item) {
    if (!item || !cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item)) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(cbor_bytestring_handle(item)), cbor_bytestring_length(item));
}
std::optional<std::string> text_string(const cbor_item_t* item) {
    if (!item || !cbor_isa_string(item) || !cbor_string_is_definite(item)) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(cbor_string_handle(item)), cbor_string_length(item));
}
std::optional<std::int64_t> integer(const cbor_item_t* item) {
    if (!item || !cbor_is_int(item)) return std::nullopt;
    const auto value = cbor_get_int(item);
    if (value > INT32_MAX) return std::nullopt;  // no number of ours is as large
    return cbor_isa_negint(item) ? -1 - static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

// The members of a map whose keys are all read by `key`; nullopt for anything else, and for a key twice.
template <class Key>
std::optional<std::map<Key, const cbor_item_t*>> members(const cbor_item_t* item, std::optional<Key> (*key)(const cbor_item_t*)) {
    if (!item || !cbor_isa_map(item) || !cbor_map_is_definite(item)) return std::nullopt;
    std::map<Key, const cbor_item_t*> out;
    const auto* pairs = cbor_map_handle(item);
    for (std::size_t i = 0; i < cbor_map_size(item); ++i) {
        const auto name = key(pairs[i].key);
        if (!name || !out.emplace(*name, pairs[i].value).second) return std::nullopt;
    }
    return out;
}

// ---- keys
struct KeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
struct KeyContextDeleter {
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct DigestContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct ParamsDeleter {
    void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(BIGNUM* number) const { BN_free(number); }
};

// A point that is not on the curve makes no key.
Key p256_key(const std::string& x, const std::string& y) {
    if (x.size() != 32 || y.size() != 32) return nullptr;
    const auto point = "\x04" + x + y;
    char curve[] = "P-256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(point.data()), point.size()),
                           OSSL_PARAM_construct_end()};
    const std::unique_ptr<EVP_PKEY_CTX, KeyContextDeleter> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return nullptr;
    return Key(key);
}

Key ed25519_key(const std::string& x) {
    if (x.size() != 32) return nullptr;
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(x), x.size()));
}

Key rsa_key(const std::string& modulus, const std::string& exponent) {
    if (modulus.size() < 256 || modulus.size() > 512 || (modulus.front() & 0x80) == 0 || exponent.empty() || exponent.size() > 4)
        return nullptr;
    const std::unique_ptr<BIGNUM, ParamsDeleter> n(BN_bin2bn(bytes(modulus), static_cast<int>(modulus.size()), nullptr));
    const std::unique_ptr<BIGNUM, ParamsDeleter> e(BN_bin2bn(bytes(exponent), static_cast<int>(exponent.size()), nullptr));
    if (!n || !e || BN_is_odd(e.get()) != 1 || BN_is_one(e.get()) == 1) return nullptr;
    const std::unique_ptr<OSSL_PARAM_BLD, ParamsDeleter> builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return nullptr;
    const std::unique_ptr<OSSL_PARAM, ParamsDeleter> params(OSSL_PARAM_BLD_to_param(builder.get()));
    const std::unique_ptr<EVP_PKEY_CTX, KeyContextDeleter> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        return nullptr;
    return Key(key);
}

// RFC 9053: kty 1, alg 3; the rest by the kind of key.
Key cose_key(const cbor_item_t* item, int& algorithm) {
    const auto map = members<std::int64_t>(item, integer);
    if (!map) return nullptr;
    const auto value = [&](std::int64_t name) {
        const auto found = map->find(name);
        return found == map->end() ? nullptr : found->second;
    };
    const auto raw = [&](std::int64_t name) { return byte_string(value(name)).value_or(""); };
    const auto kind = integer(value(1)), used = integer(value(3));
    if (!kind || !used) return nullptr;
    algorithm = static_cast<int>(*used);
    if (algorithm == kEs256 && kind == 2 && integer(value(-1)) == 1) return p256_key(raw(-2), raw(-3));
    if (algorithm == kEdDsa && kind == 1 && integer(value(-1)) == 6) return ed25519_key(raw(-2));
    if (algorithm == kRs256 && kind == 3) return rsa_key(raw(-1), raw(-2));
    return nullptr;
}

std::string encoded(const EVP_PKEY* key) {
    unsigned char* raw = nullptr;
    const int length = i2d_PUBKEY(key, &raw);
    if (length <= 0) return {};
    std::string out(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
    OPENSSL_free(raw);
    return out;
}

bool verify(EVP_PKEY* key, int algorithm, std::string_view message, std::string_view signature) {
    const std::unique_ptr<EVP_MD_CTX, DigestContextDeleter> context(EVP_MD_CTX_new());
    // Ed25519 has its own digest. RS256 is PKCS #1 v1.5, which is what a key of this kind does unless told otherwise.
    const auto* digest = algorithm == kEdDsa ? nullptr : EVP_sha256();
    return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
}

// ---- authenticator data: hash of the party (32), flags (1), count (4); then a credential and extensions, where the flags say so
constexpr unsigned kPresent = 0x01, kVerified = 0x04, kMayBeBackedUp = 0x08, kBackedUp = 0x10, kCredential = 0x40, kExtensions = 0x80;

struct Data {
    unsigned flags = 0;
    std::uint32_t sign_count = 0;
    std::string_view rest;
};

std::optional<Data> read_data(std::string_view data, std::string_view party_id) {
    if (data.size() < 37 || !crypto::equal_constant_time(data.substr(0, 32), crypto::sha256(party_id))) return std::nullopt;
    Data out;
    out.flags = static_cast<unsigned char>(data[32]);
    for (std::size_t i = 33; i < 37; ++i) out.sign_count = out.sign_count << 8 | static_cast<unsigned char>(data[i]);
    out.rest = data.substr(37);
    const auto needed = kPresent | kVerified;
    if ((out.flags & needed) != needed || ((out.flags & kBackedUp) && !(out.flags & kMayBeBackedUp))) return std::nullopt;
    return out;
}

// What follows is one map of extensions or nothing, as the flags say.
bool ends_well(const Data& data) {
    auto rest = data.rest;
    if (data.flags & kExtensions) {
        const auto extensions = take_item(rest);
        if (!members<std::string>(extensions.get(), text_string)) return false;
    }
    return rest.empty();
}

}  // namespace

Party party_of(std::string_view public_url) {
    Party out;
    const auto scheme = public_url.find("://");
    if (scheme == std::string_view::npos) return out;
    const auto end = public_url.find('/', scheme + 3);
    out.origin = public_url.substr(0, end);
    auto host = std::string(out.origin.substr(scheme + 3));
    if (host.starts_with('[')) return out;
    host = host.substr(0, host.find(':'));
    in_addr address{};
    if (::inet_pton(AF_INET, host.c_str(), &address) != 1) out.id = host;
    return out;
}

std::optional<std::string> challenge_of(std::string_view client_data, Ceremony ceremony, std::string_view origin) {
    const auto parsed = json::parse(client_data, {4096, 8});
    if (!parsed || !parsed->is_object()) return std::nullopt;
    if (parsed->text_or("type") != (ceremony == Ceremony::create ? "webauthn.create" : "webauthn.get")) return std::nullopt;
    // From a page of ours, and not from one inside another's.
    if (parsed->text_or("origin") != origin || parsed->find("topOrigin")) return std::nullopt;
    if (const auto* cross = parsed->find("crossOrigin"); cross && (cross->kind() != json::Value::Kind::boolean || cross->as_bool()))
        return std::nullopt;
    std::string challenge;
    if (!crypto::base64url_decode(parsed->text_or("challenge"), challenge) || challenge.empty()) return std::nullopt;
    return challenge;
}

std::optional<Credential> read_registration(std::string_view attestation_object, std::string_view client_data, std::string_view party_id) {
    auto rest = attestation_object;
    const auto object = take_item(rest);
    const auto map = members<std::string>(object.get(), text_string);
    if (!map || !rest.empty() || !map->contains("fmt") || !map->contains("attStmt") || !map->contains("authData")) return std::nullopt;
    const auto format = text_string(map->at("fmt"));
    const auto statement = members<std::string>(map->at("attStmt"), text_string);
    const auto raw = byte_string(map->at("authData"));
    if (!format || !statement || !raw) return std::nullopt;

    auto data = read_data(*raw, party_id);
    // 16 bytes name the model of the authenticator, two tell how long the id is.
    if (!data || !(data->flags & kCredential) || data->rest.size() < 18) return std::nullopt;
    const auto length =
        static_cast<std::size_t>(static_cast<unsigned char>(data->rest[16])) << 8 | static_cast<unsigned char>(data->rest[17]);
    data->rest.remove_prefix(18);
    if (length == 0 || length > 1023 || data->rest.size() < length) return std::nullopt;
    Credential out;
    out.id = data->rest.substr(0, length);
    data->rest.remove_prefix(length);
    const auto written = take_item(data->rest);
    const auto key = cose_key(written.get(), out.algorithm);
    if (!key || !ends_well(*data)) return std::nullopt;
    out.public_key = encoded(key.get());
    out.sign_count = data->sign_count;
    out.may_be_backed_up = data->flags & kMayBeBackedUp;
    out.backed_up = data->flags & kBackedUp;
    if (out.public_key.empty()) return std::nullopt;

    // We ask for none. Browsers may still pass on a statement that the key makes about itself; anybody else's we could not judge.
    if (*format == "none") return statement->empty() ? std::optional(std::move(out)) : std::nullopt;
    if (*format != "packed" || statement->size() != 2 || !statement->contains("alg") || !statement->contains("sig")) return std::nullopt;
    const auto signature = byte_string(statement->at("sig"));
    if (integer(statement->at("alg")) != out.algorithm || !signature) return std::nullopt;
    if (!verify(key.get(), out.algorithm, *raw + crypto::sha256(client_data), *signature)) return std::nullopt;
    return out;
}

std::optional<Use> read_assertion(std::string_view authenticator_data, std::string_view client_data, std::string_view signature,
                                  std::string_view party_id, std::string_view public_key, int algorithm, bool may_be_backed_up) {
    const auto data = read_data(authenticator_data, party_id);
    // There is no new credential here, and whether a key may be copied never changes.
    if (!data || (data->flags & kCredential) || static_cast<bool>(data->flags & kMayBeBackedUp) != may_be_backed_up) return std::nullopt;
    const auto* raw = bytes(public_key);
    const Key key(d2i_PUBKEY(nullptr, &raw, static_cast<long>(public_key.size())));
    if (!key || !verify(key.get(), algorithm, std::string(authenticator_data) + crypto::sha256(client_data), signature))
        return std::nullopt;
    if (!ends_well(*data)) return std::nullopt;
    return Use{data->sign_count, static_cast<bool>(data->flags & kBackedUp)};
}

}  // namespace stoa::backoffice::webauthn
