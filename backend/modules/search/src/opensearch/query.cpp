#include "query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <span>
#include <tuple>

#include "../cursor.hpp"
#include "../tokenizer.hpp"
#include "index.hpp"
#include "stoa/text/text.hpp"

namespace stoa::search::opensearch {
namespace {

using catalog::AttributeKind;

constexpr std::size_t kMaxQueryBytes = 400;
constexpr std::size_t kMaxFilters = 20;
constexpr std::size_t kMaxFilterValues = 50;
constexpr std::size_t kMaxWords = 12;
constexpr std::int64_t kEnough = 24;
constexpr std::size_t kMaxCorrections = 3;
// Steps of a score. A product with more of the words stays before one with fewer, whatever its words are worth; below them all are buried
// ones, above them all pinned ones. A score is a float of 24 bits: the steps are as small as they may be.
constexpr int kWordStep = 4096;
constexpr int kAboveBuried = 65536;
constexpr int kAboveBuriedPopular = 1 << 24;
constexpr std::int64_t kPinStep = std::int64_t{1} << 27;
// As text_index.cpp weighs its fields.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kFields{
    {{"name", "6"}, {"category", "3"}, {"label", "2"}, {"brand", "2"}, {"attribute", "0.5"}, {"description", "1"}}};
constexpr std::string_view kSynonymBoost = "0.6";
constexpr std::array<std::string_view, 3> kTypoBoost{"1", "0.45", "0.3"};

enum class Sort { relevance, popular, newest, price_asc, price_desc, name, discount };
constexpr std::pair<Sort, std::string_view> kSorts[] = {
    {Sort::relevance, "relevance"},   {Sort::popular, "popular"},   {Sort::newest, "newest"}, {Sort::price_asc, "price_asc"},
    {Sort::price_desc, "price_desc"}, {Sort::discount, "discount"}, {Sort::name, "name"}};

Failure bad_parameter(std::string name, std::string code, std::string message) {
    return fail_field("?" + std::move(name), std::move(code), std::move(message));
}

std::string term(std::string_view field, std::string_view value) { return wrap("term", wrap(field, json::quote(value))); }
std::string term_flag(std::string_view field, bool value) { return wrap("term", wrap(field, value ? "true" : "false")); }
template <class Range>
std::string terms(std::string_view field, const Range& values) {
    return wrap("terms", wrap(field, strings(values)));
}
std::string exists(std::string_view field) { return wrap("exists", object({{"field", json::quote(field)}})); }
std::string range(std::string_view field, std::optional<std::int64_t> low, std::optional<std::int64_t> high) {
    Members bounds;
    if (low) bounds.emplace_back("gte", std::to_string(*low));
    if (high) bounds.emplace_back("lte", std::to_string(*high));
    return wrap("range", wrap(field, object(bounds)));
}
std::string all_of(const std::vector<std::string>& filters) { return wrap("bool", object({{"filter", array(filters)}})); }
std::string any_of(const std::vector<std::string>& clauses, std::size_t at_least = 1) {
    return wrap("bool", object({{"should", array(clauses)}, {"minimum_should_match", std::to_string(at_least)}}));
}
std::string none_of(const std::vector<std::string>& clauses) { return wrap("bool", object({{"must_not", array(clauses)}})); }
std::string nested(std::string_view path, std::string query) {
    return wrap("nested", object({{"path", json::quote(path)}, {"query", std::move(query)}}));
}
std::string constant(std::string filter, std::int64_t boost) {
    return wrap("constant_score", object({{"filter", std::move(filter)}, {"boost", std::to_string(boost)}}));
}
std::string id_list(const std::vector<std::string>& ids) { return wrap("ids", object({{"values", strings(ids)}})); }
std::string best_of(const std::vector<std::string>& queries) {
    return wrap("dis_max", object({{"queries", array(queries)}, {"tie_breaker", "0.3"}}));
}
std::string by(std::string_view field, bool descending) { return wrap(field, object({{"order", descending ? "\"desc\"" : "\"asc\""}})); }

// Text that means itself in Lucene's regular expressions: https://docs.opensearch.org/latest/query-dsl/regex-syntax/
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        if (!plain) out += '\\';
        out += c;
    }
    return out;
}

// Aggregations answer in doubles; what is counted and measured here is whole and far below 2^53.
std::optional<std::int64_t> whole(const json::Value* value) {
    if (!value || !value->is_number()) return std::nullopt;
    return std::llround(std::strtod(value->text().c_str(), nullptr));
}
std::int64_t doc_count(const json::Value* bucket) { return bucket ? bucket->int_or("doc_count") : 0; }

std::size_t mistakes_allowed(std::string_view word) { return word.size() < 4 ? 0 : word.size() < 8 ? 1 : 2; }

// The order of a page, and the one that leads back.
struct Order {
    std::vector<std::string> keys;
    std::vector<std::string> reversed;
    std::vector<bool> is_text;
    void add(std::string ascending, std::string descending, bool is_descending, bool text = false) {
        keys.push_back(is_descending ? descending : ascending);
        reversed.push_back(is_descending ? std::move(ascending) : std::move(descending));
        is_text.push_back(text);
    }
    void add(std::string_view field, bool is_descending, bool text = false) { add(by(field, false), by(field, true), is_descending, text); }
};

// A cursor came from outside: only values of the order's own kinds are passed on.
std::optional<std::string> search_after(std::string_view text, const Order& order) {
    const auto values = json::parse(text);
    if (!values || !values->is_array() || values->items().size() != order.keys.size()) return std::nullopt;
    for (std::size_t i = 0; i < order.keys.size(); ++i) {
        const auto& value = values->items()[i];
        if (order.is_text[i] ? !value.is_string() : !value.is_number()) return std::nullopt;
    }
    return json::to_text(*values);
}

}  // namespace

// A query as it was understood.
struct Questions::Understood {
    std::optional<std::string> code;   // a number as it stands on a label: these products and no others
    std::vector<std::string> clauses;  // one a word that is asked for
    std::size_t least = 0;             // of them a product has; 0: nothing is found
    std::size_t most = 0;              // that some product has
    std::int64_t found = 0;
    std::optional<std::string> corrected;

    [[nodiscard]] std::string query() const {
        if (code) return *code;
        return least == 0 ? R"({"match_none":{}})" : any_of(clauses, least);
    }
    // Steps that put products with more of the words first.
    [[nodiscard]] std::vector<std::string> steps() const {
        std::vector<std::string> out;
        if (code) return out;
        for (auto more = least + 1; least > 0 && more <= most; ++more) out.push_back(constant(any_of(clauses, more), kWordStep));
        return out;
    }
};

