#pragma once
// Products as the tables have them, in batches. Each batch is one transaction that ends before anybody outside is asked.
#include <set>
#include <span>
#include <vector>

#include "../snapshot.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/search/make.hpp"

namespace stoa::search::opensearch {

class Rows {
public:
    Rows(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing, inventory::Inventory& inventory,
         const EngineOptions& options);

    struct Batch {
        std::int64_t position = 0;                            // of the change feed when the rows were read
        std::vector<std::pair<ProductId, EntryPtr>> entries;  // null: not for sale, or gone
        std::vector<pricing::ContractList> lists;             // that entries' contract prices refer to
    };
    [[nodiscard]] Batch read(std::span<const ProductId> ids, const Structure& structure, Timestamp now);

    struct Frame {  // everything but the products
        std::int64_t position = 0;
        std::string origin;  // the event at `position`, which no other database has there
        std::shared_ptr<const Structure> structure;
        std::shared_ptr<std::unordered_map<std::string, Uuid>> old_slugs;
        std::vector<pricing::ContractList> lists;
    };
    [[nodiscard]] Frame frame(Timestamp now);
    [[nodiscard]] std::vector<ProductId> product_ids();
    [[nodiscard]] std::string event_at(std::int64_t position);
    // Variants whose prices began or ended between two moments; `everything` when a whole list did.
    [[nodiscard]] pricing::PriceWindows price_windows(Timestamp after, Timestamp now);

private:
    db::Database& database_;
    catalog::Reader& catalog_;
    pricing::Pricing& pricing_;
    inventory::Inventory& inventory_;
    const EngineOptions& options_;
    std::vector<Currency> currencies_;
};

}  // namespace stoa::search::opensearch
