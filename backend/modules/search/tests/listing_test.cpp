#include "listing.hpp"

#include <gtest/gtest.h>

#include <set>

#include "buyer_view.hpp"
#include "cursor.hpp"
#include "pages.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using testing::Random;
using testing::World;

// The same question, answered by looking at every product one by one.
struct BruteForce {
    const World& world;
    ListingRequest request;
    std::size_t currency;

    const Entry* entry(const RawProduct& raw) const { return world.snapshot->find(raw.record.id.uuid()); }

    bool in_base(const RawProduct& raw) const {
        const auto& record = raw.record;
        if (record.status != catalog::ProductStatus::active) return false;
        if (record.published_from && *record.published_from > testing::now()) return false;
        if (!lowest(raw)) return false;
        if (request.category) {
            const auto under = [&](const catalog::CategoryId& id) {
                for (const auto& category : world.structure->categories) {
                    if (category.record.id != id) continue;
                    for (const auto above : category.path) {
                        if (world.structure->categories[above].record.handle == *request.category) return true;
                    }
                }
                return false;
            };
            bool found = record.category && under(*record.category);
            for (const auto& id : record.more_categories) found = found || under(id);
            if (!found) return false;
        }
        if (request.available_only) {
            bool any = false;
            for (const auto& variant : record.variants) {
                const auto id = variant.id.uuid();
                any = any || (variant.active && raw.stock.at(id) > 0 && raw.prices[currency].contains(id));
            }
            if (!any) return false;
        }
        return true;
    }
    std::optional<std::int64_t> lowest(const RawProduct& raw) const {
        std::optional<std::int64_t> out;
        for (const auto& variant : raw.record.variants) {
            const auto price = raw.prices[currency].find(variant.id.uuid());
            if (!variant.active || price == raw.prices[currency].end()) continue;
            if (!out || price->second.unit().minor() < *out) out = price->second.unit().minor();
        }
        return out;
    }
    std::set<std::string> values(const RawProduct& raw, const std::string& attribute) const {
        std::set<std::string> out;
        for (const auto& setting : raw.record.attributes) {
            if (setting.attribute != attribute) continue;
            out.insert(setting.values.begin(), setting.values.end());
            if (setting.flag) out.insert(*setting.flag ? "1" : "0");
        }
        for (const auto& variant : raw.record.variants) {
            if (variant.active && variant.options.contains(attribute)) out.insert(variant.options.at(attribute));
        }
        return out;
    }
    std::optional<std::int64_t> number(const RawProduct& raw, const std::string& attribute) const {
        for (const auto& setting : raw.record.attributes) {
            if (setting.attribute == attribute) return setting.number_milli;
        }
        return std::nullopt;
    }
    bool passes(const RawProduct& raw, const Filter& filter) const {
        if (filter.attribute == "width") {
            const auto range = catalog::parse_milli_range(filter.values[0]);
            const auto value = number(raw, "width");
            return value && range->holds(*value);
        }
        const auto own = values(raw, filter.attribute);
        return std::ranges::any_of(filter.values, [&](const auto& value) { return own.contains(value); });
    }
    bool in_price(const RawProduct& raw) const {
        const auto price = *lowest(raw);
        return price >= request.price_min.value_or(0) && price <= request.price_max.value_or(kNone - 1);
    }
    std::vector<const RawProduct*> matching(const std::string& left_out = {}, bool with_price = true) const {
        std::vector<const RawProduct*> out;
        for (const auto& raw : world.products) {
            if (!in_base(raw) || (with_price && !in_price(raw))) continue;
            if (std::ranges::all_of(request.filters,
                                    [&](const Filter& filter) { return filter.attribute == left_out || passes(raw, filter); }))
                out.push_back(&raw);
        }
        return out;
    }
};

