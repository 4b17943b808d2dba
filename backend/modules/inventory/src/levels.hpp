#pragma once
// Stock rows under their lock: what an operation writes is written here as well, and its end serves whoever waits and says what changed.
#include <map>
#include <string_view>
#include <vector>

#include "stoa/db/db.hpp"
#include "stoa/inventory/inventory.hpp"

namespace stoa::inventory {

struct Level {
    Uuid id;
    catalog::VariantId variant;
    WarehouseId warehouse;
    std::int64_t on_hand = 0;
    std::int64_t held = 0;
    std::int64_t allocated = 0;
    std::int64_t pledged = 0;  // beyond what is on hand: promised to checkouts
    std::int64_t owed = 0;     // and to orders
    bool sells_ahead = false;
    std::optional<std::int64_t> limit;  // of pledged + owed
    int priority = 0;
    bool sells = true;  // its warehouse is active

    [[nodiscard]] std::int64_t free() const { return on_hand - held - allocated; }
    // How many more may be promised.
    [[nodiscard]] std::int64_t room() const;
    static Level from_row(const db::Row& row);
};

// Quantities per stock row, in id order.
using PerStock = std::map<Uuid, std::int64_t>;
struct Columns {
    std::vector<Uuid> ids;
    std::vector<std::int64_t> quantities;
};
[[nodiscard]] Columns columns(const PerStock& rows);

class Levels {
public:
    // Of a statement that locked all rows of the variants that it is about.
    explicit Levels(const db::Rows& locked);
    [[nodiscard]] bool empty() const { return now_.empty(); }
    [[nodiscard]] Level& at(const Uuid& stock);
    [[nodiscard]] std::vector<Level>& all() { return now_; }
    // Rows that sell, in the order in which they give.
    [[nodiscard]] std::vector<const Level*> selling(catalog::VariantId variant) const;
    [[nodiscard]] std::int64_t owed(catalog::VariantId variant) const;
    [[nodiscard]] bool owes() const;
    // The last step of an operation: what became free goes to those who wait for it, before anybody else can see it; then variants whose
    // free units, or how many may still be promised, changed and are few are announced, and the one that is named in any case.
    void finish(db::Tx& tx, Timestamp now, std::span<const catalog::VariantId> announced = {});

private:
    void serve_waiting(db::Tx& tx, Timestamp now);
    void announce(db::Tx& tx, std::span<const catalog::VariantId> announced) const;
    std::vector<Level> now_, before_;
};

}  // namespace stoa::inventory
