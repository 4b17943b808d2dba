#include "merchandising.hpp"

#include <algorithm>
#include <map>

#include "sql/search.hpp"
#include "stoa/events/events.hpp"

namespace stoa::search {
namespace {

constexpr std::size_t kMostWords = 20;
constexpr std::size_t kMostProducts = 100;
constexpr std::size_t kLongestText = 100;

constexpr std::pair<RuleKind, std::string_view> kKinds[] = {
    {RuleKind::pin, "pin"}, {RuleKind::boost, "boost"}, {RuleKind::bury, "bury"}, {RuleKind::redirect, "redirect"}};
std::string_view name_of(RuleKind kind) {
    for (const auto& [known, name] : kKinds) {
        if (known == kind) return name;
    }
    return {};
}
RuleKind kind_from(std::string_view name) {
    for (const auto& [kind, known] : kKinds) {
        if (known == name) return kind;
    }
    throw std::logic_error("search: a rule of an unknown kind");
}

void announce(db::Tx& tx, std::string type = "search.changed") { events::append(tx, {std::move(type), "search:rules", "{}"}); }

class StoredMerchandiser final : public Merchandiser {
public:
    Result<void> put(db::Tx& tx, const Synonyms& synonyms) override {
        if (catalog::locale_index(synonyms.locale) < 0)
            return fail_field("/locale", "not_one_of", "The shop does not speak this language.");
        if (synonyms.words.size() < 2 || synonyms.words.size() > kMostWords) return fail_field("/words", "out_of_range", "2 to 20 words.");
        for (std::size_t i = 0; i < synonyms.words.size(); ++i) {
            const auto& word = synonyms.words[i];
            const auto count = tokenize(word).size();
            if (count == 0 || count > kLongestPhrase || word.size() > kLongestText)
                return fail_field("/words/" + std::to_string(i), "invalid", "One to three words.");
        }
        tx.exec(sql::put_synonyms, synonyms.id, synonyms.locale, synonyms.words);
        announce(tx);
        return {};
    }

    Result<void> put(db::Tx& tx, const Rule& rule) override {
        if (rule.locale && catalog::locale_index(*rule.locale) < 0)
            return fail_field("/locale", "not_one_of", "The shop does not speak this language.");
        if (rule.query.has_value() == rule.category.has_value())
            return fail_field("/query", "invalid", "Name either a query or a category.");
        if (rule.query && (phrase_of(*rule.query).empty() || rule.query->size() > kLongestText))
            return fail_field("/query", "invalid", "Write what shoppers type, at most 100 bytes.");
        const bool redirect = rule.kind == RuleKind::redirect;
        const bool ours = rule.target.starts_with('/') && (rule.target.size() == 1 || (rule.target[1] != '/' && rule.target[1] != '\\'));
        if (redirect && (!rule.query || !ours || rule.target.size() > 500))
            return fail_field("/target", "invalid", "Queries are redirected to a path of this shop, such as /c/sale.");
        if (!redirect && !rule.target.empty()) return fail_field("/target", "invalid", "Only redirects have a target.");
        if (!redirect && (rule.products.empty() || rule.products.size() > kMostProducts))
            return fail_field("/products", "out_of_range", "1 to 100 products.");
        if (rule.per_cent < 0 || rule.per_cent > 1000) return fail_field("/per_cent", "out_of_range", "0 to 1000.");
        if (rule.valid_from && rule.valid_until && *rule.valid_from >= *rule.valid_until)
            return fail_field("/valid_until", "invalid", "A rule ends after it begins.");
        auto products = rule.products;
        for (std::size_t i = 0; i < products.size(); ++i)
            products.erase(std::remove(products.begin() + static_cast<std::ptrdiff_t>(i) + 1, products.end(), products[i]), products.end());
        tx.exec(sql::put_rule, rule.id, name_of(rule.kind), rule.locale, rule.query, rule.category, rule.per_cent, rule.target,
                rule.position, rule.active, rule.valid_from, rule.valid_until);
        tx.exec(sql::clear_rule_products, rule.id);
        tx.exec(sql::put_rule_products, rule.id, products);
        announce(tx);
        return {};
    }

