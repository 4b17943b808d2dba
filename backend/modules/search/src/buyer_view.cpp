#include "buyer_view.hpp"

#include "page_cache.hpp"

namespace stoa::search {
namespace {

// Everything that decides what the buyer sees; the same for buyers whose groups make no difference.
struct Reach {
    std::vector<std::uint32_t> lists;
    std::vector<std::string> groups;  // that some product is limited to
    std::optional<Uuid> company;      // likewise

    [[nodiscard]] bool is_public() const { return lists.empty() && groups.empty() && !company; }
    [[nodiscard]] std::string key(std::size_t currency) const {
        auto out = std::to_string(currency);
        for (const auto list : lists) out += "|l" + std::to_string(list);
        for (const auto& group : groups) out += "|g" + std::to_string(group.size()) + ":" + group;
        if (company) out += "|c" + company->to_string();
        return out;
    }
};

Reach reach_of(const Snapshot& snapshot, std::size_t currency, const Buyer& buyer) {
    Reach out;
    const auto money = *Currency::parse(snapshot.structure->currencies[currency]);
    const auto& lists = *snapshot.contract_lists;
    for (std::uint32_t i = 0; i < lists.size(); ++i) {
        if (lists[i].currency == money && lists[i].applies_to(buyer.groups, buyer.company) && !snapshot.sets.by_contract[i]->isEmpty())
            out.lists.push_back(i);
    }
    for (const auto& group : buyer.groups) {
        const auto known = snapshot.sets.for_group.find(group);
        if (known != snapshot.sets.for_group.end() && !known->second->isEmpty()) out.groups.push_back(group);
    }
    std::ranges::sort(out.groups);
    if (buyer.company) {
        const auto known = snapshot.sets.for_company.find(*buyer.company);
        if (known != snapshot.sets.for_company.end() && !known->second->isEmpty()) out.company = buyer.company;
    }
    return out;
}

// The public order with other keys for those with other prices.
template <class KeyOf>
void reorder(Shared<Order>& shared, const Snapshot& snapshot, const std::vector<bool>& is_changed, const std::vector<Ordinal>& repriced,
             KeyOf key_of) {
    auto& order = shared.write();
    const auto less = by_key(order.keys, snapshot.entries);
    order.list.erase_where([&](Ordinal ordinal) { return is_changed[ordinal]; });
    for (const auto ordinal : repriced) order.keys.set(ordinal, key_of(ordinal));
    order.list.insert_all(repriced, less);
}

BuyerViewPtr make_view(const Snapshot& snapshot, std::size_t currency, const Reach& reach) {
    const auto& sets = snapshot.sets;
    auto out = std::make_shared<BuyerView>();
    out->lists = reach.lists;
    for (const auto list : reach.lists) out->repriced |= *sets.by_contract[list];
    Roaring hidden = *sets.limited;
    for (const auto& group : reach.groups) hidden -= *sets.for_group.at(group);
    if (reach.company) hidden -= *sets.for_company.at(*reach.company);
    out->sellable = Set(((out->repriced & *sets.published) | *sets.priced[currency]) - hidden);
    out->sellable.prepare(snapshot.entries.size());
    out->available = sets.available[currency];
    out->price_asc = sets.price_asc[currency];
    out->price_desc = sets.price_desc[currency];
    out->discount = sets.discount[currency];
    if (out->repriced.isEmpty()) return out;

    std::vector<Ordinal> repriced(out->repriced.cardinality());
    out->repriced.toUint32Array(repriced.data());
    std::unordered_map<Ordinal, const pricing::VariantPrice*> lowest;
    const View view(snapshot, currency, out.get());
    std::vector<bool> is_changed(snapshot.entries.size(), false);
    Roaring available = *out->available;
    for (const auto ordinal : repriced) {
        is_changed[ordinal] = true;
        const auto& entry = *snapshot.entries[ordinal];
        lowest.emplace(ordinal, view.lowest_price(entry));
        if (std::ranges::any_of(entry.variants, [&](const auto& each) { return each.available > 0 && view.price(each); }))
            available.add(ordinal);
    }
    out->available = Set(std::move(available));
    out->available.prepare(snapshot.entries.size());
    const auto amount = [&](Ordinal ordinal) { return lowest.at(ordinal)->unit().minor(); };
    reorder(out->price_asc, snapshot, is_changed, repriced, amount);
    reorder(out->price_desc, snapshot, is_changed, repriced, [&](Ordinal ordinal) { return -amount(ordinal); });
    reorder(out->discount, snapshot, is_changed, repriced,
            [&](Ordinal ordinal) { return -price_dto(*lowest.at(ordinal)).discount_percent.value_or(0); });
    return out;
}

}  // namespace

BuyerViewPtr buyer_view(const Snapshot& snapshot, std::size_t currency, const Buyer& buyer) {
    if (buyer.is_public()) return nullptr;
    const auto reach = reach_of(snapshot, currency, buyer);
    if (reach.is_public()) return nullptr;
    const auto key = reach.key(currency);
    if (auto known = snapshot.pages->buyers.find(key)) return *known;
    auto made = make_view(snapshot, currency, reach);
    snapshot.pages->buyers.put(key, made, 1);
    return made;
}

const pricing::VariantPrice* View::price(const VariantEntry& variant) const {
    const auto* best = variant.prices[currency_] ? &*variant.prices[currency_] : nullptr;
    if (!buyer_) return best;
    for (const auto& contract : variant.contracts) {
        if (std::ranges::find(buyer_->lists, contract.list) == buyer_->lists.end()) continue;
        if (!best || contract.price.wins_over(*best)) best = &contract.price;
    }
    return best;
}

const pricing::VariantPrice* View::lowest_price(const Entry& entry) const {
    const pricing::VariantPrice* lowest = nullptr;
    for (const auto& variant : entry.variants) {
        const auto* found = price(variant);
        if (found && (!lowest || found->unit() < lowest->unit())) lowest = found;
    }
    return lowest;
}

std::string View::card_price(Ordinal ordinal, Timestamp at) const {
    const auto& entry = *snapshot_.entries[ordinal];
    if (!is_repriced(ordinal)) return entry.card_price[currency_];
    return render_card_price(entry, [this](const VariantEntry& variant) { return price(variant); }, at);
}

}  // namespace stoa::search
