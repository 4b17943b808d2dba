// What the database holds, counted anew, beside what the data set's own facts say. Whole numbers and texts only.
#include <fmt/format.h>

#include <stdexcept>

#include "import_online_retail.hpp"
#include "import_online_retail_files.hpp"
#include "sql/history.hpp"
#include "stoa/json/value.hpp"

namespace stoa::app {
namespace {

json::Value parsed(std::string_view text, const std::string& what) {
    auto value = json::parse(text, {.max_bytes = 16 << 20});
    if (!value) throw std::runtime_error(what + " is not JSON: " + value.error().message);
    return std::move(*value);
}

void add_leaf(std::vector<Difference>& out, const std::string& what, const json::Value* expected, const json::Value* actual) {
    Difference one{what, expected ? json::to_text(*expected) : "nothing", actual ? json::to_text(*actual) : "nothing", false};
    one.same = one.expected == one.actual;
    out.push_back(std::move(one));
}

void compare(std::vector<Difference>& out, const std::string& what, const json::Value* expected, const json::Value* actual) {
    const auto* shape = actual ? actual : expected;
    if (expected && actual && expected->kind() != actual->kind()) return add_leaf(out, what, expected, actual);
    if (shape->is_array()) {
        const auto size = std::max(expected ? expected->items().size() : 0, actual ? actual->items().size() : 0);
        for (std::size_t i = 0; i < size; ++i) {
            compare(out, fmt::format("{}[{}]", what, i), expected && i < expected->items().size() ? &expected->items()[i] : nullptr,
                    actual && i < actual->items().size() ? &actual->items()[i] : nullptr);
        }
    } else if (shape->is_object()) {
        for (const auto& [name, value] : shape->members())
            compare(out, what + '.' + name, expected ? expected->find(name) : nullptr, actual ? actual->find(name) : nullptr);
        if (!expected || !actual) return;
        for (const auto& [name, value] : expected->members()) {
            if (!actual->find(name)) compare(out, what + '.' + name, &value, nullptr);
        }
    } else {
        add_leaf(out, what, expected, actual);
    }
}

}  // namespace

std::vector<Difference> verify_online_retail(db::Database& database, const std::string& facts) {
    std::vector<std::pair<std::string, json::Value>> counted;
    database.in_tx([&](db::Tx& session) {
        (void)session.run_text("set local work_mem = '256MB'");  // sorts of half a million rows
        const auto add = [&](const db::Rows& rows) {
            for (const auto row : rows) {
                const auto key = row.get<std::string>("key");
                counted.emplace_back(key, parsed(row.get<std::optional<std::string_view>>("value").value_or("null"), key));
            }
        };
        std::vector<std::string> not_goods(kNotGoods.begin(), kNotGoods.end());
        counted.clear();
        add(session.query(sql::verify_rows, kOnlineRetail));
        add(session.query(sql::verify_counts, kOnlineRetail));
        add(session.query(sql::verify_groups, kOnlineRetail, not_goods));
        add(session.query(sql::verify_goods, kOnlineRetail));
        add(session.query(sql::verify_orders, kOnlineRetail));
        add(session.query(sql::verify_customers, kOnlineRetail));
        add(session.query(sql::verify_cohorts, kOnlineRetail));
    });
    std::vector<Difference> out;
    if (facts.empty()) {
        for (const auto& [key, value] : counted) out.push_back({key, "", json::to_text(value), false});
        return out;
    }
    const auto truth = parsed(facts, "facts.json");
    for (const auto& [key, value] : counted) compare(out, key, truth.find(key), &value);
    return out;
}

}  // namespace stoa::app