    void remove_synonyms(db::Tx& tx, const Uuid& id) override {
        tx.exec(sql::remove_synonyms, id);
        announce(tx);
    }
    void remove_rule(db::Tx& tx, const Uuid& id) override {
        tx.exec(sql::remove_rule, id);
        announce(tx);
    }
};

}  // namespace

std::unique_ptr<Merchandiser> make_merchandiser() { return std::make_unique<StoredMerchandiser>(); }

void replace_learnt(db::Tx& tx, const Learnt& learnt) {
    std::vector<catalog::ProductId> products, related;
    std::vector<std::int64_t> scores;
    for (const auto& [product, score] : learnt.popularity) {
        products.push_back(product);
        scores.push_back(score);
    }
    tx.exec(sql::clear_popularity);
    tx.exec(sql::put_popularity, products, scores);
    products.clear();
    scores.clear();
    for (const auto& pair : learnt.related) {
        products.push_back(pair.product);
        related.push_back(pair.related);
        scores.push_back(pair.score);
    }
    tx.exec(sql::clear_related);
    tx.exec(sql::put_related, products, related, scores);
    announce(tx, "search.learnt");
}

std::string phrase_of(std::string_view text) {
    std::string out;
    for (const auto& token : tokenize(text, 32)) (out += out.empty() ? "" : " ") += token.folded;
    return out;
}

std::vector<const Rule*> Merchandising::rules_for(std::string_view locale, std::string_view query, const Uuid* category,
                                                  Timestamp at) const {
    const std::vector<Rule>* found = nullptr;
    if (!query.empty()) {
        if (by_query.empty()) return {};
        auto known = by_query.find(phrase_of(query));
        if (const auto index = catalog::locale_index(locale); known == by_query.end() && index >= 0) {
            const auto& stems = by_stems[static_cast<std::size_t>(index)];
            if (const auto alike = stems.find(stems_of(tokenize(query, 32), index)); alike != stems.end())
                known = by_query.find(alike->second);
        }
        if (known != by_query.end()) found = &known->second;
    } else if (category) {
        if (const auto known = by_category.find(*category); known != by_category.end()) found = &known->second;
    }
    std::vector<const Rule*> out;
    if (!found) return out;
    for (const auto& rule : *found) {
        if ((rule.locale && *rule.locale != locale) || (rule.valid_from && at < *rule.valid_from) ||
            (rule.valid_until && at >= *rule.valid_until))
            continue;
        out.push_back(&rule);
    }
    return out;
}

std::size_t Merchandising::epoch(Timestamp at) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(boundaries, at) - boundaries.begin());
}

Merchandising make_merchandising(const std::vector<Synonyms>& synonyms, std::vector<Rule> rules) {
    Merchandising out;
    for (const auto& group : synonyms) {
        const auto locale = catalog::locale_index(group.locale);
        if (locale < 0) continue;
        auto& map = out.synonyms[static_cast<std::size_t>(locale)];
        std::vector<Token> single;
        for (const auto& word : group.words) {
            if (auto tokens = tokenize(word); tokens.size() == 1) single.push_back(std::move(tokens[0]));
        }
        for (const auto& word : group.words) {
            const auto stems = stems_of(tokenize(word), locale);
            for (const auto& token : single) {
                if (stem(token, locale) != stems) map[stems].push_back(token);
            }
        }
    }
    for (auto& rule : rules) {
        for (const auto& boundary : {rule.valid_from, rule.valid_until}) {
            if (boundary) out.boundaries.push_back(*boundary);
        }
        if (rule.query) {
            const auto phrase = phrase_of(*rule.query);
            for (int locale = 0; locale < static_cast<int>(catalog::kLocales.size()); ++locale) {
                if (!rule.locale || *rule.locale == catalog::kLocales[static_cast<std::size_t>(locale)])
                    out.by_stems[static_cast<std::size_t>(locale)].try_emplace(stems_of(tokenize(*rule.query, 32), locale), phrase);
            }
            out.by_query[phrase].push_back(std::move(rule));
        } else if (rule.category)
            out.by_category[rule.category->uuid()].push_back(std::move(rule));
    }
    std::ranges::sort(out.boundaries);
    return out;
}

Merchandising load_merchandising(db::Session& session) {
    std::vector<Synonyms> synonyms;
    for (const auto row : session.query(sql::synonyms))
        synonyms.push_back({{}, row.get<std::string>("locale"), row.get<std::vector<std::string>>("words")});
    std::vector<Rule> rules;
    std::map<Uuid, std::size_t> place;
    for (const auto row : session.query(sql::rules)) {
        Rule rule;
        rule.id = row.get<Uuid>("id");
        rule.kind = kind_from(row.get<std::string_view>("kind"));
        rule.locale = row.get<std::optional<std::string>>("locale");
        rule.query = row.get<std::optional<std::string>>("query");
        rule.category = row.get<std::optional<catalog::CategoryId>>("category_id");
        rule.per_cent = row.get<std::int64_t>("per_cent");
        rule.target = row.get<std::string>("target");
        rule.valid_from = row.get<std::optional<Timestamp>>("valid_from");
        rule.valid_until = row.get<std::optional<Timestamp>>("valid_until");
        place.emplace(rule.id, rules.size());
        rules.push_back(std::move(rule));
    }
    for (const auto row : session.query(sql::rule_products)) {
        if (const auto found = place.find(row.get<Uuid>("rule_id")); found != place.end())
            rules[found->second].products.push_back(row.get<catalog::ProductId>("product_id"));
    }
    return make_merchandising(synonyms, std::move(rules));
}

}  // namespace stoa::search
