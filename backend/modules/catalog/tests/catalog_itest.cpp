#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "stoa/catalog/make.hpp"
#include "stoa/catalog/part_numbers.hpp"
#include "stoa/events/events.hpp"
#include "stoa/testing/testing.hpp"
#include "stoa/text/text.hpp"

namespace stoa::catalog {
namespace {

class CatalogTest : public ::testing::Test {
protected:
    void SetUp() override {
        stoa::testing::shared_database().truncate_all();
        database().in_tx([&](db::Tx& tx) {
            ASSERT_TRUE(writer->upsert_attribute(tx, colour()));
            ASSERT_TRUE(writer->upsert_attribute(
                tx, Attribute{.code = "width", .kind = AttributeKind::number, .unit = "cm", .names = {{"en", "Width"}, {"de", "Breite"}}}));
            ASSERT_TRUE(writer->upsert_attribute(tx, Attribute{.code = "care", .kind = AttributeKind::text, .names = {{"en", "Care"}}}));
            ASSERT_TRUE(
                writer->upsert_attribute(tx, Attribute{.code = "outdoor", .kind = AttributeKind::flag, .names = {{"en", "Outdoor"}}}));
            ASSERT_TRUE(writer->upsert_type(tx, {"chair", {{"en", "Chair"}}, {"colour", "width", "care", "outdoor"}}));
            furniture = *writer->upsert_category(tx, category("furniture", "Furniture", "Möbel", {}));
            chairs = *writer->upsert_category(tx, category("chairs", "Chairs", "Stühle", furniture));
            asset = *writer->upsert_asset(tx, Asset{.sha256 = std::string(64, 'a'),
                                                    .name = "chair.webp",
                                                    .content_type = "image/webp",
                                                    .width = 800,
                                                    .height = 600,
                                                    .focal_x = 400,
                                                    .focal_y = 500,
                                                    .background = "#eee",
                                                    .alt = {{"en", "A chair"}, {"de", "Ein Stuhl"}}});
        });
    }
    static db::Database& database() { return stoa::testing::shared_database().database(); }
    static Attribute colour() {
        return {.code = "colour",
                .names = {{"en", "Colour"}, {"de", "Farbe"}},
                .position = 1,
                .values = {{"red", {{"en", "Red"}, {"de", "Rot"}}, "#c00"}, {"blue", {{"en", "Blue"}, {"de", "Blau"}}, "#00c"}}};
    }
    static Category category(std::string handle, std::string en, std::string de, std::optional<CategoryId> parent) {
        Category out;
        out.handle = std::move(handle);
        out.parent = parent;
        out.texts["en"].name = std::move(en);
        out.texts["de"].name = std::move(de);
        return out;
    }
    Product chair() const {
        Product product;
        product.handle = "oak-chair";
        product.type = "chair";
        product.brand = "Nordisk";
        product.category = chairs;
        product.popularity = 7;
        product.handling_days = 2;
        product.texts["en"] = {.name = "Oak chair",
                               .subtitle = "Solid",
                               .description = "A *good* chair.",
                               .slug = "",
                               .seo_title = "Chair",
                               .seo_description = "Buy it",
                               .keywords = "seat stool"};
        product.texts["de"] = {.name = "Eichenstuhl",
                               .subtitle = "",
                               .description = "",
                               .slug = "stuhl-eiche",
                               .seo_title = "",
                               .seo_description = "",
                               .keywords = ""};
        product.options = {"colour"};
        product.attributes = {
            {"width", {}, 45'500, {}, {}}, {"care", {}, {}, {{"en", "Wipe, \"dry\"\\"}}, {}}, {"outdoor", {}, {}, {}, false}};
        product.media = {{asset, {{"colour", "red"}}}};
        product.variants = {Variant{.sku = "CH-R",
                                    .barcode = "4006381333931",
                                    .options = {{"colour", "red"}},
                                    .weight_grams = 4200,
                                    .length_mm = 450,
                                    .width_mm = 400,
                                    .height_mm = 900},
                            Variant{.sku = "CH-B", .options = {{"colour", "blue"}}, .image = asset}};
        return product;
    }
    Result<ProductId> put(const Product& product) {
        return database().in_tx([&](db::Tx& tx) { return writer->upsert_product(tx, product); });
    }
    ProductBatch load(ProductId id) {
        return database().read([&](db::Session& session) { return reader->products(session, std::vector{id}); });
    }
    std::int64_t events_of(std::string_view stream) {
        return database().read(
            [&](db::Session& session) { return static_cast<std::int64_t>(events::read_stream(session, stream, 0, 1000).size()); });
    }

    std::unique_ptr<Writer> writer = make_writer();
    std::unique_ptr<Reader> reader = make_reader();
    std::unique_ptr<Catalog> catalog = make_catalog();
    CategoryId furniture, chairs;
    AssetId asset;
};

TEST_F(CatalogTest, PartNumbersAreTheirOwnersAlone) {
    const auto id = database().in_tx([&](db::Tx& tx) { return writer->upsert_product(tx, chair()).value(); });
    const auto variants =
        database().read([&](db::Session& session) { return reader->products(session, std::vector{id}).products.at(0).variants; });
    ASSERT_GE(variants.size(), 2U);
    const auto numbers = make_part_numbers();
    const auto now = stoa::testing::fixed_start();
    const auto hotel = Uuid::v7(), cafe = Uuid::v7();
    const auto of = [&](std::string number, std::size_t variant, const std::optional<Uuid>& company, std::string group = {}) {
        return PartNumber{{}, std::move(group), company, std::move(number), variants[variant].id};
    };
    const auto put = [&](const std::vector<PartNumber>& list) {
        return database().in_tx([&](db::Tx& tx) { return numbers->put_all(tx, list, now); });
    };
    EXPECT_EQ(put({of("AB-12 / x", 0, hotel), of("AB-120", 1, hotel), of("ab12x", 1, cafe), of("Ä 7", 0, {}, "trade")}).added, 4);
    const auto again = put({of("ab 12 X", 0, hotel), of("AB-120", 0, hotel)});
    EXPECT_EQ(again.added, 0);
    EXPECT_EQ(again.changed, 2);  // one is written another way, the other names another variant
    EXPECT_EQ(put({of("ab 12 X", 0, hotel)}).unchanged, 1);

    const auto find = [&](const PartNumberOwners& owners, std::string_view typed) {
        return database().read([&](db::Session& session) { return numbers->find(session, owners, typed, 10); });
    };
    const auto whole = find({{}, hotel}, "ab.12-x");
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_TRUE(whole[0].whole);
    EXPECT_EQ(whole[0].number, "ab 12 X");
    EXPECT_EQ(whole[0].product, id);
    const auto begun = find({{}, hotel}, "AB12");
    ASSERT_EQ(begun.size(), 2U);
    EXPECT_FALSE(begun[0].whole);
    EXPECT_EQ(find({{}, cafe}, "ab12x").at(0).variant, variants[1].id);
    EXPECT_EQ(find({{"trade"}, hotel}, "a7").at(0).number, "Ä 7");
    EXPECT_TRUE(find({}, "ab12x").empty());
    EXPECT_TRUE(find({{"other"}, Uuid::v7()}, "ab12x").empty());
    EXPECT_TRUE(find({{}, hotel}, "12x").empty());
    EXPECT_TRUE(find({{}, hotel}, "- /").empty());
    EXPECT_TRUE(find({{}, hotel}, std::string(5000, 'a')).empty());
    const auto all =
        database().read([&](db::Session& session) { return numbers->of_products(session, {{"trade"}, hotel}, std::vector{id}, 100); });
    EXPECT_EQ(all.size(), 3U);
    // A product with many numbers takes none from the others.
    auto second = chair();
    second.id = ProductId::make();
    second.handle = "chair-of-many-numbers";
    for (auto& [locale, text] : second.texts) {
        if (!text.slug.empty()) text.slug += "-2";
    }
    for (auto& variant : second.variants) {
        variant.id = VariantId::make();
        variant.sku += "-2";
        variant.barcode.clear();
    }
    const auto other = database().in_tx([&](db::Tx& tx) { return writer->upsert_product(tx, second).value(); });
    std::vector<PartNumber> many;
    for (int i = 0; i < 12; ++i) {
        auto number = of(fmt::format("MANY-{}", i), 0, hotel);
        number.variant = second.variants[0].id;
        many.push_back(number);
    }
    EXPECT_EQ(put(many).added, 12);
    std::map<ProductId, int> of_each;
    for (const auto& found : database().read(
             [&](db::Session& session) { return numbers->of_products(session, {{"trade"}, hotel}, std::vector{other, id, other}, 11); }))
        ++of_each[found.product];
    EXPECT_EQ(of_each, (std::map<ProductId, int>{{id, 3}, {other, 11}}));

    // The longest that is kept is found, in any script.
    std::string longest;
    for (int i = 0; i < 64; ++i) longest += "\u3042";
    EXPECT_EQ(put({of(longest, 0, hotel)}).added, 1);
    ASSERT_EQ(find({{}, hotel}, longest).size(), 1U);
    EXPECT_TRUE(find({{}, hotel}, longest)[0].whole);

    database().in_tx([&](db::Tx& tx) {
        const auto mine = numbers->put(tx, of("NEW-1", 0, hotel), now);
        ASSERT_TRUE(mine);
        auto changed = *numbers->by_id(tx, *mine);
        changed.number = "AB 120";
        const auto taken = numbers->put(tx, changed, now);
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().code, "catalog.invalid_part_number");
        EXPECT_EQ(taken.error().fields.at(0).code, "taken");
        changed.number = "NEW-2";
        EXPECT_TRUE(numbers->put(tx, changed, now));
        EXPECT_FALSE(numbers->put(tx, of("--", 0, hotel), now));
        EXPECT_FALSE(numbers->put(tx, of("X", 0, hotel, "trade"), now));
        EXPECT_FALSE(numbers->put(tx, of("X", 0, {}), now));
        EXPECT_TRUE(numbers->remove(tx, *mine));
        EXPECT_FALSE(numbers->remove(tx, *mine));
        EXPECT_EQ(numbers->remove_all(tx, std::vector{of("ab12X", 0, hotel), of("none", 0, hotel)}).removed, 1);
    });
    EXPECT_TRUE(find({{}, hotel}, "ab12x").empty());
}

// A product without a German text is shown on the German site under its English slug.
TEST_F(CatalogTest, ABorrowedSlugLeadsToNoOther) {
    const auto named = [&](const char* handle, std::map<std::string, std::string> slugs) {
        auto product = chair();
        product.handle = handle;
        const auto text = product.texts.at("en");
        product.texts.clear();
        for (const auto& [locale, slug] : slugs) {
            product.texts[locale] = text;
            product.texts[locale].name = "Billy";
            product.texts[locale].slug = slug;
        }
        for (auto& variant : product.variants) variant.sku += std::string("-") + handle;
        for (auto& variant : product.variants) variant.barcode.clear();
        return product;
    };
    const auto english = put(named("english", {{"en", "billy"}}));
    ASSERT_TRUE(english);
    const auto refused = put(named("german", {{"en", "billy-shelf"}, {"de", "billy"}}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "catalog.slug_taken");
    EXPECT_EQ(refused.error().fields.at(0).pointer, "/texts/de/slug");
    // Made from the name, it is told apart.
    const auto german = put(named("german", {{"en", "billy-shelf"}, {"de", ""}}));
    ASSERT_TRUE(german);
    const auto told = load(*german).products[0].texts.at("de").slug;
    EXPECT_NE(told, "billy");
    EXPECT_TRUE(told.starts_with("billy-")) << told;
    // The other way round: the slug is at home in German, and somebody would borrow it there.
    ASSERT_TRUE(put(named("dutch", {{"en", "kast"}, {"nl", "kast-billy"}})));
    EXPECT_EQ(put(named("late", {{"en", "kast-billy"}})).error().code, "catalog.slug_taken");
    EXPECT_TRUE(put(named("whole", {{"en", "kast-billy"}, {"nl", "kastje"}})));
    // What is stored already is saved again as it is.
    auto again = named("english", {{"en", "billy"}});
    again.id = *english;
    again.popularity = 3;
    EXPECT_TRUE(put(again));
    EXPECT_EQ(load(*english).products[0].texts.at("en").slug, "billy");
}

TEST_F(CatalogTest, AnAudienceStaysUntilItIsChanged) {
    const auto id = database().in_tx([&](db::Tx& tx) { return writer->upsert_product(tx, chair()).value(); });
    const auto stored = [&] {
        return database().read([&](db::Session& session) { return reader->products(session, std::vector{id}).products.at(0); });
    };
    EXPECT_TRUE(stored().audience.is_everybody());
    const auto one = Uuid::v7(), two = Uuid::v7();
    const auto set = [&](const Audience& audience) {
        return database().in_tx([&](db::Tx& tx) { return writer->set_audience(tx, id, audience).has_value(); });
    };
    EXPECT_TRUE(set({{"vip", "trade"}, {two, one}}));
    const Audience sorted{{"trade", "vip"}, {one, two}};
    EXPECT_EQ(stored().audience, sorted);
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_product(tx, chair())); });
    EXPECT_EQ(stored().audience, sorted) << "an import that knows of no audience opens nothing";
    const auto variant = stored().variants.at(0).id;
    const auto infos = database().read(
        [&](db::Session& session) { return make_catalog()->variants(session, std::vector{variant}, "en", stoa::testing::fixed_start()); });
    EXPECT_EQ(infos.at(0).audience, sorted);
    EXPECT_FALSE(sorted.admits({}, {}));
    EXPECT_FALSE(sorted.admits({"other"}, Uuid::v7()));
    EXPECT_TRUE(sorted.admits({"other", "vip"}, {}));
    EXPECT_TRUE(sorted.admits({}, two));
    EXPECT_FALSE(set({{""}, {}}));
    EXPECT_TRUE(set({{"trade"}, {}}));
    EXPECT_EQ(stored().audience, (Audience{{"trade"}, {}}));
    EXPECT_TRUE(set({}));
    EXPECT_TRUE(stored().audience.is_everybody());
    database().in_tx([&](db::Tx& tx) {
        const auto missing = writer->set_audience(tx, ProductId::make(), {});
        ASSERT_FALSE(missing);
        EXPECT_EQ(missing.error().code, "catalog.product_not_found");
    });
}

TEST_F(CatalogTest, ProductRoundTrip) {
    const auto id = put(chair());
    ASSERT_TRUE(id) << id.error().message;
    auto batch = load(*id);
    ASSERT_EQ(batch.products.size(), 1U);
    auto stored = batch.products[0];
    auto expected = chair();
    expected.id = *id;
    expected.texts["en"].slug = "oak-chair";
    ASSERT_EQ(stored.variants.size(), 2U);
    expected.variants[0].id = stored.variants[0].id;
    expected.variants[1].id = stored.variants[1].id;
    expected.created_at = stored.created_at;
    expected.updated_at = stored.updated_at;
    EXPECT_EQ(stored, expected);
    ASSERT_EQ(batch.assets.size(), 1U);
    EXPECT_EQ(batch.assets[0].alt.at("de"), "Ein Stuhl");
    EXPECT_EQ(events_of("product:" + id->uuid().to_string()), 1);

    // Writing the same again changes nothing but the times.
    ASSERT_EQ(*put(chair()), *id);
    auto again = load(*id).products[0];
    again.updated_at = stored.updated_at;
    EXPECT_EQ(again, stored);
    EXPECT_EQ(events_of("product:" + id->uuid().to_string()), 2);
}

TEST_F(CatalogTest, VariantsLeftOutBecomeInactiveAndKeepTheirId) {
    const auto id = *put(chair());
    const auto blue = load(id).products[0].variants[1].id;
    auto smaller = chair();
    smaller.variants.pop_back();
    ASSERT_TRUE(put(smaller));
    const auto variants = load(id).products[0].variants;
    ASSERT_EQ(variants.size(), 2U);
    for (const auto& variant : variants) EXPECT_EQ(variant.active, variant.sku == "CH-R") << variant.sku;
    ASSERT_TRUE(put(chair()));
    EXPECT_EQ(load(id).products[0].variants[1].id, blue);
    EXPECT_TRUE(load(id).products[0].variants[1].active);
}

TEST_F(CatalogTest, OldSlugsAreKeptAndAnotherProductMayTakeThem) {
    const auto id = *put(chair());
    auto renamed = chair();
    renamed.texts["en"].slug = "oak-dining-chair";
    ASSERT_TRUE(put(renamed));
    auto old = database().read([&](db::Session& session) { return reader->old_slugs(session); });
    ASSERT_EQ(old.size(), 1U);
    EXPECT_EQ(old[0].slug, "oak-chair");
    EXPECT_EQ(old[0].locale, "en");
    EXPECT_EQ(old[0].entity, id.uuid());

    auto other = chair();
    other.handle = "second";
    other.texts.erase("de");
    for (auto& variant : other.variants) variant.sku += "-2";
    other.texts["en"].slug = "oak-dining-chair";
    const auto refused = put(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "catalog.slug_taken");
    EXPECT_FALSE(database().read([&](db::Session& session) { return reader->product_by_handle(session, "second"); }));

    other.texts["en"].slug = "oak-chair";  // free again: only history points there
    ASSERT_TRUE(put(other));
    EXPECT_TRUE(database().read([&](db::Session& session) { return reader->old_slugs(session); }).empty());

    other.handle = "third";
    for (auto& variant : other.variants) variant.sku += "-3";
    other.texts["en"].slug = "";  // made from the name; "oak-chair" is taken, so the SKU follows
    const auto third = put(other);
    ASSERT_TRUE(third);
    EXPECT_EQ(load(*third).products[0].texts.at("en").slug, "oak-chair-ch-r-2-3");

    // However long the name is, the SKU stays.
    for (const auto* handle : {"fourth", "fifth", "sixth"}) {
        other.handle = handle;
        other.texts["en"].name = "A chair of solid oak with a seat of woven paper yarn and a back of bent beech for the long table";
        for (auto& variant : other.variants) variant.sku += "-4";
        const auto written = put(other);
        ASSERT_TRUE(written) << handle;
        if (handle != std::string("fourth")) {
            EXPECT_TRUE(load(*written).products[0].texts.at("en").slug.ends_with(text::slugify(other.variants[0].sku)));
        }
    }
}

TEST_F(CatalogTest, ARefusedProductChangesNothing) {
    const auto id = *put(chair());
    const auto before = load(id).products[0];
    auto bad = chair();
    bad.texts["en"].name = "Other";
    bad.variants[0].options["colour"] = "green";
    const auto refused = put(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "catalog.attribute_value_unknown");
    bad = chair();
    bad.handle = "thief";
    const auto stolen = put(bad);
    ASSERT_FALSE(stolen);
    EXPECT_EQ(stolen.error().code, "catalog.sku_taken");
    EXPECT_EQ(load(id).products[0], before);
    EXPECT_EQ(events_of("product:" + id.uuid().to_string()), 1);
}

TEST_F(CatalogTest, OfTwoWritersOfOneSkuTheSecondIsRefused) {
    auto other = chair();
    other.handle = "other";
    other.variants[0].sku = "CH-ELSEWHERE";  // only the last one is also the first product's
    other.variants.back().weight_grams = 1;
    other.texts["en"].slug = "other";
    other.texts["de"].slug = "anderer";
    std::future<Result<ProductId>> second;
    // Both find the SKU free; the second comes to its row while the first one's is not committed.
    const auto first = database().in_tx([&](db::Tx& tx) {
        auto written = *writer->upsert_product(tx, chair());
        second = std::async(std::launch::async, [&] { return put(other); });
        while (second.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) {
            if (tx.run_text("select 1 from pg_locks where not granted and locktype = 'transactionid'").size() > 0) break;
        }
        return written;
    });
    const auto refused = second.get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "catalog.sku_taken");
    const auto stored = load(first).products;
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_EQ(stored[0].variants.size(), chair().variants.size());
    EXPECT_EQ(stored[0].variants.back().weight_grams, chair().variants.back().weight_grams);
    EXPECT_FALSE(database().read([&](db::Session& session) { return reader->product_by_handle(session, "other"); }));
}

