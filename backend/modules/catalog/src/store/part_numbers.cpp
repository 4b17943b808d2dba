#include "stoa/catalog/part_numbers.hpp"

#include <algorithm>

#include "codes.hpp"
#include "sql/part_numbers.hpp"
#include "stoa/text/text.hpp"

namespace stoa::catalog {
namespace {

constexpr std::size_t kLongest = 64;
constexpr std::size_t kLongestNormal = 128;
constexpr auto kTaken = "This owner has the number already, perhaps written another way.";

// As the column `owner` says it.
std::string owner_of(const std::optional<Uuid>& company, const std::string& group) {
    return company ? company->to_string() : "group " + group;
}

std::vector<std::string> owners_of(const PartNumberOwners& owners) {
    std::vector<std::string> out;
    if (owners.company) out.push_back(owner_of(owners.company, {}));
    for (const auto& group : owners.groups) out.push_back(owner_of({}, group));
    return out;
}

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t position = 0; position < text.size(); ++count) (void)text::next_code_point(text, position);
    return count;
}

Failure refused(std::vector<FieldError> fields) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = codes::kInvalidPartNumber;
    error.message = "The part number cannot be kept.";
    error.fields = std::move(fields);
    return fail(std::move(error));
}

class PostgresPartNumbers final : public PartNumbers {
public:
    std::vector<FoundPartNumber> find(db::Session& session, const PartNumberOwners& owners, std::string_view typed, int limit) override {
        const auto normal = normal_part_number(typed);
        if (owners.nobody() || normal.empty() || characters(normal) > kLongestNormal) return {};
        std::vector<FoundPartNumber> out;
        for (const auto row : session.query(sql::find_part_numbers, owners_of(owners), normal, limit)) {
            out.push_back({row.get<ProductId>("product_id"), row.get<VariantId>("variant_id"), row.get<std::string>("number"),
                           row.get<bool>("whole")});
        }
        return out;
    }

    std::vector<FoundPartNumber> of_products(db::Session& session, const PartNumberOwners& owners, std::span<const ProductId> products,
                                             int limit_each) override {
        if (owners.nobody() || products.empty()) return {};
        std::vector<FoundPartNumber> out;
        for (const auto row : session.query(sql::part_numbers_of_products, owners_of(owners),
                                            std::vector<ProductId>(products.begin(), products.end()), limit_each)) {
            out.push_back({row.get<ProductId>("product_id"), row.get<VariantId>("variant_id"), row.get<std::string>("number"), true});
        }
        return out;
    }

    std::optional<PartNumber> by_id(db::Session& session, PartNumberId id) override {
        const auto rows = session.query(sql::part_number_by_id, id);
        if (rows.empty()) return std::nullopt;
        const auto row = rows.front();
        return PartNumber{row.get<PartNumberId>("id"), row.get<std::optional<std::string>>("customer_group").value_or(""),
                          row.get<std::optional<Uuid>>("company_id"), row.get<std::string>("number"), row.get<VariantId>("variant_id")};
    }

    Result<PartNumberId> put(db::Tx& tx, const PartNumber& number, Timestamp now) override {
        if (auto fields = check(number); !fields.empty()) return refused(std::move(fields));
        const auto normal = normal_part_number(number.number);
        const auto other = tx.query(sql::part_number_by_name, owner_of(number.company, number.group), normal);
        const auto id = number.id.uuid().is_nil() ? PartNumberId::make() : number.id;
        if (!other.empty() && other.front().get<PartNumberId>("id") != id) return refused({{"/number", "taken", kTaken}});
        if (number.id.uuid().is_nil()) {
            PartNumber fresh = number;
            fresh.id = id;
            // Not added: somebody was first with the same number. The caller's transaction ends without an effect.
            if (put_all(tx, std::span(&fresh, 1), now).added == 0) return refused({{"/number", "taken", kTaken}});
            return id;
        }
        const auto group = number.company ? std::optional<std::string>() : std::optional(number.group);
        try {
            if (tx.exec(sql::update_part_number, id, group, number.company, number.number, normal, number.variant, now) == 0)
                return fail(ErrorKind::not_found, "http.not_found", "There is nothing here.");
        } catch (const db::UniqueViolation&) {
            return refused({{"/number", "taken", kTaken}});
        }
        return id;
    }

    bool remove(db::Tx& tx, PartNumberId id) override { return tx.exec(sql::remove_part_number, id) > 0; }

    Written put_all(db::Tx& tx, std::span<const PartNumber> numbers, Timestamp now) override {
        Written out;
        if (numbers.empty()) return out;
        // Two imports of one owner write its rows in one order.
        const auto sorted = in_order(numbers);
        std::vector<PartNumberId> ids;
        std::vector<std::string> groups, companies, written, normals;
        std::vector<VariantId> variants;
        for (const auto* number : sorted) {
            ids.push_back(number->id.uuid().is_nil() ? PartNumberId::make() : number->id);
            groups.push_back(number->company ? "" : number->group);
            companies.push_back(number->company ? number->company->to_string() : "");
            written.push_back(number->number);
            normals.push_back(normal_part_number(number->number));
            variants.push_back(number->variant);
        }
        for (const auto row : tx.query(sql::put_part_numbers, ids, groups, companies, written, normals, variants, now))
            ++(row.get<bool>("added") ? out.added : out.changed);
        out.unchanged = static_cast<std::int64_t>(numbers.size()) - out.added - out.changed;
        return out;
    }

    Written remove_all(db::Tx& tx, std::span<const PartNumber> numbers) override {
        Written out;
        if (numbers.empty()) return out;
        std::vector<std::string> owners, normals;
        for (const auto* number : in_order(numbers)) {
            owners.push_back(owner_of(number->company, number->group));
            normals.push_back(normal_part_number(number->number));
        }
        out.removed = tx.exec(sql::remove_part_numbers, owners, normals);
        out.unchanged = static_cast<std::int64_t>(numbers.size()) - out.removed;
        return out;
    }

private:
    static std::vector<const PartNumber*> in_order(std::span<const PartNumber> numbers) {
        std::vector<std::pair<std::string, const PartNumber*>> keyed;
        for (const auto& number : numbers)
            keyed.emplace_back(owner_of(number.company, number.group) + "\n" + normal_part_number(number.number), &number);
        std::ranges::sort(keyed, {}, &std::pair<std::string, const PartNumber*>::first);
        std::vector<const PartNumber*> out;
        for (const auto& [key, number] : keyed) out.push_back(number);
        return out;
    }
};

}  // namespace

std::string normal_part_number(std::string_view number) {
    std::string out;
    for (const char c : text::fold(number)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) out += c;
    }
    return out;
}

std::vector<FieldError> check(const PartNumber& number) {
    std::vector<FieldError> out;
    if (number.group.empty() != number.company.has_value())
        out.push_back({"/company", "invalid", "A number belongs to a company or to a group of customers."});
    if (number.group.size() > 60) out.push_back({"/customer_group", "too_long", "A group's code has at most 60 characters."});
    if (const auto length = characters(number.number); length == 0 || length > kLongest)
        out.push_back({"/number", "invalid", "A part number has 1 to 64 characters."});
    else if (const auto normal = normal_part_number(number.number); normal.empty() || characters(normal) > kLongestNormal)
        out.push_back({"/number", "invalid", "A part number needs a letter or a digit."});
    return out;
}

std::unique_ptr<PartNumbers> make_part_numbers() { return std::make_unique<PostgresPartNumbers>(); }

}  // namespace stoa::catalog
