// Figures, not tests: what a catalogue of a size costs in time and memory, without a database. On a machine that does nothing else:
//   STOA_FIGURES_PRODUCTS=100000 build/figures/bin/search_test --gtest_also_run_disabled_tests --gtest_filter='*Figures*'
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "buyer_view.hpp"
#include "catalogue_file.hpp"
#include "listing.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t heap() {
    const auto info = ::mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// The median of several runs, in microseconds.
template <class Act>
std::int64_t median(int runs, Act act) {
    std::vector<std::int64_t> all;
    for (int i = 0; i < runs; ++i) {
        const auto start = Clock::now();
        act(i);
        all.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
    }
    std::ranges::sort(all);
    return all[all.size() / 2];
}

TEST(DISABLED_Figures, OfACatalogue) {
    const char* asked = std::getenv("STOA_FIGURES_PRODUCTS");
    const int count = asked ? std::atoi(asked) : 10000;
    const auto structure = make_structure(testing::world_structure(), testing::kCurrencies);
    const auto company = Uuid::derived("figures");
    auto lists = std::make_shared<std::vector<pricing::ContractList>>();
    auto& contract = lists->emplace_back();
    contract.id = pricing::PriceListId::derived("figures");
    contract.currency = Currency::of("EUR");
    contract.company = decltype(contract.company)::value_type(company);
    const auto made = [&](int index, int generation) {
        auto raw = testing::random_product(index, generation);
        raw.record.status = catalog::ProductStatus::active;
        // A third of the articles have a price of the company's own.
        if (index % 3 == 0) {
            for (const auto& variant : raw.record.variants) {
                auto price = testing::price_of(variant.id, 100 + (index * 13 + generation) % 3000, "EUR");
                price.specificity = 4;
                raw.contracts[variant.id.uuid()].push_back({0, std::move(price)});
            }
        }
        return make_entry(raw, {}, *structure, testing::now());
    };
    const auto before = heap();
    const auto started = Clock::now();
    std::vector<EntryPtr> entries;
    for (int index = 0; index < count; ++index) entries.push_back(made(index, 0));
    const auto with_entries = Clock::now();
    std::shared_ptr<const Snapshot> snapshot =
        make_snapshot(structure, std::move(entries), std::make_shared<std::unordered_map<std::string, Uuid>>(), 64 << 20, {}, lists);
    const auto ready = Clock::now();
    const auto ms = [](auto from, auto to) { return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count(); };
    const auto memory = heap() - before;
    fmt::print("{} products: entries {} ms, sets and words {} ms; {} MB, {} bytes a product\n", count, ms(started, with_entries),
               ms(with_entries, ready), memory >> 20, memory / count);

    const auto changed = [&](int products, bool words) {
        return median(9, [&](int run) {
            std::vector<std::pair<ProductId, EntryPtr>> changes;
            for (int i = 0; i < products; ++i) {
                const int index = (run * 7919 + i * 31) % count;
                auto entry = std::make_shared<Entry>(*made(index, words ? run + 1 : 0));
                entry->lowest_price[0] = 100 + run;
                changes.emplace_back(entry->id, std::move(entry));
            }
            (void)with_changes(*snapshot, changes);
        });
    };
    fmt::print("a price {} us, 100 prices {} us; a whole product {} us, 100 whole products {} us\n", changed(1, false), changed(100, false),
               changed(1, true), changed(100, true));

    // One after the other, as they come in on a day, each with a text of its own. Texts are merged beside, as the engine does it.
    {
        auto current = snapshot;
        std::vector<std::int64_t> all, merges, adoptions;
        const auto us = [](auto from) { return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - from).count(); };
        for (int i = 0; i < 1000; ++i) {
            const auto entry = made((i * 31) % count, i + 2);
            const auto start = Clock::now();
            current = with_changes(*current, {{entry->id, entry}});
            all.push_back(us(start));
            if (!wants_merging(*current)) continue;
            const auto merging = Clock::now();
            const auto merged = merge_text(*current);
            merges.push_back(us(merging));
            const auto adopting = Clock::now();
            current = with_merged_text(*current, merged);
            adoptions.push_back(us(adopting));
        }
        std::ranges::sort(all);
        fmt::print("1,000 whole products one by one: half of them below {} us, 99 of 100 below {} us, the longest {} us\n", all[500],
                   all[990], all.back());
        if (!merges.empty())
            fmt::print("{} merges of texts beside, the longest {} ms, and {} us to take it over\n", merges.size(),
                       std::ranges::max(merges) / 1000, std::ranges::max(adoptions));
    }

    Buyer buyer;
    buyer.company = company;
    const auto view = buyer_view(*snapshot, 0, buyer);
    ASSERT_TRUE(view);
    fmt::print("a buyer's view of {} own prices {} us\n", view->repriced.cardinality(), median(9, [&](int run) {
                   Snapshot fresh = *snapshot;
                   fresh.pages = make_page_cache(fresh.pages);
                   (void)run;
                   (void)buyer_view(fresh, 0, buyer);
               }));
    for (const auto* sort : {"popular", "price_asc"}) {
        ListingRequest request;
        request.sort = sort;
        request.category = "home";
        const auto listed = [&](const BuyerView* who) {
            return median(101, [&](int) { (void)render(*list(snapshot, 0, 0, request, Counting::cheaper, testing::now(), who)); });
        };
        fmt::print("a list by {}: {} us for the public, {} us for the buyer\n", sort, listed(nullptr), listed(view.get()));
    }

    KeptCatalogue kept;
    kept.contract_lists = *lists;
    for (const auto& entry : snapshot->entries) {
        if (entry) kept.entries.push_back(entry);
    }
    const auto path = std::filesystem::temp_directory_path() / fmt::format("stoa-figures-{}", ::getpid());
    const auto written = median(1, [&](int) { write_catalogue(path, kept); });
    const auto size = std::filesystem::file_size(path);
    const auto read = median(1, [&](int) { (void)read_catalogue(path); });
    std::filesystem::remove(path);
    fmt::print("the file: {} MB, written in {} ms, read in {} ms\n", size >> 20, written / 1000, read / 1000);
}

}  // namespace
}  // namespace stoa::search