TEST_F(CatalogTest, CategoriesKnowTheirAncestorsAndRefuseCycles) {
    auto structure = database().read([&](db::Session& session) { return reader->structure(session); });
    ASSERT_EQ(structure.categories.size(), 2U);
    EXPECT_EQ(structure.categories[1].path, (std::vector{furniture, chairs}));
    EXPECT_EQ(structure.categories[1].texts.at("de").slug, "stuehle");
    ASSERT_EQ(structure.attributes.size(), 4U);
    EXPECT_EQ(structure.types[0].attributes, (std::vector<std::string>{"colour", "width", "care", "outdoor"}));

    const auto cycle =
        database().in_tx([&](db::Tx& tx) { return writer->upsert_category(tx, category("furniture", "Furniture", "Möbel", chairs)); });
    ASSERT_FALSE(cycle);
    EXPECT_EQ(cycle.error().code, "catalog.category_cycle");

    // Moving a parent moves everything below it.
    const auto home = database().in_tx([&](db::Tx& tx) { return *writer->upsert_category(tx, category("home", "Home", "Wohnen", {})); });
    ASSERT_TRUE(
        database().in_tx([&](db::Tx& tx) { return writer->upsert_category(tx, category("furniture", "Furniture", "Möbel", home)); }));
    structure = database().read([&](db::Session& session) { return reader->structure(session); });
    EXPECT_EQ(structure.categories[2].path, (std::vector{home, furniture, chairs}));
}

