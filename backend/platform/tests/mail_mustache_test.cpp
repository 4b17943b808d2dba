#include <gtest/gtest.h>

#include <stdexcept>

#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

json::Value view(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::runtime_error("the test's view is not JSON");
    return *value;
}
std::string html(std::string_view text, std::string_view data) { return mustache(text, view(data), true); }

TEST(Mustache, EscapesHtmlUnlessRaw) {
    const auto data = R"({"x":"<b>&\"'</b>"})";
    EXPECT_EQ(html("{{x}}", data), "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;");
    EXPECT_EQ(html("{{{x}}}", data), "<b>&\"'</b>");
    EXPECT_EQ(html("{{&x}}|{{& x }}", data), "<b>&\"'</b>|<b>&\"'</b>");
    EXPECT_EQ(mustache("{{x}}", view(data), false), "<b>&\"'</b>");
}

TEST(Mustache, ValuesAreNeverTemplates) { EXPECT_EQ(html("{{x}}{{{x}}}", R"({"x":"{{y}}","y":"secret"})"), "{{y}}{{y}}"); }

TEST(Mustache, NumbersKeepTheirTextAndMissingIsEmpty) {
    EXPECT_EQ(html("{{i}} {{d}} {{t}} [{{none}}] [{{null}}] [{{o}}]", R"({"i":9007199254740993,"d":1.50,"t":true,"null":null,"o":{}})"),
              "9007199254740993 1.50 true [] [] []");
}

TEST(Mustache, WhiteSpaceInsideATagDoesNotMatter) { EXPECT_EQ(html("|{{ x }}|{{{ x }}}|{{\tx\n}}|", R"({"x":"1"})"), "|1|1|1|"); }

TEST(Mustache, Sections) {
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":true})"), "yes");
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":false})"), "no");
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":[]})"), "no");
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":""})"), "no");
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":0})"), "yes");
    EXPECT_EQ(html("{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}"), "no");
    EXPECT_EQ(html("{{#list}}({{.}}){{/list}}", R"({"list":[1,"two",3]})"), "(1)(two)(3)");
    EXPECT_EQ(html("{{#list}}{{n}}{{/list}}", R"({"list":[{"n":1},{"n":2}]})"), "12");
    EXPECT_EQ(html("{{#name}}Hi {{.}}{{/name}}", R"({"name":"Ada"})"), "Hi Ada");
}

TEST(Mustache, NestedListsOfLists) { EXPECT_EQ(html("{{#l}}<{{#.}}{{.}}{{/.}}>{{/l}}", R"({"l":[[1,2],["a"]]})"), "<12><a>"); }

TEST(Mustache, LooksOutwardsForNames) {
    EXPECT_EQ(html("{{#a}}{{one}}{{#b}}{{one}}{{two}}{{/b}}{{/a}}", R"({"one":0,"a":{"one":1,"b":{"two":2}}})"), "112");
    EXPECT_EQ(html("{{#sec}}{{b}}{{/sec}}", R"({"b":"outer","sec":{"b":""}})"), "");
}

TEST(Mustache, DottedNames) {
    const auto data = R"({"a":{"b":{"c":"deep"}},"outer":{"a":{}},"list":[{"x":{"y":1}}]})";
    EXPECT_EQ(html("{{a.b.c}}", data), "deep");
    EXPECT_EQ(html("[{{a.b.none.c}}]", data), "[]");
    // The first part binds to the nearest; a gap further on is not looked for outwards (spec: "Context Precedence").
    EXPECT_EQ(html("{{#outer}}[{{a.b.c}}]{{/outer}}", data), "[]");
    EXPECT_EQ(html("{{#a.b}}{{c}}{{/a.b}}{{^a.x}}!{{/a.x}}", data), "deep!");
    EXPECT_EQ(html("{{#list}}{{x.y}}{{/list}}", data), "1");
}

TEST(Mustache, StandaloneTagsTakeTheirLine) {
    EXPECT_EQ(html("a\n  {{#t}}  \nb\n\t{{/t}}\nc", R"({"t":true})"), "a\nb\nc");
    EXPECT_EQ(html("a\r\n{{#t}}\r\nb\r\n{{/t}}\r\nc", R"({"t":true})"), "a\r\nb\r\nc");
    EXPECT_EQ(html("{{#t}}\nb\n{{/t}}", R"({"t":true})"), "b\n");
    EXPECT_EQ(html("  {{^t}}\nb\n  {{/t}}", "{}"), "b\n");
    EXPECT_EQ(html("a\n  {{! note }}\nb", "{}"), "a\nb");
    EXPECT_EQ(html("a\n{{!\n several\n lines\n}}\nb", "{}"), "a\nb");
}

TEST(Mustache, TagsWithinALineKeepTheirWhiteSpace) {
    EXPECT_EQ(html(" | {{#t}} x {{/t}} | \n", R"({"t":true})"), " |  x  | \n");
    EXPECT_EQ(html("12 {{! c }} 34", "{}"), "12  34");
    EXPECT_EQ(html("  {{x}}\n", R"({"x":"1"})"), "  1\n");
    EXPECT_EQ(html(" {{#t}}a{{/t}}\n {{#t}}b{{/t}}\n", R"({"t":true})"), " a\n b\n");
}

TEST(Mustache, SameNameNestsAndRepeats) {
    EXPECT_EQ(html("{{#b}}1{{/b}} {{#b}}{{#b}}2{{/b}}{{/b}}", R"({"b":true})"), "1 2");
    EXPECT_EQ(html("| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", R"({"b":false})"), "| A  E |");
}

TEST(Mustache, BrokenTemplatesSayWhere) {
    for (const char* text :
         {"{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{x", "{{{x}}", "{{}}", "{{>partial}}", "{{=<% %>=}}", "{{#a}}{{#b}}{{/a}}{{/b}}"}) {
        EXPECT_THROW((void)html(text, "{}"), std::invalid_argument) << text;
    }
    try {
        (void)html("one\ntwo\n{{#open}}", "{}");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "mustache: section 'open' is not closed in line 3");
    }
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "{{#a}}";
    EXPECT_THROW((void)html(deep, "{}"), std::invalid_argument);
}

}  // namespace
}  // namespace stoa::mail
