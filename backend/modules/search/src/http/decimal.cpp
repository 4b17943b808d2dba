#include "stoa/catalog/rules.hpp"
#include "stoa/search/dto.hpp"

namespace stoa::search {

std::string Decimal::to_text() const {
    const bool negative = milli < 0;
    const auto positive = negative ? -milli : milli;
    std::string out = (negative ? "-" : "") + std::to_string(positive / 1000);
    if (const auto rest = positive % 1000; rest != 0) {
        auto digits = std::to_string(1000 + rest).substr(1);
        while (digits.back() == '0') digits.pop_back();
        out += "." + digits;
    }
    return out;
}

}  // namespace stoa::search

namespace stoa::json {

const TypeInfo& Codec<search::Decimal>::type() {
    static const TypeInfo info = [] {
        TypeInfo t;
        t.type = "number";
        return t;
    }();
    return info;
}

void Codec<search::Decimal>::parse(search::Decimal& out, const Value& value, const Constraints&, ParseContext& context) {
    if (!value.is_number() || !catalog::parse_milli(value.text(), out.milli))
        context.error("wrong_type", "Expected a number with at most three decimal places.");
}

}  // namespace stoa::json