Questions::Questions(Client& client, std::string_view alias, const Snapshot& base, std::size_t locale, std::size_t currency,
                     const Buyer& buyer, const Named& named, Timestamp at)
    : client_(client),
      alias_(alias),
      snapshot_(base),
      structure_(*base.structure),
      locale_(locale),
      currency_(currency),
      buyer_(buyer),
      named_(named),
      at_(at),
      language_(catalog::kLocales[locale]),
      money_(base.structure->currencies[currency]) {
    if (buyer.is_public()) return;
    const auto code = *Currency::parse(money_);
    has_own_prices_ = std::ranges::any_of(
        *base.contract_lists, [&](const auto& list) { return list.currency == code && list.applies_to(buyer.groups, buyer.company); });
}

std::string Questions::audience() const {
    std::vector<std::string> ways{term_flag("everybody", true)};
    if (!buyer_.groups.empty()) ways.push_back(terms("groups", buyer_.groups));
    if (buyer_.company) ways.push_back(term("companies", buyer_.company->to_string()));
    return ways.size() == 1 ? ways[0] : any_of(ways);
}

// Of a product's own prices in this currency exactly one holds for the buyer.
std::string Questions::own_condition(const std::vector<std::string>& more) const {
    std::vector<std::string> filters{term("own.currency", money_)};
    const auto nobodys = none_of({exists("own.company")});
    if (buyer_.company) {
        const auto id = buyer_.company->to_string();
        filters.push_back(any_of({term("own.company", id),
                                  wrap("bool", object({{"must_not", array({exists("own.company"), term("own.not_companies", id)})}}))}));
    } else {
        filters.push_back(nobodys);
    }
    const auto no_group = wrap("term", wrap("own.group_count", "0"));
    if (buyer_.groups.empty()) {
        filters.push_back(no_group);
    } else {
        filters.push_back(
            any_of({no_group, wrap("terms_set", wrap("own.groups", object({{"terms", strings(buyer_.groups)},
                                                                           {"minimum_should_match_field", "\"own.group_count\""}})))}));
        filters.push_back(none_of({terms("own.not_groups", buyer_.groups)}));
    }
    filters.insert(filters.end(), more.begin(), more.end());
    return all_of(filters);
}
std::string Questions::own_price(const std::vector<std::string>& more) const { return nested("own", own_condition(more)); }

std::vector<std::string> Questions::visible() const {
    return {term_flag("published", true), audience(), has_own_prices_ ? own_price() : exists("price." + money_)};
}

std::string Questions::available() const {
    return has_own_prices_ ? own_price({term_flag("own.available", true)}) : term("available", money_);
}

std::string Questions::price_between(std::optional<std::int64_t> low, std::optional<std::int64_t> high) const {
    return has_own_prices_ ? own_price({range("own.amount", low, high)}) : range("price." + money_, low, high);
}

std::string Questions::price_sort(std::string_view field, bool descending) const {
    const std::string order = descending ? "\"desc\"" : "\"asc\"";
    if (!has_own_prices_) return wrap((field == "amount" ? "price." : "discount.") + money_, object({{"order", order}}));
    return wrap("own." + std::string(field), object({{"order", order},
                                                     {"mode", descending ? "\"max\"" : "\"min\""},
                                                     {"nested", object({{"path", "\"own\""}, {"filter", own_condition()}})}}));
}

std::string Questions::word_clause(const Token& word, std::string_view boost) const {
    std::vector<std::string> fields;
    for (const auto& [field, weight] : kFields) fields.push_back(fmt::format("text.{}.{}^{}", language_, field, weight));
    return best_of({wrap("multi_match", object({{"query", json::quote(word.display)},
                                                {"type", "\"best_fields\""},
                                                {"tie_breaker", "0.3"},
                                                {"fields", strings(fields)},
                                                {"boost", std::string(boost)}})),
                    wrap("match", wrap("words." + language_, object({{"query", json::quote(word.folded)}, {"boost", "0.5"}}))),
                    wrap("constant_score", object({{"filter", term("codes", word.folded)}, {"boost", "8"}}))});
}

std::string Questions::prefix_clause(const Token& word) const {
    const auto prefix = [&](const std::string& field) {
        return wrap("prefix", wrap(field, object({{"value", json::quote(word.folded)}})));
    };
    return wrap("dis_max", object({{"queries", array({prefix("words." + language_), prefix("codes")})}, {"boost", "0.55"}}));
}

