#pragma once
// Accounts and sessions as other modules see them.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/customers/ids.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/message.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::customers {

// A postal address on the wire and in orders (a frozen copy there).
struct AddressDto {
    std::optional<AddressId> id;
    std::string first_name;
    std::string last_name;
    std::optional<std::string> company;
    std::string line1;
    std::optional<std::string> line2;
    std::string postal_code;
    std::string city;
    std::optional<std::string> state;
    std::string country;  // ISO 3166-1 alpha-2, upper case
    std::optional<std::string> phone;
    std::optional<bool> is_default;
};
inline void describe(json::Struct<AddressDto>& d) {
    d.name("Address");
    d.field<&AddressDto::id>("id");
    d.field<&AddressDto::first_name>("first_name").not_blank().max_length(80);
    d.field<&AddressDto::last_name>("last_name").not_blank().max_length(80);
    d.field<&AddressDto::company>("company").trim().max_length(120);
    d.field<&AddressDto::line1>("line1", "Street and number.").not_blank().max_length(120);
    d.field<&AddressDto::line2>("line2").trim().max_length(120);
    d.field<&AddressDto::postal_code>("postal_code").trim().max_length(16);
    d.field<&AddressDto::city>("city").not_blank().max_length(80);
    d.field<&AddressDto::state>("state").trim().max_length(80);
    d.field<&AddressDto::country>("country", "ISO 3166-1 alpha-2.").pattern("[A-Z]{2}");
    d.field<&AddressDto::phone>("phone").trim().max_length(32);
    d.field<&AddressDto::is_default>("is_default");
}
// Postal code patterns and required state per country ("Postcode should look like 1012 AB"); pointers start with `at`.
[[nodiscard]] std::vector<FieldError> check_address(const AddressDto& address, std::string_view at);
// Postal code and state in the country's own writing ("1012ab" becomes "1012 AB"), empty optionals absent. Call before check_address.
void tidy_address(AddressDto& address);
// Lower case, for comparing; nullopt when it is no usable mail address.
[[nodiscard]] std::optional<std::string> email_key(std::string_view email);

struct CustomerInfo {
    CustomerId id;
    std::string email;  // as typed
    std::string first_name;
    std::string last_name;
    std::string locale;
    bool email_verified = false;
    std::vector<std::string> groups;  // customer groups, for price lists, assortments and promotions
    std::optional<Uuid> company;      // that they buy for
};

enum class ConsentKind { marketing_email, marketing_whatsapp, personalisation };
[[nodiscard]] json::EnumNames<ConsentKind> enum_names(ConsentKind);

// For seeds and imports: an account that needs no verification. Without an email it cannot log in.
struct NewCustomer {
    std::optional<CustomerId> id;
    std::string email;
    std::string password_hash;  // crypto::hash_password; empty: the password must be reset first
    std::string first_name;
    std::string last_name;
    std::optional<std::string> phone;
    std::string locale = "en";
    std::string source_ref;  // its number in the system it comes from
    std::vector<std::string> groups;
};

class Customers {
public:
    virtual ~Customers() = default;
    // From the session cookie; nullopt for guests and ended sessions. At most one statement, none without a cookie.
    [[nodiscard]] virtual std::optional<CustomerInfo> current(const http::Request& request) = 0;
    // Throws ProblemException 401 account.login_required.
    [[nodiscard]] virtual CustomerInfo require(const http::Request& request) = 0;
    [[nodiscard]] virtual std::optional<CustomerInfo> find(db::Session& session, CustomerId id) = 0;
    // Also finds accounts that are not verified yet.
    [[nodiscard]] virtual std::optional<CustomerInfo> find_by_email(db::Session& session, std::string_view email) = 0;
    [[nodiscard]] virtual std::vector<AddressDto> addresses(db::Session& session, CustomerId id) = 0;  // the default one first
    [[nodiscard]] virtual std::vector<Uuid> wishlist(db::Session& session, CustomerId id) = 0;         // product ids, newest first
    virtual void record_consent(db::Tx& tx, CustomerId id, ConsentKind kind, bool granted, std::string_view locale,
                                std::string_view source) = 0;
    // Given by somebody without an account. It waits for the proof that the address is theirs: an account that is verified with it takes
    // it over.
    virtual void record_guest_consent(db::Tx& tx, std::string_view email, ConsentKind kind, std::string_view locale,
                                      std::string_view source) = 0;
    [[nodiscard]] virtual bool has_consent(db::Session& session, CustomerId id, ConsentKind kind) = 0;
    // Returns the existing account's id when the address or source_ref is known.
    virtual CustomerId create(db::Tx& tx, const NewCustomer& customer) = 0;
    // Groups are made when they do not exist; memberships not named end.
    virtual void set_groups(db::Tx& tx, CustomerId id, const std::vector<std::string>& groups) = 0;
    // The company that they buy for from now on; nullopt: for themselves.
    virtual void set_company(db::Tx& tx, CustomerId id, const std::optional<Uuid>& company) = 0;
    // Called inside the login/verification transaction; carts merge and guest orders are claimed there. Set once at start.
    using LoginHook = std::function<void(db::Tx&, const CustomerInfo&, const http::Request&, http::Response&)>;
    virtual void on_login(LoginHook hook) = 0;
    // After the address was proven to belong to the customer.
    virtual void on_verified(LoginHook hook) = 0;
    // Says whether there is such a product, so that nobody can wish for what does not exist. Set at start; without it any id is taken.
    using ProductGate = std::function<bool(db::Session&, const Uuid& product)>;
    virtual void set_product_gate(ProductGate gate) = 0;
    // What else belongs to a person: a member of the export ("orders") and its JSON. Set at start.
    using Exporter = std::function<std::string(db::Session&, const CustomerInfo&)>;
    virtual void add_exporter(std::string member, Exporter exporter) = 0;
    // Called inside the erasing transaction, before the account loses its name and address. Set at start.
    using Eraser = std::function<void(db::Tx&, const CustomerInfo&)>;
    virtual void add_eraser(Eraser eraser) = 0;
};

}  // namespace stoa::customers