ListingRequest random_request(Random& random) {
    ListingRequest request;
    static const std::vector<std::string> kCategories{"home", "garden", "chairs", "tables", "stools"};
    if (random.chance(60)) request.category = kCategories[static_cast<std::size_t>(random.below(5))];
    const auto choice = [&](const std::string& attribute, int values) {
        Filter filter{attribute, {}};
        for (int i = 1 + random.below(3); i > 0; --i) filter.values.push_back(attribute + "-" + std::to_string(random.below(values)));
        request.filters.push_back(std::move(filter));
    };
    if (random.chance(40)) choice("colour", 6);
    if (random.chance(40)) choice("material", 8);
    if (random.chance(30)) choice("style", 4);
    if (random.chance(30)) {
        const int low = random.below(150);
        request.filters.push_back({"width", {std::to_string(low) + ".5.." + std::to_string(low + random.below(60))}});
    }
    if (random.chance(20)) request.filters.push_back({"outdoor", {random.chance(50) ? "1" : "0"}});
    if (random.chance(30)) request.price_min = 500 + random.below(2000);
    if (random.chance(30)) request.price_max = 1000 + random.below(2500);
    request.available_only = random.chance(30);
    static const std::vector<std::string> kSorts{"", "popular", "newest", "price_asc", "price_desc", "name", "discount"};
    request.sort = kSorts[static_cast<std::size_t>(random.below(7))];
    request.limit = 1 + random.below(100);
    return request;
}

TEST(Listing, TotalsAndDisjunctiveCountsEqualBruteForce) {
    const World world(700);
    Random random(42);
    int with_results = 0;
    for (int round = 0; round < 1000; ++round) {
        const std::size_t currency = random.chance(50) ? 0 : 1;
        const BruteForce expected{world, random_request(random), currency};
        // Both ways of counting.
        const auto listing = list(world.snapshot, 0, currency, expected.request,
                                  std::array{Counting::cheaper, Counting::by_product, Counting::by_set}[round % 3]);
        ASSERT_TRUE(listing) << listing.error().message;
        const auto matching = expected.matching();
        ASSERT_EQ(listing->total, static_cast<std::int64_t>(matching.size())) << "round " << round;
        if (!matching.empty()) ++with_results;
        ASSERT_EQ(listing->hits.size(), std::min<std::size_t>(matching.size(), static_cast<std::size_t>(expected.request.limit)));

        std::map<std::string, const FacetDto*> facets;
        for (const auto& facet : listing->facets) facets.emplace(facet.code.text, &facet);
        for (const std::string attribute : {"colour", "material", "style", "outdoor"}) {
            std::map<std::string, std::int64_t> counts;
            for (const auto* raw : expected.matching(attribute)) {
                for (const auto& value : expected.values(*raw, attribute)) ++counts[value];
            }
            std::map<std::string, std::int64_t> shown;
            if (facets.contains(attribute)) {
                for (const auto& value : facets[attribute]->values) {
                    if (value.count > 0)
                        shown.emplace(value.value.text, value.count);
                    else
                        EXPECT_TRUE(value.selected);
                }
            }
            ASSERT_EQ(shown, counts) << "round " << round << " facet " << attribute;
        }
        std::optional<std::int64_t> low, high;
        for (const auto* raw : expected.matching("width")) {
            const auto value = expected.number(*raw, "width");
            if (!value) continue;
            low = std::min(low.value_or(*value), *value);
            high = std::max(high.value_or(*value), *value);
        }
        if (low && *low != *high) {
            ASSERT_TRUE(facets.contains("width"));
            EXPECT_EQ(facets["width"]->min->milli, *low);
            EXPECT_EQ(facets["width"]->max->milli, *high);
        }
        std::optional<std::int64_t> cheapest;
        for (const auto* raw : expected.matching({}, false)) cheapest = std::min(cheapest.value_or(kNone), *expected.lowest(*raw));
        ASSERT_EQ(listing->price.has_value(), cheapest.has_value());
        if (cheapest) {
            EXPECT_EQ(listing->price->min.minor(), *cheapest);
        }
    }
    EXPECT_GT(with_results, 500);
}

std::vector<ProductId> walk(const std::shared_ptr<const Snapshot>& snapshot, ListingRequest request) {
    std::vector<ProductId> out;
    for (;;) {
        const auto page = list(snapshot, 0, 0, request);
        if (!page) ADD_FAILURE() << page.error().message;
        for (const auto& hit : page->hits) out.push_back(hit.id);
        if (!page->next_cursor) return out;
        request.cursor = *page->next_cursor;
    }
}