// How many products have how many of the words decides which are shown; so that is asked first. Words that nothing knows may be unfinished
// or misspelt: the index says what they could be. Words with digits are never corrected.
Questions::Understood Questions::understand(std::string_view query, const std::vector<std::string>& base, Typing typing) const {
    Understood out;
    struct Word {
        Token token;
        std::string clause;
        std::string shown;
        bool wanted = true;
    };
    std::vector<Word> words;
    const auto tokens = tokenize(query, kMaxWords);
    const bool only_stop_words =
        std::ranges::all_of(tokens, [&](const Token& word) { return is_stop_word(word.folded, static_cast<int>(locale_)); });
    const bool open_end = typing == Typing::going_on && !query.empty() && query.back() != ' ';
    const auto& synonyms = structure_.merchandising.synonyms[locale_];
    std::span<const Token> same;
    std::size_t same_until = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i >= same_until) {
            same = {};
            same_until = i + 1;
            for (std::size_t length = std::min(kLongestPhrase, tokens.size() - i); length > 0 && !synonyms.empty(); --length) {
                const auto phrase = stems_of(std::span(tokens).subspan(i, length), static_cast<int>(locale_));
                if (const auto found = synonyms.find(phrase); found != synonyms.end()) {
                    same = found->second;
                    same_until = i + length;
                    break;
                }
            }
        }
        const bool unfinished = open_end && i + 1 == tokens.size();
        Word word{tokens[i], {}, tokens[i].display};
        word.wanted = only_stop_words || !is_stop_word(word.token.folded, static_cast<int>(locale_)) || (unfinished && tokens.size() == 1);
        if (word.wanted) {
            std::vector<std::string> ways{word_clause(word.token)};
            for (const auto& other : same) ways.push_back(word_clause(other, kSynonymBoost));
            if (const auto spelt = language_ == "de" ? with_umlauts(word.token) : std::nullopt) ways.push_back(word_clause(*spelt));
            if (unfinished && word.token.folded.size() >= 2) ways.push_back(prefix_clause(word.token));
            word.clause = ways.size() == 1 ? ways[0] : best_of(ways);
        }
        words.push_back(std::move(word));
    }
    std::vector<Word*> wanted;
    for (auto& word : words) {
        if (word.wanted) wanted.push_back(&word);
    }
    if (wanted.empty()) return out;

    const bool may_be_code = is_article_number(query);
    const auto code = term("codes", squeeze(query));
    const auto levels = [&] {
        std::vector<std::string> clauses;
        for (const auto* word : wanted) clauses.push_back(word->clause);
        std::vector<std::pair<std::string, std::string>> named;
        for (std::size_t count = 1; count <= clauses.size(); ++count)
            named.emplace_back("n" + std::to_string(count), any_of(clauses, count));
        Members filters;
        for (const auto& [name, filter] : named) filters.emplace_back(name, filter);
        return object({{"filters", object({{"filters", object(filters)}})}});
    };
    const auto counted = [&](bool first) {
        Members within{{"levels", levels()}};
        if (first && may_be_code) within.emplace_back("code", wrap("filter", code));
        Members aggs{{"base", object({{"filter", all_of(base)}, {"aggs", object(within)}})}};
        std::vector<std::string> names;
        for (std::size_t i = 0; i < wanted.size(); ++i) names.push_back("w" + std::to_string(i));
        Members known;
        for (std::size_t i = 0; first && i < wanted.size(); ++i) known.emplace_back(names[i], wanted[i]->clause);
        if (first) aggs.emplace_back("known", object({{"filters", object({{"filters", object(known)}})}}));
        return ask(object({{"size", "0"}, {"track_total_hits", "false"}, {"query", all_of(visible())}, {"aggs", object(aggs)}}));
    };
    auto answer = counted(true);
    if (may_be_code && doc_count(answer.at("aggregations", "base", "code")) > 0) {
        out.code = wrap("constant_score", object({{"filter", code}, {"boost", "1"}}));
        out.found = doc_count(answer.at("aggregations", "base", "code"));
        return out;
    }

    std::vector<std::size_t> unknown;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (doc_count(answer.at("aggregations", "known", "buckets", "w" + std::to_string(i))) == 0) unknown.push_back(i);
    }
    if (!unknown.empty()) {
        std::vector<std::string> names;
        for (const auto i : unknown) names.push_back("w" + std::to_string(i));
        Members prefixes, suggestions;
        for (std::size_t k = 0; k < unknown.size(); ++k) {
            const auto& token = wanted[unknown[k]]->token;
            prefixes.emplace_back(names[k], prefix_clause(token));
            const auto limit = token.has_digit() ? 0 : mistakes_allowed(token.folded);
            if (limit == 0) continue;
            // https://docs.opensearch.org/latest/search-plugins/searching-data/did-you-mean/
            suggestions.emplace_back(names[k], object({{"text", json::quote(token.folded)},
                                                       {"term", object({{"field", json::quote("words." + language_)},
                                                                        {"suggest_mode", "\"always\""},
                                                                        {"max_edits", std::to_string(limit)},
                                                                        {"prefix_length", "0"},
                                                                        {"min_word_length", "4"},
                                                                        {"size", "10"}})}}));
        }
        Members body{{"size", "0"},
                     {"track_total_hits", "false"},
                     {"query", all_of(visible())},
                     {"aggs", object({{"prefix", object({{"filters", object({{"filters", object(prefixes)}})}})}})}};
        if (!suggestions.empty()) body.emplace_back("suggest", object(suggestions));
        const auto guesses = ask(object(body));
        std::vector<std::pair<Word*, std::vector<std::string>>> corrected;
        std::vector<std::string> candidates;
        for (std::size_t k = 0; k < unknown.size(); ++k) {
            auto& word = *wanted[unknown[k]];
            // A short word says too little to be the beginning of another.
            const bool may_go_on = word.token.folded.size() >= (word.token.has_digit() ? kShortestNumber : kShortestFinished);
            if (may_go_on && doc_count(guesses.at("aggregations", "prefix", "buckets", std::string_view(names[k]))) > 0) {
                word.clause = prefix_clause(word.token);
                continue;
            }
            const auto limit = mistakes_allowed(word.token.folded);
            std::vector<std::tuple<std::size_t, std::int64_t, std::string>> near;  // distance, how often (negative), word
            if (const auto* entries = guesses.at("suggest", std::string_view(names[k]))) {
                for (const auto& entry : entries->items()) {
                    const auto* options = entry.find("options");
                    if (!options) continue;
                    for (const auto& option : options->items()) {
                        const auto text = option.text_or("text");
                        if (is_stop_word(text, static_cast<int>(locale_))) continue;
                        const auto distance = edit_distance(word.token.folded, text, limit);
                        if (distance <= limit && text.find_first_of("0123456789") == std::string::npos)
                            near.emplace_back(distance, -option.int_or("freq"), text);
                    }
                }
            }
            std::ranges::sort(near);
            if (near.size() > kMaxCorrections) near.resize(kMaxCorrections);
            if (near.empty()) continue;
            std::vector<std::string> ways, texts;
            for (const auto& [distance, uses, text] : near) {
                ways.push_back(wrap("match", wrap("words." + language_,
                                                  object({{"query", json::quote(text)}, {"boost", std::string(kTypoBoost[distance])}}))));
                ways.push_back(word_clause({text, text}, kTypoBoost[distance]));
                texts.push_back(text);
                candidates.push_back(literal(text));
            }
            word.clause = best_of(ways);
            corrected.emplace_back(&word, std::move(texts));
        }
        bool is_corrected = false;
        if (!corrected.empty()) {
            // The suggester looks at all products: only a word of what this buyer may see is shown.
            std::string any;
            for (const auto& text : candidates) any += (any.empty() ? "" : "|") + text;
            const auto spoken = ask(object({{"size", "0"},
                                            {"track_total_hits", "false"},
                                            {"query", all_of(base)},
                                            {"aggs", wrap("words", wrap("terms", object({{"field", json::quote("vocabulary." + language_)},
                                                                                         {"include", json::quote("(" + any + ") .*")},
                                                                                         {"size", "100"}})))}}));
            for (auto& [word, texts] : corrected) {
                for (const auto& text : texts) {
                    const auto* buckets = spoken.at("aggregations", "words", "buckets");
                    std::string shown;
                    for (const auto& bucket : buckets ? buckets->items() : std::vector<json::Value>{}) {
                        const auto key = bucket.text_or("key");
                        if (shown.empty() && key.starts_with(text + " ")) shown = key.substr(text.size() + 1);
                    }
                    if (shown.empty()) continue;
                    word->shown = shown;
                    is_corrected = true;
                    break;
                }
            }
        }
        if (is_corrected) {
            std::string shown;
            for (const auto& word : words) shown += (shown.empty() ? "" : " ") + word.shown;
            out.corrected = std::move(shown);
        }
        answer = counted(false);
    }

    for (const auto* word : wanted) out.clauses.push_back(word->clause);
    const auto with = [&](std::size_t count) {
        return doc_count(answer.at("aggregations", "base", "levels", "buckets", "n" + std::to_string(count)));
    };
    auto least = wanted.size();
    while (least > 0 && with(least) == 0) --least;
    out.most = least;
    // Half of the words at least, or what there is; when a page is not full, products that lack a word follow.
    if (least > 0) {
        out.found = with(least);
        while (out.found < kEnough && least > 1 && 2 * (least - 1) >= wanted.size()) out.found = with(--least);
        out.least = least;
    }
    if (out.least == 0) out.corrected.reset();
    return out;
}

std::string Questions::source() const {
    std::vector<std::string> fields{"shown.text." + language_};
    fields.push_back(has_own_prices_ ? "own" : "shown.price." + money_);
    return strings(fields);
}

