#pragma once
// The snapshot as a buyer sees it who has prices of their own, or products that not everybody may see. It differs from the public's in
// few places: which products there are, and the orders by price and discount. What a card or a page shows is worked out for its rows.
#include "snapshot.hpp"

namespace stoa::search {

struct BuyerView {
    std::vector<std::uint32_t> lists;  // contract lists of this currency that apply
    Set sellable;                      // what may be seen and has a price; prepared, as the next
    Set available;                     // of what has a price for them something lies there
    Roaring repriced;                  // what a list of theirs knows
    Shared<Order> price_asc, price_desc, discount;
};
using BuyerViewPtr = std::shared_ptr<const BuyerView>;

// Null when the buyer sees what everybody sees. Kept with the snapshot, so that it is made once.
[[nodiscard]] BuyerViewPtr buyer_view(const Snapshot& snapshot, std::size_t currency, const Buyer& buyer);

// Answers the same questions for the public and for a buyer. Refers to both.
class View {
public:
    View(const Snapshot& snapshot, std::size_t currency, const BuyerView* buyer)
        : snapshot_(snapshot), currency_(currency), buyer_(buyer) {}

    [[nodiscard]] const Set& sellable() const { return buyer_ ? buyer_->sellable : snapshot_.sets.sellable[currency_]; }
    [[nodiscard]] const Set& available() const { return buyer_ ? buyer_->available : snapshot_.sets.available[currency_]; }
    [[nodiscard]] const Order& price_asc() const { return *(buyer_ ? buyer_->price_asc : snapshot_.sets.price_asc[currency_]); }
    [[nodiscard]] const Order& price_desc() const { return *(buyer_ ? buyer_->price_desc : snapshot_.sets.price_desc[currency_]); }
    [[nodiscard]] const Order& discount() const { return *(buyer_ ? buyer_->discount : snapshot_.sets.discount[currency_]); }
    // Whether the card's price is another than the public's, or may be.
    [[nodiscard]] bool is_repriced(Ordinal ordinal) const { return buyer_ && buyer_->repriced.contains(ordinal); }
    // Null: not for sale.
    [[nodiscard]] const pricing::VariantPrice* price(const VariantEntry& variant) const;
    [[nodiscard]] const pricing::VariantPrice* lowest_price(const Entry& entry) const;
    [[nodiscard]] std::string card_price(Ordinal ordinal, Timestamp at) const;
    [[nodiscard]] std::string card(Ordinal ordinal, std::size_t locale, Timestamp at) const {
        return *snapshot_.entries[ordinal]->card_text[locale] + card_price(ordinal, at);
    }

private:
    const Snapshot& snapshot_;
    std::size_t currency_;
    const BuyerView* buyer_;
};

}  // namespace stoa::search
