#include <fmt/format.h>

#include "codes.hpp"
#include "domain/consent_texts.hpp"
#include "service.hpp"
#include "sql/accounts.hpp"
#include "sql/addresses.hpp"
#include "sql/consents.hpp"
#include "sql/wishlist.hpp"
#include "store/rows.hpp"

namespace stoa::customers {
namespace {

constexpr std::int64_t kMaxAddresses = 50;

Failure nothing_here() { return fail(ErrorKind::not_found, "http.not_found", "There is nothing here."); }

Failure refuse(std::vector<FieldError> fields) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = "http.invalid_fields";
    error.message = "Some fields are not acceptable.";
    error.fields = std::move(fields);
    return fail(std::move(error));
}

std::vector<ConsentDto> read_consents(db::Session& session, const CustomerInfo& customer) {
    std::vector<ConsentDto> out;
    for (const auto& [kind, name] : enum_names(ConsentKind{}))
        out.push_back({kind, false, std::nullopt, std::string(consent_text(kind, customer.locale))});
    const auto rows = session.query(sql::current_consents, customer.id);
    for (const auto row : rows) {
        for (auto& consent : out) {
            if (json::to_name(consent.kind) != row.get<std::string>("kind")) continue;
            consent.granted = row.get<bool>("granted");
            consent.updated_at = row.get<Timestamp>("at");
        }
    }
    return out;
}

}  // namespace

AccountDto Service::account(const http::Request& request) {
    const auto customer = require(request);
    return database_.read([&](db::Session& session) {
        const auto rows = session.query(sql::find_account, customer.id);
        if (rows.empty()) throw http::ProblemException(nothing_here().error());
        return account_from(rows.front());
    });
}

Result<AccountDto> Service::update_account(const http::Request& request, const AccountPatchDto& patch) {
    const auto customer = require(request);
    AddressDto probe;  // the same rules for names and phone numbers as in addresses
    probe.country = "IE";
    probe.first_name = patch.first_name.value_or("");
    probe.last_name = patch.last_name.value_or("");
    probe.phone = patch.phone;
    if (auto errors = check_address(probe, ""); !errors.empty()) return refuse(std::move(errors));
    return database_.in_tx([&](db::Tx& tx) -> Result<AccountDto> {
        const auto rows =
            tx.query(sql::update_account, customer.id, patch.first_name, patch.last_name, patch.phone, patch.locale, clock_.now());
        if (rows.empty()) return nothing_here();
        return account_from(rows.front());
    });
}

Result<AddressDto> Service::add_address(const http::Request& request, AddressDto address) {
    const auto customer = require(request);
    tidy_address(address);
    if (auto errors = check_address(address, ""); !errors.empty()) return refuse(std::move(errors));
    return database_.in_tx([&](db::Tx& tx) -> Result<AddressDto> {
        if (tx.query(sql::lock_customer, customer.id).empty()) return nothing_here();
        const auto count = tx.query(sql::count_addresses, customer.id).front().get<std::int64_t>("count");
        if (count >= kMaxAddresses)
            return fail(ErrorKind::conflict, std::string(codes::kAddressLimit),
                        "The address book is full. Please remove an address first.");
        auto stored = address;
        stored.id = AddressId::make();
        stored.is_default = count == 0 || address.is_default.value_or(false);
        if (*stored.is_default) tx.exec(sql::clear_default_address, customer.id, *stored.id);
        tx.exec(sql::insert_address, *stored.id, customer.id, stored.first_name, stored.last_name, stored.company, stored.line1,
                stored.line2, stored.postal_code, stored.city, stored.state, stored.country, stored.phone, *stored.is_default,
                clock_.now());
        return stored;
    });
}

Result<AddressDto> Service::replace_address(const http::Request& request, AddressId id, AddressDto address) {
    const auto customer = require(request);
    tidy_address(address);
    if (auto errors = check_address(address, ""); !errors.empty()) return refuse(std::move(errors));
    return database_.in_tx([&](db::Tx& tx) -> Result<AddressDto> {
        if (tx.query(sql::lock_customer, customer.id).empty()) return nothing_here();
        const bool make_default = address.is_default.value_or(false);
        if (make_default) tx.exec(sql::clear_default_address, customer.id, id);
        // The default moves by choosing another one; it is not given up.
        const std::optional<bool> is_default = make_default ? std::optional(true) : std::nullopt;
        const auto rows = tx.query(sql::update_address, id, customer.id, address.first_name, address.last_name, address.company,
                                   address.line1, address.line2, address.postal_code, address.city, address.state, address.country,
                                   address.phone, is_default, clock_.now());
        if (rows.empty()) return nothing_here();
        return address_from(rows.front());
    });
}

Result<void> Service::remove_address(const http::Request& request, AddressId id) {
    const auto customer = require(request);
    return database_.in_tx([&](db::Tx& tx) -> Result<void> {
        if (tx.query(sql::lock_customer, customer.id).empty()) return nothing_here();
        const auto rows = tx.query(sql::delete_address, id, customer.id);
        if (rows.empty()) return nothing_here();
        if (rows.front().get<bool>("is_default")) tx.exec(sql::promote_address, customer.id);
        return {};
    });
}

std::vector<ConsentDto> Service::consents(const http::Request& request) {
    const auto customer = require(request);
    return database_.read([&](db::Session& session) { return read_consents(session, customer); });
}

std::vector<ConsentDto> Service::set_consent(const http::Request& request, ConsentKind kind, bool granted) {
    const auto customer = require(request);
    limit_person(customer.id.to_string(), "consent", 60, 1.0 / 10);  // the history grows with each call
    return database_.in_tx([&](db::Tx& tx) {
        record_consent(tx, customer.id, kind, granted, customer.locale, "account");
        return read_consents(tx, customer);
    });
}

Result<void> Service::add_to_wishlist(const http::Request& request, const Uuid& product) {
    const auto customer = require(request);
    return database_.in_tx([&](db::Tx& tx) -> Result<void> {
        if ((product_gate_ && !product_gate_(tx, product)) || (visible_gate_ && !visible_gate_(tx, customer, product)))
            return fail(ErrorKind::not_found, std::string(codes::kProductNotFound), "There is no such product.");
        if (tx.exec(sql::add_to_wishlist, customer.id, product, clock_.now()) == 0) {
            return fail(ErrorKind::conflict, std::string(codes::kWishlistFull), "The wishlist is full. Please remove something first.");
        }
        return {};
    });
}

void Service::remove_from_wishlist(const http::Request& request, const Uuid& product) {
    const auto customer = require(request);
    database_.in_tx([&](db::Tx& tx) { tx.exec(sql::remove_from_wishlist, customer.id, product); });
}

}  // namespace stoa::customers
