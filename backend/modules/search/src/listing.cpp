#include "listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "cursor.hpp"
#include "stoa/text/text.hpp"

namespace stoa::search {
namespace {

constexpr std::size_t kMaxQueryBytes = 400;  // 100 characters of four bytes
constexpr std::size_t kMaxFilters = 20;
constexpr std::size_t kMaxFilterValues = 50;

using catalog::AttributeKind;

// ---- sorts ----------------------------------------------------------------------------------------------------------
enum class Sort { relevance, popular, newest, price_asc, price_desc, name, discount };
constexpr std::pair<Sort, std::string_view> kSorts[] = {
    {Sort::relevance, "relevance"},   {Sort::popular, "popular"},   {Sort::newest, "newest"}, {Sort::price_asc, "price_asc"},
    {Sort::price_desc, "price_desc"}, {Sort::discount, "discount"}, {Sort::name, "name"}};

std::optional<Sort> sort_from(std::string_view name) {
    for (const auto& [sort, known] : kSorts) {
        if (known == name) return sort;
    }
    return std::nullopt;
}
std::string_view sort_name(Sort sort) {
    for (const auto& [known, name] : kSorts) {
        if (known == sort) return name;
    }
    return {};
}

// ---- filters --------------------------------------------------------------------------------------------------------
struct AttributeFilter {
    std::uint32_t attribute = 0;
    const Filter* asked = nullptr;
    std::vector<std::uint32_t> values;  // known ones
    std::optional<catalog::MilliRange> range;
    Bits set;
};

Failure bad_parameter(std::string name, std::string code, std::string message) {
    return fail_field("?" + std::move(name), std::move(code), std::move(message));
}

// Everything of a request but sort, cursor and limit. Texts are told apart by their lengths, so that no query looks like another's filter.
std::string description(std::size_t locale, std::size_t currency, const ListingRequest& request) {
    std::string text = fmt::format("{}|{}|{}|{}|{}", locale, currency, request.available_only, request.price_min.value_or(-1),
                                   request.price_max.value_or(-1));
    const auto add = [&](char mark, std::string_view part) { text += fmt::format("{}{}:{}", mark, part.size(), part); };
    if (request.category) add('c', *request.category);
    if (request.collection) add('l', *request.collection);
    if (request.query) add('q', *request.query);
    for (const auto& filter : request.filters) {
        add('f', filter.attribute);
        for (const auto& value : filter.values) add('v', value);
    }
    return text;
}
std::uint64_t fingerprint(std::size_t locale, std::size_t currency, const ListingRequest& request, Sort sort) {
    return fnv1a(description(locale, currency, request), fnv1a(sort_name(sort)));
}

// ---- a page of an order ---------------------------------------------------------------------------------------------
struct Page {
    std::vector<Ordinal> ordinals;
    bool more_before = false;
    bool more_after = false;
};

// `list` is sorted by `less(ordinal, edge)`-compatible order; `after(ordinal)` tells whether it lies behind the cursor. Nothing when more
// than `most_steps` of the list would have to be looked at.
template <class Contains, class IsBehind>
std::optional<Page> page_of(const Ordinals& list, Contains contains, const std::optional<Cursor>& cursor, IsBehind is_behind,
                            std::size_t limit, std::size_t most_steps) {
    Page page;
    std::size_t steps = 0;
    const auto any_of = [&](auto first, auto last) {
        for (; first != last && steps <= most_steps; ++first, ++steps) {
            if (contains(*first)) return true;
        }
        return false;
    };
    if (!cursor || !cursor->backwards) {
        auto at = list.begin();
        // First one behind the edge row; the edge row itself is not, wherever it is now.
        if (cursor) at = list.partition_point([&](Ordinal ordinal) { return !is_behind(ordinal, false); });
        const auto start = at;
        for (; at != list.end(); ++at) {
            if (++steps > most_steps) return std::nullopt;
            if (!contains(*at)) continue;
            if (page.ordinals.size() == limit) {
                page.more_after = true;
                break;
            }
            page.ordinals.push_back(*at);
        }
        if (cursor) page.more_before = any_of(std::make_reverse_iterator(start), std::make_reverse_iterator(list.begin()));
    } else {
        // Last one before the edge row.
        auto at = list.partition_point([&](Ordinal ordinal) { return !is_behind(ordinal, true); });
        const auto end = at;
        while (at != list.begin()) {
            if (++steps > most_steps) return std::nullopt;
            --at;
            if (!contains(*at)) continue;
            if (page.ordinals.size() == limit) {
                page.more_before = true;
                break;
            }
            page.ordinals.push_back(*at);
        }
        std::ranges::reverse(page.ordinals);
        page.more_after = any_of(end, list.end());
    }
    if (steps > most_steps) return std::nullopt;
    return page;
}

// The page of items that are not sorted yet: only as many as are shown are put in order.
template <class Item, class Less, class IsBehind>
std::vector<Item> select_page(std::vector<Item> items, Less less, const std::optional<Cursor>& cursor, IsBehind is_behind,
                              std::size_t limit, Page& page) {
    const bool backwards = cursor && cursor->backwards;
    auto begin = items.begin();
    auto end = items.end();
    if (cursor) {
        // What lies on the other side of the edge row, which is itself on neither.
        auto edge = std::partition(begin, end, [&](const Item& item) { return backwards != is_behind(item, backwards); });
        (backwards ? page.more_after : page.more_before) = edge != end;
        end = edge;
    }
    const auto there = static_cast<std::size_t>(end - begin);
    const auto shown = std::min(limit, there);
    (backwards ? page.more_before : page.more_after) = there > shown;
    const auto middle = begin + static_cast<std::ptrdiff_t>(shown);
    if (backwards)
        std::partial_sort(begin, middle, end, [&](const Item& a, const Item& b) { return less(b, a); });
    else
        std::partial_sort(begin, middle, end, less);
    items.erase(middle, items.end());
    if (backwards) std::ranges::reverse(items);
    return items;
}

const Ordinals& list_of(const Sets& sets, const View& view, Sort sort, std::size_t locale) {
    switch (sort) {
        case Sort::price_asc:
            return view.price_asc().list;
        case Sort::price_desc:
            return view.price_desc().list;
        case Sort::discount:
            return view.discount().list;
        case Sort::newest:
            return sets.newest->list;
        case Sort::name:
            return sets.by_name[locale]->list;
        default:
            return sets.popular->list;
    }
}
const Numbers& keys_of(const Sets& sets, const View& view, Sort sort) {
    switch (sort) {
        case Sort::price_asc:
            return view.price_asc().keys;
        case Sort::price_desc:
            return view.price_desc().keys;
        case Sort::discount:
            return view.discount().keys;
        case Sort::newest:
            return sets.newest->keys;
        default:
            return sets.popular->keys;
    }
}

// Products with a better score first, then the more popular ones.
constexpr int kPopularityBits = 24;
std::int64_t relevance_key(const TextHit& hit, const Sets& sets) {
    const auto popularity = std::clamp<std::int64_t>(-sets.popular->keys[hit.ordinal], 0, (1 << kPopularityBits) - 1);
    return -((static_cast<std::int64_t>(hit.score) << kPopularityBits) | popularity);
}

// ---- facets ---------------------------------------------------------------------------------------------------------
// Lowest and highest number in a set of `size`. `order` holds the ordinals that have one, sorted by it: of a large set its ends are near
// the ends of the order; a small one is looked at product by product.
std::optional<std::pair<std::int64_t, std::int64_t>> span_of(const Bits& set, std::size_t size, const Ordinals& order,
                                                             const Numbers& numbers) {
    // An end of the order meets one of the set after order / set steps, if they lie anywhere; each costs an eighth of looking at a product.
    if (size * size * 4 > order.size()) {
        const auto most_steps = std::min(order.size(), 8 * order.size() / size + 64);
        const auto first_in_set = [&](auto at) {
            for (auto steps = most_steps; steps > 0; --steps, ++at) {
                if (set.contains(*at)) return std::optional(numbers[*at]);
            }
            return std::optional<std::int64_t>();
        };
        const auto low = first_in_set(order.begin());
        const auto high = first_in_set(std::make_reverse_iterator(order.end()));
        if (low && high && *high != kNone) return std::pair(*low, *high);
    }
    std::int64_t low = kNone;
    std::int64_t high = std::numeric_limits<std::int64_t>::min();
    set.for_each([&](Ordinal ordinal) {
        const auto number = ordinal < numbers.size() ? numbers[ordinal] : kNone;
        if (number == kNone) return;
        low = std::min(low, number);
        high = std::max(high, number);
    });
    if (low == kNone) return std::nullopt;
    return std::pair(low, high);
}

// Those of `base` whose number is within the bounds: the fewer of base and of the slice of the order is looked at.
Bits within(const Bits& base, const Ordinals& order, const Numbers& numbers, std::int64_t low, std::int64_t high) {
    const auto& words = base.words();
    auto out = Bits::like(base);
    if (low > high) return out;
    const auto first = order.partition_point([&](Ordinal ordinal) { return numbers[ordinal] < low; });
    const auto last = order.partition_point([&](Ordinal ordinal) { return numbers[ordinal] <= high; });
    if (order.between(first, last) < base.count() / 2) {
        for (auto at = first; at != last; ++at) {
            if (base.contains(*at)) out.add(*at);
        }
        return out;
    }
    static_assert(Numbers::kPieceSize % Bits::kWord == 0);
    constexpr int kFew = 24;  // beyond, comparing all 64 without branches is quicker
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const auto fits = [&](std::int64_t number) { return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(low) <= span; };
    for (std::size_t i = 0; i < words.size() && (base.begin() + i) * Bits::kWord < numbers.size(); ++i) {
        if (words[i] == 0) continue;
        const auto* of_word = numbers.from((base.begin() + i) * Bits::kWord);
        Bits::Word kept = 0;
        if (std::popcount(words[i]) > kFew) {
            for (std::size_t j = 0; j < Bits::kWord; ++j) kept |= static_cast<Bits::Word>(fits(of_word[j])) << j;
        } else {
            for (auto word = words[i]; word != 0; word &= word - 1) {
                const auto j = std::countr_zero(word);
                kept |= static_cast<Bits::Word>(fits(of_word[j])) << j;
            }
        }
        out.set_word(i, kept & words[i]);
    }
    return out;
}

// How often each facet value occurs in a set, by FacetColumns id.
class FacetCounts {
public:
    // `counted`: the attribute that is asked for; all of them without.
    FacetCounts(const Sets& sets, const Bits& among, std::size_t size, Counting counting, std::optional<std::uint32_t> counted)
        : sets_(sets), among_(among), walked_(counting == Counting::by_product) {
        if (counting == Counting::cheaper) {
            constexpr std::size_t kProduct = 128;  // words of sets are read in the time of one product's values, about
            std::size_t words = 0;
            for (std::size_t i = 0; i < sets.attributes.size() && words <= kProduct * size; ++i) {
                if (counted && *counted != i) continue;
                for (const auto& set : sets.attributes[i].values) words += set.cost(among.words().size());
            }
            walked_ = kProduct * size < words;
        }
        if (!walked_) return;
        counts_.assign(sets.columns->base.back(), 0);
        // Where each product's values are first, so that fetching them from memory overlaps.
        std::vector<std::span<const std::uint32_t>> values;
        values.reserve(size);
        among.for_each([&](Ordinal ordinal) {
            values.push_back(sets.columns->of(ordinal));
            __builtin_prefetch(values.back().data());
        });
        for (const auto& of_product : values) {
            for (const auto id : of_product) ++counts_[id];
        }
    }
    [[nodiscard]] std::int64_t of(std::uint32_t attribute, std::uint32_t value) const {
        if (walked_) return counts_[sets_.columns->base[attribute] + value];
        return static_cast<std::int64_t>(sets_.attributes[attribute].values[value].count_and(among_));
    }

private:
    const Sets& sets_;
    const Bits& among_;
    bool walked_;
    std::vector<std::int64_t> counts_;
};

// ---- addresses ------------------------------------------------------------------------------------------------------
using Slugs = std::array<std::unordered_map<std::string, std::uint32_t>, kLocaleCount>;
std::optional<std::uint32_t> by_slug(const Slugs& slugs, std::size_t locale, std::string_view slug) {
    const std::string wanted(slug);
    for (std::size_t i = 0; i <= kLocaleCount; ++i) {
        const auto& in_locale = slugs[i == 0 ? locale : i - 1];  // its own language, then all in their order
        if (const auto found = in_locale.find(wanted); found != in_locale.end()) return found->second;
    }
    return std::nullopt;
}
std::optional<std::uint32_t> by_old_slug(const Snapshot& snapshot, const std::string& kind, std::size_t locale, std::string_view slug,
                                         const std::unordered_map<Uuid, std::uint32_t>& index) {
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        const auto old =
            snapshot.old_slugs->find(kind + std::string(catalog::kLocales[(locale + i) % kLocaleCount]) + "/" + std::string(slug));
        if (old == snapshot.old_slugs->end()) continue;
        if (const auto found = index.find(old->second); found != index.end()) return found->second;
    }
    return std::nullopt;
}

// ---- rules ----------------------------------------------------------------------------------------------------------
// Where the merchant's rules put products.
class Arrangement {
public:
    Arrangement(const Snapshot& snapshot, std::span<const Rule* const> rules) {
        for (const auto* rule : rules) {
            if (rule->kind == RuleKind::redirect) {
                if (redirect_.empty()) redirect_ = rule->target;
                continue;
            }
            for (const auto& product : rule->products) {
                const auto known = snapshot.ordinal_of->find(product.uuid());
                if (known == snapshot.ordinal_of->end()) continue;
                // The first rule that names a product decides.
                if (!placed_.emplace(known->second, Placed{rule->kind, rule->per_cent, static_cast<std::int64_t>(pinned_.size())}).second)
                    continue;
                if (rule->kind == RuleKind::pin) pinned_.push_back(known->second);
            }
        }
    }
    [[nodiscard]] bool empty() const { return placed_.empty(); }
    [[nodiscard]] const std::vector<Ordinal>& pinned() const { return pinned_; }
    [[nodiscard]] const std::string& redirect() const { return redirect_; }
    // The key a product is sorted by, lower first.
    [[nodiscard]] std::int64_t key_of(Ordinal ordinal, std::int64_t key, bool is_relevance) const {
        constexpr std::int64_t kFar = std::int64_t{1} << 60;  // beyond every key there is
        const auto found = placed_.find(ordinal);
        if (found == placed_.end()) return key;
        switch (found->second.kind) {
            case RuleKind::pin:
                return -2 * kFar + found->second.place;
            case RuleKind::bury:
                return key + kFar;
            case RuleKind::boost:
                return is_relevance ? boosted(key, found->second.per_cent)
                                    : mul_div(key, 100 + found->second.per_cent, 100, Rounding::down);
            case RuleKind::redirect:
                break;
        }
        return key;
    }

private:
    struct Placed {
        RuleKind kind;
        std::int64_t per_cent;
        std::int64_t place;
    };
    // A product with all words stays before one with fewer, whatever it is boosted by.
    static std::int64_t boosted(std::int64_t key, std::int64_t per_cent) {
        constexpr std::int64_t kScores = (std::int64_t{1} << kScoreBits) - 1;
        const auto positive = -key;
        const auto popularity = positive & ((std::int64_t{1} << kPopularityBits) - 1);
        const auto score = positive >> kPopularityBits;
        const auto raised = std::min(kScores, mul_div(score & kScores, 100 + per_cent, 100, Rounding::down));
        return -((((score & ~kScores) | raised) << kPopularityBits) | popularity);
    }
    std::unordered_map<Ordinal, Placed> placed_;
    std::vector<Ordinal> pinned_;
    std::string redirect_;
};

// Those that may be seen, each once and all alike.
std::vector<TextHit> hits_of(const Snapshot& snapshot, const std::vector<Named::Product>& named, const Bits& allowed) {
    std::vector<TextHit> out;
    for (const auto& product : named) {
        const auto known = snapshot.ordinal_of->find(product.id.uuid());
        if (known == snapshot.ordinal_of->end() || !allowed.contains(known->second)) continue;
        if (std::ranges::none_of(out, [&](const TextHit& hit) { return hit.ordinal == known->second; }))
            out.push_back({known->second, 1U << kScoreBits});
    }
    return out;
}

}  // namespace

