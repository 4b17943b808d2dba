#include <gtest/gtest.h>

#include "db/split.hpp"
#include "stoa/db/db.hpp"

namespace stoa::db {
namespace {

TEST(DbValues, ArraysSurviveQuotesCommasAndNulls) {
    const std::vector<Param> items{"plain", "with,comma", "with \"quotes\" and \\", "", "NULL", std::nullopt, "{}", "käse\n"};
    EXPECT_EQ(parse_array(array_literal(items)), items);
    EXPECT_EQ(array_literal({}), "{}");
    EXPECT_TRUE(parse_array("{}").empty());
    EXPECT_EQ(parse_array("{a,NULL,\"NULL\"}"), (std::vector<Param>{"a", std::nullopt, "NULL"}));
}

TEST(DbValues, RefusesArraysThatAreNotOneDimensional) {
    for (const auto* text : {"", "{", "a,b", "{{a},{b}}", "{\"a}", "{a\"b}", "{\"a\"b}"})
        EXPECT_THROW((void)parse_array(text), std::logic_error) << text;
}

TEST(DbValues, CopyLinesEscapeWhatTheFormatUses) {
    const std::vector<Param> values{"a\tb", "c\nd\r", "e\\f", std::nullopt, "", "\\N"};
    EXPECT_EQ(copy_line(values), "a\\tb\tc\\nd\\r\te\\\\f\t\\N\t\t\\\\N\n");
    std::string line;
    EXPECT_THROW(append_copy_value(line, std::string("a\0b", 3)), DbError);
}

TEST(DbValues, NumbersAndUuidsAreReadStrictly) {
    EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
    for (const auto* text : {"", "1 ", "1.0", "9223372036854775808"}) EXPECT_THROW((void)parse_int(text), std::logic_error) << text;
    EXPECT_THROW((void)parse_uuid("not-a-uuid"), std::logic_error);
    const auto id = Uuid::v7();
    EXPECT_EQ(parse_uuid(id.to_string()), id);
}

TEST(DbSplit, StatementsEndAtSemicolonsOutsideOfTexts) {
    const auto parts = split_statements(
        "-- no transaction; really\n"
        "create table a (b text default 'x;y''z;');\n"
        "select E'it\\'s; fine', \"odd;name\" /* a; /* nested; */ comment; */;\n"
        "create function f() returns int language plpgsql as $body$ begin; return $$1;$$; end $body$;;\n"
        "select $1; -- trailing; comment\n");
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_NE(parts[0].find("'x;y''z;')"), std::string::npos);
    EXPECT_NE(parts[1].find("comment; */"), std::string::npos);
    EXPECT_NE(parts[2].find("end $body$"), std::string::npos);
    EXPECT_EQ(parts[3], "\nselect $1");
    EXPECT_TRUE(split_statements("  -- only a comment;\n /* and; another */ ").empty());
}

}  // namespace
}  // namespace stoa::db
