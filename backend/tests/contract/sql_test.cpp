// Every statement of every module is one that PostgreSQL can prepare against the schema as the migrations leave it.
#include <gtest/gtest.h>

#include <map>

#include "stoa/testing/testing.hpp"

namespace stoa::db {
std::span<const Query> all_queries();
}

namespace stoa::testing {
namespace {

TEST(Sql, every_query_can_be_prepared) {
    const auto queries = db::all_queries();
    ASSERT_GT(queries.size(), 300U);
    std::map<std::string_view, int> names;
    int number = 0;
    for (const auto& query : queries) {
        EXPECT_EQ(++names[query.name], 1) << query.name << ": two queries have this name, and statements are prepared by name";
        try {
            shared_database().database().in_tx([&](db::Tx& tx) {
                const std::string statement = "q" + std::to_string(++number);
                tx.run_text("prepare " + statement + " as " + std::string(query.sql));
                tx.run_text("deallocate " + statement);
            });
        } catch (const db::DbError& error) {
            ADD_FAILURE() << query.name << ": " << error.what();
        }
    }
}

// $1 without a cast takes its type from the place it stands in, which changes with the next migration.
TEST(Sql, every_parameter_says_its_type) {
    for (const auto& query : db::all_queries()) {
        const auto sql = query.sql;
        for (std::size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
            // A line's comment may speak of $1.
            const auto line = sql.rfind('\n', at);
            const auto start = line == std::string_view::npos ? 0 : line + 1;
            if (sql.substr(start, at - start).find("--") != std::string_view::npos) continue;
            std::size_t end = at + 1;
            while (end < sql.size() && sql[end] >= '0' && sql[end] <= '9') ++end;
            if (end == at + 1) continue;
            EXPECT_EQ(sql.substr(end, 2), "::") << query.name << ": " << sql.substr(at, 20);
        }
    }
}

}  // namespace
}  // namespace stoa::testing
