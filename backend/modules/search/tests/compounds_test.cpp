#include "compounds.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "stoa/json/value.hpp"
#include "text_index.hpp"

namespace stoa::search {
namespace {

const std::string kRoot = STOA_SOURCE_DIR;

json::Value file(const std::string& path) {
    std::ifstream in(kRoot + "/" + path);
    std::stringstream text;
    text << in.rdbuf();
    auto value = json::parse(text.str(), {64 << 20, 64});
    if (!value) throw std::runtime_error(path + " is no JSON");
    return std::move(*value);
}

// The demo's German words as the shop indexes them, but without the keywords: those were written to make up for compounds.
struct German {
    TextLayers layers;
    Bits all;
    std::vector<std::string> handles;

    explicit German(Ranking ranking) {
        layers.ranking = ranking;
        std::map<std::string, std::string> categories;
        const auto tree = file("demo/catalogue/categories.json");
        for (const auto& category : tree.items()) categories[category.text_or("slug")] = category.find("name")->text_or("de");
        TextIndex::Builder builder(1, {}, ranking);
        for (int number = 1; std::filesystem::exists(fmt::format("{}/demo/catalogue/products-{}.json", kRoot, number)); ++number) {
            const auto products = file(fmt::format("demo/catalogue/products-{}.json", number));
            for (const auto& product : products.items()) {
                const auto text = [&](const char* member) {
                    const auto* found = product.find(member);
                    return found && found->is_object() ? found->text_or("de") : std::string();
                };
                std::string in;
                for (const auto& category : product.find("categories")->items()) in += categories[std::string(category.text())] + ". ";
                const auto name = text("name"), subtitle = text("subtitle"), description = text("description");
                const auto ordinal = static_cast<Ordinal>(handles.size());
                builder.add(ordinal,
                            {{Field::name, name}, {Field::category, in}, {Field::text, subtitle}, {Field::description, description}}, {});
                all.add(ordinal);
                handles.push_back(product.text_or("handle"));
            }
        }
        layers.layers.push_back({builder.build(), nullptr});
    }

    std::vector<std::string> find(std::string_view query, std::size_t most) const {
        auto found = search_text(layers, 1, query, all, handles.size()).hits;
        std::ranges::stable_sort(found, std::greater{}, &TextHit::score);
        std::vector<std::string> out;
        for (std::size_t i = 0; i < std::min(most, found.size()); ++i) out.push_back(handles[found[i].ordinal]);
        return out;
    }
};

struct Judgement {
    std::string query;
    std::vector<std::string> wanted;
};
std::vector<Judgement> judgements() {
    std::ifstream in(kRoot + "/backend/modules/search/tests/cases/german_compounds.txt");
    std::vector<Judgement> out;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find(" = ");
        Judgement one{line.substr(0, equals), {}};
        std::stringstream handles(line.substr(equals + 3));
        for (std::string handle; handles >> handle;) one.wanted.push_back(handle);
        out.push_back(std::move(one));
    }
    return out;
}

struct Rates {
    double answered = 0;  // queries with something wanted among the first ten
    double found = 0;     // of what is wanted, the share among the first 24; averaged over queries
    double nothing = 0;   // queries without any result
};
Rates rate(const German& german, bool shown) {
    Rates out;
    const auto all = judgements();
    for (const auto& [query, wanted] : all) {
        const auto first = german.find(query, 24);
        std::size_t hits = 0, early = 0;
        for (const auto& handle : wanted) {
            const auto at = std::ranges::find(first, handle);
            if (at == first.end()) continue;
            ++hits;
            if (at - first.begin() < 10) ++early;
        }
        out.answered += early > 0 ? 1 : 0;
        out.nothing += first.empty() ? 1 : 0;
        out.found += static_cast<double>(hits) / static_cast<double>(wanted.size());
        if (shown && hits < wanted.size())
            fmt::print("  {}: {} of {}{}\n", query, hits, wanted.size(), first.empty() ? ", nothing found" : "");
    }
    const auto count = static_cast<double>(all.size());
    return {100 * out.answered / count, 100 * out.found / count, 100 * out.nothing / count};
}

TEST(Compounds, TeachTheirParts) {
    const auto parts = learn_parts({{"sitzbank", "sitzbank"},
                                    {"gartenbank", "gartenbank"},
                                    {"sitz", "sitz"},
                                    {"garten", "garten"},
                                    {"kuchenbanke", "küchenbänke"},
                                    {"gartenbanke", "gartenbänke"},
                                    {"kuchen", "küchen"},
                                    {"klavierhocker", "klavierhocker"},
                                    {"gartenlampe", "gartenlampe"},
                                    {"bistrolampe", "bistrolampe"}});
    // One stool teaches nothing; what stands behind "bistro", which nobody knows, counts where it is long.
    EXPECT_EQ(parts, (CompoundParts{{"bank", "bank"}, {"banke", "bänke"}, {"lampe", "lampe"}}));
    EXPECT_TRUE(learn_parts({}).empty());
}

TEST(Compounds, GermanNamesOfTheDemoAreFoundByWordsOfTheirOwn) {
    for (const auto& judgement : judgements()) {
        static const German german{Ranking{}};
        for (const auto& handle : judgement.wanted)
            EXPECT_NE(std::ranges::find(german.handles, handle), german.handles.end()) << judgement.query << ": no product " << handle;
    }
    Ranking none;
    none.compounds = none.learnt_parts = false;
    Ranking known;
    known.learnt_parts = false;
    const auto print = [](std::string_view what, const Rates& rates) {
        fmt::print("{}: {:.1f} % answered in the first ten, {:.1f} % of what is wanted in the first page, {:.1f} % find nothing\n", what,
                   rates.answered, rates.found, rates.nothing);
    };
    const auto without = rate(German(none), false), before = rate(German(known), false), now = rate(German(Ranking{}), true);
    print("without compounds", without);
    print("with words of the catalogue as parts", before);
    print("with parts that compounds teach, too", now);
    EXPECT_GT(before.found, without.found);
    EXPECT_GE(now.answered, before.answered);
    EXPECT_GT(now.found, before.found);
}

}  // namespace
}  // namespace stoa::search
