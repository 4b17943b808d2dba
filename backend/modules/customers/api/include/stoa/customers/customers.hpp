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

struct CustomerInfo {
    CustomerId id;
    std::string email;        // as typed
    std::string first_name;
    std::string last_name;
    std::string locale;
    bool email_verified = false;
    std::vector<std::string> groups;  // customer groups, for price lists and promotions
};

class Customers {
public:
    virtual ~Customers() = default;
    // From the session cookie; nullopt for guests and ended sessions. At most one statement, none without a cookie.
    [[nodiscard]] virtual std::optional<CustomerInfo> current(const http::Request& request) = 0;
    // Throws ProblemException 401 account.login_required.
    [[nodiscard]] virtual CustomerInfo require(const http::Request& request) = 0;
    [[nodiscard]] virtual std::optional<CustomerInfo> find(db::Session& session, CustomerId id) = 0;
    // Called inside the login/verification transaction; carts merge and guest orders are claimed there. Set once at start.
    using LoginHook = std::function<void(db::Tx&, const CustomerInfo&, const http::Request&, http::Response&)>;
    virtual void on_login(LoginHook hook) = 0;
    // After the address was proven to belong to the customer.
    virtual void on_verified(LoginHook hook) = 0;
};

}  // namespace stoa::customers