TEST(Listing, CursorsVisitEveryProductOnceForwardsAndBackwards) {
    const World world(500);
    for (const auto* sort : {"popular", "newest", "price_asc", "price_desc", "name", "discount"}) {
        for (const bool sparse : {false, true}) {
            ListingRequest request;
            request.sort = sort;
            request.limit = 7;
            if (sparse) request.filters = {{"material", {"material-3"}}, {"style", {"style-1"}}};
            const auto forwards = walk(world.snapshot, request);
            std::set<ProductId> distinct(forwards.begin(), forwards.end());
            EXPECT_EQ(distinct.size(), forwards.size()) << sort;
            EXPECT_EQ(static_cast<std::int64_t>(forwards.size()), list(world.snapshot, 0, 0, request)->total) << sort;

            // From the last page back to the first.
            ListingRequest last = request;
            std::optional<Listing> page;
            for (;;) {
                page = *list(world.snapshot, 0, 0, last);
                if (!page->next_cursor) break;
                last.cursor = *page->next_cursor;
            }
            std::vector<ProductId> backwards;
            for (;;) {
                for (auto hit = page->hits.rbegin(); hit != page->hits.rend(); ++hit) backwards.push_back(hit->id);
                if (!page->prev_cursor) break;
                last.cursor = *page->prev_cursor;
                page = *list(world.snapshot, 0, 0, last);
            }
            std::ranges::reverse(backwards);
            EXPECT_EQ(backwards, forwards) << sort << (sparse ? " sparse" : "");
        }
    }
}

TEST(Listing, OrdersAreWhatTheySay) {
    const World world(400);
    const auto entries = [&](const char* sort) {
        ListingRequest request;
        request.sort = sort;
        request.limit = 100;
        std::vector<const Entry*> out;
        for (const auto& id : walk(world.snapshot, request)) out.push_back(world.snapshot->find(id.uuid()));
        return out;
    };
    const auto check = [&](const char* sort, auto not_after) {
        const auto list = entries(sort);
        ASSERT_GT(list.size(), 200U);
        for (std::size_t i = 1; i < list.size(); ++i) ASSERT_TRUE(not_after(*list[i - 1], *list[i])) << sort << " " << i;
    };
    check("price_asc", [](const Entry& a, const Entry& b) { return a.lowest_price[0] <= b.lowest_price[0]; });
    check("price_desc", [](const Entry& a, const Entry& b) { return a.lowest_price[0] >= b.lowest_price[0]; });
    check("newest", [](const Entry& a, const Entry& b) { return a.newest_key >= b.newest_key; });
    check("popular", [](const Entry& a, const Entry& b) { return a.popularity >= b.popularity; });
    check("discount", [](const Entry& a, const Entry& b) { return a.discount[0] >= b.discount[0]; });
    check("name", [](const Entry& a, const Entry& b) { return a.sort_name[0] <= b.sort_name[0]; });
}