std::pair<std::string, std::string> Questions::card_of(const json::Value& hit) const {
    const auto* text = hit.at("_source", "shown", "text", std::string_view(language_));
    std::pair<std::string, std::string> out{text ? text->text() : "{", "}"};
    if (!has_own_prices_) {
        if (const auto* price = hit.at("_source", "shown", "price", std::string_view(money_))) out.second = price->text();
        return out;
    }
    const auto contains = [](const json::Value& own, std::string_view field, std::string_view value) {
        const auto* list = own.find(field);
        return list && std::ranges::any_of(list->items(), [&](const json::Value& item) { return item.text() == value; });
    };
    const auto* prices = hit.at("_source", "own");
    for (const auto& own : prices ? prices->items() : std::vector<json::Value>{}) {
        if (own.text_or("currency") != money_) continue;
        const auto company = own.text_or("company");
        const auto buyers = buyer_.company ? buyer_.company->to_string() : std::string();
        if (!company.empty() ? company != buyers : contains(own, "not_companies", buyers)) continue;
        const auto held = std::ranges::count_if(buyer_.groups, [&](const auto& group) { return contains(own, "groups", group); });
        if (held != own.int_or("group_count")) continue;
        if (std::ranges::any_of(buyer_.groups, [&](const auto& group) { return contains(own, "not_groups", group); })) continue;
        out.second = own.text_or("card");
    }
    return out;
}

