#include "stoa/catalog/rules.hpp"

#include <gtest/gtest.h>

#include "check.hpp"
#include "reviews.hpp"

namespace stoa::catalog {
namespace {

Timestamp at(std::string_view text) { return *parse_timestamp(text); }

struct Facts {
    std::vector<std::string> categories{"furniture", "chairs"};
    std::vector<AttributeSetting> attributes{
        {"material", {"oak", "steel"}, {}, {}, {}}, {"width", {}, 450'000, {}, {}}, {"outdoor", {}, {}, {}, false}};
    std::vector<AttributeSetting> options{{"colour", {"red"}, {}, {}, {}}};
    RuleFacts facts() const {
        return {categories, "Nordisk", "chair", attributes, options, at("2026-11-01T00:00:00Z"), at("2026-11-22T10:00:00Z")};
    }
};

bool holds(bool any, std::vector<Condition> conditions) {
    const Facts facts;
    return matches(Rule{any, std::move(conditions)}, facts.facts());
}

TEST(Rule, ComparesEachField) {
    EXPECT_TRUE(holds(false, {{"category", {"chairs"}, false}}));
    EXPECT_TRUE(holds(false, {{"category", {"tables", "furniture"}, false}}));
    EXPECT_FALSE(holds(false, {{"category", {"tables"}, false}}));
    EXPECT_TRUE(holds(false, {{"brand", {"Nordisk"}, false}}));
    EXPECT_TRUE(holds(false, {{"type", {"chair"}, false}}));
    EXPECT_TRUE(holds(false, {{"attribute:material", {"steel"}, false}}));
    EXPECT_FALSE(holds(false, {{"attribute:material", {"pine"}, false}}));
    EXPECT_TRUE(holds(false, {{"attribute:colour", {"red"}, false}}));
    EXPECT_TRUE(holds(false, {{"attribute:width", {"400..450"}, false}}));
    EXPECT_FALSE(holds(false, {{"attribute:width", {"450.001.."}, false}}));
    EXPECT_TRUE(holds(false, {{"attribute:outdoor", {"0"}, false}}));
    EXPECT_TRUE(holds(false, {{"new_within_days", {"30"}, false}}));
    EXPECT_FALSE(holds(false, {{"new_within_days", {"7"}, false}}));
    EXPECT_FALSE(holds(false, {{"price", {"1"}, false}}));  // not a field
}

TEST(Rule, CombinesConditions) {
    EXPECT_TRUE(holds(false, {{"category", {"chairs"}, false}, {"brand", {"Other"}, true}}));
    EXPECT_FALSE(holds(false, {{"category", {"chairs"}, false}, {"brand", {"Nordisk"}, true}}));
    EXPECT_TRUE(holds(true, {{"category", {"tables"}, false}, {"brand", {"Nordisk"}, false}}));
    EXPECT_FALSE(holds(true, {{"category", {"tables"}, false}, {"brand", {"Other"}, false}}));
    EXPECT_FALSE(holds(false, {}));
    EXPECT_FALSE(holds(true, {}));
}

TEST(MilliRange, ReadsWholeAndDecimal) {
    EXPECT_EQ(parse_milli_range("10..50")->min, 10'000);
    EXPECT_EQ(parse_milli_range("10..50")->max, 50'000);
    EXPECT_EQ(parse_milli_range("..0.5")->max, 500);
    EXPECT_EQ(parse_milli_range("-1.25..")->min, -1250);
    for (const auto* bad : {"", "..", "a..b", "1", "1...2", "1..2..3", "1.2345..", "99999999999999..",
                            "1.."
                            " "}) {
        const auto range = parse_milli_range(bad);
        EXPECT_FALSE(range.has_value()) << bad;
    }
}

Product chair() {
    Product product;
    product.handle = "oak-chair";
    product.type = "chair";
    product.texts["en"].name = "Oak chair";
    product.options = {"colour"};
    product.variants = {Variant{.sku = "CH-1", .options = {{"colour", "red"}}}, Variant{.sku = "CH-2", .options = {{"colour", "blue"}}}};
    return product;
}
std::map<std::string, KnownAttribute> known() {
    return {{"colour", {Uuid::v7(), AttributeKind::choice, {"red", "blue"}}},
            {"width", {Uuid::v7(), AttributeKind::number, {}}},
            {"care", {Uuid::v7(), AttributeKind::text, {}}}};
}
const std::set<std::string> kInType{"colour", "width"};

TEST(CheckProduct, AcceptsAGoodOne) {
    EXPECT_TRUE(check_product(chair()).empty());
    EXPECT_TRUE(check_attributes(chair(), known(), kInType));
}

TEST(CheckProduct, NamesWhatIsWrong) {
    const auto first = [](const Product& product) {
        const auto errors = check_product(product);
        return errors.size() == 1 ? errors[0].pointer + " " + errors[0].code : "errors: " + std::to_string(errors.size());
    };
    auto product = chair();
    product.handle = "Oak Chair";
    EXPECT_EQ(first(product), "/handle invalid_handle");
    product = chair();
    product.texts.clear();
    EXPECT_EQ(first(product), "/texts/en/name required");
    product = chair();
    product.texts["xx"].name = "?";
    EXPECT_EQ(first(product), "/texts/xx unknown_locale");
    product = chair();
    product.variants[1].sku = "CH-1";
    EXPECT_EQ(first(product), "/variants/1/sku duplicate");
    product = chair();
    product.variants[1].options["colour"] = "red";
    EXPECT_EQ(first(product), "/variants/1/options duplicate");
    product = chair();
    product.variants.clear();
    EXPECT_EQ(first(product), "/variants required");
    product = chair();
    product.published_from = at("2026-02-01T00:00:00Z");
    product.published_until = at("2026-01-01T00:00:00Z");
    EXPECT_EQ(first(product), "/published_until out_of_range");
}

TEST(CheckAttributes, ValuesMustFitTheType) {
    const auto code = [](const Product& product) { return check_attributes(product, known(), kInType).error().code; };
    auto product = chair();
    product.attributes = {{"care", {}, {}, {{"en", "Wipe"}}, {}}};
    EXPECT_EQ(code(product), "catalog.attribute_unknown");  // known, but not of this type
    product.attributes = {{"width", {"450"}, {}, {}, {}}};
    EXPECT_EQ(code(product), "catalog.invalid_product");
    product = chair();
    product.variants[0].options["colour"] = "green";
    EXPECT_EQ(code(product), "catalog.attribute_value_unknown");
    product = chair();
    product.attributes = {{"width", {}, 450'000, {}, {}}};
    EXPECT_TRUE(check_attributes(product, known(), kInType));
}

TEST(ReviewState, OnlyVerifiedReviewsWithoutLinksAreShownAtOnce) {
    EXPECT_EQ(first_state(true, "Good", "Sturdy chair."), ReviewState::approved);
    EXPECT_EQ(first_state(false, "Good", "Sturdy chair."), ReviewState::pending);
    EXPECT_EQ(first_state(true, "Good", "Cheaper at HTTPS://elsewhere"), ReviewState::pending);
    EXPECT_EQ(first_state(true, "www.spam.test", "x"), ReviewState::pending);
}

}  // namespace
}  // namespace stoa::catalog
