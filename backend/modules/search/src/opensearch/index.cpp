#include "index.hpp"

#include <set>

#include "../ranking.hpp"
#include "client.hpp"
#include "stoa/log/log.hpp"
#include "stoa/text/text.hpp"

namespace stoa::search::opensearch {
namespace {

constexpr std::array<std::string_view, kLocaleCount> kSnowball{"English", "German", "Dutch", "French"};
constexpr std::string_view kKeyword = R"({"type":"keyword"})";
constexpr std::string_view kLong = R"({"type":"long"})";
constexpr std::string_view kBoolean = R"({"type":"boolean"})";
constexpr std::size_t kMostWords = 4096;  // of one product and language, like the tokenizer of the embedded index

std::string of_locales(const std::string& field) {
    Members members;
    for (const auto locale : catalog::kLocales) members.emplace_back(locale, field);
    return object({{"properties", object(members)}});
}
std::string of_currencies(const std::vector<std::string>& currencies) {
    Members members;
    for (const auto& currency : currencies) members.emplace_back(currency, kLong);
    return object({{"properties", object(members)}});
}

std::string number(std::int64_t value) { return std::to_string(value); }
std::string flag(bool value) { return value ? "true" : "false"; }
std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }

const catalog::PageText* best_text(const catalog::PageTexts& texts, std::size_t locale) {
    for (const auto wanted : {catalog::kLocales[locale], catalog::kLocales[0]}) {
        if (const auto found = texts.find(std::string(wanted)); found != texts.end()) return &found->second;
    }
    return texts.empty() ? nullptr : &texts.begin()->second;
}

// A folded text cut so that no character is broken.
std::string cut(std::string text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text.resize(bytes);
    return text;
}

// What the buyer's groups and company have to be for a price to hold, and the price.
struct OwnPrice {
    std::optional<Uuid> company;
    std::vector<Uuid> not_companies;
    std::vector<std::string> groups, not_groups;
    std::int64_t amount = 0, discount = 0;
    bool available = false;
    std::string card;
};

std::vector<OwnPrice> own_prices(const Entry& entry, std::size_t currency, Currency money, const std::vector<pricing::ContractList>& lists,
                                 Timestamp now) {
    std::set<std::uint32_t> known;
    for (const auto& variant : entry.variants) {
        for (const auto& contract : variant.contracts) {
            if (lists[contract.list].currency == money) known.insert(contract.list);
        }
    }
    std::set<Uuid> companies;
    for (const auto list : known) {
        if (lists[list].company) companies.insert(lists[list].company->uuid());
    }
    std::vector<std::optional<Uuid>> cases{std::nullopt};
    for (const auto& company : companies) cases.emplace_back(company);

    std::vector<OwnPrice> out;
    for (const auto& company : cases) {
        std::vector<std::uint32_t> possible;
        std::set<std::string> distinct;
        for (const auto list : known) {
            const auto& record = lists[list];
            if (record.company && (!company || record.company->uuid() != *company)) continue;
            possible.push_back(list);
            if (record.customer_group) distinct.insert(*record.customer_group);
        }
        const std::vector<std::string> groups(distinct.begin(), distinct.end());
        if (groups.size() > kMostGroups) {
            log::error("search: prices of a product depend on too many customer groups",
                       {{"product", entry.id.to_string()}, {"groups", static_cast<std::int64_t>(groups.size())}});
            return {};
        }
        for (std::uint32_t chosen = 0; chosen < (1U << groups.size()); ++chosen) {
            OwnPrice own;
            own.company = company;
            if (!company) own.not_companies.assign(companies.begin(), companies.end());
            for (std::size_t i = 0; i < groups.size(); ++i) ((chosen >> i & 1) != 0 ? own.groups : own.not_groups).push_back(groups[i]);
            const auto applies = [&](std::uint32_t list) {
                const auto& group = lists[list].customer_group;
                return std::ranges::find(possible, list) != possible.end() &&
                       (!group || std::ranges::find(own.groups, *group) != own.groups.end());
            };
            const auto price_of = [&](const VariantEntry& variant) {
                const auto* best = variant.prices[currency] ? &*variant.prices[currency] : nullptr;
                for (const auto& contract : variant.contracts) {
                    if (applies(contract.list) && (!best || contract.price.wins_over(*best))) best = &contract.price;
                }
                return best;
            };
            const pricing::VariantPrice* lowest = nullptr;
            for (const auto& variant : entry.variants) {
                const auto* price = price_of(variant);
                if (price && (!lowest || price->unit() < lowest->unit())) lowest = price;
            }
            if (!lowest) continue;
            own.amount = lowest->unit().minor();
            own.discount = price_dto(*lowest).discount_percent.value_or(0);
            own.available = std::ranges::any_of(entry.variants, [&](const auto& each) { return each.available > 0 && price_of(each); });
            own.card = render_card_price(entry, price_of, now);
            out.push_back(std::move(own));
        }
    }
    return out;
}

std::string own_document(const OwnPrice& own, std::string_view currency) {
    Members members{{"currency", json::quote(currency)},
                    {"amount", number(own.amount)},
                    {"discount", number(own.discount)},
                    {"available", flag(own.available)},
                    {"group_count", number(static_cast<std::int64_t>(own.groups.size()))},
                    {"card", json::quote(own.card)}};
    if (own.company) members.emplace_back("company", json::quote(own.company->to_string()));
    if (!own.not_companies.empty()) {
        std::vector<std::string> ids;
        for (const auto& id : own.not_companies) ids.push_back(id.to_string());
        members.emplace_back("not_companies", strings(ids));
    }
    if (!own.groups.empty()) members.emplace_back("groups", strings(own.groups));
    if (!own.not_groups.empty()) members.emplace_back("not_groups", strings(own.not_groups));
    return object(members);
}

// The texts of one language, the words they are made of, and how those are written.
struct Texts {
    std::string fields, words, vocabulary;
};
Texts texts_of(const Entry& entry, const Structure& structure, std::size_t locale) {
    const auto& text = *entry.texts[locale];
    std::string categories, labels, attributes;
    for (const auto category : entry.categories) {
        if (const auto* found = best_text(structure.categories[category].record.texts, locale)) categories += found->name + " ";
    }
    categories += text.keywords;
    for (const auto& [attribute, value] : entry.facet_values) {
        if (structure.attributes[attribute].record.searchable)
            labels += structure.attributes[attribute].values[value].labels[locale].text() + " ";
    }
    for (const auto& setting : entry.settings) {
        if (structure.attributes[setting.attribute].record.searchable) attributes += setting.text[locale] + " ";
    }
    const auto description = text.subtitle + " " + strip_tags(text.description_html);

    std::map<std::string, std::string> words;  // folded → as it is written
    for (const std::string* part :
         std::initializer_list<const std::string*>{&text.name, &categories, &labels, &entry.brand, &attributes, &description}) {
        for (auto& token : tokenize(*part, kMostWords)) {
            if (words.size() < kMostWords) words.try_emplace(std::move(token.folded), std::move(token.display));
        }
    }
    std::string folded;
    std::vector<std::string> vocabulary;
    for (const auto& [word, shown] : words) {
        folded += (folded.empty() ? "" : " ") + word;
        if (word.find_first_of("0123456789") == std::string::npos) vocabulary.push_back(word + " " + shown);
    }
    return {object({{"name", json::quote(text.name)},
                    {"category", json::quote(categories)},
                    {"label", json::quote(labels)},
                    {"brand", json::quote(entry.brand)},
                    {"attribute", json::quote(attributes)},
                    {"description", json::quote(description)}}),
            json::quote(folded), strings(vocabulary)};
}

// How much a product's best review is worth showing in a language: its own first, then the better one. See choose_praise().
std::optional<std::int64_t> praise_of(const Entry& entry, std::size_t locale) {
    constexpr std::int64_t kGood = 4;
    constexpr std::size_t kWorthReading = 40;
    const catalog::Review* best = nullptr;
    bool own = false;
    for (const auto& review : entry.reviews) {
        if (review.rating < kGood || review.body.size() < kWorthReading) continue;
        const bool in_locale = review.locale == catalog::kLocales[locale];
        if (best && (own || !in_locale)) continue;
        best = &review;
        own = in_locale;
    }
    if (!best) return std::nullopt;
    return (own ? 10 : 0) + best->rating;
}

}  // namespace

