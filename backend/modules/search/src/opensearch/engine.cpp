// The Engine over OpenSearch. Any number of processes answer from one index; one of them at a time writes to it: whoever holds the lease, a
// document that is only replaced by its reader (if_seq_no). What the writer has brought into the index it notes as a position in the change
// feed, beside the products; every process follows that position with what it keeps itself. A writer that dies is followed by another
// within the length of a lease, and what it had begun is done again: documents carry the position their rows were read at.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "../catalogue_file.hpp"
#include "../cursor.hpp"
#include "../feed.hpp"
#include "../listing.hpp"
#include "../page_cache.hpp"
#include "../pages.hpp"
#include "../query_log.hpp"
#include "client.hpp"
#include "index.hpp"
#include "query.hpp"
#include "reading.hpp"
#include "sql/search.hpp"
#include "stoa/events/events.hpp"
#include "stoa/log/log.hpp"
#include "stoa/search/opensearch.hpp"

namespace stoa::search {
namespace opensearch {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(1000);
constexpr auto kKeepQueriesEvery = std::chrono::seconds(60);
constexpr auto kLease = std::chrono::seconds(60);
constexpr int kEventsARound = 2000;
constexpr std::size_t kTermsAtOnce = 1000;

std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }
std::int64_t day_of(Timestamp at) { return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(); }
// Leases are between machines, not between shops of a test: their clock is the machine's.
std::int64_t lease_clock() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// How far the index is, and what it was made for.
struct Progress {
    std::string index, origin, made_for;
    std::int64_t position = 0, day = 0, priced_at = 0;
    bool operator==(const Progress&) const = default;
};
Progress progress_from(const json::Value& value) {
    return {value.text_or("index"),   value.text_or("origin"), value.text_or("made_for"),
            value.int_or("position"), value.int_or("day"),     value.int_or("priced_at")};
}
std::string text_of(const Progress& progress) {
    return object({{"index", json::quote(progress.index)},
                   {"origin", json::quote(progress.origin)},
                   {"made_for", json::quote(progress.made_for)},
                   {"position", std::to_string(progress.position)},
                   {"day", std::to_string(progress.day)},
                   {"priced_at", std::to_string(progress.priced_at)}});
}

// What events say of the index.
struct News {
    std::int64_t position = 0;
    bool everything = false, rules = false, only_price_or_stock = true;
    std::set<Uuid> products, variants;
};

void note(News& news, const events::Event& event) {
    news.position = event.position;
    const auto data = [&] { return json::parse(event.data).value_or(json::Value()); };
    if (event.type == "category.changed" || event.type == "search.learnt" ||
        (event.type == "price_list.changed" && data().text_or("reason") != "window")) {
        news.everything = true;
    } else if (event.type == "search.changed") {
        news.rules = true;
    } else if (event.type == "product.changed") {
        if (const auto id = stream_uuid(event.stream)) news.products.insert(*id);
        news.only_price_or_stock = false;
    } else if (event.type.starts_with("review.")) {
        const auto text = data().text_or("product_id");
        if (const auto id = ProductId::parse(text))
            news.products.insert(id->uuid());
        else if (const auto plain = Uuid::parse(text))
            news.products.insert(*plain);
        news.only_price_or_stock = false;
    } else {
        for (const auto& variant : changed_variants(event)) news.variants.insert(variant);
    }
}

// What a process keeps: no product. Immutable and swapped, like the embedded engine's snapshot.
struct State {
    std::uint64_t version = 0;
    Progress progress;
    std::shared_ptr<const Snapshot> base;
    std::shared_ptr<Rendered<std::string, Answered>> answers;
};
using StatePtr = std::shared_ptr<const State>;

// A snapshot of few products, for a page of one of them. The orders and the text index stay empty: only what pages ask for is there.
std::shared_ptr<Snapshot> small_snapshot(const Snapshot& base, const Rows::Batch& batch) {
    auto out = std::make_shared<Snapshot>();
    out->structure = base.structure;
    out->old_slugs = base.old_slugs;
    out->contract_lists = std::make_shared<const std::vector<pricing::ContractList>>(batch.lists);
    const auto& structure = *base.structure;
    const auto currencies = structure.currencies.size();
    auto& sets = out->sets;
    sets.sellable.resize(currencies);
    sets.priced.resize(currencies);
    sets.available.resize(currencies);
    sets.price_asc.resize(currencies);
    sets.price_desc.resize(currencies);
    sets.discount.resize(currencies);
    sets.by_category.resize(structure.categories.size());
    sets.by_collection.resize(structure.collections.size());
    sets.by_contract.resize(batch.lists.size());
    out->entries.resize(batch.entries.size());
    Ordinal ordinal = 0;
    for (const auto& [id, entry] : batch.entries) {
        if (!entry) continue;
        out->entries.set(ordinal, entry);
        out->ordinal_of.write().set(id.uuid(), ordinal);
        if (entry->published) sets.published.add(ordinal);
        if (!entry->audience.is_everybody()) sets.limited.add(ordinal);
        for (const auto& group : entry->audience.groups) sets.for_group[group].add(ordinal);
        for (const auto& company : entry->audience.companies) sets.for_company[company].add(ordinal);
        for (const auto category : entry->categories) sets.by_category[category].add(ordinal);
        for (const auto& variant : entry->variants) {
            for (const auto& contract : variant.contracts) sets.by_contract[contract.list].add(ordinal);
        }
        for (std::size_t currency = 0; currency < currencies; ++currency) {
            if (entry->sellable(currency)) sets.sellable[currency].add(ordinal);
            if (entry->published && entry->lowest_price[currency] != kNone) sets.priced[currency].add(ordinal);
            if (entry->available(currency)) sets.available[currency].add(ordinal);
        }
        ++ordinal;
    }
    for (std::size_t currency = 0; currency < currencies; ++currency) {
        for (auto* order : {&sets.price_asc[currency], &sets.price_desc[currency], &sets.discount[currency]})
            order->write().keys.resize(batch.entries.size(), kNone);
    }
    out->pages = make_page_cache(std::size_t{1} << 16);
    return out;
}

class OpenSearchEngine final : public Engine {
public:
    OpenSearchEngine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing, inventory::Inventory& inventory,
                     const Clock& clock, http_client::Client& http, OpenSearchOptions opensearch, EngineOptions options)
        : database_(database),
          clock_(clock),
          opensearch_(std::move(opensearch)),
          options_(std::move(options)),
          client_(http, opensearch_),
          rows_(database, catalog, pricing, inventory, options_),
          alias_(opensearch_.prefix + "-products"),
          state_index_(opensearch_.prefix + "-state"),
          owner_(Uuid::v7().to_string()) {
        complete_descriptions();
    }
    ~OpenSearchEngine() override { stop(); }