std::optional<std::uint32_t> category_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug) {
    const auto& structure = *snapshot.structure;
    if (const auto found = by_slug(structure.category_slugs, locale, slug)) return found;
    const auto old = by_old_slug(snapshot, "category/", locale, slug, structure.category_index);
    return old && structure.categories[*old].visible ? old : std::nullopt;
}

std::optional<std::uint32_t> collection_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug) {
    const auto& structure = *snapshot.structure;
    if (const auto found = by_slug(structure.collection_slugs, locale, slug)) return found;
    const auto old = by_old_slug(snapshot, "collection/", locale, slug, structure.collection_index);
    return old && structure.collections[*old].record.published ? old : std::nullopt;
}

std::string answer_key(const Snapshot& snapshot, std::size_t locale, std::size_t currency, const ListingRequest& request, Timestamp at) {
    return fmt::format("{}|{}|{}:{}|{}:{}|", snapshot.structure->merchandising.epoch(at), request.limit, request.sort.size(), request.sort,
                       request.cursor.size(), request.cursor) +
           description(locale, currency, request);
}

Result<Listing> list(const std::shared_ptr<const Snapshot>& keep, std::size_t locale, std::size_t currency, const ListingRequest& request,
                     Counting counting, Timestamp at, const BuyerView* buyer, const Named& named) {
    const Snapshot& snapshot = *keep;
    const Structure& structure = *snapshot.structure;
    const Sets& sets = snapshot.sets;
    const View view(snapshot, currency, buyer);
    if (request.limit < 1 || request.limit > 100) return bad_parameter("limit", "out_of_range", "1 to 100.");
    if (request.query && request.query->size() > kMaxQueryBytes) return bad_parameter("q", "too_long", "At most 100 characters.");
    if (request.filters.size() > kMaxFilters) return bad_parameter("f", "too_many", "At most 20 filters.");

    // The products asked for, before any filter. Those of a category lie together, so that there are few words of it.
    Bits base(snapshot.entries.size());
    view.sellable().add_to(base);
    std::optional<std::uint32_t> hand_picked;
    const Uuid* category_id = nullptr;
    if (request.category) {
        const auto category = category_by_slug(snapshot, locale, *request.category);
        if (!category) return fail(ErrorKind::not_found, "catalog.category_not_found", "There is no such category.");
        sets.by_category[*category].keep_in(base);
        category_id = &structure.categories[*category].record.id.uuid();
    }
    if (request.collection) {
        const auto collection = collection_by_slug(snapshot, locale, *request.collection);
        if (!collection) return fail(ErrorKind::not_found, "catalog.collection_not_found", "There is no such collection.");
        sets.by_collection[*collection].keep_in(base);
        if (!structure.collections[*collection].record.rule) hand_picked = collection;
    }
    const auto rules = structure.merchandising.rules_for(catalog::kLocales[locale], request.query.value_or(""), category_id, at);
    const Arrangement arrangement(snapshot, rules);
    TextResult text;
    const bool has_query = request.query && request.query->find_first_not_of(' ') != std::string::npos;
    if (has_query) {
        text.hits = hits_of(snapshot, named.whole, base);
        if (text.hits.empty())
            text = search_text(snapshot.text[locale], static_cast<int>(locale), *request.query, base, snapshot.entries.size());
        // Nothing is guessed where the beginning of a number of theirs was typed.
        if (text.hits.empty() || text.corrected) {
            if (auto begun = hits_of(snapshot, named.beginning, base); !begun.empty()) text = {std::move(begun), std::nullopt};
        }
        Bits found(snapshot.entries.size());
        for (const auto& hit : text.hits) found.add(hit.ordinal);
        for (const auto ordinal : arrangement.pinned()) {
            if (base.contains(ordinal)) found.add(ordinal);  // whatever its words are
        }
        base = std::move(found);
    }
    base.trim();
    const bool has_relevance = has_query || hand_picked;

    Sort sort = has_relevance ? Sort::relevance : Sort::popular;
    if (!request.sort.empty()) {
        const auto asked = sort_from(request.sort);
        if (!asked) return bad_parameter("sort", "not_one_of", "Use relevance, popular, newest, price_asc, price_desc, discount or name.");
        sort = *asked == Sort::relevance && !has_relevance ? Sort::popular : *asked;
    }
    // Rules arrange the shop's own order; whoever asks for the cheapest gets the cheapest.
    const bool arranged = !arrangement.empty() && (has_query ? sort == Sort::relevance : sort == Sort::popular);
    const bool ranks = sort == Sort::relevance || arranged;
    const auto print = fingerprint(locale, currency, request, sort);
    std::optional<Cursor> cursor;
    if (!request.cursor.empty()) {
        cursor = decode_cursor(request.cursor);
        if (!cursor || cursor->fingerprint != print)
            return bad_parameter("cursor", "invalid_cursor", "This cursor does not belong to this list. Start from its first page.");
    }

    // Filters, one set each.
    std::vector<AttributeFilter> filters;
    filters.reserve(request.filters.size());
    for (const auto& filter : request.filters) {
        const auto known = structure.attribute_index.find(filter.attribute);
        if (known == structure.attribute_index.end() || !structure.attributes[known->second].record.filterable ||
            structure.attributes[known->second].record.kind == AttributeKind::text) {
            return bad_parameter("f." + filter.attribute, "unknown", "There is no such filter.");
        }
        if (filter.values.empty() || filter.values.size() > kMaxFilterValues)
            return bad_parameter("f." + filter.attribute, "invalid", "Name 1 to 50 values.");
        if (std::ranges::any_of(filters, [&](const auto& other) { return other.attribute == known->second; }))
            return bad_parameter("f." + filter.attribute, "duplicate", "Give each filter once.");
        const auto& attribute = structure.attributes[known->second];
        const auto& of_attribute = sets.attributes[known->second];
        AttributeFilter parsed;
        parsed.attribute = known->second;
        parsed.asked = &filter;
        parsed.set = Bits::like(base);
        switch (attribute.record.kind) {
            case AttributeKind::choice:
                for (const auto& value : filter.values) {
                    // A value that is gone selects nothing; an old address is not an error.
                    const auto index = attribute.value_index.find(value);
                    if (index == attribute.value_index.end()) continue;
                    parsed.values.push_back(index->second);
                    of_attribute.values[index->second].add_inside(parsed.set);
                }
                break;
            case AttributeKind::flag:
                for (const auto& value : filter.values) {
                    if (value != "1" && value != "0" && value != "true" && value != "false")
                        return bad_parameter("f." + filter.attribute, "not_one_of", "Use 1 or 0.");
                    const std::uint32_t index = value == "1" || value == "true" ? 1 : 0;
                    parsed.values.push_back(index);
                    of_attribute.values[index].add_inside(parsed.set);
                }
                break;
            case AttributeKind::number:
                parsed.range = filter.values.size() == 1 ? catalog::parse_milli_range(filter.values[0]) : std::nullopt;
                if (!parsed.range) return bad_parameter("f." + filter.attribute, "invalid_range", "Write 10..50, 10.. or ..50.");
                parsed.set = within(base, *of_attribute.number_order, *of_attribute.numbers,
                                    parsed.range->min.value_or(std::numeric_limits<std::int64_t>::min()),
                                    std::min(parsed.range->max.value_or(kNone - 1), kNone - 1));
                break;
            case AttributeKind::text:
                break;
        }
        filters.push_back(std::move(parsed));
    }
    const auto& prices = view.price_asc().keys;
    if (request.available_only) view.available().keep_in(base);
    Bits in_price;
    const bool has_price = request.price_min || request.price_max;
    if (has_price) {
        in_price = within(base, view.price_asc().list, prices, request.price_min.value_or(0),
                          std::min(request.price_max.value_or(kNone - 1), kNone - 1));
    }
    // `base` and every filter but one.
    const auto without = [&](const AttributeFilter* left_out, bool with_price) {
        Bits out = with_price && has_price ? in_price : base;
        for (const auto& filter : filters) {
            if (&filter != left_out) out &= filter.set;
        }
        return out;
    };
    const Bits result = without(nullptr, true);
    const auto total = result.count();

    Listing listing;
    listing.keep = keep;
    listing.total = static_cast<std::int64_t>(total);
    listing.sort = sort_name(sort);
    for (const auto& [known, name] : kSorts) {
        if (known != Sort::relevance || has_relevance) listing.sorts.emplace_back(name);
    }
    if (!arrangement.redirect().empty()) listing.redirect = arrangement.redirect();
    if (text.corrected) listing.did_you_mean = std::move(text.corrected);

    // Facets.
    const FacetCounts result_counts(sets, result, total, counting, std::nullopt);
    for (std::uint32_t i = 0; i < structure.attributes.size(); ++i) {
        const auto& attribute = structure.attributes[i];
        if (!attribute.record.filterable || attribute.record.kind == AttributeKind::text) continue;
        const AttributeFilter* own = nullptr;
        for (const auto& filter : filters) {
            if (filter.attribute == i) own = &filter;
        }
        std::optional<Bits> wider;
        if (own) wider = without(own, true);
        const auto& among = wider ? *wider : result;
        const auto size = wider ? wider->count() : total;
        std::optional<FacetCounts> wider_counts;
        if (wider && attribute.record.kind != AttributeKind::number) wider_counts.emplace(sets, *wider, size, counting, i);
        const FacetCounts& counts = wider_counts ? *wider_counts : result_counts;
        FacetDto facet;
        facet.code = attribute.code.view();
        facet.label = attribute.names[locale].view();
        if (attribute.record.kind == AttributeKind::number) {
            const auto span = span_of(among, size, *sets.attributes[i].number_order, *sets.attributes[i].numbers);
            if (!span && !own) continue;
            if (span && span->first == span->second && !own) continue;  // nothing to choose
            facet.kind = FacetKind::range;
            if (!attribute.record.unit.empty()) facet.unit = attribute.unit.view();
            if (span) {
                facet.min = Decimal{span->first};
                facet.max = Decimal{span->second};
            }
            if (own && own->range->min) facet.selected_min = Decimal{*own->range->min};
            if (own && own->range->max) facet.selected_max = Decimal{*own->range->max};
        } else {
            facet.kind = attribute.record.kind == AttributeKind::flag ? FacetKind::flag : FacetKind::values;
            const auto& values = sets.attributes[i].values;
            facet.values.reserve(values.size());
            for (std::uint32_t v = 0; v < values.size(); ++v) {
                const auto count = counts.of(i, v);
                const bool selected = own && std::ranges::find(own->values, v) != own->values.end();
                if (count == 0 && !selected) continue;
                const auto& known = attribute.values[v];
                facet.values.push_back(
                    {.value = known.code.view(), .label = known.labels[locale].view(), .count = count, .selected = selected, .colour = {}});
                if (!known.colour.text().empty()) facet.values.back().colour = known.colour.view();
            }
            if (facet.values.empty()) continue;
        }
        listing.facets.push_back(std::move(facet));
    }
    {
        std::optional<Bits> wider;
        if (has_price) wider = without(nullptr, false);
        const auto& any_price = wider ? *wider : result;
        const auto size = wider ? wider->count() : total;
        const auto money = *Currency::parse(structure.currencies[currency]);
        if (const auto span = span_of(any_price, size, view.price_asc().list, prices))
            listing.price = PriceRangeDto{Money(span->first, money), Money(span->second, money)};
    }

    // The page.
    const auto limit = static_cast<std::size_t>(request.limit);
    Page page;
    using Ranked = std::pair<std::int64_t, Ordinal>;  // key, ordinal
    std::vector<Ranked> ranked;
    const auto& beginnings = *snapshot.id_beginnings;
    const auto id_of = [&](Ordinal ordinal) -> const Uuid& { return snapshot.entries[ordinal]->id.uuid(); };
    // The beginnings of ids lie side by side; the products are all over the memory.
    const auto id_before = [&](Ordinal a, Ordinal b) {
        const auto x = beginnings[a], y = beginnings[b];
        return x != y ? x < y : id_of(a) < id_of(b);
    };
    const auto less = [&](const Ranked& a, const Ranked& b) {
        return a.first != b.first ? a.first < b.first : id_before(a.second, b.second);
    };
    if (ranks) {
        if (sort == Sort::popular) {
            result.for_each([&](Ordinal ordinal) { ranked.emplace_back(sets.popular->keys[ordinal], ordinal); });
        } else if (has_query) {
            Bits missing;
            if (arranged) missing = result;
            const bool all = !arranged && total == text.hits.size();
            ranked.reserve(text.hits.size());
            for (const auto& hit : text.hits) {
                if (!all && !result.contains(hit.ordinal)) continue;
                ranked.emplace_back(relevance_key(hit, sets), hit.ordinal);
                if (arranged) missing.remove(hit.ordinal);
            }
            missing.for_each([&](Ordinal ordinal) { ranked.emplace_back(0, ordinal); });  // pinned without its words
        } else {
            result.for_each([&](Ordinal ordinal) {
                for (const auto& [collection, place] : structure.listed_in.at(id_of(ordinal))) {
                    if (collection == *hand_picked) ranked.emplace_back(place, ordinal);
                }
            });
        }
        if (arranged) {
            for (auto& [key, ordinal] : ranked) key = arrangement.key_of(ordinal, key, has_query);
        }
        const auto is_behind = [&](const Ranked& item, bool or_at) {
            if (item.first != cursor->key) return item.first > cursor->key;
            return or_at ? id_of(item.second) >= cursor->id : id_of(item.second) > cursor->id;
        };
        ranked = select_page(std::move(ranked), less, cursor, is_behind, limit, page);
        for (const auto& [key, ordinal] : ranked) page.ordinals.push_back(ordinal);
    } else {
        const auto& whole = list_of(sets, view, sort, locale);
        const auto contains = [&](Ordinal ordinal) { return result.contains(ordinal); };
        const auto& keys = keys_of(sets, view, sort);
        const auto is_behind = [&](Ordinal ordinal, bool or_at) {
            if (sort == Sort::name) {
                const auto& name = snapshot.entries[ordinal]->sort_name[locale];
                if (name != cursor->text) return name > cursor->text;
            } else if (keys[ordinal] != cursor->key) {
                return keys[ordinal] > cursor->key;
            }
            return or_at ? id_of(ordinal) >= cursor->id : id_of(ordinal) > cursor->id;
        };
        const auto by_name = [&](Ordinal a, Ordinal b) {
            const auto which = snapshot.entries[a]->sort_name[locale].compare(snapshot.entries[b]->sort_name[locale]);
            return which != 0 ? which < 0 : id_before(a, b);
        };
        // Walking the whole order finds a page of a large result soon, unless that lies all at the other end: it is given up then.
        constexpr std::size_t kStepsForOne = 6;  // of the walk take the time to gather and compare one product
        std::optional<Page> walked;
        if (total * total * kStepsForOne >= limit * whole.size())
            walked = page_of(whole, contains, cursor, is_behind, limit, limit + kStepsForOne * total);
        if (walked) {
            page = std::move(*walked);
        } else if (sort == Sort::name) {
            page.ordinals = select_page(result.ordinals(), by_name, cursor, is_behind, limit, page);
        } else {
            std::vector<Ranked> keyed;
            keyed.reserve(total);
            result.for_each([&](Ordinal ordinal) { keyed.emplace_back(keys[ordinal], ordinal); });
            keyed = select_page(
                std::move(keyed), less, cursor, [&](const Ranked& item, bool or_at) { return is_behind(item.second, or_at); }, limit, page);
            for (const auto& [key, ordinal] : keyed) page.ordinals.push_back(ordinal);
        }
    }
    const auto cursor_at = [&](std::size_t place, bool backwards) {
        const auto ordinal = page.ordinals[place];
        Cursor out;
        out.backwards = backwards;
        out.fingerprint = print;
        out.id = id_of(ordinal);
        if (ranks)
            out.key = ranked[place].first;
        else if (sort == Sort::name)
            out.text = snapshot.entries[ordinal]->sort_name[locale];
        else
            out.key = keys_of(sets, view, sort)[ordinal];
        return encode(out);
    };
    if (!page.ordinals.empty()) {
        if (page.more_after) listing.next_cursor = cursor_at(page.ordinals.size() - 1, false);
        if (page.more_before) listing.prev_cursor = cursor_at(0, true);
    }
    const auto own_prices = std::make_shared<std::deque<std::string>>();
    listing.hits.reserve(page.ordinals.size());
    for (const auto ordinal : page.ordinals) {
        const auto& entry = *snapshot.entries[ordinal];
        std::string_view price = entry.card_price[currency];
        if (view.is_repriced(ordinal)) price = own_prices->emplace_back(view.card_price(ordinal, at));
        listing.hits.push_back({entry.id, *entry.card_text[locale], price});
    }
    listing.keep_prices = own_prices;
    return listing;
}

