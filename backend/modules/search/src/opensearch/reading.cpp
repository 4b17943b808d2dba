#include "reading.hpp"

#include "sql/search.hpp"

namespace stoa::search::opensearch {
namespace {

std::string event_text(db::Session& session, std::int64_t position) {
    const auto rows = session.query(sql::event_at, position);
    return rows.empty() ? std::string() : rows.front().get<std::string>("event");
}

}  // namespace

Rows::Rows(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing, inventory::Inventory& inventory,
           const EngineOptions& options)
    : database_(database), catalog_(catalog), pricing_(pricing), inventory_(inventory), options_(options) {
    for (const auto& code : options.currencies) currencies_.push_back(Currency::of(code));
}

Rows::Batch Rows::read(std::span<const ProductId> ids, const Structure& structure, Timestamp now) {
    Batch out;
    database_.in_tx(
        [&](db::Tx& tx) {
            out = {};
            out.position = tx.query(sql::last_position).front().get<std::int64_t>("position");
            auto read = catalog_.products(tx, ids);
            Assets assets;
            for (auto& asset : read.assets) {
                const auto id = asset.id.uuid();
                assets.emplace(id, std::make_shared<catalog::Asset>(std::move(asset)));
            }
            std::vector<RawProduct> products;
            std::vector<VariantId> variants;
            std::unordered_map<Uuid, std::size_t> index;
            for (auto& record : read.products) {
                for (const auto& variant : record.variants) variants.push_back(variant.id);
                index.emplace(record.id.uuid(), products.size());
                auto& raw = products.emplace_back();
                raw.record = std::move(record);
                raw.prices.resize(currencies_.size());
            }
            for (auto& review : read.reviews) products[index.at(review.product.uuid())].reviews.push_back(std::move(review));
            const std::vector<ProductId> listed(ids.begin(), ids.end());
            for (const auto row : tx.query(sql::related, listed)) {
                if (const auto found = index.find(row.get<Uuid>("product_id")); found != index.end())
                    products[found->second].bought_together.push_back(row.get<ProductId>("related_id"));
            }
            for (const auto row : tx.query(sql::popularity, listed)) {
                if (const auto found = index.find(row.get<Uuid>("product_id")); found != index.end())
                    products[found->second].record.popularity += row.get<std::int64_t>("score");
            }
            const auto supply = inventory_.supply(tx, variants);
            for (std::size_t i = 0; i < currencies_.size(); ++i) {
                pricing::BuyerContext buyer;
                buyer.channel = options_.channel;
                buyer.currency = currencies_[i];
                buyer.country = options_.default_country;
                buyer.at = now;
                const auto prices = pricing_.prices(tx, variants, buyer);
                for (auto& raw : products) {
                    for (const auto& variant : raw.record.variants) {
                        if (const auto found = prices.find(variant.id); found != prices.end())
                            raw.prices[i].emplace(variant.id.uuid(), found->second);
                    }
                }
            }
            out.lists = pricing_.contract_lists(tx, options_.channel, now);
            std::unordered_map<Uuid, std::uint32_t> places;
            for (std::uint32_t i = 0; i < out.lists.size(); ++i) places.emplace(out.lists[i].id.uuid(), i);
            std::unordered_map<Uuid, std::vector<ContractPrice>> contracts;
            for (std::size_t i = 0; i < currencies_.size() && !out.lists.empty(); ++i) {
                pricing_.for_each_contract_price(
                    tx, currencies_[i], options_.channel, now, variants, [&](pricing::ContractPrice&& contract) {
                        const auto variant = contract.price.variant.uuid();
                        contracts[variant].push_back({places.at(contract.list.uuid()), std::move(contract.price)});
                    });
            }
            std::set<Uuid> seen;
            for (auto& raw : products) {
                for (const auto& variant : raw.record.variants) {
                    if (const auto found = supply.find(variant.id); found != supply.end()) add_supply(raw, variant.id, found->second);
                    if (auto node = contracts.extract(variant.id.uuid())) raw.contracts.insert(std::move(node));
                }
                seen.insert(raw.record.id.uuid());
                out.entries.emplace_back(raw.record.id, make_entry(raw, assets, structure, now));
            }
            for (const auto& id : ids) {
                if (!seen.contains(id.uuid())) out.entries.emplace_back(id, nullptr);
            }
        },
        db::Isolation::repeatable_read);
    return out;
}

Rows::Frame Rows::frame(Timestamp now) {
    Frame out;
    database_.in_tx(
        [&](db::Tx& tx) {
            out = {};
            out.position = tx.query(sql::last_position).front().get<std::int64_t>("position");
            out.origin = event_text(tx, out.position);
            out.structure = make_structure(catalog_.structure(tx), options_.currencies, load_merchandising(tx));
            out.old_slugs = std::make_shared<std::unordered_map<std::string, Uuid>>();
            for (auto& old : catalog_.old_slugs(tx)) out.old_slugs->emplace(old.kind + "/" + old.locale + "/" + old.slug, old.entity);
            out.lists = pricing_.contract_lists(tx, options_.channel, now);
        },
        db::Isolation::repeatable_read);
    return out;
}

std::vector<ProductId> Rows::product_ids() {
    return database_.read([&](db::Session& session) { return catalog_.product_ids(session); });
}
std::string Rows::event_at(std::int64_t position) {
    return database_.read([&](db::Session& session) { return event_text(session, position); });
}
pricing::PriceWindows Rows::price_windows(Timestamp after, Timestamp now) {
    return database_.read([&](db::Session& session) { return pricing_.windows(session, after, now); });
}

}  // namespace stoa::search::opensearch
