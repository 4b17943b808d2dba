#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stoa/customers/customers.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::customers {

inline constexpr const char* kLocalePattern = "en|de|nl|fr";

struct RegisterDto {
    std::string email, password, first_name, last_name, locale;
    bool accepts_marketing = false;
};
inline void describe(json::Struct<RegisterDto>& d) {
    d.name("Register");
    d.field<&RegisterDto::email>("email").not_blank().max_length(254);
    d.field<&RegisterDto::password>("password", "At least 10 characters, not a common one.").max_length(200);
    d.field<&RegisterDto::first_name>("first_name").not_blank().max_length(80);
    d.field<&RegisterDto::last_name>("last_name").not_blank().max_length(80);
    d.field<&RegisterDto::locale>("locale").pattern(kLocalePattern);
    d.field<&RegisterDto::accepts_marketing>("accepts_marketing");
}

struct TokenDto {
    std::string token;
};
inline void describe(json::Struct<TokenDto>& d) {
    d.name("MailToken");
    d.field<&TokenDto::token>("token", "From the link in the mail.").min_length(1).max_length(200);
}

struct EmailDto {
    std::string email;
};
inline void describe(json::Struct<EmailDto>& d) {
    d.name("MailAddress");
    d.field<&EmailDto::email>("email").not_blank().max_length(254);
}

struct LoginDto {
    std::string email, password;
};
inline void describe(json::Struct<LoginDto>& d) {
    d.name("Login");
    d.field<&LoginDto::email>("email").not_blank().max_length(254);
    d.field<&LoginDto::password>("password").min_length(1).max_length(200);
}

struct ResetPasswordDto {
    std::string token, password;
};
inline void describe(json::Struct<ResetPasswordDto>& d) {
    d.name("ResetPassword");
    d.field<&ResetPasswordDto::token>("token", "From the link in the mail.").min_length(1).max_length(200);
    d.field<&ResetPasswordDto::password>("password", "At least 10 characters, not a common one.").max_length(200);
}

struct ChangePasswordDto {
    std::string current, fresh;
};
inline void describe(json::Struct<ChangePasswordDto>& d) {
    d.name("ChangePassword");
    d.field<&ChangePasswordDto::current>("current").min_length(1).max_length(200);
    d.field<&ChangePasswordDto::fresh>("new", "At least 10 characters, not a common one.").max_length(200);
}

struct ConfirmPasswordDto {
    std::string password;
};
inline void describe(json::Struct<ConfirmPasswordDto>& d) {
    d.name("ConfirmPassword");
    d.field<&ConfirmPasswordDto::password>("password").min_length(1).max_length(200);
}

struct EmptyDto {};
inline void describe(json::Struct<EmptyDto>& d) { d.name("Accepted").doc("No members."); }

struct SessionCustomerDto {
    CustomerId id;
    std::string email, first_name, last_name, locale;
    bool email_verified = false;
};
inline void describe(json::Struct<SessionCustomerDto>& d) {
    d.name("SessionCustomer");
    d.field<&SessionCustomerDto::id>("id");
    d.field<&SessionCustomerDto::email>("email");
    d.field<&SessionCustomerDto::first_name>("first_name");
    d.field<&SessionCustomerDto::last_name>("last_name");
    d.field<&SessionCustomerDto::locale>("locale");
    d.field<&SessionCustomerDto::email_verified>("email_verified");
}
struct CurrentSessionDto {
    std::optional<SessionCustomerDto> customer;
    std::int64_t cart_item_count = 0;
    std::string currency, country;
    std::optional<std::string> buyer;
};
inline void describe(json::Struct<CurrentSessionDto>& d) {
    d.name("Session").doc("Who is here and what the header shows.");
    d.field<&CurrentSessionDto::customer>("customer", "Absent for guests.");
    d.field<&CurrentSessionDto::cart_item_count>("cart_item_count");
    d.field<&CurrentSessionDto::currency>("currency");
    d.field<&CurrentSessionDto::country>("country");
    d.field<&CurrentSessionDto::buyer>("buyer",
                                       "Who has prices or products of their own reads them below /account/catalog: absent for all others. "
                                       "Another value when their groups or company are others.");
}

struct AccountDto {
    CustomerId id;
    std::string email, first_name, last_name;
    std::optional<std::string> phone;
    std::string locale;
    Timestamp created_at;
    bool email_verified = false;
};
inline void describe(json::Struct<AccountDto>& d) {
    d.name("Account");
    d.field<&AccountDto::id>("id");
    d.field<&AccountDto::email>("email");
    d.field<&AccountDto::first_name>("first_name");
    d.field<&AccountDto::last_name>("last_name");
    d.field<&AccountDto::phone>("phone");
    d.field<&AccountDto::locale>("locale");
    d.field<&AccountDto::created_at>("created_at");
    d.field<&AccountDto::email_verified>("email_verified");
}

struct AccountPatchDto {
    std::optional<std::string> first_name, last_name, phone, locale;
};
inline void describe(json::Struct<AccountPatchDto>& d) {
    d.name("AccountPatch").doc("Absent members stay as they are; an empty phone removes it.");
    d.field<&AccountPatchDto::first_name>("first_name").not_blank().max_length(80);
    d.field<&AccountPatchDto::last_name>("last_name").not_blank().max_length(80);
    d.field<&AccountPatchDto::phone>("phone").trim().max_length(32);
    d.field<&AccountPatchDto::locale>("locale").pattern(kLocalePattern);
}

struct SessionDto {
    SessionId id;
    Timestamp created_at, last_seen_at;
    std::string user_agent;
    bool current = false;
};
inline void describe(json::Struct<SessionDto>& d) {
    d.name("AccountSession");
    d.field<&SessionDto::id>("id");
    d.field<&SessionDto::created_at>("created_at");
    d.field<&SessionDto::last_seen_at>("last_seen_at");
    d.field<&SessionDto::user_agent>("user_agent");
    d.field<&SessionDto::current>("current", "The one that asks.");
}
struct SessionListDto {
    std::vector<SessionDto> items;
};
inline void describe(json::Struct<SessionListDto>& d) {
    d.name("AccountSessionList");
    d.field<&SessionListDto::items>("items");
}

struct AddressListDto {
    std::vector<AddressDto> items;
};
inline void describe(json::Struct<AddressListDto>& d) {
    d.name("AddressList");
    d.field<&AddressListDto::items>("items");
}

struct ConsentDto {
    ConsentKind kind = ConsentKind::marketing_email;
    bool granted = false;
    std::optional<Timestamp> updated_at;
    std::string text;
};
inline void describe(json::Struct<ConsentDto>& d) {
    d.name("Consent");
    d.field<&ConsentDto::kind>("kind");
    d.field<&ConsentDto::granted>("granted");
    d.field<&ConsentDto::updated_at>("updated_at", "Absent when it was never decided.");
    d.field<&ConsentDto::text>("text", "What is agreed to, in the customer's language.");
}
struct ConsentListDto {
    std::vector<ConsentDto> items;
};
inline void describe(json::Struct<ConsentListDto>& d) {
    d.name("ConsentList");
    d.field<&ConsentListDto::items>("items");
}
struct SetConsentDto {
    ConsentKind kind = ConsentKind::marketing_email;
    bool granted = false;
};
inline void describe(json::Struct<SetConsentDto>& d) {
    d.name("SetConsent");
    d.field<&SetConsentDto::kind>("kind");
    d.field<&SetConsentDto::granted>("granted");
}

}  // namespace stoa::customers