SuggestionsDto suggest(const Snapshot& snapshot, std::size_t locale, std::size_t currency, std::string_view query, const BuyerView* buyer,
                       const Named& named) {
    constexpr std::size_t kQueries = 6;
    constexpr std::size_t kProducts = 5;
    constexpr std::size_t kCategories = 4;
    SuggestionsDto out;
    query = query.substr(0, kMaxQueryBytes);
    const auto words = tokenize(query, 12);
    if (words.empty()) return out;
    const View view(snapshot, currency, buyer);
    Bits allowed(snapshot.entries.size());
    view.sellable().add_to(allowed);
    const auto& layers = snapshot.text[locale];

    std::string before;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) before += words[i].display + " ";
    if (query.back() != ' ') {
        // Only what finds something together with the words before it.
        Bits among;
        if (words.size() > 1) among = products_with(layers, static_cast<int>(locale), before, allowed, snapshot.entries.size());
        Bits in_stock = allowed;
        view.available().keep_in(in_stock);
        for (const auto& [folded, display] : completions(layers, static_cast<int>(locale), words.back().folded, kQueries,
                                                         words.size() > 1 ? among : allowed, in_stock, snapshot.entries.size()))
            out.queries.push_back(before + display);
    }

    auto found = search_text(layers, static_cast<int>(locale), query, allowed, snapshot.entries.size(), Typing::going_on, kProducts);
    if (out.queries.empty() && found.corrected) out.queries.push_back(*found.corrected);
    const auto add = [&](Ordinal ordinal, const std::string& number) {
        const auto& entry = *snapshot.entries[ordinal];
        if (out.products.size() == kProducts || std::ranges::find(out.products, entry.id, &SuggestedProductDto::id) != out.products.end())
            return;
        SuggestedProductDto product;
        if (!number.empty()) product.part_number = number;
        product.id = entry.id;
        product.slug = entry.texts[locale]->slug;
        product.name = entry.texts[locale]->name;
        if (!entry.media.empty()) product.image = image_of(*entry.media[0].asset, locale);
        product.price = price_dto(*view.lowest_price(entry));
        out.products.push_back(std::move(product));
    };
    for (const auto* products : {&named.whole, &named.beginning}) {
        for (const auto& product : *products) {
            const auto known = snapshot.ordinal_of->find(product.id.uuid());
            if (known != snapshot.ordinal_of->end() && allowed.contains(known->second)) add(known->second, product.number);
        }
    }
    if (!out.products.empty() && found.corrected) {
        // What was typed is a number of theirs, or the beginning of one: not a word with a mistake in it.
        found = {};
        out.queries.clear();
    }
    std::vector<std::pair<std::int64_t, Ordinal>> ranked;
    ranked.reserve(found.hits.size());
    for (const auto& hit : found.hits) ranked.emplace_back(relevance_key(hit, snapshot.sets), hit.ordinal);
    const auto behind = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(kProducts, ranked.size()));
    std::ranges::partial_sort(ranked, behind, [&](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : snapshot.entries[a.second]->id < snapshot.entries[b.second]->id;
    });
    for (auto at = ranked.begin(); at != behind; ++at) add(at->second, {});

    const auto folded_query = text::fold(query);
    std::vector<std::pair<std::size_t, CrumbDto>> categories;  // with the products it leads to
    for (std::uint32_t i = 0; i < snapshot.structure->categories.size(); ++i) {
        const auto& category = snapshot.structure->categories[i];
        if (!category.visible) continue;
        const auto& folded = category.folded_names[locale];
        const auto at = folded.find(folded_query);
        if (at == std::string::npos) continue;
        const auto text = category.record.texts.find(std::string(catalog::kLocales[locale]));
        const auto& shown = text != category.record.texts.end() ? text->second : category.record.texts.begin()->second;
        if (at == 0 || folded[at - 1] == ' ')
            categories.push_back({snapshot.sets.by_category[i].count_and(allowed), {shown.slug, shown.name}});
    }
    std::ranges::stable_sort(categories, std::ranges::greater{}, &std::pair<std::size_t, CrumbDto>::first);
    for (auto& [count, category] : categories) {
        if (out.categories.size() == kCategories) break;
        out.categories.push_back(std::move(category));
    }
    return out;
}

