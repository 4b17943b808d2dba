#include "http/dto.hpp"
#include "service.hpp"
#include "stoa/customers/make.hpp"

namespace stoa::customers {
namespace {

using http::Access;
using http::Pool;
using http::Request;
using http::Response;

class Handlers {
public:
    Handlers(Service& service, SessionExtrasOf extras) : service_(service), extras_(std::move(extras)) {}

    Response session(const Request& request) {
        const auto customer = service_.current(request);
        auto response = http::ok(session_dto(request, customer));
        service_.refresh_cookie(request, response);
        return response;
    }

    Response register_account(const Request& request) {
        auto dto = http::body_as<RegisterDto>(request);
        if (!dto) return http::problem(dto.error());
        return accepted(service_.register_account(request, {std::move(dto->email), std::move(dto->password), std::move(dto->first_name),
                                                            std::move(dto->last_name), dto->locale, dto->accepts_marketing}));
    }
    Response verify(const Request& request) {
        const auto dto = http::body_as<TokenDto>(request);
        if (!dto) return http::problem(dto.error());
        return logged_in(request, service_.verify(request, dto->token));
    }
    Response resend(const Request& request) {
        const auto dto = http::body_as<EmailDto>(request);
        if (!dto) return http::problem(dto.error());
        return accepted(service_.resend_verification(request, dto->email));
    }
    Response log_in(const Request& request) {
        const auto dto = http::body_as<LoginDto>(request);
        if (!dto) return http::problem(dto.error());
        return logged_in(request, service_.log_in(request, dto->email, dto->password));
    }
    Response forgot(const Request& request) {
        const auto dto = http::body_as<EmailDto>(request);
        if (!dto) return http::problem(dto.error());
        return accepted(service_.forgot_password(request, dto->email));
    }
    Response reset(const Request& request) {
        const auto dto = http::body_as<ResetPasswordDto>(request);
        if (!dto) return http::problem(dto.error());
        return logged_in(request, service_.reset_password(request, dto->token, dto->password));
    }
    Response change_password(const Request& request) {
        (void)service_.require(request);
        const auto dto = http::body_as<ChangePasswordDto>(request);
        if (!dto) return http::problem(dto.error());
        return nothing(service_.change_password(request, dto->current, dto->fresh));
    }
    Response update_account(const Request& request) {
        (void)service_.require(request);
        const auto dto = http::body_as<AccountPatchDto>(request);
        if (!dto) return http::problem(dto.error());
        const auto account = service_.update_account(request, *dto);
        return account ? http::ok(*account) : http::problem(account.error());
    }
    Response erase(const Request& request) {
        (void)service_.require(request);
        const auto dto = http::body_as<ConfirmPasswordDto>(request);
        if (!dto) return http::problem(dto.error());
        return direct(service_.erase(request, dto->password));
    }
    Response export_everything(const Request& request) {
        auto response = http::json_text(200, service_.export_everything(request));
        response.header("content-disposition", "attachment; filename=\"my-data.json\"");
        return response;
    }
    Response list_addresses(const Request& request) {
        const auto customer = service_.require(request);
        return http::ok(
            AddressListDto{service_.database().read([&](db::Session& session) { return service_.addresses(session, customer.id); })});
    }
    Response add_address(const Request& request) {
        (void)service_.require(request);
        auto dto = http::body_as<AddressDto>(request);
        if (!dto) return http::problem(dto.error());
        const auto stored = service_.add_address(request, std::move(*dto));
        return stored ? http::created(*stored) : http::problem(stored.error());
    }
    Response replace_address(const Request& request) {
        (void)service_.require(request);
        const auto id = http::id_param<AddressId>(request, "id");
        auto dto = http::body_as<AddressDto>(request);
        if (!dto) return http::problem(dto.error());
        const auto stored = service_.replace_address(request, id, std::move(*dto));
        return stored ? http::ok(*stored) : http::problem(stored.error());
    }
    Response remove_address(const Request& request) {
        (void)service_.require(request);
        return nothing(service_.remove_address(request, http::id_param<AddressId>(request, "id")));
    }
    Response end_session(const Request& request) {
        (void)service_.require(request);
        return direct(service_.end_session(request, http::id_param<SessionId>(request, "id")));
    }
    Response set_consent(const Request& request) {
        (void)service_.require(request);
        const auto dto = http::body_as<SetConsentDto>(request);
        if (!dto) return http::problem(dto.error());
        return http::ok(ConsentListDto{service_.set_consent(request, dto->kind, dto->granted)});
    }
    Response add_to_wishlist(const Request& request) {
        (void)service_.require(request);
        return nothing(service_.add_to_wishlist(request, http::id_param<Id<"prod">>(request, "product_id").uuid()));
    }
    Response remove_from_wishlist(const Request& request) {
        (void)service_.require(request);
        service_.remove_from_wishlist(request, http::id_param<Id<"prod">>(request, "product_id").uuid());
        return http::no_content();
    }
    Service& service() { return service_; }

private:
    CurrentSessionDto session_dto(const Request& request, const std::optional<CustomerInfo>& customer) {
        CurrentSessionDto dto;
        if (customer)
            dto.customer = {customer->id,        customer->email,  customer->first_name,
                            customer->last_name, customer->locale, customer->email_verified};
        if (customer) {
            if (auto mark = buyer_mark(*customer); !mark.empty()) dto.buyer = std::move(mark);
        }
        const auto extras = extras_(request, customer);
        dto.cart_item_count = extras.cart_item_count;
        dto.currency = extras.currency;
        dto.country = extras.country;
        return dto;
    }
    // The cookies were set inside the transaction; the body is made after its commit, when the carts have merged.
    Response logged_in(const Request& request, Result<LoggedIn> result) {
        if (!result) return http::problem(result.error());
        auto response = http::ok(session_dto(request, result->customer));
        for (auto& header : result->response.headers) response.headers.push_back(std::move(header));
        return response;
    }
    static Response accepted(const Result<void>& result) { return result ? http::accepted(EmptyDto{}) : http::problem(result.error()); }
    static Response nothing(const Result<void>& result) { return result ? http::no_content() : http::problem(result.error()); }
    static Response direct(Result<Response> result) { return result ? std::move(*result) : http::problem(result.error()); }

