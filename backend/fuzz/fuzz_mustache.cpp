// Mustache: a template of any bytes is rendered or refused; a value of any bytes cannot leave its place.
#include <cstdlib>
#include <stdexcept>

#include "stoa/mail/mail.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using stoa::json::Value;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const Value view = *stoa::json::parse(
        R"({"a":"x<y","n":3,"yes":true,"no":false,"null":null,"list":[{"a":"1"},{"a":"2","deep":{"b":"c"}}],"deep":{"b":"<b>","list":["u","v"]},"empty":[]})");
    try {
        (void)stoa::mail::mustache(text, view, true);
        (void)stoa::mail::mustache(text, view, false);
    } catch (const std::invalid_argument&) {
    }
    const auto value = Value::object({{"a", Value::string(std::string(text))}});
    const auto rendered = stoa::mail::mustache("<p>{{a}}</p>", value, true);
    if (!rendered.starts_with("<p>") || !rendered.ends_with("</p>")) std::abort();
    if (rendered.substr(3, rendered.size() - 7).find_first_of("<>\"") != std::string::npos) std::abort();
    (void)stoa::mail::parse_address(text);
    if (stoa::mail::is_mail_address(text) && text.find_first_of("\r\n <>\0") != std::string_view::npos) std::abort();
    return 0;
}