    // ---- keeping fresh ------------------------------------------------------------------------------------------------
    void load() override {
        const std::lock_guard lock(refreshing_);
        try {
            (void)refresh_once();
            // Another process may be building the first index; health says "not ready" until it is done.
            if (!published()) log::info("search: waiting for another process to build the index");
        } catch (const Unavailable& error) {
            log::warning("search: no answer of OpenSearch; the process starts and asks again", {{"error", error.what()}});
        }
    }
    void start() override {
        if (thread_.joinable()) return;
        stopping_ = false;
        thread_ = std::thread([this] { follow(); });
    }
    void stop() override {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        try {
            give_up_lease();
        } catch (const std::exception& error) {
            log::info("search: the lease of the index runs out by itself", {{"error", error.what()}});
        }
    }
    bool refresh() override {
        const std::lock_guard lock(refreshing_);
        return refresh_once();
    }
    bool save() override { return false; }  // the index is what is kept
    void on_refreshed(std::function<void(const Refreshed&)> listener) override { listener_ = std::move(listener); }
    bool answers_from_memory() const override { return false; }

    void keep_queries() override { queries_.keep(database_, date_of(clock_.now())); }

    // ---- reads --------------------------------------------------------------------------------------------------------
    Status status() const override {
        const auto state = published();
        if (!state) return {};
        return {true, state->version, state->progress.position, products_.load()};
    }

    Result<Listing> listing(const Context& context, const ListingRequest& request) const override {
        const auto state = current();
        return answered([&] { return questions(*state, context).listing(request); });
    }
    Result<Document> listing_document(const Context& context, const ListingRequest& request) const override {
        const auto state = current();
        const auto found = remembered(*state, context, answer_key(*state->base, locale(context), currency(context), request, context.at),
                                      [&]() -> Result<Answered> {
                                          const auto listing = answered([&] { return questions(*state, context).listing(request); });
                                          if (!listing) return std::unexpected(listing.error());
                                          return Answered{make_document(render(*listing), {}), listing->total};
                                      });
        if (!found) return std::unexpected(found.error());
        if (request.is_query_alone()) queries_.note(catalog::kLocales[locale(context)], *request.query, found->total);
        return found->document;
    }
    SuggestionsDto suggest(const Context& context, std::string_view query) const override {
        const auto state = current();
        return answered([&] { return questions(*state, context).suggest(query); });
    }
    Document suggest_document(const Context& context, std::string_view query) const override {
        const auto state = current();
        const auto key = "suggest|" + std::to_string(state->base->slot(locale(context), currency(context))) + "|" + std::string(query);
        return remembered(*state, context, key,
                          [&]() -> Result<Answered> { return Answered{make_document(json::render(suggest(context, query)), {}), 0}; })
            ->document;
    }

