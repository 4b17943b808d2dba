#include "codes.hpp"
#include "service.hpp"

namespace stoa::backoffice {
namespace {

using http::Access;
using http::Pool;
using http::Request;
using http::Response;

template <class T>
Response answer(const Result<T>& result) {
    return result ? http::ok(*result) : http::problem(result.error());
}
Response direct(Result<Response> result) { return result ? std::move(*result) : http::problem(result.error()); }

}  // namespace

void add_staff_routes(http::Routes& routes, Staff& staff) {
    auto& service = dynamic_cast<Service&>(staff);

    routes.post("/api/v1/admin/session", "staff_sign_in")
        .summary("Sign in as a member of staff")
        .tag("staff")
        .on(Pool::password)
        .body<StaffLoginDto>()
        .returns<StaffSessionDto>()
        .fails({codes::kInvalidCredentials, codes::kRateLimited})
        .handle([&service](const Request& request) {
            auto body = http::body_as<StaffLoginDto>(request);
            if (!body) return http::problem(body.error());
            return direct(service.sign_in(request, body->email, body->password));
        });
    routes.post("/api/v1/admin/session/totp", "staff_second_factor")
        .summary("The second factor: a code of the app, or a recovery code")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .body<StaffCodeDto>()
        .returns<StaffSessionDto>()
        .fails({"staff.login_required", codes::kInvalidCode, codes::kRateLimited})
        .handle([&service](const Request& request) {
            auto body = http::body_as<StaffCodeDto>(request);
            if (!body) return http::problem(body.error());
            return direct(service.second_factor(request, body->code));
        });
    routes.get("/api/v1/admin/session", "get_staff_session")
        .summary("Who is signed in")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .returns<StaffSessionDto>()
        .fails({"staff.login_required"})
        .handle([&service](const Request& request) { return direct(service.session(request)); });
    routes.del("/api/v1/admin/session", "staff_sign_out")
        .summary("End this session")
        .tag("staff")
        .on(Pool::staff)
        .returns_nothing()
        .handle([&service](const Request& request) { return service.sign_out(request); });
    routes.get("/api/v1/admin/sessions", "list_staff_sessions")
        .summary("Where the staff is signed in")
        .description("One's own; with the permission sessions.read those of everybody.")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .returns<StaffSessionListDto>()
        .fails({"staff.login_required"})
        .handle([&service](const Request& request) { return answer(service.sessions(request)); });
    routes.del("/api/v1/admin/sessions/{id}", "end_staff_session")
        .summary("Sign somebody out")
        .description("One's own session; with the permission sessions.delete anybody's.")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .returns_nothing()
        .fails({"staff.login_required"})
        .handle([&service](const Request& request) {
            return direct(service.end_session(request, http::id_param<StaffSessionId>(request, "id")));
        });

    routes.put("/api/v1/admin/me/password", "change_staff_password")
        .summary("Change one's own password; other sessions end")
        .tag("staff")
        .on(Pool::password)
        .requires_access(Access::staff)
        .body<StaffPasswordDto>()
        .returns_nothing()
        .fails({"staff.login_required", codes::kInvalidCredentials, codes::kWeakPassword, codes::kRateLimited})
        .handle([&service](const Request& request) {
            auto body = http::body_as<StaffPasswordDto>(request);
            if (!body) return http::problem(body.error());
            return direct(service.change_password(request, body->current, body->password));
        });
    routes.get("/api/v1/admin/me/totp", "get_totp")
        .summary("Whether the second factor is on")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .returns<TotpStateDto>()
        .fails({"staff.login_required"})
        .handle([&service](const Request& request) { return answer(service.totp_state(request)); });
    routes.post("/api/v1/admin/me/totp", "enrol_totp")
        .summary("Begin a second factor: a secret for the app")
        .description("It counts once POST /me/totp/confirm was given a code of it.")
        .tag("staff")
        .on(Pool::password)
        .requires_access(Access::staff)
        .body<ConfirmStaffPasswordDto>()
        .returns<TotpEnrolmentDto>()
        .fails({"staff.login_required", codes::kInvalidCredentials, codes::kTotpOn, codes::kRateLimited, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<ConfirmStaffPasswordDto>(request);
            if (!body) return http::problem(body.error());
            return answer(service.enrol_totp(request, body->password));
        });
    routes.post("/api/v1/admin/me/totp/confirm", "confirm_totp")
        .summary("Turn the second factor on; answers with recovery codes")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .body<StaffCodeDto>()
        .returns<RecoveryCodesDto>()
        .fails({"staff.login_required", codes::kInvalidCode, codes::kTotpOff, codes::kRateLimited, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<StaffCodeDto>(request);
            if (!body) return http::problem(body.error());
            return answer(service.confirm_totp(request, body->code));
        });
    routes.del("/api/v1/admin/me/totp", "remove_totp")
        .summary("Turn the second factor off")
        .tag("staff")
        .on(Pool::password)
        .requires_access(Access::staff)
        .body<ConfirmStaffPasswordDto>()
        .returns_nothing()
        .fails({"staff.login_required", codes::kInvalidCredentials, codes::kTotpOff, codes::kRateLimited, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<ConfirmStaffPasswordDto>(request);
            if (!body) return http::problem(body.error());
            const auto removed = service.remove_totp(request, body->password);
            return removed ? http::no_content() : http::problem(removed.error());
        });

    routes.get("/api/v1/admin/me/passkeys", "list_passkeys")
        .summary("One's own passkeys")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .returns<PasskeyListDto>()
        .fails({"staff.login_required"})
        .handle([&service](const Request& request) { return answer(service.passkeys(request)); });
    routes.post("/api/v1/admin/me/passkeys/options", "begin_passkey")
        .summary("Begin a passkey: what the browser's navigator.credentials.create() is asked for")
        .description("Discoverable, user verification required, attestation none.")
        .tag("staff")
        .on(Pool::password)
        .requires_access(Access::staff)
        .body<ConfirmStaffPasswordDto>()
        .returns<PasskeyCreationDto>()
        .fails({"staff.login_required", codes::kInvalidCredentials, codes::kRateLimited, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<ConfirmStaffPasswordDto>(request);
            if (!body) return http::problem(body.error());
            return answer(service.begin_passkey(request, body->password));
        });
    routes.post("/api/v1/admin/me/passkeys", "add_passkey")
        .summary("Keep the passkey that the browser made")
        .tag("staff")
        .on(Pool::staff)
        .requires_access(Access::staff)
        .body<NewPasskeyDto>()
        .returns<PasskeyDto>(201)
        .fails({"staff.login_required", codes::kPasskeyRefused, codes::kPasskeyTaken, codes::kPasskeyLimit, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<NewPasskeyDto>(request);
            if (!body) return http::problem(body.error());
            const auto added = service.add_passkey(request, *body);
            return added ? http::created(*added) : http::problem(added.error());
        });
    routes.del("/api/v1/admin/me/passkeys/{id}", "remove_passkey")
        .summary("Remove a passkey")
        .tag("staff")
        .on(Pool::password)
        .requires_access(Access::staff)
        .body<ConfirmStaffPasswordDto>()
        .returns_nothing()
        .fails({"staff.login_required", codes::kInvalidCredentials, codes::kRateLimited, codes::kPasswordChangeDue})
        .handle([&service](const Request& request) {
            auto body = http::body_as<ConfirmStaffPasswordDto>(request);
            if (!body) return http::problem(body.error());
            const auto removed = service.remove_passkey(request, http::id_param<PasskeyId>(request, "id"), body->password);
            return removed ? http::no_content() : http::problem(removed.error());
        });
    routes.post("/api/v1/admin/session/passkey/options", "ask_for_passkey")
        .summary("What the browser's navigator.credentials.get() is asked for")
        .description("For any passkey of this shop: nobody has to say who they are.")
        .tag("staff")
        .on(Pool::staff)
        .returns<PasskeyRequestDto>()
        .fails({codes::kRateLimited})
        .handle([&service](const Request& request) { return http::ok(service.ask_for_passkey(request)); });
    routes.post("/api/v1/admin/session/passkey", "sign_in_with_passkey")
        .summary("Sign in with a passkey, which counts as both factors")
        .tag("staff")
        .on(Pool::staff)
        .body<PasskeySignInDto>()
        .returns<StaffSessionDto>()
        .fails({codes::kPasskeyRefused, codes::kRateLimited})
        .handle([&service](const Request& request) {
            auto body = http::body_as<PasskeySignInDto>(request);
            if (!body) return http::problem(body.error());
            return direct(service.sign_in_with_passkey(request, *body));
        });
}

}  // namespace stoa::backoffice