namespace {

// As json::render writes them, without asking the description for each of some hundred values.
void render(std::string& out, const FacetValueDto& value) {
    out.append("{\"value\":").append(value.value.json).append(",\"label\":").append(value.label.json);
    out.append(",\"count\":").append(std::to_string(value.count)).append(value.selected ? ",\"selected\":true" : ",\"selected\":false");
    if (value.colour) out.append(",\"colour\":").append(value.colour->json);
    out += '}';
}
void render(std::string& out, const FacetDto& facet) {
    out.append("{\"code\":").append(facet.code.json).append(",\"label\":").append(facet.label.json);
    out.append(",\"kind\":\"").append(json::to_name(facet.kind)).append("\"");
    if (facet.unit) out.append(",\"unit\":").append(facet.unit->json);
    out += ",\"values\":[";
    for (const auto& value : facet.values) {
        if (&value != facet.values.data()) out += ',';
        render(out, value);
    }
    out += ']';
    const auto add = [&out](std::string_view name, const std::optional<Decimal>& number) {
        if (number) out.append(",\"").append(name).append("\":").append(number->to_text());
    };
    add("min", facet.min);
    add("max", facet.max);
    add("selected_min", facet.selected_min);
    add("selected_max", facet.selected_max);
    out += '}';
}

}  // namespace