    Result<Document> product_page(const Context& context, std::string_view slug) const override {
        const auto state = current();
        const auto in_locale = locale(context);
        const auto in_currency = currency(context);
        const auto missing = [] { return fail(ErrorKind::not_found, "catalog.product_not_found", "There is no such product."); };
        // The promise depends on the day, so the day is part of the key.
        const auto key = "page|" + std::to_string(day_of(context.at)) + "|" + std::to_string(state->base->slot(in_locale, in_currency)) +
                         "|" + std::string(slug);
        const auto found = remembered(*state, context, key, [&]() -> Result<Answered> {
            return answered([&]() -> Result<Answered> {
                const auto asked = questions(*state, context);
                const auto id = asked.by_slug(slug);
                if (!id) return missing();
                const auto now = clock_.now();
                auto batch = rows_.read(std::vector{*id}, *state->base->structure, now);
                const auto entry = batch.entries[0].second;
                if (!entry || !entry->published_at(context.at)) return missing();
                // Its neighbours, with it.
                std::vector<ProductId> ids{*id};
                const auto add = [&](const ProductId& other) {
                    if (std::ranges::find(ids, other) == ids.end()) ids.push_back(other);
                };
                for (const auto& other : asked.related(*entry, kRelated)) add(other);
                for (const auto& other : entry->bought_together) add(other);
                batch = rows_.read(ids, *state->base->structure, now);
                const auto snapshot = small_snapshot(*state->base, batch);
                const auto ordinal = snapshot->ordinal_of->find(id->uuid());
                if (ordinal == snapshot->ordinal_of->end()) return missing();
                const auto buyer = buyer_view(*snapshot, in_currency, context.buyer);
                const auto page = search::product_page(*snapshot, ordinal->second, in_locale, in_currency, context.at, buyer.get());
                if (!page) return missing();
                return Answered{make_document(json::render(*page), page->id.to_string()), 1};
            });
        });
        if (!found) return std::unexpected(found.error());
        return found->document;
    }

    Document categories(const Context& context) const override {
        const auto state = current();
        return *structure_page(*state, context, "categories", [&](const Snapshot& counted, const Roaring& all) {
            return render_category_tree(counted, locale(context), all);
        });
    }
    Result<Document> category(const Context& context, std::string_view slug) const override {
        const auto state = current();
        const auto found = category_by_slug(*state->base, locale(context), slug);
        if (!found) return fail(ErrorKind::not_found, "catalog.category_not_found", "There is no such category.");
        return structure_page(*state, context, "category|" + std::to_string(*found), [&](const Snapshot& counted, const Roaring& all) {
            return render_category(counted, *found, locale(context), all);
        });
    }
    Document collections(const Context& context) const override {
        const auto state = current();
        return *structure_page(*state, context, "collections", [&](const Snapshot& counted, const Roaring& all) {
            return render_collections(counted, locale(context), all);
        });
    }
    Result<Document> collection(const Context& context, std::string_view slug) const override {
        const auto state = current();
        const auto found = collection_by_slug(*state->base, locale(context), slug);
        if (!found) return fail(ErrorKind::not_found, "catalog.collection_not_found", "There is no such collection.");
        return structure_page(*state, context, "collection|" + std::to_string(*found), [&](const Snapshot& counted, const Roaring& all) {
            return render_collection(counted, *found, locale(context), all);
        });
    }

    Result<ReviewPageDto> reviews(const Context& context, ProductId product, std::string_view cursor_text, int limit) const override {
        const auto state = current();
        const auto batch = rows_.read(std::vector{product}, *state->base->structure, clock_.now());
        const auto& entry = batch.entries[0].second;
        if (!entry || !entry->published || !entry->audience.admits(context.buyer.groups, context.buyer.company))
            return fail(ErrorKind::not_found, "catalog.product_not_found", "There is no such product.");
        const auto print = fnv1a("reviews/" + product.to_string());
        auto at = entry->reviews.begin();
        if (!cursor_text.empty()) {
            const auto cursor = decode_cursor(cursor_text);
            if (!cursor || cursor->fingerprint != print)
                return fail_field("?cursor", "invalid_cursor", "This cursor does not belong to this list. Start from its first page.");
            at = std::ranges::find_if(entry->reviews, [&](const catalog::Review& review) {
                const auto key = -micros(review.created_at);
                return key != cursor->key ? key > cursor->key : review.id.uuid() < cursor->id;
            });
        }
        ReviewPageDto page;
        for (; at != entry->reviews.end(); ++at) {
            if (page.items.size() == static_cast<std::size_t>(limit)) {
                const auto& last = *std::prev(at);
                page.next_cursor = encode({false, print, -micros(last.created_at), {}, last.id.uuid()});
                break;
            }
            page.items.push_back(catalog::review_dto(*at));
        }
        return page;
    }

