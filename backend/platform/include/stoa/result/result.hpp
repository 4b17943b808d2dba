#pragma once
// Expected outcomes are values. Anything a caller can sensibly handle (sold out, code expired, bad field) travels as
// Result<T>; breakage (lost connection, broken invariant) is an exception, caught once in platform/http.
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace stoa {

enum class ErrorKind {
    malformed,         // 400: not parseable
    unauthenticated,   // 401
    forbidden,         // 403
    not_found,         // 404, also "exists but is not yours"
    conflict,          // 409: state
    invalid,           // 422: well-formed but unacceptable
    limited,           // 429
    unavailable,       // 503
    too_large,         // 413
    unsupported_type,  // 415: content type
};

// One rejected member of the input. `pointer` is an RFC 6901 JSON pointer ("/lines/0/quantity"); for query
// parameters it is "?name".
struct FieldError {
    std::string pointer;
    std::string code;
    std::string message;
};

struct Error {
    ErrorKind kind = ErrorKind::invalid;
    std::string code;     // stable, "cart.line_out_of_stock"
    std::string message;  // plain English, safe to show
    std::vector<FieldError> fields;
    std::string details_json;  // a JSON object whose members are added to the problem document, or empty
    std::string log;           // never leaves the process
    int retry_after_seconds = 0;
};

template <class T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

[[nodiscard]] inline Failure fail(ErrorKind kind, std::string code, std::string message) {
    Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.message = std::move(message);
    return Failure(std::move(error));
}

[[nodiscard]] inline Failure fail(Error error) { return Failure(std::move(error)); }

// A single rejected field.
[[nodiscard]] inline Failure fail_field(std::string pointer, std::string code, std::string message) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = "http.invalid_fields";
    error.message = "Some fields are not acceptable.";
    error.fields.push_back({std::move(pointer), std::move(code), std::move(message)});
    return Failure(std::move(error));
}

}  // namespace stoa
