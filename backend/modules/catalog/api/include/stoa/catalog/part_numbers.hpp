#pragma once
// A company's own part numbers, or those of a group of customers: other names of variants, known to nobody else.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/result/result.hpp"

namespace stoa::catalog {

using PartNumberId = Id<"part">;

// Lower case, letters and digits only: "AB-12 / x" and "ab12X" are one number.
[[nodiscard]] std::string normal_part_number(std::string_view number);

struct PartNumber {
    PartNumberId id{};            // nil: made
    std::string group;            // either this
    std::optional<Uuid> company;  // or this
    std::string number;           // as its owner writes it
    VariantId variant{};
};

// Whose numbers count: those of the company first.
struct PartNumberOwners {
    std::vector<std::string> groups;
    std::optional<Uuid> company;
    [[nodiscard]] bool nobody() const { return groups.empty() && !company; }
};

struct FoundPartNumber {
    ProductId product{};
    VariantId variant{};
    std::string number;
    bool whole = false;  // what was typed is all of it
};

class PartNumbers {
public:
    virtual ~PartNumbers() = default;
    // Those that are what was typed, then those that begin with it, the shortest first.
    [[nodiscard]] virtual std::vector<FoundPartNumber> find(db::Session& session, const PartNumberOwners& owners, std::string_view typed,
                                                            int limit) = 0;
    // Of all variants of these products; of each product at most so many.
    [[nodiscard]] virtual std::vector<FoundPartNumber> of_products(db::Session& session, const PartNumberOwners& owners,
                                                                   std::span<const ProductId> products, int limit_each) = 0;
    [[nodiscard]] virtual std::optional<PartNumber> by_id(db::Session& session, PartNumberId id) = 0;
    // One number, new or changed. catalog.invalid_part_number says which field; a number that its owner has already is refused.
    [[nodiscard]] virtual Result<PartNumberId> put(db::Tx& tx, const PartNumber& number, Timestamp now) = 0;
    virtual bool remove(db::Tx& tx, PartNumberId id) = 0;

    // For imports: a number that its owner has already names the given variant from now on. Numbers that do not pass check() and numbers
    // named twice are the caller's mistake.
    struct Written {
        std::int64_t added = 0, changed = 0, unchanged = 0, removed = 0;
    };
    [[nodiscard]] virtual Written put_all(db::Tx& tx, std::span<const PartNumber> numbers, Timestamp now) = 0;
    [[nodiscard]] virtual Written remove_all(db::Tx& tx, std::span<const PartNumber> numbers) = 0;
};
// What is wrong with owner or number by itself; pointers are /customer_group, /company and /number.
[[nodiscard]] std::vector<FieldError> check(const PartNumber& number);
[[nodiscard]] std::unique_ptr<PartNumbers> make_part_numbers();

}  // namespace stoa::catalog