std::optional<Questions::Understood> Questions::among(const std::vector<Named::Product>& named,
                                                      const std::vector<std::string>& base) const {
    if (named.empty()) return std::nullopt;
    std::vector<std::string> ids;
    for (const auto& product : named) {
        if (auto id = product.id.uuid().to_string(); std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
    }
    auto filter = base;
    filter.push_back(id_list(ids));
    const auto answer = ask(object({{"size", "0"}, {"track_total_hits", "true"}, {"query", all_of(filter)}}));
    const auto* total = answer.at("hits", "total", "value");
    const auto count = total ? total->as_int().value_or(0) : 0;
    if (count == 0) return std::nullopt;
    Understood out;
    out.code = constant(id_list(ids), 1);
    out.found = count;
    return out;
}

std::optional<SuggestedProductDto> Questions::suggested(const json::Value& hit) const {
    const auto [text, price] = card_of(hit);
    const auto card = json::parse(text + price);
    const auto id = Uuid::parse(hit.text_or("_id"));
    if (!card || !id) return std::nullopt;
    SuggestedProductDto product;
    product.id = ProductId(*id);
    product.slug = card->text_or("slug");
    product.name = card->text_or("name");
    json::ParseContext context;
    if (const auto* image = card->find("image")) json::Codec<std::optional<ImageDto>>::parse(product.image, *image, {}, context);
    if (const auto* amount = card->find("price")) json::Codec<PriceDto>::parse(product.price, *amount, {}, context);
    if (!context.ok()) return std::nullopt;
    return product;
}

Result<Listing> Questions::listing(const ListingRequest& request) const {
    if (request.limit < 1 || request.limit > 100) return bad_parameter("limit", "out_of_range", "1 to 100.");
    if (request.query && request.query->size() > kMaxQueryBytes) return bad_parameter("q", "too_long", "At most 100 characters.");
    if (request.filters.size() > kMaxFilters) return bad_parameter("f", "too_many", "At most 20 filters.");

    auto base = visible();
    std::optional<std::uint32_t> hand_picked;
    const Uuid* category_id = nullptr;
    if (request.category) {
        const auto category = category_by_slug(snapshot_, locale_, *request.category);
        if (!category) return fail(ErrorKind::not_found, "catalog.category_not_found", "There is no such category.");
        category_id = &structure_.categories[*category].record.id.uuid();
        base.push_back(term("categories", category_id->to_string()));
    }
    if (request.collection) {
        const auto collection = collection_by_slug(snapshot_, locale_, *request.collection);
        if (!collection) return fail(ErrorKind::not_found, "catalog.collection_not_found", "There is no such collection.");
        base.push_back(term("collections", structure_.collections[*collection].record.id.uuid().to_string()));
        if (!structure_.collections[*collection].record.rule) hand_picked = collection;
    }

    // What the merchant's rules say.
    std::vector<std::string> pinned, buried;
    std::vector<std::pair<std::string, std::int64_t>> boosted;
    std::string redirect;
    {
        std::vector<std::string> placed;
        for (const auto* rule : structure_.merchandising.rules_for(language_, request.query.value_or(""), category_id, at_)) {
            if (rule->kind == RuleKind::redirect) {
                if (redirect.empty()) redirect = rule->target;
                continue;
            }
            for (const auto& product : rule->products) {
                const auto id = product.uuid().to_string();
                // The first rule that names a product decides.
                if (std::ranges::find(placed, id) != placed.end()) continue;
                placed.push_back(id);
                if (rule->kind == RuleKind::pin) pinned.push_back(id);
                if (rule->kind == RuleKind::bury) buried.push_back(id);
                if (rule->kind == RuleKind::boost) boosted.emplace_back(id, rule->per_cent);
            }
        }
    }
    const bool has_rules = !pinned.empty() || !buried.empty() || !boosted.empty();
    const bool has_query = request.query && request.query->find_first_not_of(' ') != std::string::npos;
    const bool has_relevance = has_query || hand_picked;
    auto sort = has_relevance ? Sort::relevance : Sort::popular;
    if (!request.sort.empty()) {
        const auto* asked = std::ranges::find(kSorts, request.sort, [](const auto& known) { return known.second; });
        if (asked == std::end(kSorts))
            return bad_parameter("sort", "not_one_of", "Use relevance, popular, newest, price_asc, price_desc, discount or name.");
        sort = asked->first == Sort::relevance && !has_relevance ? Sort::popular : asked->first;
    }
    const bool arranged = has_rules && (has_query ? sort == Sort::relevance : sort == Sort::popular);
    const bool by_score = arranged || (sort == Sort::relevance && has_query);

    Order order;
    if (by_score)
        order.add("_score", true);
    else if (sort == Sort::relevance) {
        const auto place = [&](std::string_view direction) {
            return wrap(
                "listed.place",
                object({{"order", json::quote(direction)},
                        {"mode", "\"min\""},
                        {"nested", object({{"path", "\"listed\""},
                                           {"filter", term("listed.collection",
                                                           structure_.collections[*hand_picked].record.id.uuid().to_string())}})}}));
        };
        order.add(place("asc"), place("desc"), false);
    } else if (sort == Sort::newest)
        order.add("newest", true);
    else if (sort == Sort::name)
        order.add("name." + language_, false, true);
    else if (sort == Sort::price_asc || sort == Sort::price_desc)
        order.add(price_sort("amount", false), price_sort("amount", true), sort == Sort::price_desc);
    else if (sort == Sort::discount)
        order.add(price_sort("discount", false), price_sort("discount", true), true);
    if (by_score || sort == Sort::popular) order.add("popularity", true);
    order.add("id", false, true);

    // Filters.
    struct Chosen {
        std::uint32_t attribute = 0;
        std::vector<std::uint32_t> values;
        std::optional<catalog::MilliRange> range;
        std::string query;
    };
    std::vector<Chosen> filters;
    for (const auto& filter : request.filters) {
        const auto known = structure_.attribute_index.find(filter.attribute);
        if (known == structure_.attribute_index.end() || !structure_.attributes[known->second].record.filterable ||
            structure_.attributes[known->second].record.kind == AttributeKind::text)
            return bad_parameter("f." + filter.attribute, "unknown", "There is no such filter.");
        if (filter.values.empty() || filter.values.size() > kMaxFilterValues)
            return bad_parameter("f." + filter.attribute, "invalid", "Name 1 to 50 values.");
        if (std::ranges::any_of(filters, [&](const auto& other) { return other.attribute == known->second; }))
            return bad_parameter("f." + filter.attribute, "duplicate", "Give each filter once.");
        const auto& attribute = structure_.attributes[known->second];
        Chosen chosen;
        chosen.attribute = known->second;
        std::vector<std::string> values;
        if (attribute.record.kind == AttributeKind::choice) {
            for (const auto& value : filter.values) {
                // A value that is gone selects nothing; an old address is not an error.
                const auto index = attribute.value_index.find(value);
                if (index == attribute.value_index.end()) continue;
                chosen.values.push_back(index->second);
                values.push_back(facet_term(filter.attribute, value));
            }
        } else if (attribute.record.kind == AttributeKind::flag) {
            for (const auto& value : filter.values) {
                if (value != "1" && value != "0" && value != "true" && value != "false")
                    return bad_parameter("f." + filter.attribute, "not_one_of", "Use 1 or 0.");
                const bool yes = value == "1" || value == "true";
                chosen.values.push_back(yes ? 1 : 0);
                values.push_back(facet_term(filter.attribute, yes ? "1" : "0"));
            }
        } else {
            chosen.range = filter.values.size() == 1 ? catalog::parse_milli_range(filter.values[0]) : std::nullopt;
            if (!chosen.range) return bad_parameter("f." + filter.attribute, "invalid_range", "Write 10..50, 10.. or ..50.");
            chosen.query = range("number." + filter.attribute, chosen.range->min, chosen.range->max);
        }
        if (!chosen.range) chosen.query = terms("facets", values);
        filters.push_back(std::move(chosen));
    }
    const bool has_price = request.price_min || request.price_max;

    // The cursor, before anything is asked.
    auto plain = request;
    plain.cursor.clear();
    plain.limit = 0;
    plain.sort.clear();
    const auto sort_name = std::ranges::find(kSorts, sort, [](const auto& known) { return known.first; })->second;
    const auto print = fnv1a(answer_key(snapshot_, locale_, currency_, plain, Timestamp{}), fnv1a(sort_name, fnv1a("opensearch")));
    std::optional<Cursor> cursor;
    std::optional<std::string> after;
    if (!request.cursor.empty()) {
        cursor = decode_cursor(request.cursor);
        if (cursor && cursor->fingerprint == print) after = search_after(cursor->text, order);
        if (!after)
            return bad_parameter("cursor", "invalid_cursor", "This cursor does not belong to this list. Start from its first page.");
    }
    const bool backwards = cursor && cursor->backwards;

    // The query: which products, and what they score.
    Understood text;
    if (has_query) {
        auto named = among(named_.whole, base);
        if (!named) {
            text = understand(*request.query, base, Typing::finished);
            // Nothing is guessed where the beginning of a number of theirs was typed.
            if (text.found == 0 || text.corrected) named = among(named_.beginning, base);
        }
        if (named) text = *std::move(named);
    }
    if (request.available_only) base.push_back(available());
    std::string query;
    {
        std::vector<std::string> must, should;
        auto filter = base;
        if (has_query) {
            auto words = text.query();
            // A pinned product is found whatever its words are.
            auto found = pinned.empty() ? words : any_of({words, constant(id_list(pinned), 0)});
            if (!by_score)
                filter.push_back(std::move(found));
            else
                must.push_back(std::move(found));
            if (by_score) should = text.steps();
        } else if (arranged) {
            must.push_back(wrap("function_score", object({{"query", R"({"match_all":{}})"},
                                                          {"functions", R"([{"field_value_factor":{"field":"popularity","missing":0}}])"},
                                                          {"boost_mode", "\"replace\""}})));
        }
        if (arranged) {
            if (!boosted.empty()) {
                std::vector<std::string> functions;
                for (const auto& [id, per_cent] : boosted)
                    functions.push_back(
                        object({{"filter", id_list({id})}, {"weight", fmt::format("{}.{:02}", 1 + per_cent / 100, per_cent % 100)}}));
                must[0] = wrap("function_score", object({{"query", must[0]},
                                                         {"functions", array(functions)},
                                                         {"score_mode", "\"first\""},
                                                         {"boost_mode", "\"multiply\""}}));
            }
            if (!buried.empty()) should.push_back(constant(none_of({id_list(buried)}), has_query ? kAboveBuried : kAboveBuriedPopular));
            for (std::size_t i = 0; i < pinned.size(); ++i)
                should.push_back(constant(id_list({pinned[i]}), kPinStep * static_cast<std::int64_t>(pinned.size() - i)));
        }
        Members parts{{"filter", array(filter)}};
        if (!must.empty()) parts.emplace_back("must", array(must));
        if (!should.empty()) parts.emplace_back("should", array(should));
        query = wrap("bool", object(parts));
    }

    // Facets: each is counted among what the other filters leave, so all filters come after the query (post_filter).
    const auto without = [&](const Chosen* left_out, bool with_price) {
        std::vector<std::string> out;
        for (const auto& filter : filters) {
            if (&filter != left_out) out.push_back(filter.query);
        }
        if (with_price && has_price) out.push_back(price_between(request.price_min, request.price_max));
        return all_of(out);
    };
    std::int64_t values = 1;
    std::vector<std::string> names;
    for (const auto& attribute : structure_.attributes) values += static_cast<std::int64_t>(attribute.record.values.size()) + 2;
    for (std::size_t i = 0; i < structure_.attributes.size(); ++i) names.push_back("a" + std::to_string(i));
    const auto facet_terms = [&](const std::string* code) {
        // As many as there are values: then shards leave none out and counts are exact.
        Members body{{"field", "\"facets\""}, {"size", std::to_string(values)}};
        if (code) body.emplace_back("include", json::quote(literal(*code) + literal("=") + ".*"));
        return wrap("terms", object(body));
    };
    const auto add_span = [&](Members& members, std::string_view low, std::string_view high, const std::string& field) {
        members.emplace_back(low, wrap("min", object({{"field", json::quote(field)}})));
        members.emplace_back(high, wrap("max", object({{"field", json::quote(field)}})));
    };
    std::vector<std::string> highs;
    for (const auto& name : names) highs.push_back(name + "_max");
    Members among_result{{"values", facet_terms(nullptr)}};
    Members aggs;
    for (std::size_t i = 0; i < structure_.attributes.size(); ++i) {
        const auto& record = structure_.attributes[i].record;
        if (!record.filterable || record.kind == AttributeKind::text) continue;
        const auto own = std::ranges::find(filters, i, &Chosen::attribute);
        if (own == filters.end()) {
            if (record.kind == AttributeKind::number) add_span(among_result, names[i], highs[i], "number." + record.code);
            continue;
        }
        Members inner;
        if (record.kind == AttributeKind::number)
            add_span(inner, names[i], highs[i], "number." + record.code);
        else
            inner.emplace_back("values", facet_terms(&record.code));
        aggs.emplace_back(names[i], object({{"filter", without(&*own, true)}, {"aggs", object(inner)}}));
    }
    aggs.emplace_back("result", object({{"filter", without(nullptr, true)}, {"aggs", object(among_result)}}));
    {
        Members span;
        add_span(span, "min", "max", has_own_prices_ ? std::string("own.amount") : "price." + money_);
        auto inner = has_own_prices_
                         ? object({{"own", object({{"nested", R"({"path":"own"})"},
                                                   {"aggs", wrap("own", object({{"filter", own_condition()}, {"aggs", object(span)}}))}})}})
                         : object(span);
        aggs.emplace_back("any_price", object({{"filter", without(nullptr, false)}, {"aggs", std::move(inner)}}));
    }

    const auto limit = static_cast<std::size_t>(request.limit);
    Members body{{"size", std::to_string(limit + 1)},
                 {"track_total_hits", "false"},
                 {"query", query},
                 {"post_filter", without(nullptr, true)},
                 {"aggs", object(aggs)},
                 {"sort", array(backwards ? order.reversed : order.keys)},
                 {"_source", source()}};
    if (by_score) body.emplace_back("track_scores", "true");
    if (after) body.emplace_back("search_after", *after);
    const auto answer = ask(object(body));

    Listing listing;
    const auto* result = answer.at("aggregations", "result");
    listing.total = doc_count(result);
    listing.sort = sort_name;
    for (const auto& [known, name] : kSorts) {
        if (known != Sort::relevance || has_relevance) listing.sorts.emplace_back(name);
    }
    if (!redirect.empty()) listing.redirect = redirect;
    listing.did_you_mean = text.corrected;

    const auto counts_of = [](const json::Value* within) {
        std::unordered_map<std::string, std::int64_t> out;
        const auto* buckets = within ? within->at("values", "buckets") : nullptr;
        for (const auto& bucket : buckets ? buckets->items() : std::vector<json::Value>{})
            out.emplace(bucket.text_or("key"), doc_count(&bucket));
        return out;
    };
    const auto result_counts = counts_of(result);
    for (std::size_t i = 0; i < structure_.attributes.size(); ++i) {
        const auto& attribute = structure_.attributes[i];
        if (!attribute.record.filterable || attribute.record.kind == AttributeKind::text) continue;
        const auto found = std::ranges::find(filters, i, &Chosen::attribute);
        const Chosen* own = found == filters.end() ? nullptr : &*found;
        const auto* within = own ? answer.at("aggregations", std::string_view(names[i])) : result;
        FacetDto facet;
        facet.code = attribute.code.view();
        facet.label = attribute.names[locale_].view();
        if (attribute.record.kind == AttributeKind::number) {
            const auto low = within ? whole(within->at(std::string_view(names[i]), "value")) : std::nullopt;
            const auto high = within ? whole(within->at(std::string_view(highs[i]), "value")) : std::nullopt;
            if (!own && (!low || !high || *low == *high)) continue;  // nothing to choose
            facet.kind = FacetKind::range;
            if (!attribute.record.unit.empty()) facet.unit = attribute.unit.view();
            if (low && high) {
                facet.min = Decimal{*low};
                facet.max = Decimal{*high};
            }
            if (own && own->range->min) facet.selected_min = Decimal{*own->range->min};
            if (own && own->range->max) facet.selected_max = Decimal{*own->range->max};
        } else {
            facet.kind = attribute.record.kind == AttributeKind::flag ? FacetKind::flag : FacetKind::values;
            const auto own_counts = own ? counts_of(within) : std::unordered_map<std::string, std::int64_t>{};
            const auto& counts = own ? own_counts : result_counts;
            for (std::uint32_t v = 0; v < attribute.values.size(); ++v) {
                const auto& shown = attribute.values[v];
                FacetValueDto value{.value = shown.code.view(), .label = shown.labels[locale_].view()};
                if (const auto known = counts.find(facet_term(attribute.record.code, shown.code.text())); known != counts.end())
                    value.count = known->second;
                value.selected = own && std::ranges::find(own->values, v) != own->values.end();
                if (value.count == 0 && !value.selected) continue;
                if (!shown.colour.text().empty()) value.colour = shown.colour.view();
                facet.values.push_back(value);
            }
            if (facet.values.empty()) continue;
        }
        listing.facets.push_back(std::move(facet));
    }
    {
        const auto* span = answer.at("aggregations", "any_price");
        if (has_own_prices_ && span) span = span->at("own", "own");
        const auto low = span ? whole(span->at("min", "value")) : std::nullopt;
        const auto high = span ? whole(span->at("max", "value")) : std::nullopt;
        const auto money = *Currency::parse(money_);
        if (low && high) listing.price = PriceRangeDto{Money(*low, money), Money(*high, money)};
    }

    // The page.
    struct Row {
        ProductId id;
        std::pair<std::string, std::string> card;
        std::string sort;
    };
    auto rows = std::make_shared<std::deque<Row>>();
    bool more = false;
    if (const auto* hits = answer.at("hits", "hits")) {
        for (const auto& hit : hits->items()) {
            if (rows->size() == limit) {
                more = true;
                break;
            }
            const auto id = Uuid::parse(hit.text_or("_id"));
            const auto* keys = hit.find("sort");
            if (!id || !keys) throw Unavailable("OpenSearch: a hit without an id or a sort key");
            Row row{ProductId(*id), card_of(hit), json::to_text(*keys)};
            if (backwards)
                rows->push_front(std::move(row));
            else
                rows->push_back(std::move(row));
        }
    }
    // Whether anything lies on the side that the page was come from.
    const auto is_any_beyond = [&](const std::string& keys, bool before) {
        const auto there = ask(object({{"size", "1"},
                                       {"track_total_hits", "false"},
                                       {"query", query},
                                       {"post_filter", without(nullptr, true)},
                                       {"sort", array(before ? order.reversed : order.keys)},
                                       {"search_after", keys},
                                       {"_source", "false"}}));
        const auto* hits = there.at("hits", "hits");
        return hits && !hits->items().empty();
    };
    if (!rows->empty()) {
        const bool more_after = backwards ? is_any_beyond(rows->back().sort, false) : more;
        const bool more_before = backwards ? more : cursor && is_any_beyond(rows->front().sort, true);
        const auto cursor_at = [&](const Row& row, bool back) { return encode({back, print, 0, row.sort, row.id.uuid()}); };
        if (more_after) listing.next_cursor = cursor_at(rows->back(), false);
        if (more_before) listing.prev_cursor = cursor_at(rows->front(), true);
    }
    for (const auto& row : *rows) listing.hits.push_back({row.id, row.card.first, row.card.second});
    listing.keep = std::make_shared<std::pair<decltype(rows), std::shared_ptr<const Structure>>>(rows, snapshot_.structure);
    return listing;
}

SuggestionsDto Questions::suggest(std::string_view query) const {
    constexpr std::size_t kQueries = 6;
    constexpr std::size_t kProducts = 5;
    constexpr std::size_t kCategories = 4;
    SuggestionsDto out;
    query = query.substr(0, kMaxQueryBytes);
    const auto words = tokenize(query, kMaxWords);
    if (words.empty()) return out;
    const auto allowed = visible();

    std::string before;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) before += words[i].display + " ";
    if (query.back() != ' ') {
        // Only what finds something together with the words before it.
        auto among = allowed;
        bool sure = true;
        if (words.size() > 1) {
            const auto first = understand(before, allowed, Typing::finished);
            sure = !first.corrected && (first.code || (first.least > 0 && 2 * first.most >= first.clauses.size()));
            if (sure) among.push_back(first.code ? *first.code : any_of(first.clauses, first.most));
        }
        if (sure) {
            const auto answer = ask(
                object({{"size", "0"},
                        {"track_total_hits", "false"},
                        {"query", all_of(among)},
                        {"aggs", wrap("words", wrap("terms", object({{"field", json::quote("vocabulary." + language_)},
                                                                     {"include", json::quote(literal(words.back().folded) + "[^ ]* .*")},
                                                                     {"size", std::to_string(3 * kQueries)}})))}}));
            const auto* buckets = answer.at("aggregations", "words", "buckets");
            for (const auto& bucket : buckets ? buckets->items() : std::vector<json::Value>{}) {
                const auto key = bucket.text_or("key");
                if (out.queries.size() == kQueries || is_stop_word(key.substr(0, key.find(' ')), static_cast<int>(locale_))) continue;
                out.queries.push_back(before + key.substr(std::min(key.size(), key.find(' ') + 1)));
            }
        }
    }

    auto found = understand(query, allowed, Typing::going_on);
    // Their own numbers first.
    std::vector<std::string> own;
    for (const auto* products : {&named_.whole, &named_.beginning}) {
        for (const auto& product : *products) own.push_back(product.id.uuid().to_string());
    }
    if (!own.empty()) {
        auto filter = allowed;
        filter.push_back(id_list(own));
        const auto answer = ask(object({{"size", std::to_string(own.size())},
                                        {"track_total_hits", "false"},
                                        {"query", all_of(filter)},
                                        {"sort", array({by("id", false)})},
                                        {"_source", source()}}));
        const auto* hits = answer.at("hits", "hits");
        std::vector<SuggestedProductDto> known;
        for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
            if (auto product = suggested(hit)) known.push_back(*std::move(product));
        }
        for (const auto* products : {&named_.whole, &named_.beginning}) {
            for (const auto& product : *products) {
                const auto there = std::ranges::find(known, product.id, &SuggestedProductDto::id);
                if (there == known.end() || out.products.size() == kProducts ||
                    std::ranges::find(out.products, product.id, &SuggestedProductDto::id) != out.products.end())
                    continue;
                out.products.push_back(*there);
                out.products.back().part_number = product.number;
            }
        }
    }
    if (!out.products.empty() && found.corrected) {
        // What was typed is a number of theirs, or the beginning of one: not a word with a mistake in it.
        found = {};
        out.queries.clear();
    }
    if (out.queries.empty() && found.corrected) out.queries.push_back(*found.corrected);
    if (found.found > 0) {
        Members parts{{"filter", array(allowed)}, {"must", array({found.query()})}};
        if (const auto steps = found.steps(); !steps.empty()) parts.emplace_back("should", array(steps));
        const auto answer = ask(object({{"size", std::to_string(kProducts)},
                                        {"track_total_hits", "false"},
                                        {"query", wrap("bool", object(parts))},
                                        {"sort", array({by("_score", true), by("popularity", true), by("id", false)})},
                                        {"_source", source()}}));
        const auto* hits = answer.at("hits", "hits");
        for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
            auto product = suggested(hit);
            if (!product || out.products.size() == kProducts) continue;
            if (std::ranges::find(out.products, product->id, &SuggestedProductDto::id) == out.products.end())
                out.products.push_back(*std::move(product));
        }
    }

    const auto folded_query = text::fold(query);
    for (const auto& category : structure_.categories) {
        if (out.categories.size() == kCategories) break;
        if (!category.visible) continue;
        const auto& folded = category.folded_names[locale_];
        const auto at = folded.find(folded_query);
        if (at == std::string::npos) continue;
        const auto text = category.record.texts.find(language_);
        const auto& shown = text != category.record.texts.end() ? text->second : category.record.texts.begin()->second;
        if (at == 0 || folded[at - 1] == ' ') out.categories.push_back({shown.slug, shown.name});
    }
    return out;
}