std::string facet_term(std::string_view attribute, std::string_view value) { return std::string(attribute) + "=" + std::string(value); }

std::string index_template(const OpenSearchOptions& options, const std::vector<std::string>& currencies) {
    // Analyzers: https://docs.opensearch.org/latest/analyzers/tokenizers/pattern/, …/token-filters/snowball/, …/asciifolding/. The
    // tokenizer cuts where our own does, and the stemmers are the same Snowball algorithms, so that both engines know the same words. Stop
    // words stay in the index: a query leaves them out, unless it consists of nothing else.
    Members analyzers{{"stoa_plain", R"({"type":"custom","tokenizer":"stoa_words","filter":["lowercase","asciifolding"]})"}};
    Members filters;
    std::vector<std::string> names;
    for (const auto locale : catalog::kLocales) names.push_back("stoa_" + std::string(locale));
    std::vector<std::string> stemmers;
    for (const auto& name : names) stemmers.push_back(name + "_stem");
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        filters.emplace_back(stemmers[i], object({{"type", "\"snowball\""}, {"language", json::quote(kSnowball[i])}}));
        analyzers.emplace_back(names[i], object({{"type", "\"custom\""},
                                                 {"tokenizer", "\"stoa_words\""},
                                                 {"filter", strings(std::vector<std::string>{"lowercase", stemmers[i], "asciifolding"})}}));
    }
    const auto analysis = object({{"tokenizer", R"({"stoa_words":{"type":"pattern","pattern":"[^\\p{L}\\p{N}]+"}})"},
                                  {"filter", object(filters)},
                                  {"analyzer", object(analyzers)}});
    const auto settings = object({{"index", object({{"number_of_shards", number(options.shards)},
                                                    {"number_of_replicas", number(options.replicas)},
                                                    {"refresh_interval", "\"1s\""},
                                                    {"analysis", analysis}})}});

    Members texts;
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        const auto field = object({{"type", "\"text\""}, {"analyzer", json::quote(names[i])}});
        texts.emplace_back(catalog::kLocales[i], object({{"properties", object({{"name", field},
                                                                                {"category", field},
                                                                                {"label", field},
                                                                                {"brand", field},
                                                                                {"attribute", field},
                                                                                {"description", field}})}}));
    }
    const std::string keyword(kKeyword), whole(kLong), boolean(kBoolean);
    const auto nested = [](const Members& members) { return object({{"type", "\"nested\""}, {"properties", object(members)}}); };
    const auto mappings =
        object({{"dynamic", "\"strict\""},
                {"dynamic_templates", R"([{"numbers":{"path_match":"number.*","mapping":{"type":"long"}}}])"},
                {"properties", object({{"id", keyword},
                                       {"published", boolean},
                                       {"everybody", boolean},
                                       {"groups", keyword},
                                       {"companies", keyword},
                                       {"available", keyword},
                                       {"next_change", whole},
                                       {"category", keyword},
                                       {"categories", keyword},
                                       {"collections", keyword},
                                       {"listed", nested({{"collection", keyword}, {"place", whole}})},
                                       {"facets", keyword},
                                       {"number", R"({"type":"object","dynamic":true})"},
                                       {"price", of_currencies(currencies)},
                                       {"discount", of_currencies(currencies)},
                                       {"own", nested({{"currency", keyword},
                                                       {"company", keyword},
                                                       {"not_companies", keyword},
                                                       {"groups", keyword},
                                                       {"group_count", whole},
                                                       {"not_groups", keyword},
                                                       {"amount", whole},
                                                       {"discount", whole},
                                                       {"available", boolean},
                                                       {"card", R"({"type":"keyword","index":false,"doc_values":false})"}})},
                                       {"newest", whole},
                                       {"popularity", whole},
                                       {"name", of_locales(keyword)},
                                       {"text", object({{"properties", object(texts)}})},
                                       {"words", of_locales(R"({"type":"text","analyzer":"stoa_plain"})")},
                                       {"vocabulary", of_locales(keyword)},
                                       {"codes", keyword},
                                       {"variants", keyword},
                                       {"slugs", keyword},
                                       {"borrowed_slugs", keyword},
                                       {"praise", of_locales(whole)},
                                       {"shown", R"({"type":"object","enabled":false})"}})}});
    return object({{"index_patterns", strings(std::vector<std::string>{options.prefix + "-products-*"})},
                   {"priority", "500"},
                   {"template", object({{"settings", settings}, {"mappings", mappings}})}});
}

