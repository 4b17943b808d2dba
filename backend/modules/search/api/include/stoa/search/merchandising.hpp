#pragma once
// What people decide about search: words that mean the same, and rules that pin, boost, bury or redirect. Every write announces itself in
// the caller's transaction, and the read model follows.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/result/result.hpp"

namespace stoa::search {

// A shopper who writes one of them finds the others too. Phrases are understood; what they stand for are the single words.
struct Synonyms {
    Uuid id;
    std::string locale;
    std::vector<std::string> words;  // 2 to 20
};

enum class RuleKind { pin, boost, bury, redirect };

struct Rule {
    Uuid id;
    RuleKind kind = RuleKind::pin;
    std::optional<std::string> locale;  // otherwise in every language
    // One of the two: the whole query, whatever its case and accents, or the category's own list
    std::optional<std::string> query;
    std::optional<catalog::CategoryId> category;
    std::vector<catalog::ProductId> products;  // 1 to 100, pinned in this order
    std::int64_t per_cent = 100;               // boost: 100 doubles the score
    std::string target;                        // redirect: a path of this shop
    int position = 0;                          // earlier rules win
    bool active = true;
    std::optional<Timestamp> valid_from, valid_until;
};

class Merchandiser {
public:
    virtual ~Merchandiser() = default;
    // By id. 422 with fields for what cannot be.
    [[nodiscard]] virtual Result<void> put(db::Tx& tx, const Synonyms& synonyms) = 0;
    [[nodiscard]] virtual Result<void> put(db::Tx& tx, const Rule& rule) = 0;
    virtual void remove_synonyms(db::Tx& tx, const Uuid& id) = 0;
    virtual void remove_rule(db::Tx& tx, const Uuid& id) = 0;
};
[[nodiscard]] std::unique_ptr<Merchandiser> make_merchandiser();

// What was learnt from sales, replaced as a whole.
struct Learnt {
    std::vector<std::pair<catalog::ProductId, std::int64_t>> popularity;
    struct Pair {
        catalog::ProductId product, related;
        std::int64_t score;
    };
    std::vector<Pair> related;
};
void replace_learnt(db::Tx& tx, const Learnt& learnt);

}  // namespace stoa::search
