#pragma once
// Fills the shop: the demo catalogue, a large made-up one for load tests, a merchant's CSV file. All are safe to repeat.
#include <functional>
#include <string>

#include "stoa/catalog/make.hpp"
#include "stoa/content/make.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::app {

struct SeedDeps {
    db::Database& database;
    const Clock& clock;
    catalog::Writer& catalog;
    catalog::Reader& reader;
    content::Writer& content;
    pricing::PriceBook& prices;
    inventory::Inventory& inventory;
    storage::ObjectStore& media;
};
using Progress = std::function<void(const std::string& line)>;

struct PublicLists {
    pricing::PriceListId eur, gbp, chf;
};
// The three price lists everybody buys from. EUR is what the files say; the others follow by a fixed rate, in whole units.
[[nodiscard]] PublicLists save_public_lists(db::Tx& tx, pricing::PriceBook& prices, Timestamp at);
// "jpy-retail": made when it is not there; a list that the merchant has changed stays as it is.
[[nodiscard]] pricing::PriceListId ensure_public_list(db::Tx& tx, pricing::PriceBook& prices, Currency currency, Timestamp at);
inline constexpr std::int64_t kGbpPerHundredEur = 87;
inline constexpr std::int64_t kChfPerHundredEur = 96;
// Minor units of another currency for a EUR price, rounded half up to whole units but never to nothing.
[[nodiscard]] std::int64_t converted(std::int64_t eur_minor, std::int64_t per_hundred);

struct DemoResult {
    int products = 0;
    int variants = 0;
    int pictures = 0;
    int pictures_missing = 0;
    int reviews = 0;
    int pages = 0;
};
// Reads `directory`/catalogue and `directory`/content. Throws with the file and the reason when something does not fit.
// Stock is set for new variants only: what was sold since the last run stays sold. So are prices, list by list: what staff set stays.
DemoResult seed_demo(const SeedDeps& deps, const std::string& directory, const Progress& progress);

// Who sells in the demo, where nobody is set.
void seed_legal_entity(db::Tx& tx);
// What invoices in other currencies need while it is the demo's entity that sells: made-up rates, for a month, where none counts.
void seed_vat_rates(db::Tx& tx, Date today);

// The company that the demo's buyer buys for. Safe to repeat; does nothing without the demo catalogue.
[[nodiscard]] Uuid demo_company();
void seed_demo_company(const SeedDeps& deps);

struct ScaleResult {
    int products = 0;
    int variants = 0;
};
// Products 0 … count-1 of a catalogue that is the same on every machine; those already there stay. `peers`: names,
// handles, prices and stock of the comparison catalogue that other platforms are measured with.
ScaleResult seed_scale(const SeedDeps& deps, int count, bool peers, const Progress& progress);

// One thing an import changes, in the words of the file's columns. `sku` is empty for what belongs to the whole product.
struct FieldChange {
    std::string sku;
    std::string field;  // "name:de", "price:eur", "stock"
    std::string before, after;
    bool operator==(const FieldChange&) const = default;
};
struct ProductChange {
    std::string handle;
    bool added = false;
    std::vector<FieldChange> fields;
};
struct ImportOptions {
    bool dry_run = false;
    std::string directory;  // where the paths of the column `images` start
    std::function<void(const ProductChange&)> on_change;
};
struct ImportResult {
    int added = 0;
    int changed = 0;
    int unchanged = 0;
    struct Rejected {
        std::int64_t row;  // of the file, the header is row 1
        std::string reason;
    };
    std::vector<Rejected> rejected;
};
// A merchant's own catalogue as CSV: one row a variant, rows of one product together, columns named in the header.
// Streams; each product is a transaction of its own, so a second run after an interruption goes on where it stopped.
ImportResult import_catalogue(const SeedDeps& deps, std::istream& csv, const ImportOptions& options, const Progress& progress);

}  // namespace stoa::app
