#include "vendo_parts.hpp"

#include "stoa/http_client/client.hpp"

namespace stoa::sandbox::vendo {

using json::Value;

std::string decimal(std::int64_t minor, const std::string& currency) { return Money(minor, Currency::of(currency)).to_decimal(); }

std::string encode(std::string_view text) { return http_client::percent_encode(text); }

const Value* object(const Value& value, std::string_view key) {
    const auto* found = value.find(key);
    return found && found->is_object() ? found : nullptr;
}

std::string text(const Value* value, std::string_view key) { return value ? value->text_or(key) : std::string(); }

std::optional<Money> amount_of(const Value& body) {
    const auto currency = Currency::parse(body.text_or("currency"));
    const auto* amount = body.find("amount");
    if (!currency || !amount || !(amount->is_number() || amount->is_string())) return std::nullopt;
    return Money::parse_decimal(amount->text(), *currency);
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
    return text;
}

void write_references(json::Writer& out, const Value* body, const std::string& reference) {
    out.key("external_references");
    if (const auto* references = body ? object(*body, "external_references") : nullptr) {
        json::write_value(out, *references);
        return;
    }
    out.begin_object();
    out.member("transaction_reference", reference);
    out.end_object();
}

http::Response html(std::string body, int status) {
    http::Response response;
    response.status = status;
    response.header("content-type", "text/html; charset=utf-8");
    response.body =
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Vendo sandbox</title>"
        "<style>body{font:17px/1.5 system-ui;max-width:28rem;margin:12vh auto;padding:0 "
        "1rem;color:#222}button,input{font:inherit;padding:.6rem 1rem;margin:.3rem 0}"
        "button{background:#234;color:#fff;border:0;border-radius:.4rem}button.no{background:#eee;color:#222}</style>" +
        std::move(body) + "</html>";
    return response;
}

http::Response redirect(std::string to) {
    http::Response response;
    response.status = 302;
    response.header("location", to);
    return response;
}

}  // namespace stoa::sandbox::vendo
