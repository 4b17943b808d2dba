#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "catalogue_file.hpp"
#include "cursor.hpp"
#include "feed.hpp"
#include "listing.hpp"
#include "page_cache.hpp"
#include "pages.hpp"
#include "query_log.hpp"
#include "sql/search.hpp"
#include "stoa/events/events.hpp"
#include "stoa/log/log.hpp"
#include "stoa/search/make.hpp"

namespace stoa::search {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(1000);
constexpr auto kKeepQueriesEvery = std::chrono::seconds(60);
constexpr auto kSaveEvery = std::chrono::minutes(10);
constexpr int kEventsARound = 2000;
// Changed products; beyond this and this part of all a full load is cheaper.
constexpr std::size_t kWholeReloadAbove = 5000;
constexpr std::size_t kWholeReloadShare = 4;

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// In use by the whole process; 0 where the allocator does not tell (sanitizers).
std::int64_t heap_bytes() {
    const auto info = ::mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}
std::int64_t milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}

// The published snapshot. A mutex and not std::atomic<std::shared_ptr>: libstdc++ 12's is a spin lock underneath as well, and one
// that thread sanitizers do not understand. It is held for the copy of one pointer.
class Published {
public:
    [[nodiscard]] SnapshotPtr get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }
    // Returns what was published before.
    SnapshotPtr set(SnapshotPtr next) {
        const std::lock_guard lock(mutex_);
        std::swap(current_, next);
        return next;
    }

private:
    mutable std::mutex mutex_;
    SnapshotPtr current_;
};

// Answers first: keeping fresh, merging and saving take a processor when nobody asks, or a quarter of one. On Linux a thread has a priority
// of its own.
void stand_back() {
    constexpr int kNicer = 6;
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNicer);
}

// Events name products by their outside id in data.
std::optional<Uuid> product_in(const events::Event& event) {
    const auto data = json::parse(event.data);
    if (!data) return std::nullopt;
    const auto text = data->text_or("product_id");
    if (const auto id = ProductId::parse(text)) return id->uuid();
    return Uuid::parse(text);
}

// Any variant's price may be another one now. A list's own window needs no word: it is known beforehand.
bool price_list_edited(const events::Event& event) {
    if (event.type != "price_list.changed") return false;
    const auto data = json::parse(event.data);
    return !data || data->text_or("reason") != "window";
}

