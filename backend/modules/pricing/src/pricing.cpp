// Reading prices: bulk, two statements in one round trip.
#include <utility>

#include "domain/resolve.hpp"
#include "sql/pricing.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/pricing/pricing.hpp"
#include "store/price_rows.hpp"

namespace stoa::pricing {
namespace {

using History = std::unordered_map<catalog::VariantId, std::vector<HistoryRow>>;

bool same_variant(const PriceRow& a, const PriceRow& b) { return a.variant == b.variant; }
bool same_list(const PriceRow& a, const PriceRow& b) { return a.variant == b.variant && a.list == b.list; }

// Rows that belong together follow each other and become one price.
template <class Together, class Each>
void resolve_all(std::span<const PriceRow> rows, const History& history, Together&& together, Each&& each) {
    static const std::vector<HistoryRow> kNoHistory;
    for (std::size_t begin = 0; begin < rows.size();) {
        std::size_t end = begin + 1;
        while (end < rows.size() && together(rows[end], rows[begin])) ++end;
        const auto found = history.find(rows[begin].variant);
        if (auto price = resolve(rows.subspan(begin, end - begin), found == history.end() ? kNoHistory : found->second))
            each(rows[begin], std::move(*price));
        begin = end;
    }
}

std::vector<PriceRow> price_rows(const db::Rows& rows) {
    std::vector<PriceRow> out;
    out.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto row : rows) out.push_back(store::price_row(row));
    return out;
}

class PricingService final : public Pricing {
public:
    db::Read<Prices> read_prices(std::span<const catalog::VariantId> variants, const BuyerContext& buyer) override {
        const std::vector<catalog::VariantId> ids(variants.begin(), variants.end());
        const Currency currency = buyer.currency;
        db::Read<Prices> read;
        read.calls.push_back(db::call(sql::prices_for_buyer, ids, currency, buyer.channel, buyer.groups, buyer.company, buyer.at));
        read.calls.push_back(db::call(sql::history_for_reduced, ids, currency, buyer.at, buyer.channel));
        read.finish = [currency](std::span<const db::Rows> rows) {
            const auto candidates = price_rows(rows[0]);
            Prices prices;
            resolve_all(candidates, store::history_rows(rows[1], currency), same_variant, [&](const PriceRow&, VariantPrice&& price) {
                const auto variant = price.variant;
                prices.emplace(variant, std::move(price));
            });
            return prices;
        };
        return read;
    }

    void for_each_public_price(db::Tx& tx, Currency currency, std::string_view channel, Timestamp at,
                               const std::function<void(VariantPrice&&)>& each) override {
        for_each_page(tx, sql::public_prices_page, currency, channel, at, [&](const std::vector<PriceRow>& rows, const History& history) {
            resolve_all(rows, history, same_variant, [&](const PriceRow&, VariantPrice&& price) { each(std::move(price)); });
        });
    }

    std::vector<ContractList> contract_lists(db::Session& session, std::string_view channel, Timestamp at) override {
        std::vector<ContractList> out;
        for (const auto row : session.query(sql::contract_lists, channel, at)) {
            out.push_back({row.get<PriceListId>("id"), row.get<Currency>("currency"), row.get<std::optional<std::string>>("customer_group"),
                           row.get<std::optional<companies::CompanyId>>("company_id")});
        }
        return out;
    }

    void for_each_contract_price(db::Tx& tx, Currency currency, std::string_view channel, Timestamp at,
                                 const std::optional<std::vector<catalog::VariantId>>& variants,
                                 const std::function<void(ContractPrice&&)>& each) override {
        const auto resolved = [&](const std::vector<PriceRow>& rows, const History& history) {
            resolve_all(rows, history, same_list,
                        [&](const PriceRow& row, VariantPrice&& price) { each(ContractPrice{row.list, std::move(price)}); });
        };
        if (!variants) {
            for_each_page(tx, sql::contract_prices_page, currency, channel, at, resolved);
            return;
        }
        const auto rows = price_rows(tx.query(sql::contract_prices_of, *variants, currency, channel, at));
        if (!rows.empty()) resolved(rows, history_of(tx, rows, currency, channel, at));
    }

    std::optional<Timestamp> next_window(db::Session& session, Timestamp after) override {
        return session.query(sql::next_window, after).front().get<std::optional<Timestamp>>("at");
    }

    PriceWindows windows(db::Session& session, Timestamp after, Timestamp until) override {
        PriceWindows out;
        for (const auto row : session.query(sql::windows_between, after, until))
            out.variants.push_back(row.get<catalog::VariantId>("variant_id"));
        out.lists = !session.query(sql::lists_between, after, until).empty();
        return out;
    }

private:
    // Of variants with a scheduled price.
    static History history_of(db::Tx& tx, const std::vector<PriceRow>& rows, Currency currency, std::string_view channel, Timestamp at) {
        std::vector<catalog::VariantId> reduced;
        for (const auto& row : rows) {
            if (row.valid_from && (reduced.empty() || reduced.back() != row.variant)) reduced.push_back(row.variant);
        }
        if (reduced.empty()) return {};
        return store::history_rows(tx.query(sql::history_for_reduced, reduced, currency, at, channel), currency);
    }

    template <class Body>
    static void for_each_page(db::Tx& tx, const db::Query& query, Currency currency, std::string_view channel, Timestamp at, Body&& body) {
        constexpr std::size_t kPage = 20000;
        catalog::VariantId after;
        while (true) {
            auto rows = price_rows(tx.query(query, after, currency, channel, at, kPage));
            const bool more = rows.size() == kPage;
            if (more) {
                // The last variant may be cut by the limit: it comes again, whole, with the next page.
                const auto last = rows.back().variant;
                while (!rows.empty() && rows.back().variant == last) rows.pop_back();
                if (rows.empty()) throw std::logic_error("one variant has a page full of prices");
            }
            if (rows.empty()) return;
            after = rows.back().variant;
            body(rows, history_of(tx, rows, currency, channel, at));
            if (!more) return;
        }
    }
};

}  // namespace

std::unique_ptr<Pricing> make_pricing() { return std::make_unique<PricingService>(); }

}  // namespace stoa::pricing
