#include "revalidate.hpp"

#include <condition_variable>
#include <map>

#include "sql/storefront.hpp"
#include "stoa/catalog/ids.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"
#include "stoa/pricing/pricing.hpp"

namespace stoa::app {
namespace {

constexpr std::chrono::seconds kVisible{2};  // by then the read model has followed a small change (design section 5)
constexpr int kTagsPerCall = 100;
constexpr std::chrono::milliseconds kLook{250};
constexpr std::chrono::seconds kReport{5};  // of the fifteen after which a reader counts as gone

// `position`: of the event that the read models must have seen.
void add(db::Tx& tx, const std::vector<std::string>& tags, std::string_view mode, Timestamp due, std::int64_t position) {
    tx.exec(sql::add_tags, tags, mode, due, position);
}

}  // namespace

std::vector<events::Subscription> revalidation_subscriptions(const Clock& clock) {
    const auto on_event = [&clock](db::Tx& tx, const events::Event& event) {
        const Timestamp due = clock.now() + kVisible;
        const auto data = json::parse(event.data);
        if (!data) return;
        if (event.type == "content.changed") {
            add(tx, {"content:" + data->text_or("slug"), "menus", "home"}, "text", due, 0);  // no word of it in the read model
        } else if (event.type == "category.changed") {
            add(tx, {"category:" + data->text_or("category_id"), "menus", "listing", "home"}, "text", due, event.position);
        } else if (event.type == "search.changed" || event.type == "search.learnt") {
            add(tx, {"listing", "home"}, "text", due, event.position);
        } else if (event.type == "product.changed") {
            add(tx, {"product:" + data->text_or("product_id"), "listing", "home"}, "text", due, event.position);
        } else if (event.type == "price_list.changed") {
            const auto list = pricing::PriceListId::parse(data->text_or("price_list_id"));
            if (!list) return;
            std::vector<std::string> tags{"listing", "home"};
            for (const auto row : tx.query(sql::products_of_list, *list))
                tags.push_back("product:" + row.get<catalog::ProductId>("product_id").to_string());
            add(tx, tags, "price", due, event.position);
        } else {
            // price.changed, price.many_changed, stock.changed
            std::vector<catalog::VariantId> variants;
            if (const auto variant = catalog::VariantId::parse(data->text_or("variant_id"))) variants.push_back(*variant);
            if (const auto* ids = data->find("variant_ids")) {
                for (const auto& id : ids->items()) {
                    if (const auto variant = catalog::VariantId::parse(id.text())) variants.push_back(*variant);
                }
            }
            if (variants.empty()) return;
            std::vector<std::string> tags{"listing", "home"};
            for (const auto row : tx.query(sql::product_of_variants, variants))
                tags.push_back("product:" + row.get<catalog::ProductId>("product_id").to_string());
            add(tx, tags, "price", due, event.position);
        }
    };
    return {{"storefront.revalidate",
             {"product.changed", "price.changed", "price.many_changed", "price_list.changed", "stock.changed", "category.changed",
              "content.changed", "search.changed", "search.learnt"},
             on_event,
             nullptr}};
}

Revalidator::Revalidator(db::Database& database, http_client::Client& client, const Clock& clock, std::string storefront_url,
                         std::string secret)
    : database_(database), client_(client), clock_(clock), url_(std::move(storefront_url)), secret_(std::move(secret)) {}

Revalidator::~Revalidator() { stop(); }

void Revalidator::start() {
    if (url_.empty() || thread_.joinable()) return;
    thread_ = std::thread([this] {
        while (!stopping_) {
            int sent = 0;
            try {
                sent = run_once();
            } catch (const std::exception& error) {
                log::warning("storefront: tags wait", {{"reason", error.what()}});
            }
            if (sent < kTagsPerCall) {
                for (int i = 0; i < 10 && !stopping_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{100});
            }
        }
    });
}

void Revalidator::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

int Revalidator::run_once() {
    std::vector<std::string> tags, seen;
    std::vector<std::int64_t> versions;
    bool price = false;
    database_.read([&](db::Session& session) {
        tags.clear();
        seen.clear();
        versions.clear();
        price = false;
        for (const auto row : session.query(sql::due_tags, clock_.now(), kTagsPerCall)) {
            tags.push_back(row.get<std::string>("tag"));
            if (row.get<bool>("is_seen")) {
                seen.push_back(tags.back());
                versions.push_back(row.get<std::int64_t>("version"));
            }
            price = price || row.get<std::string>("mode") == "price";
        }
    });
    if (tags.empty()) return 0;
    json::Writer body;
    body.begin_object();
    body.key("tags");
    body.begin_array();
    for (const auto& tag : tags) body.string(tag);
    body.end_array();
    body.member("mode", price ? "price" : "text");
    body.end_object();
    http_client::Call call;
    call.method = "POST";
    call.url = url_ + "/internal/revalidate";
    call.body = body.take();
    const auto now = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count());
    call.headers = {{"Content-Type", "application/json"},
                    {"X-Stoa-Timestamp", now},
                    {"X-Stoa-Signature", crypto::hex(crypto::hmac_sha256(secret_, now + "." + call.body))}};
    call.timeout = std::chrono::seconds{10};
    const auto answer = client_.send(call);
    if (!answer || answer->status / 100 != 2)
        throw std::runtime_error(answer ? "the storefront answers " + std::to_string(answer->status) : answer.error().message);
    // A tag that changed again meanwhile has another version. It stays and is sent once more, as is one that somebody has not seen yet.
    database_.in_tx([&](db::Tx& tx) {
        tx.exec(sql::remove_tags, seen, versions);
        tx.exec(sql::wait_again, tags, clock_.now());
    });
    return static_cast<int>(tags.size());
}

CatalogueReader::CatalogueReader(db::Database& database, const search::Search& search, const Clock& clock)
    : database_(database), search_(search), clock_(clock), name_(Uuid::v7().to_string()) {}

CatalogueReader::~CatalogueReader() { stop(); }

void CatalogueReader::report() {
    if (const auto status = search_.status(); status.ready)
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::report_reader, name_, status.position, clock_.now()); });
}

void CatalogueReader::start() {
    if (thread_.joinable()) return;
    // Before anybody can ask this process: an exception is the caller's.
    report();
    stopping_ = false;
    thread_ = std::thread([this] {
        auto reported = std::chrono::steady_clock::now();
        std::int64_t position = -1;
        bool failing = false;
        while (!stopping_) {
            std::this_thread::sleep_for(kLook);
            const auto now = std::chrono::steady_clock::now();
            const auto at = search_.status().position;
            // One that cannot say it now says it at the usual time again.
            if ((at == position || failing) && now - reported < kReport) continue;
            reported = now;
            try {
                report();
                position = at;
                failing = false;
            } catch (const std::exception& error) {
                if (!failing) log::warning("storefront: how far the read model is cannot be said", {{"reason", error.what()}});
                failing = true;
            }
        }
    });
}

void CatalogueReader::stop() {
    stopping_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    try {
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::remove_readers, name_, clock_.now()); });
    } catch (const std::exception& error) {
        log::warning("storefront: pages wait a moment for a process that is gone", {{"reason", error.what()}});
    }
}

}  // namespace stoa::app