    Result<SitemapDto> sitemap(std::string_view cursor_text, int limit) const override {
        static constexpr std::uint64_t kPrint = 0x5173;
        const auto state = current();
        const auto& structure = *state->base->structure;
        SitemapDto out;
        Uuid after{};
        if (cursor_text.empty()) {
            for (const auto& category : structure.categories) {
                if (category.visible)
                    out.items.push_back(item(PageKind::category, category.record.texts, category.record.updated_at, category.image));
            }
            for (const auto& collection : structure.collections) {
                if (collection.record.published)
                    out.items.push_back(
                        item(PageKind::collection, collection.record.texts, collection.record.updated_at, collection.image));
            }
        } else {
            const auto cursor = decode_cursor(cursor_text);
            if (!cursor || cursor->fingerprint != kPrint)
                return fail_field("?cursor", "invalid_cursor", "This cursor does not belong to this list. Start from its first page.");
            after = cursor->id;
        }
        Context context;
        context.currency = options_.currencies.front();
        const auto found = answered([&] { return questions(*state, context).addresses(after, limit + 1); });
        for (const auto& address : found) {
            if (&address - found.data() == limit) {
                out.next_cursor = encode({false, kPrint, 0, {}, found[static_cast<std::size_t>(limit) - 1].id.uuid()});
                break;
            }
            SitemapItemDto product;
            product.kind = PageKind::product;
            product.slugs = address.slugs;
            product.updated_at = address.updated_at;
            product.image = address.picture;
            out.items.push_back(std::move(product));
        }
        return out;
    }

    std::vector<CardJson> cards(const Context& context, std::span<const ProductId> ids) const override {
        const auto state = current();
        return answered([&] { return questions(*state, context).cards(ids); });
    }
    std::vector<CardJson> new_arrivals(const Context& context, int limit) const override {
        const auto state = current();
        return answered([&] { return questions(*state, context).top(Questions::Top::newest, limit); });
    }
    std::vector<CardJson> best_sellers(const Context& context, int limit) const override {
        const auto state = current();
        return answered([&] { return questions(*state, context).top(Questions::Top::popular, limit); });
    }
    std::vector<HomeReview> praise(const Context& context, int limit) const override {
        const auto state = current();
        auto everybody = context;
        everybody.buyer = {};
        const auto ids = answered([&] { return questions(*state, everybody).praised(limit); });
        if (ids.empty()) return {};
        const auto in_locale = locale(context);
        const auto batch = rows_.read(ids, *state->base->structure, clock_.now());
        std::vector<HomeReview> out;
        for (const auto& id : ids) {
            const auto found = std::ranges::find(batch.entries, id, &std::pair<ProductId, EntryPtr>::first);
            if (found == batch.entries.end() || !found->second || !found->second->sellable(currency(context))) continue;
            const auto& entry = *found->second;
            const catalog::Review* best = nullptr;
            for (const auto& review : entry.reviews) {
                if (review.rating < 4 || review.body.size() < 40) continue;
                const bool own = review.locale == catalog::kLocales[in_locale];
                if (!best || (own && best->locale != catalog::kLocales[in_locale])) best = &review;
            }
            if (best) out.push_back({catalog::review_dto(*best), entry.texts[in_locale]->name, entry.texts[in_locale]->slug});
        }
        return out;
    }

private:
    static constexpr std::size_t kRelated = 8;