TEST(Listing, CursorsStayRightWhileTheCatalogueChanges) {
    World world(300);
    ListingRequest request;
    request.sort = "price_asc";
    request.limit = 20;
    const auto first = *list(world.snapshot, 0, 0, request);
    const auto all = walk(world.snapshot, request);
    // The edge row of the page disappears, one before it too, and a new one turns up on the first page.
    std::vector<std::pair<ProductId, EntryPtr>> changes{{first.hits[19].id, nullptr}, {first.hits[3].id, nullptr}};
    auto fresh = testing::random_product(9001);
    fresh.record.status = catalog::ProductStatus::active;
    fresh.record.published_from.reset();
    for (auto& variant : fresh.record.variants) {
        variant.active = true;
        fresh.prices[0].insert_or_assign(variant.id.uuid(), testing::price_of(variant.id, 1, "EUR"));
    }
    changes.emplace_back(fresh.record.id, make_entry(fresh, {}, *world.structure, testing::now()));
    const auto changed = with_changes(*world.snapshot, changes);
    request.cursor = *first.next_cursor;
    const auto second = *list(changed, 0, 0, request);
    ASSERT_GE(second.hits.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(second.hits[i].id, all[20 + i]) << i;  // nothing skipped, nothing twice
}

TEST(Listing, ChangesOneByOneEqualAFullBuild) {
    World world(250);
    auto incremental = world.snapshot;
    Random random(7);
    auto raws = world.products;
    for (int round = 0; round < 60; ++round) {
        std::vector<std::pair<ProductId, EntryPtr>> changes;
        std::set<int> chosen;
        for (int i = 1 + random.below(5); i > 0; --i) chosen.insert(random.below(260));
        for (const int index : chosen) {
            auto raw = testing::random_product(index, round + 1);
            if (index >= static_cast<int>(raws.size())) {
                raws.push_back(testing::random_product(static_cast<int>(raws.size()), round + 1));
                raw = raws.back();
            } else {
                raws[static_cast<std::size_t>(index)] = raw;
            }
            if (std::ranges::any_of(changes, [&](const auto& change) { return change.first == raw.record.id; })) continue;
            changes.emplace_back(raw.record.id, make_entry(raw, {}, *world.structure, testing::now()));
        }
        incremental = with_changes(*incremental, changes);
    }
    std::vector<EntryPtr> entries;
    for (const auto& raw : raws) entries.push_back(make_entry(raw, {}, *world.structure, testing::now()));
    const auto whole = make_snapshot(world.structure, std::move(entries), incremental->old_slugs, 1 << 20);
    for (int round = 0; round < 300; ++round) {
        auto request = random_request(random);
        request.limit = 100;
        if (random.chance(30)) {
            request.query = random.chance(50) ? "oak" : "garden ch";
            request.sort = "price_asc";  // scores depend on word statistics, which a layered index approximates
        }
        const auto a = *list(incremental, 0, 0, request);
        const auto b = *list(whole, 0, 0, request);
        ASSERT_EQ(a.total, b.total) << round;
        ASSERT_EQ(json::render(a.facets), json::render(b.facets)) << round;
        ASSERT_TRUE(render(a).contains("],\"facets\":" + json::render(a.facets) + ",\"")) << round << render(a);
        ASSERT_EQ(a.hits.size(), b.hits.size());
        for (std::size_t i = 0; i < a.hits.size(); ++i) {
            ASSERT_EQ(a.hits[i].id, b.hits[i].id) << round << " " << i;
            ASSERT_EQ(a.hits[i].card_text, b.hits[i].card_text);
            ASSERT_EQ(a.hits[i].card_price, b.hits[i].card_price);
        }
    }
    for (const auto& raw : raws) {
        const auto slug = raw.record.texts.at("en").slug;
        const auto a = product_by_slug(*incremental, 0, slug);
        const auto b = product_by_slug(*whole, 0, slug);
        ASSERT_EQ(a.has_value(), b.has_value()) << slug;
    }
}

// Everything that readers see of a snapshot but what search scores.
std::string seen_in(const std::shared_ptr<const Snapshot>& snapshot, std::uint64_t seed) {
    std::string out;
    Random random(seed);
    for (int round = 0; round < 40; ++round) {
        auto request = random_request(random);
        request.limit = 100;
        if (random.chance(30)) {
            request.query = random.chance(50) ? "oak" : "garden ch";
            request.sort = "name";
        }
        const auto locale = static_cast<std::size_t>(random.below(4));
        for (const auto& buyer : {Buyer{}, Buyer{{"trade"}, {}}}) {
            const auto view = buyer_view(*snapshot, 0, buyer);
            out += render(*list(snapshot, locale, 0, request, round % 2 == 0 ? Counting::by_product : Counting::by_set, testing::now(),
                                view.get())) +
                   "\n";
        }
    }
    for (std::size_t slot = 0; slot < snapshot->category_tree.size(); ++slot) {
        out += *snapshot->category_tree[slot].json + *snapshot->collection_list[slot].json + "\n";
        for (const auto* pages : {&snapshot->category_pages, &snapshot->collection_pages}) {
            for (const auto& page : *(*pages)[slot]) out += (page.json ? *page.json : "none") + "\n";
        }
    }
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        std::size_t shown = 0;
        for (const auto& praise : snapshot->praise[locale]->list) {
            if (++shown > Praises::kShown) break;
            out += snapshot->entries[praise.ordinal]->id.to_string() + " " + praise.id.to_string() + "\n";
        }
    }
    for (const auto ordinal : *snapshot->sets.by_id) out += snapshot->entries[ordinal]->id.to_string() + "\n";
    std::set<std::string> addresses;
    for (const auto& [at, ordinal] : *snapshot->windows) addresses.insert(snapshot->entries[ordinal]->id.to_string() + to_rfc3339(at));
    for (int index = 0; index < 400; ++index) {
        const auto raw = testing::random_product(index);
        for (const auto& [locale, text] : raw.record.texts) {
            if (const auto found = product_by_slug(*snapshot, 0, text.slug))
                addresses.insert(text.slug + snapshot->entries[*found]->id.to_string());
        }
        for (const auto& variant : raw.record.variants) {
            const auto known = snapshot->ordinal_of_variant->find(variant.id.uuid());
            if (known != snapshot->ordinal_of_variant->end())
                addresses.insert(variant.sku + snapshot->entries[known->second]->id.to_string());
        }
    }
    for (const auto& address : addresses) out += address + "\n";
    return out;
}

