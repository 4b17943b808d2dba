#include "declarations/repricing.hpp"

#include <map>

#include "domain/reprice.hpp"
#include "sql/forms.hpp"

namespace stoa::backoffice {
namespace {

using pricing::PriceId;
using pricing::PriceListId;

constexpr std::size_t kMostPrices = 5000;

struct PriceChange {
    std::optional<std::string> percent;
    std::optional<Money> amount;
};
struct ListPriceChange {
    PriceListId list;
    std::optional<std::string> percent;
    std::optional<Money> amount;
};
constexpr const char* kPercentHelp = "-10 is a tenth less, 2.5 a fortieth more; of every tier.";
constexpr const char* kAmountHelp = "Instead: what each of them costs afterwards.";
void describe(json::Struct<PriceChange>& d) {
    d.name("PriceChange");
    d.field<&PriceChange::percent>("percent", kPercentHelp).max_length(8);
    d.field<&PriceChange::amount>("amount", kAmountHelp);
}
void describe(json::Struct<ListPriceChange>& d) {
    d.name("ListPriceChange");
    d.field<&ListPriceChange::list>("list");
    d.field<&ListPriceChange::percent>("percent", kPercentHelp).max_length(8);
    d.field<&ListPriceChange::amount>("amount", kAmountHelp);
}

struct Wish {
    std::vector<PriceId> prices;
    Repricing repricing;
};
using Read = std::function<Result<Wish>(db::Session&, const std::vector<std::string>& ids, const json::Value& input)>;

Result<Repricing> repricing_of(const std::optional<std::string>& percent, const std::optional<Money>& amount) {
    Repricing out{std::nullopt, amount};
    if (!percent || percent->empty()) return out;
    out.by_basis_points = percent_of(*percent);
    if (!out.by_basis_points) return fail_field("/input/percent", "invalid", "Expected a percentage from -100 to 1000, such as -12.5.");
    return out;
}

struct Changed {
    pricing::StoredPrice before;
    pricing::PriceEntry after;
};
Result<std::vector<Changed>> changes_of(db::Session& session, const Wish& wish, pricing::Locking locking) {
    if (wish.prices.empty()) return fail_field("/input/list", "empty", "None of these has a price there.");
    if (wish.prices.size() > kMostPrices)
        return fail_field("/ids", "too_many", "At most " + std::to_string(kMostPrices) + " prices at a time: choose fewer rows.");
    std::vector<Changed> out;
    for (auto& price : pricing::stored_prices(session, wish.prices, locking)) {
        auto after = reprice(price, wish.repricing);
        if (!after) return fail(after.error());
        out.push_back({std::move(price), std::move(*after)});
    }
    return out;
}

Action change_prices(pricing::PriceBook& book, Read read) {
    Action out;
    out.name = "change_prices";
    out.label = "Change prices";
    out.foresee = [read](db::Session& session, const std::vector<std::string>& ids, const json::Value& input,
                         Looking looking) -> Result<std::vector<Foreseen>> {
        const auto wish = read(session, ids, input);
        if (!wish) return fail(wish.error());
        const auto changes =
            changes_of(session, *wish, looking == Looking::before_change ? pricing::Locking::rows : pricing::Locking::none);
        if (!changes) return fail(changes.error());
        std::vector<Uuid> priced;
        for (const auto& change : *changes) priced.push_back(change.before.id.uuid());
        std::map<PriceId, std::string> names;
        for (const auto row : session.query(sql::names_of_prices, priced)) names[row.get<PriceId>("id")] = row.get<std::string>("name");
        std::vector<Foreseen> foreseen;
        for (const auto& [before, after] : *changes) {
            for (std::size_t i = 0; i < after.tiers.size(); ++i) {
                const auto from = after.tiers[i].first;
                foreseen.push_back({before.id.to_string(), names[before.id], Money(before.entry.tiers[i].second, before.currency),
                                    Money(after.tiers[i].second, before.currency),
                                    from == 1 ? std::string() : "from " + std::to_string(from)});
            }
        }
        return foreseen;
    };
    out.run = [&book, read](Write& write, const std::vector<std::string>& ids, const json::Value& input) -> Result<Action::Done> {
        const auto wish = read(write.tx, ids, input);
        if (!wish) return fail(wish.error());
        const auto changes = changes_of(write.tx, *wish, pricing::Locking::rows);
        if (!changes) return fail(changes.error());
        std::map<PriceListId, std::vector<pricing::PriceEntry>> by_list;
        json::Writer audited;
        audited.begin_array();
        for (const auto& [before, after] : *changes) {
            by_list[before.list].push_back(after);
            audited.begin_object();
            audited.member("price", before.id.to_string());
            audited.member("before", before.entry.tiers.front().second);
            audited.member("after", after.tiers.front().second);
            audited.end_object();
        }
        audited.end_array();
        for (const auto& [list, entries] : by_list) (void)book.set_prices(write.tx, list, entries, write.now);
        Action::Done done;
        done.changed = static_cast<std::int64_t>(changes->size());
        done.audited_as = "prices";
        done.audited = audited.take();
        return done;
    };
    return out;
}

}  // namespace

Action reprice_rows(pricing::PriceBook& prices) {
    auto out = change_prices(prices, [](db::Session&, const std::vector<std::string>& ids, const json::Value& input) -> Result<Wish> {
        const auto change = json::from_value<PriceChange>(input);
        if (!change) return fail(change.error());
        auto repricing = repricing_of(change->percent, change->amount);
        if (!repricing) return fail(repricing.error());
        Wish wish{{}, std::move(*repricing)};
        for (const auto& id : ids) wish.prices.push_back(id_of<PriceId>(id));
        return wish;
    });
    out.input = &json::info_of<PriceChange>();
    return out;
}

Action reprice_in_list(pricing::PriceBook& prices, VariantsOf variants_of) {
    auto out = change_prices(prices,
                             [variants_of = std::move(variants_of)](db::Session& session, const std::vector<std::string>& ids,
                                                                    const json::Value& input) -> Result<Wish> {
                                 const auto change = json::from_value<ListPriceChange>(input);
                                 if (!change) return fail(change.error());
                                 auto repricing = repricing_of(change->percent, change->amount);
                                 if (!repricing) return fail(repricing.error());
                                 return Wish{pricing::base_prices(session, change->list, variants_of(session, ids)), std::move(*repricing)};
                             });
    out.input = &json::info_of<ListPriceChange>();
    out.looks = {{"list", {.label = "Price list", .resource = "price_lists"}}};
    return out;
}

}  // namespace stoa::backoffice