std::string render(const Listing& listing) {
    std::string out;
    std::size_t size = 1024;
    for (const auto& facet : listing.facets) size += 160 + 96 * facet.values.size();
    for (const auto& hit : listing.hits) size += hit.card_text.size() + hit.card_price.size() + 2;
    out.reserve(size);
    out += "{\"total\":";
    out += std::to_string(listing.total);
    out += ",\"items\":[";
    bool first = true;
    for (const auto& hit : listing.hits) {
        if (!first) out += ',';
        first = false;
        out += hit.card_text;
        out += hit.card_price;
    }
    out += "],\"facets\":[";
    for (const auto& facet : listing.facets) {
        if (&facet != listing.facets.data()) out += ',';
        render(out, facet);
    }
    out += ']';
    if (listing.price) out += ",\"price\":" + json::render(*listing.price);
    out += ",\"sort\":" + json::quote(listing.sort) + ",\"sorts\":[";
    for (std::size_t i = 0; i < listing.sorts.size(); ++i) out += (i ? ",\"" : "\"") + listing.sorts[i] + "\"";
    out += ']';
    if (listing.next_cursor) out += ",\"next_cursor\":" + json::quote(*listing.next_cursor);
    if (listing.prev_cursor) out += ",\"prev_cursor\":" + json::quote(*listing.prev_cursor);
    if (listing.did_you_mean) out += ",\"did_you_mean\":" + json::quote(*listing.did_you_mean);
    if (listing.redirect) out += ",\"redirect\":" + json::quote(*listing.redirect);
    out += '}';
    return out;
}

}  // namespace stoa::search