TEST(Listing, LongChainsOfChangesEqualAFullBuildAndLeaveOldSnapshotsAlone) {
    const auto structure = make_structure(testing::world_structure(), testing::kCurrencies);
    auto lists = std::make_shared<std::vector<pricing::ContractList>>();
    auto& contract = lists->emplace_back();
    contract.id = pricing::PriceListId::derived("trade");
    contract.currency = Currency::of("EUR");
    contract.customer_group = "trade";
    Random random(11);
    const auto made = [&](int index, int generation) {
        auto raw = testing::random_product(index, generation);
        if (random.chance(30)) {
            for (const auto& variant : raw.record.variants)
                raw.contracts[variant.id.uuid()].push_back({0, testing::price_of(variant.id, 200 + random.below(2000), "EUR")});
        }
        if (random.chance(10)) raw.record.audience.groups = {"trade"};
        return std::pair(raw.record.id, make_entry(raw, {}, *structure, testing::now()));
    };
    std::map<int, EntryPtr> entries;
    std::vector<EntryPtr> first;
    for (int index = 0; index < 300; ++index) {
        entries[index] = made(index, 0).second;
        first.push_back(entries[index]);
    }
    const auto none = std::make_shared<const std::unordered_map<std::string, Uuid>>();
    const auto built = [&] {
        std::vector<EntryPtr> all;
        for (const auto& [index, entry] : entries) all.push_back(entry);
        return make_snapshot(structure, std::move(all), none, 1 << 20, {}, lists);
    };
    std::shared_ptr<const Snapshot> current = make_snapshot(structure, first, none, 1 << 20, {}, lists);
    std::optional<MergedText> merging;
    for (int round = 0; round < 900; ++round) {
        // Mostly one product at a time, now and then many at once, as an import does it.
        std::vector<std::pair<ProductId, EntryPtr>> changes;
        std::set<int> chosen;
        for (int i = random.chance(3) ? 120 : random.chance(20) ? 5 : 1; i > 0; --i) chosen.insert(random.below(340));
        for (const int index : chosen) {
            const auto& known = entries[index];
            if (known && random.chance(40)) {  // a price only
                auto entry = std::make_shared<Entry>(*known);
                entry->lowest_price[0] = 100 + random.below(4000);
                for (auto& variant : entry->variants) variant.prices[0] = testing::price_of(variant.id, entry->lowest_price[0], "EUR");
                entries[index] = entry;
            } else {
                entries[index] = random.chance(10) ? nullptr : made(index, round + 1).second;
            }
            changes.emplace_back(testing::random_product(index).record.id, entries[index]);
        }
        const bool compare = round % 100 == 99;
        const auto before = compare ? seen_in(current, 1) : std::string();
        const auto next = with_changes(*current, changes);
        if (compare) {
            ASSERT_EQ(seen_in(current, 1), before) << "round " << round << ": a reader saw a change halfway";
        }
        current = next;
        // Texts are merged beside the changes: what was begun some rounds ago is taken over now.
        if (merging && random.chance(30)) {
            if (auto merged = with_merged_text(*current, *merging)) current = std::move(merged);
            merging.reset();
        }
        if (!merging && wants_merging(*current)) merging = merge_text(*current);
        if (compare) {
            ASSERT_EQ(seen_in(current, static_cast<std::uint64_t>(round)), seen_in(built(), static_cast<std::uint64_t>(round)))
                << "round " << round;
        }
    }
    EXPECT_LT(current->text[0].layers.size(), 24U);
}