    Service& service_;
    SessionExtrasOf extras_;
};

}  // namespace

void add_customers_routes(http::Routes& routes, Customers& customers, SessionExtrasOf extras) {
    auto h = std::make_shared<Handlers>(dynamic_cast<Service&>(customers), std::move(extras));
    const auto bind = [h](Response (Handlers::*handler)(const Request&)) {
        return [h, handler](const Request& request) { return ((*h).*handler)(request); };
    };

    routes.get("/api/v1/session", "get_session")
        .summary("Who is here")
        .tag("account")
        .returns<CurrentSessionDto>()
        .handle(bind(&Handlers::session));

    routes.post("/api/v1/account/register", "register_account")
        .summary("Ask for an account")
        .description("The answer is the same whether or not the address is known; a mail says how to go on.")
        .tag("account")
        .on(Pool::password)
        .body<RegisterDto>()
        .returns<EmptyDto>(202)
        .fails({"account.weak_password", "account.rate_limited"})
        .handle(bind(&Handlers::register_account));
    routes.post("/api/v1/account/verify", "verify_account")
        .summary("Confirm the address with the link from the mail; logs in")
        .tag("account")
        .body<TokenDto>()
        .returns<CurrentSessionDto>()
        .fails({"account.token_invalid", "account.rate_limited"})
        .handle(bind(&Handlers::verify));
    routes.post("/api/v1/account/verify/resend", "resend_verification")
        .summary("Send the confirmation mail again")
        .tag("account")
        .body<EmailDto>()
        .returns<EmptyDto>(202)
        .fails({"account.rate_limited"})
        .handle(bind(&Handlers::resend));
    routes.post("/api/v1/account/login", "log_in")
        .summary("Log in")
        .tag("account")
        .on(Pool::password)
        .body<LoginDto>()
        .returns<CurrentSessionDto>()
        .fails({"account.invalid_credentials", "account.rate_limited"})
        .handle(bind(&Handlers::log_in));
    routes.post("/api/v1/account/logout", "log_out")
        .summary("End this session")
        .tag("account")
        .returns_nothing()
        .handle([h](const Request& request) { return h->service().log_out(request); });
    routes.post("/api/v1/account/logout-all", "log_out_everywhere")
        .summary("End all sessions")
        .tag("account")
        .requires_access(Access::customer)
        .returns_nothing()
        .fails({"account.login_required"})
        .handle([h](const Request& request) { return h->service().log_out_everywhere(request); });
    routes.post("/api/v1/account/password/forgot", "forgot_password")
        .summary("Ask for a link to set a new password")
        .tag("account")
        .body<EmailDto>()
        .returns<EmptyDto>(202)
        .fails({"account.rate_limited"})
        .handle(bind(&Handlers::forgot));
    routes.post("/api/v1/account/password/reset", "reset_password")
        .summary("Set a new password with the link from the mail; logs in, ends other sessions")
        .tag("account")
        .on(Pool::password)
        .body<ResetPasswordDto>()
        .returns<CurrentSessionDto>()
        .fails({"account.token_invalid", "account.weak_password", "account.rate_limited"})
        .handle(bind(&Handlers::reset));

    routes.get("/api/v1/account", "get_account")
        .summary("Profile")
        .tag("account")
        .requires_access(Access::customer)
        .returns<AccountDto>()
        .fails({"account.login_required"})
        .handle([h](const Request& request) { return http::ok(h->service().account(request)); });
    routes.patch("/api/v1/account", "update_account")
        .summary("Change the profile")
        .tag("account")
        .requires_access(Access::customer)
        .body<AccountPatchDto>()
        .returns<AccountDto>()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::update_account));
    routes.put("/api/v1/account/password", "change_password")
        .summary("Change the password; other sessions end")
        .tag("account")
        .requires_access(Access::customer)
        .on(Pool::password)
        .body<ChangePasswordDto>()
        .returns_nothing()
        .fails({"account.login_required", "account.invalid_credentials", "account.weak_password", "account.rate_limited"})
        .handle(bind(&Handlers::change_password));
    routes.del("/api/v1/account", "erase_account")
        .summary("Erase the account")
        .description(
            "Orders stay as the law asks, with the name and address that their invoices carry, and belong to no account any more; reviews "
            "stay without a name. Carts and saved cards go.")
        .tag("account")
        .requires_access(Access::customer)
        .on(Pool::password)
        .body<ConfirmPasswordDto>()
        .returns_nothing()
        .fails({"account.login_required", "account.invalid_credentials", "account.rate_limited"})
        .handle(bind(&Handlers::erase));
    routes.get("/api/v1/account/export", "export_account")
        .summary("Everything stored about the account")
        .tag("account")
        .requires_access(Access::customer)
        .returns<std::map<std::string, json::Raw>>()
        .fails({"account.login_required", "account.rate_limited"})
        .handle(bind(&Handlers::export_everything));

    routes.get("/api/v1/account/sessions", "list_sessions")
        .summary("Where the account is logged in")
        .tag("account")
        .requires_access(Access::customer)
        .returns<SessionListDto>()
        .fails({"account.login_required"})
        .handle([h](const Request& request) { return http::ok(SessionListDto{h->service().sessions(request)}); });
    routes.del("/api/v1/account/sessions/{id}", "end_session")
        .summary("End one session")
        .tag("account")
        .requires_access(Access::customer)
        .returns_nothing()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::end_session));

    routes.get("/api/v1/account/addresses", "list_addresses")
        .summary("Address book")
        .tag("account")
        .requires_access(Access::customer)
        .returns<AddressListDto>()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::list_addresses));
    routes.post("/api/v1/account/addresses", "add_address")
        .summary("Add an address")
        .tag("account")
        .requires_access(Access::customer)
        .body<AddressDto>()
        .returns<AddressDto>(201)
        .fails({"account.login_required", "account.address_limit"})
        .handle(bind(&Handlers::add_address));
    routes.put("/api/v1/account/addresses/{id}", "replace_address")
        .summary("Change an address")
        .tag("account")
        .requires_access(Access::customer)
        .body<AddressDto>()
        .returns<AddressDto>()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::replace_address));
    routes.del("/api/v1/account/addresses/{id}", "remove_address")
        .summary("Remove an address")
        .tag("account")
        .requires_access(Access::customer)
        .returns_nothing()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::remove_address));

    routes.get("/api/v1/account/consents", "list_consents")
        .summary("What the customer agreed to")
        .tag("account")
        .requires_access(Access::customer)
        .returns<ConsentListDto>()
        .fails({"account.login_required"})
        .handle([h](const Request& request) { return http::ok(ConsentListDto{h->service().consents(request)}); });
    routes.put("/api/v1/account/consents", "set_consent")
        .summary("Give or take back a consent")
        .tag("account")
        .requires_access(Access::customer)
        .body<SetConsentDto>()
        .returns<ConsentListDto>()
        .fails({"account.login_required", "account.rate_limited"})
        .handle(bind(&Handlers::set_consent));

    routes.put("/api/v1/account/wishlist/{product_id}", "add_to_wishlist")
        .summary("Remember a product")
        .tag("account")
        .requires_access(Access::customer)
        .returns_nothing()
        .fails({"account.login_required", "account.wishlist_full", "catalog.product_not_found"})
        .handle(bind(&Handlers::add_to_wishlist));
    routes.del("/api/v1/account/wishlist/{product_id}", "remove_from_wishlist")
        .summary("Forget a product")
        .tag("account")
        .requires_access(Access::customer)
        .returns_nothing()
        .fails({"account.login_required"})
        .handle(bind(&Handlers::remove_from_wishlist));
}

}  // namespace stoa::customers