std::vector<CardJson> Questions::cards(std::span<const ProductId> ids) const {
    std::vector<CardJson> out;
    constexpr std::size_t kAtOnce = 1000;
    for (std::size_t at = 0; at < ids.size(); at += kAtOnce) {
        const auto part = ids.subspan(at, std::min(kAtOnce, ids.size() - at));
        std::vector<std::string> texts;
        for (const auto& id : part) texts.push_back(id.uuid().to_string());
        auto filters = visible();
        filters.push_back(id_list(texts));
        const auto answer = ask(object(
            {{"size", std::to_string(part.size())}, {"track_total_hits", "false"}, {"query", all_of(filters)}, {"_source", source()}}));
        std::unordered_map<std::string, std::string> found;
        const auto* hits = answer.at("hits", "hits");
        for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
            auto [text, price] = card_of(hit);
            found.emplace(hit.text_or("_id"), text + price);
        }
        for (const auto& text : texts) {
            if (const auto card = found.find(text); card != found.end()) out.push_back({card->second});
        }
    }
    return out;
}

std::vector<CardJson> Questions::top(Top kind, int limit) const {
    auto filters = visible();
    filters.push_back(available());
    const auto answer = ask(object({{"size", std::to_string(limit)},
                                    {"track_total_hits", "false"},
                                    {"query", all_of(filters)},
                                    {"sort", array({by(kind == Top::newest ? "newest" : "popularity", true), by("id", false)})},
                                    {"_source", source()}}));
    std::vector<CardJson> out;
    const auto* hits = answer.at("hits", "hits");
    for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
        auto [text, price] = card_of(hit);
        out.push_back({text + price});
    }
    return out;
}

