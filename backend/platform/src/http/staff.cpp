#include "stoa/http/staff.hpp"

#include <algorithm>

#include "stoa/json/value.hpp"

namespace stoa::http {
Error staff_login_required() {
    Error error;
    error.kind = ErrorKind::unauthenticated;
    error.code = "staff.login_required";
    error.message = "Please sign in.";
    return error;
}

Error staff_forbidden(std::string_view permission) {
    Error error;
    error.kind = ErrorKind::forbidden;
    error.code = "staff.forbidden";
    error.message = "Your role does not allow this.";
    error.details_json = R"({"permission":)" + json::quote(permission) + "}";
    return error;
}

bool StaffActor::may(std::string_view permission) const {
    const auto granted = [this](std::string_view grant) { return std::ranges::binary_search(permissions, grant, std::less<>{}); };
    if (granted("*") || granted(permission)) return true;
    const auto dot = permission.find('.');
    return dot != std::string_view::npos && granted(std::string(permission.substr(0, dot)) + ".*");
}

Result<void> StaffActor::within_limit(std::string_view permission, const Money& amount) const {
    if (!may(permission)) return fail(staff_forbidden(permission));
    const auto found = limits.find(permission);
    if (found == limits.end()) return {};
    const Money size = amount.is_negative() ? -amount : amount;
    Error error;
    error.kind = ErrorKind::forbidden;
    error.code = "staff.over_limit";
    error.message = "This amount is above what your role allows. Ask somebody with a higher limit.";
    error.details_json = R"({"permission":)" + json::quote(permission);
    for (const Money& limit : found->second) {
        if (limit.currency() != size.currency()) continue;
        if (size <= limit) return {};
        error.details_json +=
            R"(,"limit":{"amount":)" + std::to_string(limit.minor()) + R"(,"currency":)" + json::quote(limit.currency().code()) + "}";
    }
    error.details_json += "}";
    return fail(std::move(error));
}

}  // namespace stoa::http