    [[nodiscard]] StatePtr published() const {
        const std::lock_guard lock(state_mutex_);
        return state_;
    }
    void publish(State next) {
        next.version = ++version_;
        next.answers = std::make_shared<Rendered<std::string, Answered>>(options_.page_cache_bytes);
        auto made = std::make_shared<const State>(std::move(next));
        const std::lock_guard lock(state_mutex_);
        state_ = std::move(made);
    }
    [[noreturn]] static void not_ready(std::string message) {
        Error error;
        error.kind = ErrorKind::unavailable;
        error.code = "search.not_ready";
        error.message = std::move(message);
        error.retry_after_seconds = 2;
        throw http::ProblemException(error);
    }
    [[nodiscard]] StatePtr current() const {
        auto state = published();
        if (!state) not_ready("The catalogue is being loaded. Try again in a moment.");
        return state;
    }
    [[nodiscard]] static std::size_t locale(const Context& context) {
        return static_cast<std::size_t>(std::max(0, catalog::locale_index(context.locale)));
    }
    [[nodiscard]] std::size_t currency(const Context& context) const {
        const auto found = std::ranges::find(options_.currencies, context.currency);
        return found == options_.currencies.end() ? 0 : static_cast<std::size_t>(found - options_.currencies.begin());
    }
    [[nodiscard]] Questions questions(const State& state, const Context& context) const {
        return Questions(client_, alias_, *state.base, locale(context), currency(context), context.buyer, context.named, context.at);
    }
    // An answer that the index owes is a 503 that says when to come back. An index that is gone is the same: the writer builds it again.
    template <class Ask>
    [[nodiscard]] static std::invoke_result_t<Ask> answered(Ask ask) {
        try {
            return ask();
        } catch (const Unavailable& error) {
            log::warning("search: no answer of OpenSearch", {{"error", error.what()}});
        } catch (const Refused& error) {
            if (error.type != "index_not_found_exception" && error.status < 500 && error.status != 401 && error.status != 403) throw;
            log::warning("search: OpenSearch cannot answer", {{"error", error.what()}});
        }
        not_ready("The catalogue cannot be searched just now. Try again in a moment.");
    }
    // Public answers that are asked for again are kept until something changes; a buyer's are nobody else's.
    template <class Make>
    [[nodiscard]] Result<Answered> remembered(const State& state, const Context& context, const std::string& key, Make make) const {
        if (!context.buyer.is_public() || !context.named.nothing()) return make();
        if (auto known = state.answers->find(key)) return *known;
        auto made = make();
        if (made && state.answers->seen_before(key)) state.answers->put(key, *made, made->document.json->size() + key.size());
        return made;
    }
    // The pages of categories say how many products there are: sets of as many numbers stand for them.
    template <class Render>
    [[nodiscard]] Result<Document> structure_page(const State& state, const Context& context, const std::string& what,
                                                  Render render) const {
        const auto key = what + "|" + std::to_string(state.base->slot(locale(context), currency(context)));
        auto found = remembered(state, context, key, [&]() -> Result<Answered> {
            const auto counts = answered([&] { return questions(state, context).counts(); });
            Snapshot counted = *state.base;
            Roaring all;
            const auto fill = [&](std::vector<Set>& sets, const std::vector<std::int64_t>& sizes) {
                sets.assign(sizes.size(), {});
                for (std::size_t i = 0; i < sizes.size(); ++i) {
                    Roaring set;
                    set.addRange(0, static_cast<std::uint64_t>(sizes[i]));
                    all |= set;
                    sets[i] = Set(std::move(set));
                }
            };
            fill(counted.sets.by_category, counts.categories);
            fill(counted.sets.by_collection, counts.collections);
            return Answered{render(counted, all), 0};
        });
        if (!found) return std::unexpected(found.error());
        return found->document;
    }
    static SitemapItemDto item(PageKind kind, const catalog::PageTexts& texts, Timestamp updated_at, const AssetPtr& image) {
        SitemapItemDto out;
        out.kind = kind;
        for (const auto name : catalog::kLocales) {
            auto text = texts.find(std::string(name));
            if (text == texts.end()) text = texts.find(std::string(catalog::kLocales[0]));
            if (text != texts.end()) out.slugs.emplace(name, text->second.slug);
        }
        out.updated_at = updated_at;
        if (image) out.image = image_of(*image, 0).src;
        return out;
    }

    // ---- the lease ----------------------------------------------------------------------------------------------------
    // Whether this process writes now.
    bool hold_lease() {
        const auto now = lease_clock();
        const auto length = std::chrono::duration_cast<std::chrono::milliseconds>(kLease).count();
        if (lease_until_ - now > length / 2) return true;
        lease_until_ = 0;
        auto known = client_.document(state_index_, "writer");
        if (known && known->source.text_or("owner") != owner_ && known->source.int_or("until") > now) return false;
        const auto until = now + length;
        if (!client_.put_document(state_index_, "writer", object({{"owner", json::quote(owner_)}, {"until", std::to_string(until)}}),
                                  known))
            return false;
        lease_until_ = until;
        return true;
    }
    void give_up_lease() {
        if (lease_until_ == 0) return;
        lease_until_ = 0;
        const auto known = client_.document(state_index_, "writer");
        if (known && known->source.text_or("owner") == owner_)
            (void)client_.put_document(state_index_, "writer", object({{"owner", json::quote(owner_)}, {"until", "0"}}), known);
    }
    void keep_lease() {
        if (!hold_lease()) throw Unavailable("search: another process writes to the index now");
    }