class MemoryEngine final : public Engine {
public:
    MemoryEngine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing, inventory::Inventory& inventory,
                 const Clock& clock, EngineOptions options)
        : database_(database), catalog_(catalog), pricing_(pricing), inventory_(inventory), clock_(clock), options_(std::move(options)) {
        for (const auto& code : options_.currencies) currencies_.push_back(Currency::of(code));
        const auto ranking = ranking_without(options_.ranking_without);
        if (!ranking) throw std::runtime_error("search: no such idea of the ranking: " + options_.ranking_without);
        ranking_ = *ranking;
        complete_descriptions();
    }
    ~MemoryEngine() override { stop(); }

    // ---- keeping fresh ------------------------------------------------------------------------------------------------
    void load() override {
        const std::lock_guard lock(refreshing_);
        if (!load_kept()) load_everything();
    }

    void start() override {
        if (thread_.joinable()) return;
        stopping_ = false;
        thread_ = std::thread([this] { follow(); });
    }

    void stop() override {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
        if (saver_.joinable()) saver_.join();
        if (merger_.joinable()) merger_.join();
    }

    bool save() override {
        if (options_.file.empty()) return false;
        KeptCatalogue kept;
        SnapshotPtr snapshot;
        {
            const std::lock_guard lock(refreshing_);
            snapshot = published_.get();
            if (!snapshot || snapshot->position == 0) return false;
            kept.read_at = priced_.at;
            kept.day = day_of(loaded_on_);
        }
        try {
            kept.position = snapshot->position;
            kept.origin = database_.read([&](db::Session& session) { return event_at(session, kept.position); });
            kept.structure = fingerprint_of(*snapshot->structure);
            kept.currencies = options_.currencies;
            kept.channel = options_.channel;
            kept.contract_lists = *snapshot->contract_lists;
            for (const auto& entry : snapshot->entries) {
                if (entry) kept.entries.push_back(entry);
            }
            write_catalogue(options_.file, kept);
        } catch (const std::exception& error) {
            log::warning("search: the catalogue was not kept", {{"file", options_.file}, {"error", error.what()}});
            return false;
        }
        saved_version_ = snapshot->version;
        return true;
    }

    bool refresh() override {
        const std::lock_guard lock(refreshing_);
        const bool is_new = refresh_once();
        if (const auto snapshot = published_.get(); wants_merging(*snapshot)) adopt(merge_text(*snapshot));
        return is_new;
    }

    void on_refreshed(std::function<void(const Refreshed&)> listener) override { listener_ = std::move(listener); }

    // ---- reads --------------------------------------------------------------------------------------------------------
    Status status() const override {
        const auto snapshot = published_.get();
        if (!snapshot) return {};
        return {true, snapshot->version, snapshot->position, snapshot->ordinal_of->size()};
    }

    Result<Listing> listing(const Context& context, const ListingRequest& request) const override {
        const auto snapshot = current();
        const auto buyer = buyer_view(*snapshot, currency(context), context.buyer);
        return list(snapshot, locale(context), currency(context), request, Counting::cheaper, context.at, buyer.get(), context.named);
    }

    Result<Document> listing_document(const Context& context, const ListingRequest& request) const override {
        const auto snapshot = current();
        const auto in_locale = locale(context);
        const auto in_currency = currency(context);
        if (const auto buyer = buyer_view(*snapshot, in_currency, context.buyer); buyer || !context.named.nothing()) {
            const auto found = list(snapshot, in_locale, in_currency, request, Counting::cheaper, context.at, buyer.get(), context.named);
            if (!found) return std::unexpected(found.error());
            note(in_locale, request, found->total);
            return make_document(render(*found), {});
        }
        auto& answers = snapshot->pages->answers;
        const auto key = answer_key(*snapshot, in_locale, in_currency, request, context.at);
        auto answered = answers.find(key);
        if (!answered) {
            const auto found = list(snapshot, in_locale, in_currency, request, Counting::cheaper, context.at);
            if (!found) return std::unexpected(found.error());
            answered = Answered{make_document(render(*found), {}), found->total};
            keep(answers, key, *answered);
        }
        note(in_locale, request, answered->total);
        return answered->document;
    }

    Document suggest_document(const Context& context, std::string_view query) const override {
        const auto snapshot = current();
        const auto in_locale = locale(context);
        const auto in_currency = currency(context);
        if (const auto buyer = buyer_view(*snapshot, in_currency, context.buyer); buyer || !context.named.nothing())
            return make_document(json::render(search::suggest(*snapshot, in_locale, in_currency, query, buyer.get(), context.named)), {});
        auto& answers = snapshot->pages->answers;
        const auto key = "suggest|" + std::to_string(snapshot->slot(in_locale, in_currency)) + "|" + std::string(query);
        if (const auto answered = answers.find(key)) return answered->document;
        const Answered answer{make_document(json::render(search::suggest(*snapshot, in_locale, in_currency, query)), {}), 0};
        keep(answers, key, answer);
        return answer.document;
    }

    SuggestionsDto suggest(const Context& context, std::string_view query) const override {
        const auto snapshot = current();
        const auto buyer = buyer_view(*snapshot, currency(context), context.buyer);
        return search::suggest(*snapshot, locale(context), currency(context), query, buyer.get(), context.named);
    }

    Result<Document> product_page(const Context& context, std::string_view slug) const override {
        const auto snapshot = current();
        const auto in_locale = locale(context);
        const auto in_currency = currency(context);
        const auto missing = [] { return fail(ErrorKind::not_found, "catalog.product_not_found", "There is no such product."); };
        const auto ordinal = product_by_slug(*snapshot, in_locale, slug);
        if (!ordinal || !snapshot->entries[*ordinal]->published_at(context.at)) return missing();
        if (const auto buyer = buyer_view(*snapshot, in_currency, context.buyer)) {
            const auto page = search::product_page(*snapshot, *ordinal, in_locale, in_currency, context.at, buyer.get());
            if (!page) return missing();
            return make_document(json::render(*page), page->id.to_string());
        }
        // The promise depends on the day, so the day is part of the key.
        const auto day = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::days>(context.at).time_since_epoch().count());
        const auto key =
            (day << 40) | (static_cast<std::uint64_t>(*ordinal) << 8) | static_cast<std::uint64_t>(snapshot->slot(in_locale, in_currency));
        if (auto cached = snapshot->pages->pages.find(key)) return *cached;
        const auto page = search::product_page(*snapshot, *ordinal, in_locale, in_currency, context.at);
        if (!page) return missing();
        auto document = make_document(json::render(*page), page->id.to_string());
        snapshot->pages->pages.put(key, document, document.json->size());
        return document;
    }

    Document categories(const Context& context) const override {
        const auto snapshot = current();
        if (const auto buyer = buyer_view(*snapshot, currency(context), context.buyer))
            return render_category_tree(*snapshot, locale(context), *buyer->sellable);
        return snapshot->category_tree[snapshot->slot(locale(context), currency(context))];
    }
    Result<Document> category(const Context& context, std::string_view slug) const override {
        const auto snapshot = current();
        const auto found = category_by_slug(*snapshot, locale(context), slug);
        if (!found) return fail(ErrorKind::not_found, "catalog.category_not_found", "There is no such category.");
        if (const auto buyer = buyer_view(*snapshot, currency(context), context.buyer))
            return render_category(*snapshot, *found, locale(context), *buyer->sellable);
        return (*snapshot->category_pages[snapshot->slot(locale(context), currency(context))])[*found];
    }
    Document collections(const Context& context) const override {
        const auto snapshot = current();
        if (const auto buyer = buyer_view(*snapshot, currency(context), context.buyer))
            return render_collections(*snapshot, locale(context), *buyer->sellable);
        return snapshot->collection_list[snapshot->slot(locale(context), currency(context))];
    }
    Result<Document> collection(const Context& context, std::string_view slug) const override {
        const auto snapshot = current();
        const auto found = collection_by_slug(*snapshot, locale(context), slug);
        if (!found) return fail(ErrorKind::not_found, "catalog.collection_not_found", "There is no such collection.");
        if (const auto buyer = buyer_view(*snapshot, currency(context), context.buyer))
            return render_collection(*snapshot, *found, locale(context), *buyer->sellable);
        return (*snapshot->collection_pages[snapshot->slot(locale(context), currency(context))])[*found];
    }

    Result<ReviewPageDto> reviews(const Context& context, ProductId product, std::string_view cursor_text, int limit) const override {
        const auto snapshot = current();
        const auto* entry = snapshot->find(product.uuid());
        if (!entry || !entry->published || !entry->audience.admits(context.buyer.groups, context.buyer.company))
            return fail(ErrorKind::not_found, "catalog.product_not_found", "There is no such product.");
        const auto print = fnv1a("reviews/" + product.to_string());
        auto at = entry->reviews.begin();
        if (!cursor_text.empty()) {
            const auto cursor = decode_cursor(cursor_text);
            if (!cursor || cursor->fingerprint != print)
                return fail_field("?cursor", "invalid_cursor", "This cursor does not belong to this list. Start from its first page.");
            // Newest first; ids break ties downwards.
            at = std::ranges::find_if(entry->reviews, [&](const catalog::Review& review) {
                const auto key = -review.created_at.time_since_epoch().count();
                return key != cursor->key ? key > cursor->key : review.id.uuid() < cursor->id;
            });
        }
        ReviewPageDto page;
        for (; at != entry->reviews.end(); ++at) {
            if (page.items.size() == static_cast<std::size_t>(limit)) {
                const auto& last = *std::prev(at);
                page.next_cursor = encode({false, print, -last.created_at.time_since_epoch().count(), {}, last.id.uuid()});
                break;
            }
            page.items.push_back(catalog::review_dto(*at));
        }
        return page;
    }

    Result<SitemapDto> sitemap(std::string_view cursor_text, int limit) const override {
        const auto snapshot = current();
        static constexpr std::uint64_t kPrint = 0x5173;
        // Categories and collections are few and come with the first page; then products in id order.
        SitemapDto out;
        Uuid after{};
        if (cursor_text.empty()) {
            for (const auto& category : snapshot->structure->categories) {
                if (category.visible)
                    out.items.push_back(item(PageKind::category, category.record.texts, category.record.updated_at, category.image));
            }
            for (const auto& collection : snapshot->structure->collections) {
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
        const auto& order = *snapshot->sets.by_id;
        auto at = order.partition_point([&](Ordinal ordinal) { return snapshot->entries[ordinal]->id.uuid() <= after; });
        Uuid last{};
        int count = 0;
        for (; at != order.end(); ++at) {
            if (std::ranges::none_of(snapshot->sets.sellable, [&](const Set& in_currency) { return in_currency.contains(*at); })) continue;
            if (count == limit) {
                out.next_cursor = encode({false, kPrint, 0, {}, last});
                break;
            }
            ++count;
            const auto& entry = *snapshot->entries[*at];
            last = entry.id.uuid();
            SitemapItemDto product;
            product.kind = PageKind::product;
            for (std::size_t l = 0; l < kLocaleCount; ++l) product.slugs.emplace(catalog::kLocales[l], entry.texts[l]->slug);
            product.updated_at = entry.updated_at;
            if (!entry.media.empty()) product.image = image_of(*entry.media[0].asset, 0).src;
            out.items.push_back(std::move(product));
        }
        return out;
    }

    std::vector<CardJson> cards(const Context& context, std::span<const ProductId> ids) const override {
        const auto snapshot = current();
        const auto buyer = buyer_view(*snapshot, currency(context), context.buyer);
        const View view(*snapshot, currency(context), buyer.get());
        std::vector<CardJson> out;
        for (const auto& id : ids) {
            const auto known = snapshot->ordinal_of->find(id.uuid());
            if (known == snapshot->ordinal_of->end() || !view.sellable().contains(known->second)) continue;
            if (snapshot->entries[known->second]->published_at(context.at))
                out.push_back({view.card(known->second, locale(context), context.at)});
        }
        return out;
    }

    std::vector<CardJson> new_arrivals(const Context& context, int limit) const override {
        const auto snapshot = current();
        return first_of(*snapshot, *snapshot->sets.newest, context, limit);
    }
    std::vector<CardJson> best_sellers(const Context& context, int limit) const override {
        const auto snapshot = current();
        return first_of(*snapshot, *snapshot->sets.popular, context, limit);
    }

    std::vector<HomeReview> praise(const Context& context, int limit) const override {
        const auto snapshot = current();
        const auto in_locale = locale(context);
        const auto in_currency = currency(context);
        std::vector<HomeReview> out;
        std::size_t looked = 0;
        for (const auto& praise : snapshot->praise[in_locale]->list) {
            if (out.size() == static_cast<std::size_t>(limit) || ++looked > Praises::kShown) break;
            const auto& entry = *snapshot->entries[praise.ordinal];
            if (!entry.sellable(in_currency)) continue;
            out.push_back({catalog::review_dto(entry.reviews[praise.review]), entry.texts[in_locale]->name, entry.texts[in_locale]->slug});
        }
        return out;
    }

    void keep_queries() override { queries_.keep(database_, date_of(clock_.now())); }

private:
    void note(std::size_t in_locale, const ListingRequest& request, std::int64_t total) const {
        if (request.is_query_alone()) queries_.note(catalog::kLocales[in_locale], *request.query, total);
    }
    static void keep(Rendered<std::string, Answered>& answers, const std::string& key, const Answered& answer) {
        if (answers.seen_before(key)) answers.put(key, answer, answer.document.json->size() + key.size());
    }
    [[nodiscard]] SnapshotPtr current() const {
        auto snapshot = published_.get();
        if (!snapshot) {
            Error error;
            error.kind = ErrorKind::unavailable;
            error.code = "search.not_ready";
            error.message = "The catalogue is being loaded. Try again in a moment.";
            error.retry_after_seconds = 2;
            throw http::ProblemException(error);
        }
        return snapshot;
    }
    [[nodiscard]] static std::size_t locale(const Context& context) {
        return static_cast<std::size_t>(std::max(0, catalog::locale_index(context.locale)));
    }
    [[nodiscard]] std::size_t currency(const Context& context) const {
        const auto found = std::ranges::find(options_.currencies, context.currency);
        return found == options_.currencies.end() ? 0 : static_cast<std::size_t>(found - options_.currencies.begin());
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
    std::vector<CardJson> first_of(const Snapshot& snapshot, const Order& order, const Context& context, int limit) const {
        const auto buyer = buyer_view(snapshot, currency(context), context.buyer);
        const View view(snapshot, currency(context), buyer.get());
        std::vector<CardJson> out;
        for (const auto ordinal : order.list) {
            if (out.size() == static_cast<std::size_t>(limit)) break;
            if (!view.sellable().contains(ordinal) || !view.available().contains(ordinal)) continue;
            out.push_back({view.card(ordinal, locale(context), context.at)});
        }
        return out;
    }

    // ---- loading ------------------------------------------------------------------------------------------------------
    [[nodiscard]] pricing::BuyerContext public_buyer(std::size_t currency_index, Timestamp now) const {
        pricing::BuyerContext buyer;
        buyer.channel = options_.channel;
        buyer.currency = currencies_[currency_index];
        buyer.country = options_.default_country;
        buyer.at = now;
        return buyer;
    }

    struct Batch {
        std::vector<RawProduct> products;
        Assets assets;
    };
    // The lists of `known` keep their places; new ones follow.
    ContractLists lists_now(db::Session& session, ContractLists known, Timestamp now) {
        std::vector<pricing::ContractList> lists = *known;
        for (auto& list : pricing_.contract_lists(session, options_.channel, now)) {
            if (std::ranges::find(lists, list.id, &pricing::ContractList::id) == lists.end()) lists.push_back(std::move(list));
        }
        if (lists.size() == known->size()) return known;
        return std::make_shared<const std::vector<pricing::ContractList>>(std::move(lists));
    }
    using Contracts = std::unordered_map<Uuid, std::vector<ContractPrice>>;  // by variant
    Contracts read_contracts(db::Tx& tx, const std::vector<pricing::ContractList>& lists,
                             const std::optional<std::vector<VariantId>>& variants, Timestamp now) {
        Contracts out;
        if (lists.empty()) return out;
        std::unordered_map<Uuid, std::uint32_t> places;
        for (std::uint32_t i = 0; i < lists.size(); ++i) places.emplace(lists[i].id.uuid(), i);
        for (const auto currency : currencies_) {
            pricing_.for_each_contract_price(tx, currency, options_.channel, now, variants, [&](pricing::ContractPrice&& contract) {
                const auto variant = contract.price.variant.uuid();
                out[variant].push_back({places.at(contract.list.uuid()), std::move(contract.price)});
            });
        }
        return out;
    }

    // Everything about these products but their prices.
    Batch read_batch(db::Session& session, std::span<const ProductId> ids) {
        Batch batch;
        auto read = catalog_.products(session, ids);
        for (auto& asset : read.assets) {
            const auto id = asset.id.uuid();
            batch.assets.emplace(id, std::make_shared<catalog::Asset>(std::move(asset)));
        }
        std::vector<VariantId> variants;
        std::unordered_map<Uuid, std::size_t> index;
        for (auto& record : read.products) {
            for (const auto& variant : record.variants) variants.push_back(variant.id);
            index.emplace(record.id.uuid(), batch.products.size());
            auto& raw = batch.products.emplace_back();
            raw.record = std::move(record);
            raw.prices.resize(currencies_.size());
        }
        for (auto& review : read.reviews) batch.products[index.at(review.product.uuid())].reviews.push_back(std::move(review));
        for (const auto row : session.query(sql::related, std::vector<ProductId>(ids.begin(), ids.end()))) {
            if (const auto found = index.find(row.get<Uuid>("product_id")); found != index.end())
                batch.products[found->second].bought_together.push_back(row.get<ProductId>("related_id"));
        }
        for (const auto row : session.query(sql::popularity, std::vector<ProductId>(ids.begin(), ids.end()))) {
            if (const auto found = index.find(row.get<Uuid>("product_id")); found != index.end())
                batch.products[found->second].record.popularity += row.get<std::int64_t>("score");
        }
        const auto supply = inventory_.supply(session, variants);
        for (auto& raw : batch.products) {
            for (const auto& variant : raw.record.variants) {
                if (const auto found = supply.find(variant.id); found != supply.end()) add_supply(raw, variant.id, found->second);
            }
        }
        return batch;
    }

    // What variants cost now, for everybody and in the lists.
    Terms read_terms(db::Tx& tx, const std::vector<VariantId>& variants, const std::vector<pricing::ContractList>& lists, Timestamp now) {
        Terms out;
        for (std::size_t i = 0; i < currencies_.size(); ++i) {
            auto& of_currency = out.prices.emplace_back();
            for (auto& [variant, price] : pricing_.prices(tx, variants, public_buyer(i, now)))
                of_currency.emplace(variant.uuid(), std::move(price));
        }
        out.contracts = read_contracts(tx, lists, variants, now);
        return out;
    }
    using Entries = std::vector<std::pair<ProductId, EntryPtr>>;
    // Products as they are now, with their prices.
    Entries read_entries(db::Tx& tx, std::span<const ProductId> ids, const std::vector<pricing::ContractList>& lists,
                         const Structure& structure, Timestamp now) {
        auto batch = read_batch(tx, ids);
        std::vector<VariantId> variants;
        for (const auto& raw : batch.products) {
            for (const auto& variant : raw.record.variants) variants.push_back(variant.id);
        }
        auto terms = read_terms(tx, variants, lists, now);
        Entries out;
        out.reserve(batch.products.size());
        for (auto& raw : batch.products) {
            for (const auto& variant : raw.record.variants) {
                const auto id = variant.id.uuid();
                for (std::size_t i = 0; i < currencies_.size(); ++i) raw.prices[i].insert(terms.prices[i].extract(id));
                raw.contracts.insert(terms.contracts.extract(id));
            }
            out.emplace_back(raw.record.id, make_entry(raw, batch.assets, structure, now));
        }
        return out;
    }
    // The same products at today's prices and with today's stock: an import of prices changes all of them, and reading them whole takes
    // five times as long.
    Entries read_terms_of(db::Tx& tx, std::span<const ProductId> ids, const Snapshot& before,
                          const std::vector<pricing::ContractList>& lists, Timestamp now) {
        std::vector<VariantId> variants;
        for (const auto& id : ids) {
            for (const auto& variant : before.find(id.uuid())->variants) variants.push_back(variant.id);
        }
        auto terms = read_terms(tx, variants, lists, now);
        for (const auto& [variant, supply] : inventory_.supply(tx, variants)) add_supply(terms, variant, supply);
        Entries out;
        out.reserve(ids.size());
        for (const auto& id : ids) out.emplace_back(id, with_terms(*before.find(id.uuid()), terms, *before.structure, now));
        return out;
    }

    static std::int64_t day_of(Date date) { return std::chrono::sys_days(date).time_since_epoch().count(); }
    static std::string event_at(db::Session& session, std::int64_t position) {
        const auto rows = session.query(sql::event_at, position);
        return rows.empty() ? std::string() : rows.front().get<std::string>("event");
    }

    // From the file, and then what changed since.
    bool load_kept() {
        if (options_.file.empty()) return false;
        const auto started = std::chrono::steady_clock::now();
        const auto heap_before = heap_bytes();
        auto kept = read_catalogue(options_.file);
        const auto refused = [&](std::string_view reason) {
            log::warning("search: the kept catalogue is not used", {{"file", options_.file}, {"reason", reason}});
            return false;
        };
        if (!kept) return kept.error().empty() ? false : refused(kept.error());
        if (kept->currencies != options_.currencies || kept->channel != options_.channel) return refused("it was kept with other settings");
        const auto today = date_of(clock_.now());
        if (kept->day != day_of(today)) return refused("it is of another day");
        std::shared_ptr<const Structure> structure;
        auto old_slugs = std::make_shared<std::unordered_map<std::string, Uuid>>();
        std::string reason;
        Priced times;
        database_.in_tx(
            [&](db::Tx& tx) {
                reason.clear();
                old_slugs->clear();
                if (const auto event = event_at(tx, kept->position); event.empty() || event != kept->origin) {
                    reason = "it is of another database";
                    return;
                }
                structure = make_structure(catalog_.structure(tx), options_.currencies, load_merchandising(tx));
                if (fingerprint_of(*structure) != kept->structure) {
                    reason = "categories, collections or attributes have changed";
                    return;
                }
                for (auto& old : catalog_.old_slugs(tx)) old_slugs->emplace(old.kind + "/" + old.locale + "/" + old.slug, old.entity);
                times = priced(tx, kept->read_at);
            },
            db::Isolation::repeatable_read);
        if (!reason.empty()) return refused(reason);
        auto snapshot = make_snapshot(structure, std::move(kept->entries), old_slugs, options_.page_cache_bytes, ranking_,
                                      std::make_shared<const std::vector<pricing::ContractList>>(std::move(kept->contract_lists)));
        snapshot->position = kept->position;
        loaded_on_ = today;
        priced_ = times;
        publish(snapshot);
        saved_version_ = snapshot->version;
        const auto products = static_cast<std::int64_t>(snapshot->ordinal_of->size());
        const auto heap = std::max<std::int64_t>(heap_bytes() - heap_before, 0);
        snapshot.reset();
        (void)refresh_once();
        log::info("search: catalogue loaded from its file", {{"products", products},
                                                             {"ms", milliseconds_since(started)},
                                                             {"megabytes", heap >> 20},
                                                             {"bytes_per_product", products > 0 ? heap / products : 0},
                                                             {"position", published_.get()->position}});
        return true;
    }

    void load_everything() {
        const auto started = std::chrono::steady_clock::now();
        const auto heap_before = heap_bytes();
        const auto now = clock_.now();
        std::vector<EntryPtr> entries;
        std::shared_ptr<const Structure> structure;
        auto old_slugs = std::make_shared<std::unordered_map<std::string, Uuid>>();
        std::int64_t position = 0;
        ContractLists lists;
        Priced times;
        database_.in_tx(
            [&](db::Tx& tx) {
                // A retried transaction starts from nothing.
                entries.clear();
                old_slugs->clear();
                position = tx.query(sql::last_position).front().get<std::int64_t>("position");
                structure = make_structure(catalog_.structure(tx), options_.currencies, load_merchandising(tx));
                for (auto& old : catalog_.old_slugs(tx)) old_slugs->emplace(old.kind + "/" + old.locale + "/" + old.slug, old.entity);
                std::vector<std::unordered_map<Uuid, pricing::VariantPrice>> prices(currencies_.size());
                for (std::size_t i = 0; i < currencies_.size(); ++i) {
                    pricing_.for_each_public_price(tx, currencies_[i], options_.channel, now, [&](pricing::VariantPrice&& price) {
                        const auto id = price.variant.uuid();
                        prices[i].insert_or_assign(id, std::move(price));
                    });
                }
                lists = lists_now(tx, std::make_shared<const std::vector<pricing::ContractList>>(), now);
                auto contracts = read_contracts(tx, *lists, std::nullopt, now);
                const auto ids = catalog_.product_ids(tx);
                entries.reserve(ids.size());
                for (std::size_t at = 0; at < ids.size(); at += static_cast<std::size_t>(options_.batch)) {
                    const auto count = std::min(ids.size() - at, static_cast<std::size_t>(options_.batch));
                    auto batch = read_batch(tx, std::span(ids).subspan(at, count));
                    for (auto& raw : batch.products) {
                        for (std::size_t i = 0; i < currencies_.size(); ++i) {
                            for (const auto& variant : raw.record.variants) {
                                if (const auto found = prices[i].find(variant.id.uuid()); found != prices[i].end())
                                    raw.prices[i].emplace(found->first, std::move(found->second));
                            }
                        }
                        for (const auto& variant : raw.record.variants) {
                            if (auto node = contracts.extract(variant.id.uuid())) raw.contracts.insert(std::move(node));
                        }
                        entries.push_back(make_entry(raw, batch.assets, *structure, now));
                    }
                }
                times = priced(tx, now);
            },
            db::Isolation::repeatable_read);
        const auto read_ms = milliseconds_since(started);
        auto snapshot = make_snapshot(structure, std::move(entries), old_slugs, options_.page_cache_bytes, ranking_, lists);
        snapshot->position = position;
        loaded_on_ = date_of(now);
        priced_ = times;
        publish(snapshot);
        // The rows and what else loading needed are gone by now; an older snapshot was there before as well.
        const auto products = static_cast<std::int64_t>(snapshot->ordinal_of->size());
        const auto heap = std::max<std::int64_t>(heap_bytes() - heap_before, 0);
        log::info("search: catalogue loaded", {{"products", products},
                                               {"ms", milliseconds_since(started)},
                                               {"read_ms", read_ms},
                                               {"megabytes", heap >> 20},
                                               {"bytes_per_product", products > 0 ? heap / products : 0},
                                               {"position", position}});
    }

    // Every price of a snapshot is the one of `at`, until `next`. Taken over only once that snapshot is published: a price that began while
    // it could not be read is asked for again.
    struct Priced {
        Timestamp at{}, next = Timestamp::max();
    };
    [[nodiscard]] Priced priced(db::Session& session, Timestamp at) {
        return {at, pricing_.next_window(session, at).value_or(Timestamp::max())};
    }

    void publish(const std::shared_ptr<Snapshot>& next) {
        next->version = ++version_;
        put(next);
    }
    void put(const std::shared_ptr<Snapshot>& next) {
        auto before = published_.set(next);
        // The last reader must not have to take a whole snapshot apart: that happens here, once nobody reads it any more.
        if (before) retired_.push_back(std::move(before));
        std::erase_if(retired_, [](const SnapshotPtr& old) { return old.use_count() == 1; });
    }

    // The same catalogue, searched through fewer layers.
    void adopt(const MergedText& merged) {
        const auto before = published_.get();
        if (auto next = with_merged_text(*before, merged)) put(next);
    }

    // An address of the product was another one, so there may be old ones.
    static bool has_moved(const Entry* before, const Entry* after) {
        if (!before || !after) return before != after;
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
            if (before->texts[locale]->slug != after->texts[locale]->slug || before->translated[locale] != after->translated[locale])
                return true;
        }
        return false;
    }

    bool refresh_once() {
        const auto before = published_.get();
        if (!before) {
            load_everything();
            tell({true, {}, false, published_.get()->position});
            return true;
        }
        std::erase_if(retired_, [](const SnapshotPtr& old) { return old.use_count() == 1; });
        const auto now = clock_.now();
        std::int64_t position = before->position;
        bool everything = date_of(now) != loaded_on_;  // rules such as "new within 30 days" turn with the day
        bool only_price_or_stock = true;
        bool rules = false;
        std::set<Uuid> changed, repriced;
        const auto reprice = [&](const Uuid& variant) {
            const auto known = before->ordinal_of_variant->find(variant);
            if (known != before->ordinal_of_variant->end() && before->entries[known->second])
                repriced.insert(before->entries[known->second]->id.uuid());
        };
        for (bool more = true; more;) {
            const auto events = database_.read([&](db::Session& session) { return events::read_after(session, position, kEventsARound); });
            more = events.size() == static_cast<std::size_t>(kEventsARound);
            for (const auto& event : events) {
                position = event.position;
                if (event.type == "category.changed" || event.type == "search.learnt" || price_list_edited(event)) {
                    everything = true;
                } else if (event.type == "search.changed") {
                    rules = true;
                } else if (event.type == "product.changed") {
                    if (const auto id = stream_uuid(event.stream)) changed.insert(*id);
                    only_price_or_stock = false;
                } else if (event.type.starts_with("review.")) {
                    if (const auto id = product_in(event)) changed.insert(*id);
                    only_price_or_stock = false;
                } else {
                    for (const auto& variant : changed_variants(event)) reprice(variant);
                }
            }
        }
        const bool windows_due = priced_.next <= now;
        if (windows_due) {
            // Prices that began or ended by themselves since the last look.
            const auto windows = database_.read([&](db::Session& session) { return pricing_.windows(session, priced_.at, now); });
            everything = everything || windows.lists;
            for (const auto& variant : windows.variants) reprice(variant.uuid());
        }
        if (before->next_change() <= now) {
            for (const auto& [at, ordinal] : *before->windows) {
                if (at > now) break;
                changed.insert(before->entries[ordinal]->id.uuid());
            }
            only_price_or_stock = false;
        }
        if (everything || changed.size() > std::max(kWholeReloadAbove, before->entries.size() / kWholeReloadShare)) {
            load_everything();
            tell({true, {}, false, published_.get()->position});
            return true;
        }
        SnapshotPtr base = before;
        if (rules) base = with_merchandising(*before, database_.read([](db::Session& session) { return load_merchandising(session); }));
        for (const auto& id : changed) repriced.erase(id);
        if (changed.empty() && repriced.empty()) {
            if (windows_due) priced_ = database_.read([&](db::Session& session) { return priced(session, now); });
            if (rules) {
                auto next = std::make_shared<Snapshot>(*base);
                next->position = position;
                publish(next);
                tell({true, {}, false, position});
                return true;
            }
            if (position != before->position) {
                auto same = std::make_shared<Snapshot>(*before);
                same->position = position;
                publish(same);
            }
            return false;
        }
        std::vector<ProductId> ids;
        for (const auto& id : changed) ids.emplace_back(id);
        for (const auto& id : repriced) ids.emplace_back(id);
        const std::span whole(ids.data(), changed.size()), terms_only(ids.data() + changed.size(), repriced.size());
        const auto batches = [&](std::span<const ProductId> of, auto body) {
            const auto size = static_cast<std::size_t>(options_.batch);
            for (; !of.empty(); of = of.subspan(std::min(size, of.size()))) body(of.first(std::min(size, of.size())));
        };
        Entries entries;
        std::shared_ptr<std::unordered_map<std::string, Uuid>> old_slugs;
        ContractLists lists;
        Priced times;
        database_.in_tx(
            [&](db::Tx& tx) {
                entries.clear();
                old_slugs.reset();
                lists = lists_now(tx, before->contract_lists, now);
                bool moved = false;
                batches(whole, [&](std::span<const ProductId> wanted) {
                    std::unordered_map<Uuid, EntryPtr> made;
                    for (auto& [id, entry] : read_entries(tx, wanted, *lists, *before->structure, now))
                        made.emplace(id.uuid(), std::move(entry));
                    for (const auto& id : wanted) {
                        const auto found = made.find(id.uuid());
                        entries.emplace_back(id, found == made.end() ? nullptr : std::move(found->second));
                        moved = moved || has_moved(before->find(id.uuid()), entries.back().second.get());
                    }
                });
                batches(terms_only, [&](std::span<const ProductId> wanted) {
                    for (auto& entry : read_terms_of(tx, wanted, *before, *lists, now)) entries.push_back(std::move(entry));
                });
                if (moved) {
                    old_slugs = std::make_shared<std::unordered_map<std::string, Uuid>>();
                    for (auto& old : catalog_.old_slugs(tx)) old_slugs->emplace(old.kind + "/" + old.locale + "/" + old.slug, old.entity);
                }
                times = priced(tx, now);
            },
            db::Isolation::repeatable_read);
        auto next = with_changes(*base, entries, lists);
        next->position = position;
        if (old_slugs) next->old_slugs = std::move(old_slugs);
        priced_ = times;
        publish(next);
        tell({rules, std::move(ids), only_price_or_stock && !rules, position});
        return true;
    }

    void tell(const Refreshed& refreshed) {
        if (!listener_) return;
        try {
            listener_(refreshed);
        } catch (const std::exception& error) {
            log::error("search: a listener of the read model failed", {{"error", error.what()}});
        }
    }

    // On a thread of its own: writing takes seconds when there are many products, and changes do not wait for it.
    void save_when_due() {
        if (options_.file.empty() || is_saving_ || std::chrono::steady_clock::now() < next_save_) return;
        next_save_ = std::chrono::steady_clock::now() + kSaveEvery;
        if (published_.get()->version == saved_version_) return;
        if (saver_.joinable()) saver_.join();
        is_saving_ = true;
        saver_ = std::thread([this] {
            stand_back();
            (void)save();
            is_saving_ = false;
        });
    }

    // Beside the changes, which go on being made visible meanwhile.
    void merge_when_due() {
        if (is_merging_) return;
        auto snapshot = published_.get();
        if (!wants_merging(*snapshot)) return;
        if (merger_.joinable()) merger_.join();
        is_merging_ = true;
        merger_ = std::thread([this, snapshot = std::move(snapshot)]() mutable {
            stand_back();
            try {
                const auto merged = merge_text(*snapshot);
                snapshot.reset();
                const std::lock_guard lock(refreshing_);
                adopt(merged);
            } catch (const std::exception& error) {
                log::error("search: the changed texts were not merged", {{"error", error.what()}});
            }
            is_merging_ = false;
        });
    }

    void follow() {
        stand_back();
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
                    refresh_once();
                }
                if (failing) log::info("search: the change feed is followed again");
                failing = false;
                if (std::chrono::steady_clock::now() - queries_kept >= kKeepQueriesEvery) {
                    queries_kept = std::chrono::steady_clock::now();
                    keep_queries();
                }
                merge_when_due();
                save_when_due();
                if (listener)
                    (void)listener->wait(kPoll);
                else
                    std::this_thread::sleep_for(kPoll);
            } catch (const std::exception& error) {
                // Reads go on from the snapshot there is; the database comes back or an operator looks.
                if (!failing)
                    log::warning("search: the change feed cannot be read; answering from what is loaded", {{"error", error.what()}});
                failing = true;
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
    catalog::Reader& catalog_;
    pricing::Pricing& pricing_;
    inventory::Inventory& inventory_;
    const Clock& clock_;
    EngineOptions options_;
    std::vector<Currency> currencies_;
    Ranking ranking_;
    std::function<void(const Refreshed&)> listener_;

    mutable QueryLog queries_;
    Published published_;
    std::mutex refreshing_;  // one refresh at a time; guards what follows
    std::vector<SnapshotPtr> retired_;
    std::uint64_t version_ = 0;
    Date loaded_on_{};
    Priced priced_;

    std::atomic<bool> stopping_ = false;
    std::thread thread_;
    std::thread saver_;  // of thread_
    std::atomic<bool> is_saving_ = false;
    std::thread merger_;  // of thread_
    std::atomic<bool> is_merging_ = false;
    std::atomic<std::uint64_t> saved_version_ = 0;
    std::chrono::steady_clock::time_point next_save_{};
};

}  // namespace

std::unique_ptr<Engine> make_engine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing,
                                    inventory::Inventory& inventory, const Clock& clock, EngineOptions options) {
    return std::make_unique<MemoryEngine>(database, catalog, pricing, inventory, clock, std::move(options));
}

}  // namespace stoa::search
