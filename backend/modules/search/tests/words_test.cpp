#include <gtest/gtest.h>

#include <random>

#include "promise.hpp"
#include "text_index.hpp"
#include "tokenizer.hpp"

namespace stoa::search {
namespace {

std::vector<std::string> folded(std::string_view text) {
    std::vector<std::string> out;
    for (const auto& token : tokenize(text)) out.push_back(token.folded);
    return out;
}

TEST(Tokenizer, SplitsAndFolds) {
    EXPECT_EQ(folded("Küchen-Stuhl, d'Azur (45,5 cm)"), (std::vector<std::string>{"kuchen", "stuhl", "d", "azur", "45", "5", "cm"}));
    EXPECT_EQ(folded("Straße"), std::vector<std::string>{"strasse"});
    EXPECT_TRUE(folded(" — … ").empty());
    EXPECT_EQ(tokenize("KÜCHE")[0].display, "küche");
    EXPECT_EQ(tokenize("a b c d e", 3).size(), 3U);
    EXPECT_LE(tokenize(std::string(10000, 'x'))[0].folded.size(), 64U);
}

TEST(Tokenizer, SqueezesCodes) {
    EXPECT_EQ(squeeze("SKU-001 / A"), "sku001a");
    EXPECT_EQ(squeeze(" - "), "");
}

TEST(Tokenizer, StemsPerLanguage) {
    const auto stems = [](std::string_view word, int locale) { return stem(tokenize(word)[0], locale); };
    EXPECT_EQ(stems("chairs", 0), stems("chair", 0));
    EXPECT_EQ(stems("Stühle", 1), stems("Stuhl", 1));
    EXPECT_EQ(stems("stoelen", 2), stems("stoel", 2));
    EXPECT_EQ(stems("chaises", 3), stems("chaise", 3));
    EXPECT_EQ(stems("sku1s", 0), "sku1s");  // never numbers
}

TEST(Tokenizer, EditDistance) {
    EXPECT_EQ(edit_distance("chair", "chair", 1), 0U);
    EXPECT_EQ(edit_distance("chair", "chari", 1), 1U);  // swap
    EXPECT_EQ(edit_distance("chair", "chai", 1), 1U);
    EXPECT_EQ(edit_distance("chair", "xchair", 1), 1U);
    EXPECT_EQ(edit_distance("chair", "choir", 1), 1U);
    EXPECT_EQ(edit_distance("chair", "chori", 2), 2U);
    EXPECT_EQ(edit_distance("chair", "chori", 1), 2U);  // too many: limit + 1
    EXPECT_EQ(edit_distance("chair", "chairxxx", 2), 3U);
    EXPECT_EQ(edit_distance("ab", "ba1", 1), 2U);
    EXPECT_EQ(edit_distance("", "", 1), 0U);
}

TEST(Tokenizer, StripsTagsAndEntities) { EXPECT_EQ(tokenize(strip_tags("<p>Tom&#39;s <strong>oak</strong>&amp;steel</p>")).size(), 3U); }

struct Index {
    TextLayers layers;
    Bits all;
    explicit Index(const std::vector<std::pair<std::string, std::string>>& documents, int locale = 0, Ranking ranking = {}) {
        TextIndex::Builder builder(locale, {}, ranking);
        layers.ranking = ranking;
        Ordinal ordinal = 0;
        for (const auto& [name, description] : documents) {
            builder.add(ordinal, {{Field::name, name}, {Field::description, description}}, {});
            all.add(ordinal++);
        }
        layers.layers.push_back({builder.build(), nullptr});
    }
    const TextIndex& main() const { return *layers.layers[0].index; }
    TextIndex::Builder::Below below() const {
        TextIndex::Builder::Below out;
        for (const auto& layer : layers.layers) out.push_back(layer.index);
        return out;
    }
    void lay_over(std::shared_ptr<const TextIndex> index) {
        for (auto& layer : layers.layers) {
            auto superseded = index->products();
            if (layer.superseded) superseded |= **layer.superseded;
            auto set = std::make_shared<Set>(superseded);
            set->prepare(all.count());
            layer.superseded = std::move(set);
        }
        layers.layers.push_back({std::move(index), nullptr});
    }
    std::vector<Ordinal> find(std::string_view query, int locale = 0, Typing typing = Typing::finished) const {
        auto found = search_text(layers, locale, query, all, all.count(), typing);
        std::ranges::sort(found.hits,
                          [](const auto& a, const auto& b) { return a.score != b.score ? a.score > b.score : a.ordinal < b.ordinal; });
        std::vector<Ordinal> out;
        for (const auto& hit : found.hits) out.push_back(hit.ordinal);
        return out;
    }
    std::optional<std::string> corrected(std::string_view query) const { return search_text(layers, 0, query, all, all.count()).corrected; }
};
using Found = std::vector<Ordinal>;

TEST(TextSearch, NameBeatsDescriptionAndAllWordsComeFirst) {
    const Index index({{"Oak table", "Goes with any chair"},
                       {"Oak chair", "Solid"},
                       {"Steel lamp", "A lamp for the chair corner"},
                       {"Velvet sofa", "Soft"}});
    EXPECT_EQ(index.find("chair").front(), 1U);
    EXPECT_EQ(index.find("chair").size(), 3U);
    EXPECT_EQ(index.find("oak chair"), (Found{1, 0, 2}));  // both words, both words, one of them
    EXPECT_EQ(index.find("chairs"), index.find("chair "));
    EXPECT_TRUE(index.find("carpet").empty());
    EXPECT_EQ(index.find("carpet runner chair").size(), 3U);  // one word of three, where nothing has more
}

TEST(TextSearch, ProductsThatLackAWordOnlyFillAShortAnswer) {
    std::vector<std::pair<std::string, std::string>> documents;
    for (int i = 0; i < 30; ++i) documents.emplace_back("Oak chair", "");
    for (int i = 0; i < 30; ++i) documents.emplace_back("Oak table", "");
    EXPECT_EQ(Index(documents).find("oak chair").size(), 30U);
    documents.erase(documents.begin() + 5, documents.begin() + 30);
    const Index few(documents);
    const auto found = few.find("oak chair");
    EXPECT_EQ(found.size(), 35U);
    for (Ordinal i = 0; i < 5; ++i) EXPECT_EQ(found[i], i);
    EXPECT_EQ(Index(documents, 0, *ranking_without("fill")).find("oak chair").size(), 5U);
}

TEST(TextSearch, ALongNameSaysLessWithEachWord) {
    const Index index({{"Bag for laptop, camera, lens and tripod, grey", ""}, {"Laptop", ""}, {"Desk", "For laptop and lamp"}});
    EXPECT_EQ(index.find("laptop"), (Found{1, 0, 2}));
}

TEST(TextSearch, AFinishedWordStandsForItself) {
    const Index index({{"Lamp", ""}, {"Lampshade", ""}});
    EXPECT_EQ(index.find("lamp"), Found{0});
    EXPECT_EQ(index.find("lamp", 0, Typing::going_on), (Found{0, 1}));
    EXPECT_EQ(index.find("lamp ", 0, Typing::going_on), Found{0});
    EXPECT_EQ(Index({{"Lamp", ""}, {"Lampshade", ""}}, 0, *ranking_without("whole_words")).find("lamp"), (Found{0, 1}));
    EXPECT_EQ(ranking_without("no such idea"), std::nullopt);
}

TEST(TextSearch, AWordThatDoesNotOccurMayBeUnfinished) {
    const Index index({{"Oak table", ""}, {"Oak chair", ""}, {"Steel chaise", ""}});
    EXPECT_EQ(index.find("oak chai").front(), 1U);
    EXPECT_EQ(index.find("chai").size(), 2U);
    EXPECT_EQ(index.find("cha", 0, Typing::going_on).size(), 2U);
    EXPECT_TRUE(index.find("xyz").empty());
}

TEST(TextSearch, CompoundsAreFoundByTheirPartsAndTheOtherWayRound) {
    const Index german({{"Gartenstuhl", ""}, {"Stuhl", ""}, {"Bank für den Garten", ""}, {"Küche", ""}, {"Küchenstuhl", ""}}, 1);
    const auto chairs = german.find("stuhl", 1);
    EXPECT_EQ(chairs.size(), 3U);
    EXPECT_EQ(chairs.front(), 1U);  // itself before what contains it
    EXPECT_EQ(german.find("gartenstuhl", 1), Found{0});
    EXPECT_EQ(german.find("gartenbank", 1).front(), 2U);  // nobody wrote it
    EXPECT_EQ(Index({{"Keukenstoel", ""}, {"Stoel", ""}, {"Keuken", ""}}, 2).find("stoel", 2).size(), 2U);
    EXPECT_EQ(Index({{"Armchair", ""}, {"Chair", ""}, {"Arms arm", ""}}, 0).find("chair"), Found{1});  // not in English
}

TEST(TextSearch, ALayerDoesNotMoveTheScoresBelow) {
    Index index({{"Oak chair", ""}, {"Oak table and a chair", ""}, {"Steel lamp", ""}});
    const auto score_of = [&](Ordinal ordinal) {
        for (const auto& hit : search_text(index.layers, 0, "chair", index.all, 10).hits) {
            if (hit.ordinal == ordinal) return hit.score;
        }
        return 0U;
    };
    const auto before = score_of(1);
    TextIndex::Builder changed(0, index.below());
    for (Ordinal ordinal = 3; ordinal < 9; ++ordinal) {
        changed.add(ordinal, {{Field::name, "Chair of a very long name with many words"}}, {});
        index.all.add(ordinal);
    }
    changed.add(0, {{Field::name, "Oak chair"}}, {});
    const auto own = score_of(0);
    index.lay_over(changed.build());
    EXPECT_EQ(score_of(1), before);
    EXPECT_EQ(score_of(0), own);  // the same product indexed again
}

TEST(TextSearch, WideBeginningsAnswerTheMostUsedWords) {
    std::vector<std::pair<std::string, std::string>> documents;
    for (char a = 'a'; a <= 'z'; ++a) {
        for (char b = 'a'; b <= 'z'; ++b) documents.emplace_back(std::string("ma") + a + b + "x", "");
    }
    for (int i = 0; i < 3; ++i) documents.emplace_back("mazzx", "");
    const Index index(documents);
    EXPECT_EQ(index.main().with_prefix("ma", 5).front()->folded, "mazzx");
    EXPECT_EQ(index.main().with_prefix("ma", 1000).size(), TextIndex::kMostFinished);
    EXPECT_EQ(index.main().with_prefix("maq", 1000).size(), 26U);
    EXPECT_TRUE(index.main().with_prefix("mb", 5).empty());
}

TEST(TextSearch, LongWordsMayHaveTwoMistakes) {
    const Index index({{"Refrigerator", ""}, {"Television", ""}, {"Lamp", ""}});
    EXPECT_EQ(index.find("refridgerater"), Found{0});
    EXPECT_EQ(index.find("televsion"), Found{1});
    EXPECT_EQ(index.corrected("telivison"), "television");
    EXPECT_TRUE(index.find("lemb").empty());  // two in four
}

TEST(TextSearch, CorrectsOneMistakeInWordsButNeverInNumbers) {
    const Index index({{"Oak chair", "Model 4711"}, {"Oak table", "Model 4712"}});
    EXPECT_EQ(index.find("chiar"), Found{0});
    EXPECT_EQ(index.corrected("oak chiar"), "oak chair");
    EXPECT_EQ(index.corrected("oak chair"), std::nullopt);
    EXPECT_TRUE(index.find("4713").empty());
    EXPECT_TRUE(index.find("m4711").empty());
    EXPECT_EQ(index.find("4711"), Found{0});
    EXPECT_TRUE(index.find("oka").empty());  // too short to guess
}

TEST(TextSearch, StopWordsDoNotDecide) {
    const Index index({{"Chair for the garden", ""}, {"Garden chair", ""}});
    EXPECT_EQ(index.find("a chair for the garden").size(), 2U);
    EXPECT_EQ(index.find("the").size(), 1U);  // nothing else was asked
}

TEST(TextSearch, AccentsDoNotMatter) {
    const Index index({{"Küchenstuhl Größe L", ""}, {"Bürostuhl", ""}}, 1);
    EXPECT_EQ(index.find("kuchenstuhl", 1), Found{0});
    EXPECT_EQ(index.find("KÜCHENSTÜHLE", 1), Found{0});
    EXPECT_EQ(index.find("burostuhl", 1), Found{1});
}

TEST(TextSearch, CodesFindTheirProductOnly) {
    TextIndex::Builder builder(0);
    builder.add(0, {{Field::name, "Chair A"}}, {"CH-100-R", "4006381333931"});
    builder.add(1, {{Field::name, "Chair CH 100 R lookalike"}}, {"CH-100-B"});
    const TextLayers layers{{{builder.build(), nullptr}}, {}, nullptr};
    Bits all;
    all.add(0);
    all.add(1);
    for (const auto* query : {"ch-100-r", "CH100R", "4006381333931"}) {
        const auto found = search_text(layers, 0, query, all, 2);
        ASSERT_EQ(found.hits.size(), 1U) << query;
        EXPECT_EQ(found.hits[0].ordinal, 0U) << query;
    }
}

TEST(TextSearch, ALayerReplacesWhatIsBelow) {
    Index index({{"Oak chair", ""}, {"Oak table", ""}});
    TextIndex::Builder changed(0);
    changed.add(0, {{Field::name, "Pine bench"}}, {});
    index.lay_over(changed.build());
    EXPECT_TRUE(index.find("chair ").empty());
    EXPECT_EQ(index.find("bench"), Found{0});
    EXPECT_EQ(index.find("oak"), Found{1});
}

TEST(TextSearch, ManyLayersAnswerAsOne) {
    Index index({{"Oak chair", ""}, {"Oak table", ""}, {"Steel lamp", ""}});
    for (Ordinal ordinal = 3; ordinal < 9; ++ordinal) {
        TextIndex::Builder more(0, index.below());
        more.add(ordinal, {{Field::name, ordinal % 2 == 0 ? "Velvet quokka" : "Velvet chair"}}, {});
        index.lay_over(more.build());
        index.all.add(ordinal);
    }
    TextIndex::Builder changed(0, index.below());
    changed.add(3, {{Field::name, "Bench"}}, {});
    index.lay_over(changed.build());
    EXPECT_EQ(index.find("velvet"), (Found{4, 5, 6, 7, 8}));
    EXPECT_EQ(index.find("chair").size(), 3U);
    EXPECT_EQ(index.find("bench"), Found{3});
    EXPECT_EQ(index.find("quoka"), (Found{4, 6, 8}));  // the mistyped word of several layers
    EXPECT_EQ(index.find("velv", 0, Typing::going_on).size(), 5U);
    EXPECT_EQ(index.corrected("quoka"), "quokka");
    // A word that is new to the layers is worth the same in all of them, and counted over all of them.
    const auto hits = search_text(index.layers, 0, "quokka", index.all, 10).hits;
    ASSERT_EQ(hits.size(), 3U);
    EXPECT_EQ(hits[0].score, hits[1].score);
    EXPECT_EQ(hits[0].score, hits[2].score);
    EXPECT_EQ(completions(index.layers, 0, "v", 5, index.all, index.all, 64).size(), 1U);
    Bits third;
    third.add(3);
    EXPECT_TRUE(completions(index.layers, 0, "v", 5, third, third, 64).empty());  // it is a bench now
}

// Whatever is asked, over however many layers: no query reads more than its budget, or looks for more than twelve words.
TEST(TextSearch, WorkIsLimitedForEachQuery) {
    constexpr Ordinal kDocuments = 100'000;
    constexpr std::string_view kName = "alder birch cedar dogwood elder fir ginkgo hazel ivy juniper kapok larch maple";
    TextIndex::Builder builder(0);
    Bits all;
    for (Ordinal ordinal = 0; ordinal < kDocuments; ++ordinal) builder.add(ordinal, {{Field::name, kName}}, {});
    for (Ordinal ordinal = 0; ordinal < kDocuments; ++ordinal) all.add(ordinal);
    Index index({});
    index.layers.layers = {{builder.build(), nullptr}};
    for (Ordinal ordinal = 0; ordinal < 8; ++ordinal) {
        TextIndex::Builder changed(0, index.below());
        changed.add(ordinal, {{Field::name, kName}}, {});
        index.lay_over(changed.build());
    }
    for (const auto typing : {Typing::finished, Typing::going_on}) {
        const auto found = search_text(index.layers, 0, kName, all, kDocuments, typing);
        EXPECT_LE(found.read, kPostingsBudget);
        EXPECT_GT(found.read, kPostingsBudget / 2);
        EXPECT_FALSE(found.hits.empty());
    }
    // Nor does it cost more when what it finds may not be seen, or hardly any of it.
    Bits few(kDocuments);
    for (const Ordinal ordinal : {5U, 70'000U}) few.add(ordinal);
    for (const auto* query : {"a", "al", "aldre", kName.data()}) {
        EXPECT_LE(search_text(index.layers, 0, query, few, kDocuments, Typing::going_on, 5).read, kPostingsBudget);
        EXPECT_EQ(search_text(index.layers, 0, query, Bits(kDocuments), kDocuments, Typing::going_on, 5).read, 0U);
    }
    // A word more than twelve is not read any more: it would find nothing here.
    EXPECT_FALSE(search_text(index.layers, 0, "alder birch cedar dogwood elder fir ginkgo hazel ivy juniper kapok larch zzzz zzzz zzzz",
                             all, kDocuments)
                     .hits.empty());
    std::string long_query;
    for (int i = 0; i < 400; ++i) long_query += static_cast<char>('a' + i % 26);
    EXPECT_TRUE(search_text(index.layers, 0, long_query, all, kDocuments).hits.empty());
}

// Asked for the best few, a search may leave products out, but none of those few.
TEST(TextSearch, TheBestFewAreTheSameAsOfAll) {
    constexpr std::string_view kWords[] = {"oak", "oaken", "oval", "orange", "ottoman", "old", "olive", "open", "outdoor", "o"};
    std::mt19937 random(7);
    std::vector<std::pair<std::string, std::string>> documents;
    for (int i = 0; i < 2000; ++i) {
        std::pair<std::string, std::string> document;
        for (auto words = 1 + random() % 5; words > 0; --words) document.first += std::string(kWords[random() % std::size(kWords)]) + " ";
        for (auto words = random() % 9; words > 0; --words) document.second += std::string(kWords[random() % std::size(kWords)]) + " ";
        documents.push_back(std::move(document));
    }
    Index index(documents);
    TextIndex::Builder changed(0, index.below());
    for (Ordinal ordinal = 0; ordinal < 300; ++ordinal) changed.add(ordinal * 3, {{Field::name, "oak orange open"}}, {});
    index.lay_over(changed.build());
    const auto best = [&](const TextResult& found, std::size_t count) {
        std::vector<std::uint32_t> scores;
        for (const auto& hit : found.hits) scores.push_back(hit.score);
        std::ranges::sort(scores, std::ranges::greater{});
        scores.resize(std::min(count, scores.size()));
        return scores;
    };
    for (const auto* query : {"o", "oa", "oak", "ol", "op", "ora", "oak o", "open oak o", "old outdoor oa", "x", "x oak"}) {
        for (const std::size_t top : {1U, 5U, 30U}) {
            Bits some;
            for (int i = 0; i < 700; ++i) some.add(static_cast<Ordinal>(random() % documents.size()));
            const auto all = search_text(index.layers, 0, query, some, documents.size(), Typing::going_on);
            const auto few = search_text(index.layers, 0, query, some, documents.size(), Typing::going_on, top);
            EXPECT_EQ(best(few, top), best(all, top)) << query << " " << top;
        }
    }
}

TEST(TextSearch, CompletionsByUse) {
    const Index index({{"Oak chair", ""}, {"Steel chair", ""}, {"Steel chaise", ""}, {"Model ch7", ""}});
    Bits first;
    first.add(2);
    EXPECT_EQ(completions(index.layers, 0, "ch", 5, first, first, 64).size(), 1U);  // words of that product
    Bits all;
    for (Ordinal ordinal = 0; ordinal < 4; ++ordinal) all.add(ordinal);
    const auto found = completions(index.layers, 0, "ch", 5, all, all, 64);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].second, "chair");
    EXPECT_EQ(found[1].second, "chaise");
    Bits in_stock = all;
    in_stock.remove(0);
    in_stock.remove(1);
    EXPECT_EQ(completions(index.layers, 0, "ch", 5, all, in_stock, 64).at(0).second, "chaise") << "what can be bought";
}

TEST(TextSearch, AnArticleNumberWithoutDigitsFindsItsProductInEveryLanguage) {
    for (const int locale : {0, 1, 2, 3}) {
        TextIndex::Builder builder(locale, {}, {});
        const auto add = [&](Ordinal ordinal, std::string_view name, std::string_view sku) {
            builder.add(ordinal, {{Field::name, name}}, std::vector<std::string_view>{sku});
        };
        add(0, "Enns armchair of oak", "ENN-CHA-OAK");
        add(1, "Oak enns char", "ENN-CHA-WAL");
        add(2, "Coffee mug", "MUG-SET");
        add(3, "Mug holder", "MUG");
        TextLayers layers;
        layers.layers.push_back({builder.build(), nullptr});
        Bits all;
        for (Ordinal ordinal = 0; ordinal < 4; ++ordinal) all.add(ordinal);
        const auto found = [&](std::string_view query) {
            std::vector<Ordinal> out;
            auto hits = search_text(layers, locale, query, all, 4).hits;
            std::ranges::sort(hits, std::ranges::greater{}, &TextHit::score);
            for (const auto& hit : hits) out.push_back(hit.ordinal);
            return out;
        };
        EXPECT_EQ(found("ENN-CHA-OAK"), std::vector<Ordinal>{0}) << locale;
        EXPECT_EQ(found("enn-cha-wal "), std::vector<Ordinal>{1}) << locale;
        // A word that is also a number: that product first, and what else is called so.
        EXPECT_EQ(found("mug"), (std::vector<Ordinal>{3, 2})) << locale;
        EXPECT_EQ(found("MUG SET").front(), 2U) << locale;
    }
}

TEST(TextSearch, WhatHasOneOfTheWordsIsBetterThanNothing) {
    const Index index({{"Floor lamp", ""}, {"Desk lamp", ""}, {"Oak table", ""}});
    EXPECT_EQ(index.find("lamp xyzzy plugh").size(), 2U);
    EXPECT_EQ(index.find("xyzzy plugh").size(), 0U);
    EXPECT_EQ(index.find("floor lamp xyzzy"), Found{0});
}

TEST(TextSearch, AShortWordThatNobodyWroteIsNoBeginning) {
    const Index index({{"Shelf of pine", ""}, {"Table", ""}, {"Tealight", ""}});
    EXPECT_TRUE(index.find("t").empty());
    EXPECT_TRUE(index.find("tea").empty());
    EXPECT_EQ(index.find("teal").size(), 1U);
    EXPECT_EQ(search_text(index.layers, 0, "tea", index.all, 3, Typing::going_on).hits.size(), 1U) << "while it is being typed";
}

TEST(TextSearch, PossessivesAreTheWord) {
    const Index english({{"Women's slippers", ""}, {"Children\u2019s bed", ""}, {"Slippers", ""}});
    EXPECT_EQ(english.find("women's slippers"), (Found{0, 2}));
    EXPECT_EQ(english.find("women slippers").front(), 0U);
    EXPECT_EQ(english.find("children bed"), std::vector<Ordinal>{1});
    EXPECT_EQ(tokenize("sofa's you'll O'Neill l'armoire 'quoted's").size(), 7U);
    const Index dutch({{"Sofa Aare", ""}, {"Stoel's", ""}, {"Klok S", ""}}, 2);
    EXPECT_EQ(dutch.find("sofa's", 2), std::vector<Ordinal>{0});
}

TEST(TextSearch, GermanWithoutUmlauts) {
    const Index index({{"Küchentisch", ""}, {"Bücher", "für das Regal"}, {"Handtücher", ""}, {"Stuhl", ""}, {"Regal", ""}}, 1);
    EXPECT_EQ(index.find("Kuechentisch", 1), std::vector<Ordinal>{0});
    EXPECT_EQ(index.find("HANDTUECHER", 1), std::vector<Ordinal>{2});
    EXPECT_FALSE(search_text(index.layers, 1, "Kuechentisch", index.all, 5).corrected);
    EXPECT_EQ(search_text(index.layers, 1, "kuech", index.all, 5, Typing::going_on).hits.size(), 1U);
    EXPECT_FALSE(with_umlauts(tokenize("neue")[0]));
    EXPECT_EQ(with_umlauts(tokenize("Bluete")[0])->display, "blüte");
}

TEST(TextSearch, PartsOfCompoundsInAnotherForm) {
    const Index german({{"Kaffee", ""}, {"Tasse", ""}, {"Kaffee und Tasse", ""}}, 1);
    EXPECT_EQ(german.find("Kaffeetassen", 1).front(), 2U);
    const Index dutch({{"Thee", ""}, {"Doek", ""}, {"Thee met doek", ""}}, 2);
    EXPECT_EQ(dutch.find("theedoeken", 2).front(), 2U);
}

TEST(TextSearch, StopWordsAreNeitherOfferedNorMeant) {
    const Index index({{"Round table", "to the two of them, with that"}, {"Cradle", ""}});
    for (const auto& [folded, display] : completions(index.layers, 0, "t", 6, index.all, index.all, 2))
        EXPECT_TRUE(folded == "table" || folded == "two") << folded;
    const Index dutch({{"Stoel", "voor wie zit"}, {"Tafel", "voor wie eet"}}, 2);
    EXPECT_FALSE(search_text(dutch.layers, 2, "wieg", dutch.all, 2).corrected);
}

TEST(TextSearch, AnUnfinishedWordIsWhatMostProductsAreCalled) {
    for (const int locale : {0, 2}) {
        std::vector<std::pair<std::string, std::string>> documents;
        for (int i = 0; i < 40; ++i) documents.emplace_back("Oak chair with high back", "");
        documents.emplace_back("Chandelier", "");
        documents.emplace_back("Chandelier", "of glass");
        const Index index(documents, locale);
        const auto hits = search_text(index.layers, locale, "cha", index.all, documents.size(), Typing::going_on).hits;
        ASSERT_EQ(hits.size(), 42U);
        const auto best = std::ranges::max_element(hits, {}, &TextHit::score);
        EXPECT_LT(best->ordinal, 40U);
        const auto whole = search_text(index.layers, locale, "chandelier", index.all, documents.size(), Typing::going_on).hits;
        ASSERT_EQ(whole.size(), 2U);
    }
}

TEST(TextSearch, AnyInputIsSafe) {
    const Index index(std::vector<std::pair<std::string, std::string>>{{"Oak chair", ""}});
    for (const auto& query : {std::string(), std::string("   "), std::string("\xFF\xFE"), std::string(10000, 'a'), std::string("a\0b", 3),
                              std::string("💺 chair"), std::string("'\"<>;--")}) {
        (void)index.find(query);
    }
    EXPECT_EQ(index.find("💺 chair"), Found{0});
}

Date day(std::string_view text) { return *parse_iso_date(text); }

TEST(Promise, SkipsWeekends) {
    EXPECT_EQ(add_working_days(day("2026-11-20"), 1), day("2026-11-23"));  // Friday → Monday
    EXPECT_EQ(add_working_days(day("2026-11-21"), 0), day("2026-11-23"));  // Saturday → Monday
    EXPECT_EQ(add_working_days(day("2026-11-22"), 1), day("2026-11-23"));  // Sunday
    EXPECT_EQ(add_working_days(day("2026-11-23"), 5), day("2026-11-30"));
    const auto promise = delivery_promise(day("2026-11-23"), 1);  // Monday, out on Tuesday
    EXPECT_EQ(promise.from, day("2026-11-26"));
    EXPECT_EQ(promise.to, day("2026-11-30"));
    EXPECT_EQ(add_working_days(day("2026-12-31"), 1), day("2027-01-01"));  // only weekends are known here
}

}  // namespace
}  // namespace stoa::search