TEST(Listing, RefusesBadRequests) {
    const World world(50);
    const auto pointer = [&](ListingRequest request) {
        const auto listing = list(world.snapshot, 0, 0, request);
        if (listing) return std::string("accepted");
        return listing.error().fields.empty() ? listing.error().code
                                              : listing.error().fields[0].pointer + " " + listing.error().fields[0].code;
    };
    EXPECT_EQ(pointer({.category = "nowhere"}), "catalog.category_not_found");
    EXPECT_EQ(pointer({.category = "hidden"}), "catalog.category_not_found");
    EXPECT_EQ(pointer({.collection = "nowhere"}), "catalog.collection_not_found");
    EXPECT_EQ(pointer({.filters = {{"taste", {"x"}}}}), "?f.taste unknown");
    EXPECT_EQ(pointer({.filters = {{"care", {"x"}}}}), "?f.care unknown");
    EXPECT_EQ(pointer({.filters = {{"width", {"wide"}}}}), "?f.width invalid_range");
    EXPECT_EQ(pointer({.filters = {{"outdoor", {"maybe"}}}}), "?f.outdoor not_one_of");
    EXPECT_EQ(pointer({.filters = {{"colour", {}}}}), "?f.colour invalid");
    EXPECT_EQ(pointer({.sort = "random"}), "?sort not_one_of");
    EXPECT_EQ(pointer({.limit = 101}), "?limit out_of_range");
    EXPECT_EQ(pointer({.limit = 0}), "?limit out_of_range");
    EXPECT_EQ(pointer({.cursor = "nonsense"}), "?cursor invalid_cursor");
    // What one request can make the engine do.
    EXPECT_EQ(pointer({.query = std::string(401, 'a')}), "?q too_long");
    EXPECT_EQ(pointer({.query = std::string(400, 'a')}), "accepted");
    EXPECT_EQ(pointer({.filters = std::vector<Filter>(21, {"colour", {"colour-1"}})}), "?f too_many");
    EXPECT_EQ(pointer({.filters = {{"colour", {"colour-1"}}, {"colour", {"colour-2"}}}}), "?f.colour duplicate");
    EXPECT_EQ(pointer({.filters = {{"colour", std::vector<std::string>(51, "colour-1")}}}), "?f.colour invalid");
    const auto page = *list(world.snapshot, 0, 0, {.sort = "newest", .limit = 5});
    EXPECT_EQ(pointer({.sort = "newest", .limit = 5, .cursor = *page.next_cursor}), "accepted");
    EXPECT_EQ(pointer({.sort = "name", .limit = 5, .cursor = *page.next_cursor}), "?cursor invalid_cursor");
    auto forged = *page.next_cursor;
    forged[5] = forged[5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(pointer({.sort = "newest", .limit = 5, .cursor = forged}), "?cursor invalid_cursor");
    EXPECT_EQ(pointer({.filters = {{"colour", {"gone"}}}}), "accepted");
    EXPECT_EQ(list(world.snapshot, 0, 0, {.filters = {{"colour", {"gone"}}}})->total, 0);
}

TEST(Cursor, RoundTripAndGarbage) {
    const Cursor cursor{true, 0x1234567890ABCDEF, -77, "stuhl grün", Uuid::derived("x")};
    EXPECT_EQ(decode_cursor(encode(cursor)), cursor);
    EXPECT_FALSE(decode_cursor(""));
    EXPECT_FALSE(decode_cursor("!!!"));
    EXPECT_FALSE(decode_cursor(std::string(5000, 'A')));
    const auto text = encode(cursor);
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto broken = text;
        broken.erase(i, 1);
        EXPECT_FALSE(decode_cursor(broken)) << i;
    }
}

TEST(Render, JoinedCardsHaveTheDescribedShape) {
    const World world(120);
    const auto listing = *list(world.snapshot, 1, 0, {.query = "garden", .limit = 50});
    ASSERT_GT(listing.hits.size(), 3U);
    const auto text = render(listing);
    const auto value = json::parse(text);
    ASSERT_TRUE(value) << value.error().message;
    const auto parsed = json::from_value<ListingDto>(*value);
    ASSERT_TRUE(parsed) << parsed.error().fields[0].pointer << " " << parsed.error().fields[0].message;
    EXPECT_EQ(parsed->total, listing.total);
    for (const auto& item : value->find("items")->items()) {
        const auto card = json::from_value<ProductCardDto>(item);
        ASSERT_TRUE(card) << card.error().fields[0].pointer << " " << card.error().fields[0].message;
        const auto* entry = world.snapshot->find(card->id.uuid());
        EXPECT_EQ(card->price.amount.minor(), entry->lowest_price[0]);
        EXPECT_EQ(card->slug, entry->texts[1]->slug);
    }
}

