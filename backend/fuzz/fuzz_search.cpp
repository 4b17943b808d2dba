// Queries, filters and cursors against a small catalogue that has been changed several times: every answer is a whole page or says which
// field is wrong, for the public and for a buyer with prices of their own. The input's lines are: settings, query, cursor, then one filter
// each.
#include <cstdlib>

#include "buyer_view.hpp"
#include "listing.hpp"
#include "merchandising.hpp"
#include "world.hpp"

namespace {

using namespace stoa::search;  // NOLINT: the harness is one page

const std::shared_ptr<const Snapshot>& snapshot() {
    static const std::shared_ptr<const Snapshot> made = [] {
        Rule pin;
        pin.id = stoa::Uuid::v7();
        pin.query = "oak";
        pin.products = {ProductId::derived("p3"), ProductId::derived("p4")};
        Rule bury = pin;
        bury.kind = RuleKind::bury;
        bury.query.reset();
        bury.category = stoa::catalog::CategoryId::derived("chairs");
        const auto structure = make_structure(testing::world_structure(), testing::kCurrencies,
                                              make_merchandising({{{}, "en", {"sofa", "oak chair", "couch"}}}, {pin, bury}));
        auto lists = std::make_shared<std::vector<stoa::pricing::ContractList>>();
        auto& trade = lists->emplace_back();
        trade.id = stoa::pricing::PriceListId::derived("trade");
        trade.currency = stoa::Currency::of("EUR");
        trade.customer_group = "trade";
        const auto entry = [&](int index, int generation) {
            auto raw = testing::random_product(index, generation);
            for (const auto& variant : raw.record.variants) {
                if (index % 3 == 0) raw.contracts[variant.id.uuid()].push_back({0, testing::price_of(variant.id, 300 + index, "EUR")});
            }
            if (index % 11 == 0) raw.record.audience.groups = {"trade"};
            return std::pair(raw.record.id, make_entry(raw, {}, *structure, testing::now()));
        };
        std::vector<EntryPtr> entries;
        for (int i = 0; i < 200; ++i) entries.push_back(entry(i, 0).second);
        std::shared_ptr<const Snapshot> current = make_snapshot(
            structure, std::move(entries), std::make_shared<std::unordered_map<std::string, stoa::Uuid>>(), 1 << 20, {}, lists);
        // With layers of text over the first, larger and smaller ones.
        for (const int size : {70, 20, 5, 1}) {
            std::vector<std::pair<ProductId, EntryPtr>> changes;
            for (int i = 0; i < size; ++i) changes.push_back(entry(i * 2, size));
            current = with_changes(*current, changes);
        }
        return current;
    }();
    return made;
}

std::string_view line_of(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

void check(const ListingRequest& request, std::size_t locale, const BuyerView* buyer) {
    const auto page = list(snapshot(), locale, 0, request, Counting::cheaper, testing::now(), buyer);
    if (!page) {
        if (page.error().fields.empty() && page.error().code.find("not_found") == std::string::npos) std::abort();
        return;
    }
    if (page->hits.size() > static_cast<std::size_t>(request.limit) || static_cast<std::int64_t>(page->hits.size()) > page->total)
        std::abort();
    if (request.cursor.empty() && page->total > 0 && page->hits.empty()) std::abort();
    if (!stoa::json::parse(render(*page))) std::abort();
    // What a facet counts is there, and the pages beside this one begin and end where it does.
    for (const auto& facet : page->facets) {
        for (const auto& value : facet.values) {
            if (value.count < 0 || value.count > static_cast<std::int64_t>(snapshot()->entries.size())) std::abort();
        }
    }
    if (!page->next_cursor) return;
    auto next = request;
    next.cursor = *page->next_cursor;
    const auto following = list(snapshot(), locale, 0, next, Counting::cheaper, testing::now(), buyer);
    if (!following || following->hits.empty() || following->hits[0].id == page->hits[0].id) std::abort();
    if (!following->prev_cursor) std::abort();
    next.cursor = *following->prev_cursor;
    const auto again = list(snapshot(), locale, 0, next, Counting::cheaper, testing::now(), buyer);
    if (!again || again->hits.empty() || again->hits.back().id != page->hits.back().id) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto settings = line_of(text);
    const auto setting = [&](std::size_t at) { return at < settings.size() ? static_cast<unsigned char>(settings[at]) : 0U; };
    static constexpr const char* kSorts[] = {"", "relevance", "popular", "newest", "price_asc", "price_desc", "name", "discount", "none"};
    const std::size_t locale = setting(0) % kLocaleCount;
    ListingRequest request;
    request.sort = kSorts[setting(1) % std::size(kSorts)];
    request.limit = 1 + static_cast<int>(setting(2) % 100);
    if (setting(3) % 3 == 0) request.category = "chairs";
    request.available_only = setting(4) % 2 == 1;
    Buyer buyer;
    if (setting(4) % 4 > 1) buyer.groups = {"trade"};
    if (setting(5) % 3 == 1) request.price_min = setting(6) * 20;
    if (setting(5) % 3 == 2) request.price_max = setting(6) * 20;
    request.query = line_of(text);
    request.cursor = line_of(text);
    while (!text.empty()) {
        const auto line = line_of(text);
        const auto equals = std::min(line.find('='), line.size());
        Filter filter{std::string(line.substr(0, equals)), {}};
        if (equals < line.size()) filter.values.emplace_back(line.substr(equals + 1));
        request.filters.push_back(std::move(filter));
    }
    const auto view = buyer_view(*snapshot(), 0, buyer);
    check(request, locale, view.get());
    (void)suggest(*snapshot(), locale, 0, *request.query, view.get());
    if (phrase_of(*request.query).size() > 4 * request.query->size() + 1) std::abort();
    return 0;
}