std::string building_settings() { return R"({"settings":{"index":{"number_of_replicas":0,"refresh_interval":"-1"}}})"; }
std::string serving_settings(const OpenSearchOptions& options) {
    return object({{"index", object({{"number_of_replicas", number(options.replicas)}, {"refresh_interval", "\"1s\""}})}});
}

std::string state_index() {
    return R"({"settings":{"index":{"number_of_shards":1}},"mappings":{"dynamic":"strict","properties":{)"
           R"("index":{"type":"keyword"},"position":{"type":"long"},"origin":{"type":"keyword"},"made_for":{"type":"keyword"},)"
           R"("day":{"type":"long"},"priced_at":{"type":"long"},"owner":{"type":"keyword"},"until":{"type":"long"}}}})";
}

std::string document_of(const Entry& entry, const Structure& structure, const std::vector<pricing::ContractList>& lists, Timestamp now) {
    Members out{{"id", json::quote(entry.id.uuid().to_string())},
                {"published", flag(entry.published)},
                {"everybody", flag(entry.audience.is_everybody())},
                {"newest", number(micros(entry.newest_key))},
                {"popularity", number(entry.popularity)}};
    if (!entry.audience.groups.empty()) out.emplace_back("groups", strings(entry.audience.groups));
    const auto ids = [](const auto& range, const auto& id_of) {
        std::vector<std::string> texts;
        for (const auto& item : range) texts.push_back(id_of(item));
        return strings(texts);
    };
    if (!entry.audience.companies.empty())
        out.emplace_back("companies", ids(entry.audience.companies, [](const Uuid& id) { return id.to_string(); }));
    if (entry.next_change != Timestamp::max()) out.emplace_back("next_change", number(micros(entry.next_change)));
    const auto category_id = [&](std::uint32_t i) { return structure.categories[i].record.id.uuid().to_string(); };
    if (entry.category) out.emplace_back("category", json::quote(category_id(*entry.category)));
    out.emplace_back("categories", ids(entry.categories, category_id));
    out.emplace_back("collections",
                     ids(entry.collections, [&](std::uint32_t i) { return structure.collections[i].record.id.uuid().to_string(); }));
    if (const auto listed = structure.listed_in.find(entry.id.uuid()); listed != structure.listed_in.end()) {
        std::vector<std::string> places;
        for (const auto& [collection, place] : listed->second)
            places.push_back(object(
                {{"collection", json::quote(structure.collections[collection].record.id.uuid().to_string())}, {"place", number(place)}}));
        out.emplace_back("listed", array(places));
    }
    std::vector<std::string> facets;
    for (const auto& [attribute, value] : entry.facet_values) {
        const auto& record = structure.attributes[attribute].record;
        facets.push_back(facet_term(record.code, record.values[value].code));
    }
    for (const auto& [attribute, yes] : entry.facet_flags)
        facets.push_back(facet_term(structure.attributes[attribute].record.code, yes ? "1" : "0"));
    out.emplace_back("facets", strings(facets));
    Members numbers;
    for (const auto& [attribute, milli] : entry.facet_numbers)
        numbers.emplace_back(structure.attributes[attribute].record.code, number(milli));
    if (!numbers.empty()) out.emplace_back("number", object(numbers));

    Members prices, discounts, cards;
    std::vector<std::string> own, available;
    for (std::size_t currency = 0; currency < structure.currencies.size(); ++currency) {
        const auto& code = structure.currencies[currency];
        if (entry.lowest_price[currency] != kNone) {
            prices.emplace_back(code, number(entry.lowest_price[currency]));
            discounts.emplace_back(code, number(entry.discount[currency]));
            cards.emplace_back(code, json::quote(entry.card_price[currency]));
        }
        if (entry.available(currency)) available.push_back(code);
        for (const auto& price : own_prices(entry, currency, Currency::of(code), lists, now)) own.push_back(own_document(price, code));
    }
    out.emplace_back("price", object(prices));
    out.emplace_back("discount", object(discounts));
    out.emplace_back("available", strings(available));
    if (!own.empty()) out.emplace_back("own", array(own));

    Members names, fields, words, vocabulary, praise, card_texts, shown_slugs;
    std::vector<std::string> slugs, borrowed;
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        const auto name = catalog::kLocales[locale];
        names.emplace_back(name, json::quote(cut(entry.sort_name[locale], kLongestName)));
        auto texts = texts_of(entry, structure, locale);
        fields.emplace_back(name, std::move(texts.fields));
        words.emplace_back(name, std::move(texts.words));
        vocabulary.emplace_back(name, std::move(texts.vocabulary));
        if (const auto worth = praise_of(entry, locale)) praise.emplace_back(name, number(*worth));
        card_texts.emplace_back(name, json::quote(*entry.card_text[locale]));
        (entry.translated[locale] ? slugs : borrowed).push_back(std::string(name) + "/" + entry.texts[locale]->slug);
        shown_slugs.emplace_back(name, json::quote(entry.texts[locale]->slug));
    }
    out.emplace_back("name", object(names));
    out.emplace_back("text", object(fields));
    out.emplace_back("words", object(words));
    out.emplace_back("vocabulary", object(vocabulary));
    if (!praise.empty()) out.emplace_back("praise", object(praise));
    out.emplace_back("slugs", strings(slugs));
    if (!borrowed.empty()) out.emplace_back("borrowed_slugs", strings(borrowed));

    std::vector<std::string> codes, variants;
    for (const auto& variant : entry.variants) {
        variants.push_back(variant.id.uuid().to_string());
        for (const auto* code : {&variant.sku, &variant.barcode}) {
            if (auto squeezed = squeeze(*code); !squeezed.empty()) codes.push_back(std::move(squeezed));
        }
    }
    out.emplace_back("codes", strings(codes));
    out.emplace_back("variants", strings(variants));
    Members shown{{"text", object(card_texts)},
                  {"price", object(cards)},
                  {"slug", object(shown_slugs)},
                  {"updated", number(micros(entry.updated_at))}};
    if (!entry.media.empty()) shown.emplace_back("picture", json::quote(image_of(*entry.media[0].asset, 0).src));
    out.emplace_back("shown", object(shown));
    return object(out);
}

}  // namespace stoa::search::opensearch
