#include "store/cart_rows.hpp"

#include "gifts.hpp"

namespace stoa::cart::store {

std::optional<StoredCart> cart_from(const db::Rows& cart, const db::Rows& lines, const db::Rows& codes) {
    if (cart.empty()) return std::nullopt;
    const auto row = cart.front();
    StoredCart out;
    out.id = row.get<CartId>("id");
    out.version = row.get<std::int64_t>("version");
    out.is_open = row.get<std::string_view>("state") == "open";
    out.customer = row.get<std::optional<customers::CustomerId>>("customer_id");
    out.currency = row.get<Currency>("currency");
    out.locale = row.get<std::string>("locale");
    out.country = row.get<std::string>("country");
    out.lines.reserve(static_cast<std::size_t>(lines.size()));
    for (const auto line : lines) {
        StoredLine stored{line.get<LineId>("id"),
                          line.get<catalog::VariantId>("variant_id"),
                          line.get<std::int64_t>("quantity"),
                          line.get<std::optional<std::int64_t>>("wanted"),
                          std::nullopt,
                          {}};
        if (const auto shown = line.get<std::optional<std::int64_t>>("shown_amount"))
            stored.shown_unit = Money(*shown, line.get<Currency>("shown_currency"));
        if (const auto gifts = line.get<std::optional<std::string>>("gifts")) stored.gifts = gifts_from(*gifts);
        out.lines.push_back(std::move(stored));
    }
    for (const auto code : codes) out.codes.push_back(code.get<std::string>("code"));
    return out;
}

}  // namespace stoa::cart::store