TEST(Page, EveryProductPageHasTheDescribedShape) {
    const World world(150);
    int shown = 0, ahead = 0;
    for (Ordinal ordinal = 0; ordinal < world.snapshot->entries.size(); ++ordinal) {
        const auto page = product_page(*world.snapshot, ordinal, 1, 1, testing::now());
        const auto& entry = *world.snapshot->entries[ordinal];
        ASSERT_EQ(page.has_value(), entry.sellable(1)) << ordinal;
        if (!page) continue;
        ++shown;
        const auto parsed = json::parse_as<ProductPageDto>(json::render(*page));
        ASSERT_TRUE(parsed) << parsed.error().fields[0].pointer << " " << parsed.error().fields[0].message;
        for (const auto& variant : parsed->variants) {
            EXPECT_EQ(variant.price.amount.currency().code(), "GBP");
            if (variant.stock.state == StockState::backorder) {
                ++ahead;
                EXPECT_EQ(variant.promise.has_value(), variant.stock.expected_on.has_value());
                if (variant.promise) {
                    EXPECT_GT(variant.promise->from, *variant.stock.expected_on);
                }
                if (variant.stock.expected_on) {
                    EXPECT_GE(*variant.stock.expected_on, date_of(testing::now()));
                }
            } else {
                EXPECT_EQ(variant.promise.has_value(), variant.stock.state != StockState::sold_out);
                EXPECT_FALSE(variant.stock.expected_on);
            }
            EXPECT_EQ(variant.stock.quantity.has_value(), variant.stock.state == StockState::low_stock);
        }
        const auto has = [&](Badge badge) { return std::ranges::find(parsed->badges, badge) != parsed->badges.end(); };
        const auto in = [&](StockState state) {
            return std::ranges::any_of(parsed->variants, [&](const VariantDto& variant) { return variant.stock.state == state; });
        };
        EXPECT_EQ(has(Badge::backorder), !parsed->available && in(StockState::backorder));
        EXPECT_EQ(has(Badge::sold_out), !parsed->available && !in(StockState::backorder));
        for (const auto& card : parsed->related) {
            const auto related = json::parse_as<ProductCardDto>(card.text);
            ASSERT_TRUE(related);
            EXPECT_NE(related->id, page->id);
        }
        if (parsed->rating) {
            EXPECT_GE(parsed->rating->average, 10);
            EXPECT_LE(parsed->rating->average, 50);
        }
    }
    EXPECT_GT(shown, 80);
    EXPECT_GT(ahead, 10);
}

TEST(Page, PublishWindowIsJudgedWhenRead) {
    auto raw = testing::random_product(1);
    raw.record.status = catalog::ProductStatus::active;
    raw.record.published_from = testing::now() - std::chrono::hours(1);
    raw.record.published_until = testing::now() + std::chrono::hours(1);
    for (auto& variant : raw.record.variants) {
        variant.active = true;
        raw.prices[0].insert_or_assign(variant.id.uuid(), testing::price_of(variant.id, 1000, "EUR"));
    }
    const auto structure = make_structure(testing::world_structure(), testing::kCurrencies);
    const auto entry = make_entry(raw, {}, *structure, testing::now());
    EXPECT_EQ(entry->next_change, *raw.record.published_until);
    const auto snapshot = make_snapshot(structure, {entry}, std::make_shared<std::unordered_map<std::string, Uuid>>(), 1000);
    EXPECT_TRUE(product_page(*snapshot, 0, 0, 0, testing::now()));
    EXPECT_FALSE(product_page(*snapshot, 0, 0, 0, testing::now() + std::chrono::hours(1)));
    EXPECT_FALSE(product_page(*snapshot, 0, 0, 0, testing::now() - std::chrono::hours(2)));
}

TEST(Suggest, OffersQueriesProductsAndCategories) {
    const World world(300);
    const auto found = suggest(*world.snapshot, 0, 0, "cha");
    EXPECT_EQ(found.queries, (std::vector<std::string>{"chairs", "chair"}));  // the category's word is used most
    EXPECT_LE(found.products.size(), 5U);
    EXPECT_FALSE(found.products.empty());
    ASSERT_EQ(found.categories.size(), 1U);
    EXPECT_EQ(found.categories[0].slug, "chairs");
    for (const auto& query : suggest(*world.snapshot, 0, 0, "oak ta").queries)
        EXPECT_GT(list(world.snapshot, 0, 0, {.query = query})->total, 0) << query;
    EXPECT_TRUE(suggest(*world.snapshot, 0, 0, "").products.empty());
    EXPECT_EQ(suggest(*world.snapshot, 0, 0, "chiar ").queries, std::vector<std::string>{"chair"});
}