    // ---- writing ------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::optional<Progress> read_progress() {
        const auto found = client_.document(state_index_, "progress");
        if (!found) return std::nullopt;
        return progress_from(found->source);
    }
    [[nodiscard]] std::string made_for(const Structure& structure) const {
        std::string out(kDocumentVersion);
        for (const auto& code : options_.currencies) out += "|" + code;
        return out + "|" + options_.channel + "|" + options_.default_country + "|" + fingerprint_of(structure);
    }
    [[nodiscard]] News news_after(std::int64_t position, std::int64_t until = std::numeric_limits<std::int64_t>::max()) const {
        News news;
        news.position = position;
        for (bool more = true; more;) {
            const auto events =
                database_.read([&](db::Session& session) { return events::read_after(session, news.position, kEventsARound); });
            more = events.size() == static_cast<std::size_t>(kEventsARound);
            for (const auto& event : events) {
                if (event.position > until) return news;
                note(news, event);
            }
        }
        return news;
    }
    // Products that these variants belong to, as the index knows them.
    [[nodiscard]] std::set<Uuid> products_with(const std::string& index, const std::set<Uuid>& variants) {
        std::set<Uuid> out;
        std::vector<std::string> part;
        const auto ask = [&] {
            if (part.empty()) return;
            const auto answer = client_.search(
                index, object({{"size", std::to_string(part.size())},
                               {"track_total_hits", "false"},
                               {"query", wrap("bool", object({{"filter", array({wrap("terms", wrap("variants", strings(part)))})}}))},
                               {"_source", "false"}}));
            if (const auto* hits = answer.at("hits", "hits")) {
                for (const auto& hit : hits->items()) {
                    if (const auto id = Uuid::parse(hit.text_or("_id"))) out.insert(*id);
                }
            }
            part.clear();
        };
        for (const auto& variant : variants) {
            part.push_back(variant.to_string());
            if (part.size() == kTermsAtOnce) ask();
        }
        ask();
        return out;
    }
    // Products that change by themselves at a moment that has come.
    [[nodiscard]] std::set<Uuid> due_products(const std::string& index, Timestamp now) {
        std::set<Uuid> out;
        const auto answer = client_.search(
            index,
            object({{"size", std::to_string(kTermsAtOnce)},
                    {"track_total_hits", "false"},
                    {"query",
                     wrap("bool", object({{"filter",
                                           array({wrap("range", wrap("next_change", object({{"lte", std::to_string(micros(now))}})))})}}))},
                    {"_source", "false"}}));
        if (const auto* hits = answer.at("hits", "hits")) {
            for (const auto& hit : hits->items()) {
                if (const auto id = Uuid::parse(hit.text_or("_id"))) out.insert(*id);
            }
        }
        return out;
    }

    void index_products(const std::string& index, const std::vector<ProductId>& ids, const Structure& structure, Timestamp now,
                        Visible visible) {
        const auto batch_size = static_cast<std::size_t>(options_.batch);
        for (std::size_t at = 0; at < ids.size(); at += batch_size) {
            keep_lease();
            const auto batch = rows_.read(std::span(ids).subspan(at, std::min(batch_size, ids.size() - at)), structure, now);
            std::vector<Write> writes;
            writes.reserve(batch.entries.size());
            for (const auto& [id, entry] : batch.entries) {
                Write write{id.uuid().to_string(), batch.position + 1, std::nullopt};
                if (entry) write.source = document_of(*entry, structure, batch.lists, now);
                writes.push_back(std::move(write));
            }
            const auto outcome = client_.bulk(index, writes, visible);
            for (const auto& failure : outcome.failed) {
                log::error("search: a product is not in the index",
                           {{"product", failure.id}, {"status", failure.status}, {"type", failure.type}, {"reason", failure.reason}});
            }
            // What was refused for now until the end is tried again with the whole round; what is refused for good stays out, and is told.
            if (std::ranges::any_of(outcome.failed, [](const auto& failure) { return failure.status == 429 || failure.status >= 500; }))
                throw Unavailable("OpenSearch: documents were refused for now");
        }
    }

    // A new index beside the one that answers; the alias moves when everything is in it.
    void rebuild() {
        const auto started = std::chrono::steady_clock::now();
        const auto now = clock_.now();
        auto frame = rows_.frame(now);
        client_.put_template(alias_, index_template(opensearch_, options_.currencies));
        const auto index = alias_ + "-" + std::to_string(frame.position) + "-" + Uuid::v7().to_string();
        client_.create_index(index, building_settings());
        try {
            const auto ids = rows_.product_ids();
            index_products(index, ids, *frame.structure, now, Visible::later);
            client_.refresh(index);
            // What changed meanwhile. A change of the structure begins again from the start with the next look.
            auto news = news_after(frame.position);
            if (!news.everything && (!news.products.empty() || !news.variants.empty())) {
                auto changed = news.products;
                changed.merge(products_with(index, news.variants));
                index_products(index, {changed.begin(), changed.end()}, *frame.structure, now, Visible::later);
            }
            if (news.everything) news.position = frame.position;
            client_.change_settings(index, serving_settings(opensearch_));
            client_.refresh(index);
            keep_lease();
            const auto all = client_.indexes(alias_ + "-*", alias_);
            std::vector<std::string> others;
            for (const auto& [name, pointed_to] : all) {
                if (pointed_to && name != index) others.push_back(name);
            }
            client_.point_alias(alias_, index, others);
            writer_structure_ = frame.structure;
            writer_index_ = index;
            write_progress({index, rows_.event_at(news.position), made_for(*frame.structure), news.position, day_of(now), micros(now)});
            // The old one, and what a rebuild that broke off has left.
            for (const auto& [name, pointed_to] : all) {
                if (name != index) client_.delete_index(name);
            }
            log::info("search: index built",
                      {{"index", index},
                       {"products", static_cast<std::int64_t>(ids.size())},
                       {"position", news.position},
                       {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count()}});
        } catch (...) {
            try {
                const auto progress = read_progress();
                if (!progress || progress->index != index) drop_unless_pointed_to(index);
            } catch (const std::exception& error) {
                log::warning("search: an unfinished index stays until the next rebuild", {{"index", index}, {"error", error.what()}});
            }
            throw;
        }
    }
    void drop_unless_pointed_to(const std::string& index) {
        for (const auto& [name, pointed_to] : client_.indexes(index, alias_)) {
            if (!pointed_to) client_.delete_index(name);
        }
    }
    void write_progress(const Progress& progress) { client_.put_document(state_index_, "progress", text_of(progress)); }

    // Brings the index up to the end of the feed.
    void advance() {
        const auto now = clock_.now();
        const auto progress = read_progress();
        const auto why = [&]() -> std::string {
            if (!progress) return "there is none";
            if (progress->day != day_of(now)) return "the day has turned";  // rules such as "new within 30 days"
            if (rows_.event_at(progress->position) != progress->origin) return "it is of another database";
            const auto pointed = client_.indexes(progress->index, alias_);
            if (pointed.empty() || !pointed[0].second) return "it is gone";
            // Another writer may have built an index since, for another structure.
            if (!writer_structure_ || writer_index_ != progress->index) writer_structure_ = rows_.frame(now).structure;
            writer_index_ = progress->index;
            if (made_for(*writer_structure_) != progress->made_for) return "it was made for another catalogue or program";
            return {};
        }();
        if (!why.empty()) {
            log::info("search: the index is built anew", {{"reason", why}});
            return rebuild();
        }
        auto news = news_after(progress->position);
        auto changed = news.products;
        auto variants = news.variants;
        const auto windows = rows_.price_windows(Timestamp(std::chrono::microseconds(progress->priced_at)), now);
        for (const auto& variant : windows.variants) variants.insert(variant.uuid());
        if (news.everything || windows.lists) return rebuild();
        if (!variants.empty()) changed.merge(products_with(progress->index, variants));
        if (auto due = due_products(progress->index, now); !due.empty()) {
            changed.merge(due);
            news.only_price_or_stock = false;
        }
        if (!changed.empty()) {
            index_products(progress->index, {changed.begin(), changed.end()}, *writer_structure_, now, Visible::when_answered);
        }
        // Written seldom when nothing happens: it says which price windows have been looked at.
        const bool moved = news.position != progress->position || !changed.empty();
        if (moved || now - Timestamp(std::chrono::microseconds(progress->priced_at)) > std::chrono::seconds(60)) {
            auto next = *progress;
            next.position = news.position;
            if (news.position != progress->position) next.origin = rows_.event_at(news.position);
            next.priced_at = micros(now);
            write_progress(next);
        }
        own_changes_ = std::move(changed);
        own_only_price_or_stock_ = news.only_price_or_stock;
    }

    // ---- following ----------------------------------------------------------------------------------------------------
    bool refresh_once() {
        own_changes_.clear();
        own_only_price_or_stock_ = true;
        if (!state_index_made_) {
            client_.create_index(state_index_, state_index());
            state_index_made_ = true;
        }
        if (hold_lease()) advance();
        const auto progress = read_progress();
        if (!progress) return false;
        const auto before = published();
        const auto now = clock_.now();
        if (!before || before->progress.index != progress->index || before->progress.day != progress->day) {
            publish_frame(*progress, rows_.frame(now));
            tell({true, {}, false, progress->position});
            return true;
        }
        if (before->progress == *progress && own_changes_.empty()) return false;
        // What the writer has done since.
        const auto news = news_after(before->progress.position, progress->position);
        if (news.rules || !news.only_price_or_stock)
            publish_frame(*progress, rows_.frame(now));
        else
            publish({0, *progress, before->base, nullptr});
        auto changed = own_changes_;
        changed.insert(news.products.begin(), news.products.end());
        if (own_changes_.empty() && !news.variants.empty()) changed.merge(products_with(progress->index, news.variants));
        if (changed.empty() && !news.rules) return false;
        std::vector<ProductId> ids;
        for (const auto& id : changed) ids.emplace_back(id);
        tell({news.rules, std::move(ids), news.only_price_or_stock && own_only_price_or_stock_ && !news.rules, progress->position});
        count_products();
        return true;
    }
    void publish_frame(const Progress& progress, const Rows::Frame& frame) {
        auto base = std::make_shared<Snapshot>();
        base->structure = frame.structure;
        base->old_slugs = frame.old_slugs;
        base->contract_lists = std::make_shared<const std::vector<pricing::ContractList>>(frame.lists);
        publish({0, progress, std::move(base), nullptr});
        count_products();
    }
    // For the health page.
    void count_products() {
        const auto answer = client_.search(alias_, R"({"size":0,"track_total_hits":true})");
        if (const auto* total = answer.at("hits", "total", "value")) products_ = static_cast<std::size_t>(total->as_int().value_or(0));
    }

    void tell(const Refreshed& refreshed) {
        if (!listener_) return;
        try {
            listener_(refreshed);
        } catch (const std::exception& error) {
            log::error("search: a listener of the read model failed", {{"error", error.what()}});
        }
    }

    void follow() {
        std::unique_ptr<db::Listener> listener;
        bool failing = false;
        auto queries_kept = std::chrono::steady_clock::now();
        while (!stopping_) {
            try {
                if (!listener && options_.use_feed)
                    listener =
                        std::make_unique<db::Listener>(database_.url(), std::vector<std::string>{std::string(events::Relay::kChannel)});
                {
                    const std::lock_guard lock(refreshing_);
                    (void)refresh_once();
                }
                if (failing) log::info("search: the index follows the change feed again");
                failing = false;
                if (std::chrono::steady_clock::now() - queries_kept >= kKeepQueriesEvery) {
                    queries_kept = std::chrono::steady_clock::now();
                    keep_queries();
                }
                if (listener)
                    (void)listener->wait(kPoll);
                else
                    std::this_thread::sleep_for(kPoll);
            } catch (const std::exception& error) {
                if (!failing) log::warning("search: the index does not follow the change feed", {{"error", error.what()}});
                failing = true;
                state_index_made_ = false;  // the cluster may have come back empty
                for (int i = 0; i < 10 && !stopping_; ++i) std::this_thread::sleep_for(kPoll / 10);
            }
        }
        try {
            keep_queries();
        } catch (const std::exception& error) {
            log::warning("search: the last queries were not written down", {{"error", error.what()}});
        }
    }

    db::Database& database_;
    const Clock& clock_;
    const OpenSearchOptions opensearch_;
    const EngineOptions options_;
    mutable Client client_;
    mutable Rows rows_;
    const std::string alias_, state_index_, owner_;
    std::function<void(const Refreshed&)> listener_;

    mutable QueryLog queries_;
    mutable std::mutex state_mutex_;
    StatePtr state_;
    std::atomic<std::size_t> products_ = 0;

    std::mutex refreshing_;  // one refresh at a time; guards what follows
    std::uint64_t version_ = 0;
    std::int64_t lease_until_ = 0;
    bool state_index_made_ = false;
    std::shared_ptr<const Structure> writer_structure_;  // that the entries of writer_index_ refer to
    std::string writer_index_;
    std::set<Uuid> own_changes_;
    bool own_only_price_or_stock_ = true;

    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace
}  // namespace opensearch

std::unique_ptr<Engine> make_opensearch_engine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing,
                                               inventory::Inventory& inventory, const Clock& clock, http_client::Client& client,
                                               OpenSearchOptions opensearch, EngineOptions options) {
    return std::make_unique<opensearch::OpenSearchEngine>(database, catalog, pricing, inventory, clock, client, std::move(opensearch),
                                                          std::move(options));
}

}  // namespace stoa::search
