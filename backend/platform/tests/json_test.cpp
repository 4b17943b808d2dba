// One description gives parsing with pointers, rendering and the schema.
#include <gtest/gtest.h>

#include "stoa/json/describe.hpp"

namespace stoa::json {
namespace {

enum class Colour { red, green };
EnumNames<Colour> enum_names(Colour) {
    static constexpr std::pair<Colour, std::string_view> names[] = {{Colour::red, "red"}, {Colour::green, "green"}};
    return names;
}
struct Inner {
    std::string name;
    std::int64_t count = 0;
};
void describe(Struct<Inner>& d) {
    d.name("Inner");
    d.field<&Inner::name>("name").not_blank().max_length(5);
    d.field<&Inner::count>("count").min(1).max(9);
}
struct Outer {
    Id<"cart"> id;
    Money price;
    std::optional<std::string> note;
    std::vector<Inner> inners;
    std::map<std::string, bool> flags;
    Colour colour = Colour::red;
    Timestamp at;
    int defaulted = 7;
};
void describe(Struct<Outer>& d) {
    d.name("Outer");
    d.field<&Outer::id>("id");
    d.field<&Outer::price>("price");
    d.field<&Outer::note>("note").pattern("[a-z]+");
    d.field<&Outer::inners>("inners").max_length(3);
    d.field<&Outer::flags>("flags");
    d.field<&Outer::colour>("colour");
    d.field<&Outer::at>("at");
    d.field<&Outer::defaulted>("defaulted").optional();
}

const std::string kGood =
    R"({"id":"cart_01hf0000000000000000000000","price":{"amount":-9007199254740993,"currency":"JPY"},"inners":[{"name":" ab ","count":2}],)"
    R"("flags":{"a":true},"colour":"green","at":"2026-11-22T10:00:00Z"})";

std::vector<std::string> complaints(const std::string& text) {
    const auto parsed = parse_as<Outer>(text);
    std::vector<std::string> out;
    if (!parsed) {
        for (const auto& field : parsed.error().fields) out.push_back(field.pointer + " " + field.code);
        if (out.empty()) out.push_back(parsed.error().code);
    }
    return out;
}
std::string with(std::string_view from, std::string_view to) {
    std::string text = kGood;
    return text.replace(text.find(from), from.size(), to);
}
using Complaints = std::vector<std::string>;

TEST(Json, a_good_document_survives_the_round_trip) {
    const auto parsed = parse_as<Outer>(kGood);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->price.minor(), -9007199254740993);  // beyond a double
    EXPECT_EQ(parsed->inners[0].name, "ab");
    EXPECT_EQ(parsed->defaulted, 7);
    EXPECT_FALSE(parsed->note);
    const auto again = parse_as<Outer>(render(*parsed));
    ASSERT_TRUE(again);
    EXPECT_EQ(render(*again), render(*parsed));
    EXPECT_EQ(render(*parsed).find("note"), std::string::npos);
}

TEST(Json, every_mistake_is_told_where_it_is) {
    EXPECT_EQ(complaints("{}"),
              (Complaints{"/id required", "/price required", "/inners required", "/flags required", "/colour required", "/at required"}));
    EXPECT_EQ(complaints(with("green", "blue")), (Complaints{"/colour not_one_of"}));
    EXPECT_EQ(complaints(with("cart_01", "ord_01")), (Complaints{"/id invalid_id"}));
    EXPECT_EQ(complaints(with("\"count\":2", "\"count\":10")), (Complaints{"/inners/0/count too_large"}));
    EXPECT_EQ(complaints(with("\"count\":2", "\"count\":2.5")), (Complaints{"/inners/0/count wrong_type"}));
    EXPECT_EQ(complaints(with("\"count\":2", "\"count\":\"2\"")), (Complaints{"/inners/0/count wrong_type"}));
    EXPECT_EQ(complaints(with(" ab ", "  ")), (Complaints{"/inners/0/name blank"}));
    EXPECT_EQ(complaints(with(" ab ", "äöüßéà")), (Complaints{"/inners/0/name too_long"}));
    EXPECT_EQ(complaints(with("JPY", "ZZZ")), (Complaints{"/price unknown_currency"}));
    EXPECT_EQ(complaints(with("\"colour\":\"green\"", "\"colour\":\"green\",\"x/y\":1")), (Complaints{"/x~1y unknown_field"}));
    EXPECT_EQ(complaints(with("\"a\":true", "\"a\":1")), (Complaints{"/flags/a wrong_type"}));
    EXPECT_EQ(complaints(with("10:00:00Z", "10:00:00")), (Complaints{"/at wrong_format"}));
    EXPECT_EQ(complaints(with("\"inners\":[{\"name\":\" ab \",\"count\":2}]", "\"inners\":[1,2,3,4],\"note\":\"A\"")),
              (Complaints{"/note wrong_format", "/inners too_many"}));
    EXPECT_EQ(complaints("[]"), (Complaints{" wrong_type"}));
}

TEST(Json, malformed_text_is_refused) {
    for (const std::string& bad :
         {std::string("{"), std::string("{}x"), std::string("{\"a\":1,\"a\":2}"), std::string("{\"a\":01}"), std::string("\"\xff\""),
          std::string("nul"), std::string(""), std::string(200, '['), std::string("{\"a\":NaN}")})
        EXPECT_EQ(complaints(bad), (Complaints{"http.malformed_json"})) << bad;
    EXPECT_FALSE(parse("[1,2,3]", {4, 8}));
}

TEST(Json, texts_are_escaped_and_numbers_keep_their_digits) {
    Writer out;
    out.begin_object();
    out.member("a\"b", "line\n\x01\\");
    out.key("n");
    out.raw("10.50");
    out.end_object();
    EXPECT_EQ(out.text(), R"({"a\"b":"line\n\u0001\\","n":10.50})");
    const auto value = parse(out.text());
    ASSERT_TRUE(value);
    EXPECT_EQ(value->find("n")->text(), "10.50");
    EXPECT_EQ(to_text(*value), out.text());
    EXPECT_EQ(value->find("n")->as_int(), std::nullopt);
    EXPECT_EQ(Value::string("12").as_int(true), 12);
}

}  // namespace
}  // namespace stoa::json
