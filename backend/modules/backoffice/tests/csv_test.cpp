#include "domain/csv.hpp"

#include <gtest/gtest.h>

namespace stoa::backoffice {
namespace {

using Rows = std::vector<CsvRow>;

TEST(Csv, ReadsWhatTheStandardWrites) {
    EXPECT_EQ(read_csv("a,b\r\n1,2\r\n"), (Rows{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(read_csv("\xef\xbb\xbf"
                       "a;b\n\"x;y\";\"say \"\"hi\"\"\nthere\""),
              (Rows{{"a", "b"}, {"x;y", "say \"hi\"\nthere"}}));
    EXPECT_EQ(read_csv("a\tb\n,\t"), (Rows{{"a", "b"}, {",", ""}}));
    EXPECT_EQ(read_csv("a\n\nb"), (Rows{{"a"}, {""}, {"b"}}));
    EXPECT_EQ(read_csv(""), Rows{});
    EXPECT_EQ(read_csv("\"a"), std::nullopt);
    EXPECT_EQ(read_csv("\"a\"b,c"), std::nullopt);
}

TEST(Csv, WritesWhatItReadsAndNoFormulas) {
    const CsvRow row{"plain", "with, comma", "with \"quotes\"", "two\nlines", "", "-12.50"};
    EXPECT_EQ(read_csv(csv_line(row)), Rows{row});
    EXPECT_EQ(csv_line({"=1+1", "@x", "+49 30", "-5", "-a"}), "'=1+1,'@x,'+49 30,-5,'-a\r\n");
    const CsvRow guarded{"-20 % sale", "=1+1", "'-20 % sale", "''=x", "'quoted'", "'-5", "-5", "'", "\tx"};
    EXPECT_EQ(read_csv(csv_line(guarded)), Rows{guarded});
}

}  // namespace
}  // namespace stoa::backoffice