namespace {
std::vector<ProductId> ids_of(const json::Value& answer) {
    std::vector<ProductId> out;
    const auto* hits = answer.at("hits", "hits");
    for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
        if (const auto id = Uuid::parse(hit.text_or("_id"))) out.emplace_back(*id);
    }
    return out;
}
}  // namespace

std::vector<ProductId> Questions::praised(int limit) const {
    auto filters = visible();
    const auto field = "praise." + language_;
    filters.push_back(exists(field));
    return ids_of(ask(object({{"size", std::to_string(limit)},
                              {"track_total_hits", "false"},
                              {"query", all_of(filters)},
                              {"sort", array({by(field, true), by("popularity", true), by("id", false)})},
                              {"_source", "false"}})));
}

std::optional<ProductId> Questions::by_slug(std::string_view slug) const {
    std::vector<std::string> ways;
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        // One that is at home in its language goes before a borrowed one.
        const auto place = std::string(catalog::kLocales[(locale_ + i) % kLocaleCount]) + "/" + std::string(slug);
        ways.push_back(constant(term("slugs", place), static_cast<std::int64_t>(2 * (kLocaleCount - i) + 1)));
        ways.push_back(constant(term("borrowed_slugs", place), static_cast<std::int64_t>(2 * (kLocaleCount - i))));
    }
    const auto found = ids_of(ask(object({{"size", "1"},
                                          {"track_total_hits", "false"},
                                          {"query", wrap("dis_max", object({{"queries", array(ways)}}))},
                                          {"sort", array({by("_score", true), by("id", false)})},
                                          {"_source", "false"}})));
    if (!found.empty()) return found[0];
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        const auto old =
            snapshot_.old_slugs->find("product/" + std::string(catalog::kLocales[(locale_ + i) % kLocaleCount]) + "/" + std::string(slug));
        if (old != snapshot_.old_slugs->end()) return ProductId(old->second);
    }
    return std::nullopt;
}