TEST_F(CatalogTest, AttributeValuesInUseStay) {
    ASSERT_TRUE(put(chair()));
    auto fewer = colour();
    fewer.values.pop_back();
    const auto refused = database().in_tx([&](db::Tx& tx) { return writer->upsert_attribute(tx, fewer); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "catalog.attribute_value_in_use");
    auto other = colour();
    other.kind = AttributeKind::text;
    other.values.clear();
    const auto fixed = database().in_tx([&](db::Tx& tx) { return writer->upsert_attribute(tx, other); });
    ASSERT_FALSE(fixed);
    EXPECT_EQ(fixed.error().code, "catalog.attribute_kind_fixed");
}

TEST_F(CatalogTest, VariantInfosForCartsInEveryLocale) {
    auto product = chair();
    product.published_from = stoa::testing::fixed_start();
    const auto id = *put(product);
    const auto variants = load(id).products[0].variants;
    CollectionId oak, listed;
    database().in_tx([&](db::Tx& tx) {
        Collection rule;
        rule.handle = "reds";
        rule.texts["en"].name = "Reds";
        rule.rule = Rule{false, {{"attribute:colour", {"red"}, false}, {"category", {"furniture"}, false}}};
        oak = *writer->upsert_collection(tx, rule);
        Collection manual;
        manual.handle = "picks";
        manual.texts["en"].name = "Picks";
        manual.products = {id};
        listed = *writer->upsert_collection(tx, manual);
    });
    const std::vector ids{variants[1].id, VariantId::make(), variants[0].id};
    const auto before = db::Database::statements_on_this_thread();
    const auto infos =
        database().read([&](db::Session& session) { return catalog->variants(session, ids, "de", stoa::testing::fixed_start()); });
    const auto statements = db::Database::statements_on_this_thread() - before;
    ASSERT_EQ(infos.size(), 2U);
    EXPECT_EQ(infos[0].sku, "CH-B");
    EXPECT_EQ(infos[0].product_name, "Eichenstuhl");
    EXPECT_EQ(infos[0].product_slug, "stuhl-eiche");
    EXPECT_EQ(infos[0].options_text, "Blau");
    EXPECT_TRUE(infos[0].sellable);
    EXPECT_EQ(infos[0].image->alt, "Ein Stuhl");
    EXPECT_EQ(infos[0].image->src, "/media/" + std::string(64, 'a') + "/{w}/chair.webp");
    auto both = std::vector{furniture, chairs};
    std::ranges::sort(both);
    EXPECT_EQ(infos[0].categories, both);
    auto expected = std::vector{oak, listed};
    std::ranges::sort(expected);
    EXPECT_EQ(infos[1].collections, expected);
    EXPECT_EQ(infos[1].weight_grams, 4200);

    const auto one = db::Database::statements_on_this_thread();
    (void)database().read(
        [&](db::Session& session) { return catalog->variants(session, std::vector{variants[0].id}, "de", stoa::testing::fixed_start()); });
    EXPECT_EQ(db::Database::statements_on_this_thread() - one, statements);

    // French has no texts: English; and before the window opens nothing is sellable.
    const auto early = database().read([&](db::Session& session) {
        return catalog->variants(session, ids, "fr", stoa::testing::fixed_start() - std::chrono::seconds(1));
    });
    EXPECT_EQ(early[0].product_name, "Oak chair");
    EXPECT_EQ(early[0].product_slug, "oak-chair");
    EXPECT_FALSE(early[0].sellable);
}

TEST_F(CatalogTest, WhatTheShopDoesNotListIsNoFactInACart) {
    const auto now = stoa::testing::fixed_start();
    auto product = chair();
    product.variants[0].published_until = now - std::chrono::hours(1);  // the red one is over
    const auto id = *put(product);
    const auto blue = load(id).products[0].variants[1].id;
    CollectionId reds, blues;
    database().in_tx([&](db::Tx& tx) {
        Collection rule;
        rule.handle = "reds";
        rule.texts["en"].name = "Reds";
        rule.rule = Rule{false, {{"attribute:colour", {"red"}, false}}};
        reds = *writer->upsert_collection(tx, rule);
        rule.handle = "blues";
        rule.texts["en"].name = "Blues";
        rule.rule = Rule{false, {{"attribute:colour", {"blue"}, false}, {"category", {"chairs"}, false}}};
        blues = *writer->upsert_collection(tx, rule);
    });
    const auto info = [&](Timestamp at) {
        return database().read([&](db::Session& session) { return catalog->variants(session, std::vector{blue}, "en", at); }).at(0);
    };
    EXPECT_EQ(info(now).collections, std::vector{blues});
    EXPECT_EQ(info(now).categories.size(), 2U);
    auto both = std::vector{reds, blues};
    std::ranges::sort(both);
    EXPECT_EQ(info(now - std::chrono::hours(2)).collections, both);
    // The category itself is published, the one above it is not.
    auto hidden = category("furniture", "Furniture", "Möbel", {});
    hidden.published = false;
    database().in_tx([&](db::Tx& tx) { ASSERT_TRUE(writer->upsert_category(tx, hidden)); });
    EXPECT_TRUE(info(now).categories.empty());
    EXPECT_TRUE(info(now).collections.empty());
}

TEST_F(CatalogTest, APictureThatChangesIsToldByWhatShowsIt) {
    const auto id = *put(chair());
    auto shown = category("chairs", "Chairs", "Stühle", furniture);
    shown.image = asset;
    database().in_tx([&](db::Tx& tx) { ASSERT_TRUE(writer->upsert_category(tx, shown)); });
    const auto of_product = [&] { return events_of("product:" + id.uuid().to_string()); };
    const auto of_category = [&] { return events_of("category:" + chairs.uuid().to_string()); };
    const auto products = of_product();
    const auto categories = of_category();
    auto picture = load(id).assets.at(0);
    const auto save = [&] { database().in_tx([&](db::Tx& tx) { ASSERT_TRUE(writer->upsert_asset(tx, picture)); }); };
    save();
    EXPECT_EQ(of_product(), products) << "nothing changed";
    picture.alt["en"] = "An oak chair";
    save();
    EXPECT_EQ(of_product(), products + 1);
    EXPECT_EQ(of_category(), categories + 1);
    EXPECT_EQ(load(id).assets.at(0).alt.at("en"), "An oak chair");
}

TEST_F(CatalogTest, OneReviewPerCustomer) {
    const auto id = *put(chair());
    const Catalog::NewReview review{id, Uuid::v7(), "Ada L.", "en", 4, "Sturdy", "Would buy again.", true};
    const auto first = database().in_tx([&](db::Tx& tx) { return catalog->add_review(tx, review); });
    ASSERT_TRUE(first);
    const auto second = database().in_tx([&](db::Tx& tx) { return catalog->add_review(tx, review); });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "catalog.review_exists");
    auto unknown = review;
    unknown.product = ProductId::make();
    EXPECT_EQ(database().in_tx([&](db::Tx& tx) { return catalog->add_review(tx, unknown); }).error().code, "catalog.product_not_found");
    EXPECT_EQ(load(id).reviews.size(), 1U);
    ASSERT_TRUE(database().in_tx([&](db::Tx& tx) { return writer->moderate_review(tx, *first, ReviewState::rejected); }));
    EXPECT_TRUE(load(id).reviews.empty());
    EXPECT_EQ(events_of("review:" + first->uuid().to_string()), 2);
    const auto own = database().read([&](db::Session& session) { return catalog->reviews_of(session, review.customer, "de"); });
    ASSERT_EQ(own.size(), 1U);
    EXPECT_EQ(own[0].product_slug, "stuhl-eiche");
    EXPECT_EQ(own[0].review.state, ReviewState::rejected);
}

}  // namespace
}  // namespace stoa::catalog