TEST(PartNumbers, AreFoundAsTheyAreAndNeverCorrected) {
    const World world(60);
    const auto& sellable = world.snapshot->sets.sellable[0];
    std::vector<const Entry*> seen;
    for (const auto& entry : world.snapshot->entries) {
        if (entry && sellable->contains(world.snapshot->ordinal_of->find(entry->id.uuid())->second)) seen.push_back(entry.get());
    }
    ASSERT_GE(seen.size(), 3U);
    const Named::Product a{seen[0]->id, "CHIAR"}, b{seen[1]->id, "CHIAR-2"}, gone{ProductId::make(), "CHIAR-3"};
    const auto found = [&](std::string_view query, const Named& named) {
        return *list(world.snapshot, 0, 0, {.query = std::string(query)}, Counting::cheaper, testing::now(), nullptr, named);
    };
    ASSERT_TRUE(found("chiar", {}).did_you_mean);  // nobody's number: a mistake
    const auto exact = found("chiar", {{a, gone}, {b}});
    ASSERT_EQ(exact.total, 1);
    EXPECT_EQ(exact.hits[0].id, a.id);
    EXPECT_FALSE(exact.did_you_mean);
    const auto begun = found("chiar", {{}, {b, a, gone}});
    EXPECT_EQ(begun.total, 2);
    EXPECT_FALSE(begun.did_you_mean);
    EXPECT_GT(found("chair", {{}, {a}}).total, 1);  // a word that is understood stays one

    const auto offered = suggest(*world.snapshot, 0, 0, "chiar", nullptr, {{}, {b, a, gone}});
    ASSERT_EQ(offered.products.size(), 2U);
    EXPECT_EQ(offered.products[0].id, b.id);
    EXPECT_EQ(offered.products[0].part_number, "CHIAR-2");
    EXPECT_TRUE(offered.queries.empty());
    const auto among = suggest(*world.snapshot, 0, 0, "chair", nullptr, {{a}, {}});
    EXPECT_EQ(among.products.front().id, a.id);
    EXPECT_GT(among.products.size(), 1U);
    EXPECT_FALSE(among.products.back().part_number);
}

TEST(Collections, RulesAndHandPicksInTheirOrder) {
    auto records = testing::world_structure();
    catalog::Collection picks;
    picks.id = catalog::CollectionId::derived("picks");
    picks.handle = "picks";
    picks.texts["en"] = {.name = "Picks", .slug = "picks"};
    std::vector<RawProduct> raws;
    for (int i = 0; i < 40; ++i) {
        raws.push_back(testing::random_product(i));
        raws.back().record.status = catalog::ProductStatus::active;
        raws.back().record.published_from.reset();
        for (auto& variant : raws.back().record.variants) {
            variant.active = true;
            raws.back().prices[0].insert_or_assign(variant.id.uuid(), testing::price_of(variant.id, 1000, "EUR"));
        }
    }
    for (const int i : {31, 5, 17, 2}) picks.products.push_back(raws[static_cast<std::size_t>(i)].record.id);
    const auto wanted = picks.products;
    records.collections.push_back(picks);
    const auto structure = make_structure(std::move(records), testing::kCurrencies);
    std::vector<EntryPtr> entries;
    for (const auto& raw : raws) entries.push_back(make_entry(raw, {}, *structure, testing::now()));
    const auto snapshot = make_snapshot(structure, std::move(entries), std::make_shared<std::unordered_map<std::string, Uuid>>(), 1000);
    const auto picked = *list(snapshot, 0, 0, {.collection = "picks"});
    ASSERT_EQ(picked.total, 4);
    EXPECT_EQ(picked.sort, "relevance");
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(picked.hits[i].id, wanted[i]);
    EXPECT_EQ(walk(snapshot, {.collection = "picks", .limit = 1}), wanted);
    const auto reds = *list(snapshot, 0, 0, {.collection = "reds", .limit = 100});
    std::int64_t expected = 0;
    for (const auto& raw : raws) {
        for (const auto& variant : raw.record.variants) {
            if (variant.options.at("colour") == "colour-0") {
                ++expected;
                break;
            }
        }
    }
    EXPECT_EQ(reds.total, expected);
    EXPECT_GT(expected, 0);
}

}  // namespace
}  // namespace stoa::search