// See related_products(): shared values count two, the same category four, stock three.
std::vector<ProductId> Questions::related(const Entry& entry, std::size_t limit) const {
    if (!entry.category) return {};
    const auto& path = structure_.categories[*entry.category].path;
    const auto id_of = [&](std::uint32_t category) { return structure_.categories[category].record.id.uuid().to_string(); };
    const auto allowed = visible();
    std::vector<std::string> names;
    for (const auto above : path) names.push_back("c" + std::to_string(above));
    Members filters;
    for (std::size_t i = 0; i < path.size(); ++i) filters.emplace_back(names[i], term("categories", id_of(path[i])));
    const auto sizes = ask(object({{"size", "0"},
                                   {"track_total_hits", "false"},
                                   {"query", all_of(allowed)},
                                   {"aggs", wrap("path", wrap("filters", object({{"filters", object(filters)}})))}}));
    // The narrowest category around it that has enough others.
    auto narrowest = path.front();
    for (std::size_t i = path.size(); i-- > 0;) {
        narrowest = path[i];
        if (doc_count(sizes.at("aggregations", "path", "buckets", std::string_view(names[i]))) > static_cast<std::int64_t>(limit)) break;
    }
    auto among = allowed;
    among.push_back(term("categories", id_of(narrowest)));
    std::vector<std::string> alike{constant(term("category", id_of(*entry.category)), 4), constant(available(), 3)};
    constexpr std::size_t kMostValues = 200;
    for (const auto& [attribute, value] : entry.facet_values) {
        if (alike.size() == kMostValues) break;
        const auto& record = structure_.attributes[attribute].record;
        alike.push_back(constant(term("facets", facet_term(record.code, record.values[value].code)), 2));
    }
    const auto itself = array({id_list({entry.id.uuid().to_string()})});
    return ids_of(ask(object({{"size", std::to_string(limit)},
                              {"track_total_hits", "false"},
                              {"query", wrap("bool", object({{"filter", array(among)}, {"must_not", itself}, {"should", array(alike)}}))},
                              {"sort", array({by("_score", true), by("popularity", true), by("id", false)})},
                              {"_source", "false"}})));
}

Questions::Counts Questions::counts() const {
    const auto each = [](std::string_view field, std::size_t size) {
        return wrap("terms", object({{"field", json::quote(field)}, {"size", std::to_string(size + 1)}}));
    };
    const auto answer = ask(object({{"size", "0"},
                                    {"track_total_hits", "false"},
                                    {"query", all_of(visible())},
                                    {"aggs", object({{"categories", each("categories", structure_.categories.size())},
                                                     {"collections", each("collections", structure_.collections.size())}})}}));
    Counts out;
    out.categories.resize(structure_.categories.size());
    out.collections.resize(structure_.collections.size());
    const auto read = [&](std::string_view name, const std::unordered_map<Uuid, std::uint32_t>& index, std::vector<std::int64_t>& counts) {
        const auto* buckets = answer.at("aggregations", name, "buckets");
        for (const auto& bucket : buckets ? buckets->items() : std::vector<json::Value>{}) {
            const auto id = Uuid::parse(bucket.text_or("key"));
            if (!id) continue;
            if (const auto known = index.find(*id); known != index.end()) counts[known->second] = doc_count(&bucket);
        }
    };
    read("categories", structure_.category_index, out.categories);
    read("collections", structure_.collection_index, out.collections);
    return out;
}

std::vector<Questions::Address> Questions::addresses(const Uuid& after, int limit) const {
    std::vector<std::string> priced;
    for (const auto& currency : structure_.currencies) priced.push_back(exists("price." + currency));
    Members body{{"size", std::to_string(limit)},
                 {"track_total_hits", "false"},
                 {"query", all_of({term_flag("published", true), audience(), any_of(priced)})},
                 {"sort", array({by("id", false)})},
                 {"_source", strings(std::vector<std::string>{"shown.slug", "shown.updated", "shown.picture"})}};
    if (!after.is_nil()) body.emplace_back("search_after", strings(std::vector<std::string>{after.to_string()}));
    const auto answer = ask(object(body));
    std::vector<Address> out;
    const auto* hits = answer.at("hits", "hits");
    for (const auto& hit : hits ? hits->items() : std::vector<json::Value>{}) {
        const auto id = Uuid::parse(hit.text_or("_id"));
        const auto* shown = hit.at("_source", "shown");
        if (!id || !shown) continue;
        Address address{ProductId(*id), {}, Timestamp(std::chrono::microseconds(shown->int_or("updated"))), {}};
        if (const auto* slugs = shown->find("slug")) {
            for (const auto& [locale, slug] : slugs->members()) address.slugs.emplace(locale, slug.text());
        }
        if (const auto* picture = shown->find("picture")) address.picture = picture->text();
        out.push_back(std::move(address));
    }
    return out;
}

}  // namespace stoa::search::opensearch
