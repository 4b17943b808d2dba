// Every statement of every module is one that PostgreSQL can prepare against the schema as the migrations leave it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include <fmt/format.h>

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

// Sessions plan a statement once for all its values (force_generic_plan), so an index with a condition serves only statements that
// repeat the condition. Where no index can serve, PostgreSQL reads the whole table even when told to avoid that.
TEST(Sql, no_statement_reads_a_growing_table_as_a_whole) {
    // Tables that a person fills by hand and that stay small, and statements that are to read everything.
    static const std::set<std::string_view> small{
#include "small_tables.inc"
    };
    static const std::set<std::string_view> whole{
#include "whole_table_statements.inc"
    };
    std::set<std::string_view> unused(whole.begin(), whole.end());
    int number = 0;
    for (const auto& query : db::all_queries()) {
        const std::string statement = "p" + std::to_string(++number);
        std::string found;
        try {
            shared_database().database().in_tx([&](db::Tx& tx) {
                tx.run_text("set local enable_seqscan = off; set local jit = off");
                tx.run_text("prepare " + statement + " as " + std::string(query.sql));
                const auto types = tx.run_text(
                    "select cardinality(parameter_types)::bigint as n from pg_prepared_statements where name = '" + statement + "'");
                std::string values;
                for (std::int64_t i = 0; i < types.front().get<std::int64_t>("n"); ++i) values += i == 0 ? "null" : ", null";
                const auto plan =
                    tx.run_text("explain (verbose, costs off) execute " + statement + (values.empty() ? "" : "(" + values + ")"));
                for (const auto row : plan) {
                    const auto line = row.get<std::string>("QUERY PLAN");
                    const auto at = line.find("Seq Scan on ");
                    if (at == std::string::npos) continue;
                    const auto table = line.substr(at + 12, line.find(' ', at + 12) - at - 12);
                    if (!small.contains(table)) found += " " + table;
                }
                tx.run_text("deallocate " + statement);
            });
        } catch (const db::DbError& error) {
            ADD_FAILURE() << query.name << ": " << error.what();
        }
        if (!found.empty()) unused.erase(query.name);
        if (!found.empty() && !whole.contains(query.name)) ADD_FAILURE() << query.name << " reads all of" << found;
    }
    for (const auto name : unused) ADD_FAILURE() << name << " need not be listed any more";
}

}  // namespace
}  // namespace stoa::testing
