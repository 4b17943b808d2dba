#include <gtest/gtest.h>

#include "stoa/content/make.hpp"
#include "stoa/content/redirects.hpp"
#include "stoa/events/events.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::content {
namespace {

class ContentTest : public ::testing::Test {
protected:
    void SetUp() override {
        stoa::testing::shared_database().truncate_all();
        routes.emplace();
        HomeFeed feed;
        feed.new_arrivals = [](std::string_view locale, std::string_view currency) {
            return std::vector<json::Raw>{{"{\"card\":\"" + std::string(locale) + std::string(currency) + "\"}"}};
        };
        feed.reviews = [](std::string_view, std::string_view) {
            return std::vector<HomeReviewDto>{{5, "Good", "Very", "A", "Chair", "chair"}};
        };
        StoreFacts store;
        store.name = "Test shop";
        store.countries = {{"AT", {}, true, "[1-9][0-9]{3}", "1010", false},
                           {"DE", {}, true, "[0-9]{5}", "10115", false},
                           {"ES", {}, true, "[0-5][0-9]{4}", "28039", true},
                           {"IE", {}, true, std::nullopt, "D02 AF30", false}};
        store.free_shipping_threshold = [](std::string_view currency, std::string_view) {
            return std::optional(Money(5000, Currency::of(currency)));
        };
        add_content_routes(*routes, *content, feed, store);
        routes->freeze();
    }
    static db::Database& database() { return stoa::testing::shared_database().database(); }
    static Page imprint() {
        Page page;
        page.code = "imprint";
        page.texts["en"] = {.slug = "imprint",
                            .title = "Imprint",
                            .body = "# Who we are\n\nA *shop*. <script>alert(1)</script>",
                            .seo_title = "",
                            .seo_description = ""};
        page.texts["de"] = {.slug = "impressum", .title = "Impressum", .body = "Ein Laden.", .seo_title = "", .seo_description = ""};
        return page;
    }
    void put(const Page& page) {
        ASSERT_TRUE(database().in_tx([&](db::Tx& tx) { return writer->upsert_page(tx, page); }));
        EXPECT_TRUE(content->refresh());
    }
    http::Response get(const std::string& target) {
        auto request = stoa::testing::request(http::Method::get, target);
        const auto before = db::Database::statements_on_this_thread();
        auto response = http::dispatch(*routes, request, {});
        EXPECT_EQ(db::Database::statements_on_this_thread(), before) << "a memory route asked the database";
        return response;
    }
    json::Value body(const std::string& target, int status = 200) {
        const auto response = get(target);
        EXPECT_EQ(response.status, status) << response.content();
        auto value = json::parse(response.content());
        EXPECT_TRUE(value);
        return *value;
    }

    std::unique_ptr<Writer> writer = make_writer();
    std::unique_ptr<Content> content = make_content(database());
    std::optional<http::Routes> routes;
};

TEST_F(ContentTest, NotReadyBeforeTheFirstLoad) {
    const auto response = get("/api/v1/content/faq");
    EXPECT_EQ(response.status, 503);
}

TEST_F(ContentTest, PagesInEveryLanguageWithFallback) {
    put(imprint());
    auto page = body("/api/v1/content/pages/impressum?locale=de");
    EXPECT_EQ(page.text_or("title"), "Impressum");
    EXPECT_EQ(page.at("alternates", "en")->text(), "imprint");
    page = body("/api/v1/content/pages/imprint");
    EXPECT_EQ(page.text_or("body_html"), "<h2>Who we are</h2>\n<p>A <em>shop</em>. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
    // Another language's slug finds the page; its own slug is in the answer. French has none of its own.
    EXPECT_EQ(body("/api/v1/content/pages/imprint?locale=de").text_or("slug"), "impressum");
    EXPECT_EQ(body("/api/v1/content/pages/impressum?locale=fr").text_or("slug"), "imprint");
    EXPECT_EQ(body("/api/v1/content/pages/nothing", 404).text_or("code"), "content.page_not_found");
    EXPECT_EQ(body("/api/v1/content/pages?locale=de").find("items")->items()[0].text_or("slug"), "impressum");
    EXPECT_EQ(content->site_pages().size(), 1U);
}

TEST_F(ContentTest, a_page_is_shown_within_its_time_and_readers_are_told_when_that_begins_and_ends) {
    const auto now = SystemClock().now();
    auto page = imprint();
    put(page);
    page.published_from = now + std::chrono::hours(1);
    put(page);
    body("/api/v1/content/pages/imprint?locale=en", 404);
    const auto announce = [] { return database().in_tx([](db::Tx& tx) { return content::make_writer()->announce_windows(tx); }); };
    EXPECT_EQ(announce(), 0);
    const auto move = [](const char* by) {
        database().in_tx([&](db::Tx& tx) {
            tx.run_text(std::string("update content.page set published_from = published_from - interval '") + by +
                        "', published_until = published_until - interval '" + by + "', told_at = told_at - interval '" + by + "'");
        });
    };
    page.published_until = now + std::chrono::hours(3);
    put(page);
    move("2 hours");
    EXPECT_FALSE(content->refresh());
    EXPECT_EQ(announce(), 1);
    EXPECT_EQ(announce(), 0);
    EXPECT_TRUE(content->refresh());
    body("/api/v1/content/pages/imprint?locale=en");
    move("2 hours");
    EXPECT_EQ(announce(), 1);
    EXPECT_TRUE(content->refresh());
    body("/api/v1/content/pages/imprint?locale=en", 404);
    EXPECT_EQ(announce(), 0);
    page.published_until = page.published_from;
    EXPECT_FALSE(database().in_tx([&](db::Tx& tx) { return writer->upsert_page(tx, page); }));
}

TEST_F(ContentTest, ChangesShowAfterRefreshAndEtagsFollow) {
    put(imprint());
    auto first = get("/api/v1/content/pages/imprint");
    std::string etag;
    for (const auto& [name, value] : first.headers) {
        if (name == "etag" || name == "ETag") etag = value;
    }
    ASSERT_FALSE(etag.empty());
    auto request = stoa::testing::request(http::Method::get, "/api/v1/content/pages/imprint");
    request.headers.emplace_back("if-none-match", etag);
    EXPECT_EQ(http::dispatch(*routes, request, {}).status, 304);
    EXPECT_FALSE(content->refresh());  // nothing changed
    auto page = imprint();
    page.texts["en"].title = "About";
    put(page);
    EXPECT_EQ(http::dispatch(*routes, request, {}).status, 200);
    page.published = false;
    put(page);
    EXPECT_EQ(get("/api/v1/content/pages/imprint").status, 404);
}

TEST_F(ContentTest, RefusesBadPagesAndTakenSlugs) {
    put(imprint());
    const auto refused = [&](const Page& page) {
        return database().in_tx([&](db::Tx& tx) { return writer->upsert_page(tx, page); }).error().code;
    };
    auto other = imprint();
    other.code = "other";
    EXPECT_EQ(refused(other), "content.slug_taken");
    other.texts.erase("en");
    EXPECT_EQ(refused(other), "content.invalid_page");
    other = imprint();
    other.texts["en"].slug = "../etc";
    EXPECT_EQ(refused(other), "content.invalid_page");
    EXPECT_FALSE(content->refresh());
}

TEST_F(ContentTest, AnAddressThatIsBorrowedFromEnglishHidesNoPage) {
    const auto page = [](const std::string& code, std::map<std::string, std::string> slugs) {
        Page out;
        out.code = code;
        for (const auto& [locale, slug] : slugs)
            out.texts[locale] = {.slug = slug, .title = code + " " + locale, .body = "x", .seo_title = "", .seo_description = ""};
        return out;
    };
    const auto taken = [&](const Page& given) {
        const auto done = database().in_tx([&](db::Tx& tx) { return writer->upsert_page(tx, given); });
        return done ? std::string() : done.error().fields.at(0).pointer;
    };
    put(page("a-help", {{"en", "help"}, {"de", "service"}}));
    EXPECT_EQ(taken(page("b-service", {{"en", "service"}})), "/texts/en/slug") << "Germans would find the other page";
    EXPECT_EQ(taken(page("b-service", {{"en", "service"}, {"de", "dienst"}})), "");
    EXPECT_EQ(taken(page("c-more", {{"en", "more"}, {"nl", "service"}})), "/texts/nl/slug");
    // From before this was checked.
    database().in_tx([](db::Tx& tx) { (void)tx.run_text("delete from content.page_text where code = 'b-service' and locale = 'de'"); });
    put(page("d-other", {{"en", "other"}}));
    EXPECT_EQ(body("/api/v1/content/pages/service?locale=de").text_or("title"), "a-help de");
    EXPECT_EQ(body("/api/v1/content/pages/service?locale=en").text_or("title"), "b-service en");
}

TEST_F(ContentTest, FaqMenusAndHome) {
    database().in_tx([&](db::Tx& tx) {
        ASSERT_TRUE(writer->put_faq(tx, "en", {{"Delivery", {{"When?", "Within **3** days."}}}}));
        ASSERT_TRUE(writer->put_menu(tx, "main", "en", MenuDto{{{"Chairs", "/c/chairs", {{"Stools", "/c/stools", {}}}}}}));
        Home home;
        home.hero = {"Hello", "Welcome", {}, "Shop", "/c/chairs"};
        home.rooms = {{"Kitchen", "Cook", "/c/kitchen", {}}};
        home.story_title = "Our story";
        home.story_body = "We *make* chairs.";
        ASSERT_TRUE(writer->put_home(tx, "en", home));
        const auto bad = writer->put_menu(tx, "main", "en", MenuDto{{{"Evil", "https://evil.test", {}}}});
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().code, "content.invalid_block");
    });
    ASSERT_TRUE(content->refresh());
    EXPECT_EQ(body("/api/v1/content/faq?locale=nl").find("groups")->items()[0].find("items")->items()[0].text_or("answer_html"),
              "<p>Within <strong>3</strong> days.</p>\n");
    EXPECT_EQ(body("/api/v1/content/menus/main").find("items")->items()[0].find("children")->items()[0].text_or("href"), "/c/stools");
    EXPECT_EQ(body("/api/v1/content/menus/side", 404).text_or("code"), "content.menu_not_found");
    const auto home = body("/api/v1/content/home?locale=de&currency=GBP");
    EXPECT_EQ(home.at("story", "body_html")->text(), "<p>We <em>make</em> chairs.</p>\n");
    EXPECT_EQ(home.find("new_arrivals")->items()[0].text_or("card"), "deGBP");
    EXPECT_EQ(home.find("reviews")->items().size(), 1U);
}

TEST_F(ContentTest, StoreFactsAndBadParameters) {
    content->refresh();
    const auto store = body("/api/v1/store?locale=de&currency=GBP");
    EXPECT_EQ(store.at("free_shipping_threshold", "currency")->text(), "GBP");
    const auto& countries = store.find("countries")->items();
    // The facts as they were given, named and sorted in the language asked for: Ö beside O.
    std::vector<std::string> seen;
    for (const auto& country : countries)
        seen.push_back(fmt::format("{} {} {}{}", country.text_or("code"), country.text_or("name"),
                                   country.text_or("postal_code_pattern", "-"), country.bool_or("state_required") ? " state" : ""));
    EXPECT_EQ(seen, (std::vector<std::string>{"DE Deutschland [0-9]{5}", "IE Irland -", "AT Österreich [1-9][0-9]{3}",
                                              "ES Spanien [0-5][0-9]{4} state"}));
    EXPECT_EQ(body("/api/v1/store?locale=xx", 422).text_or("code"), "http.invalid_fields");
    EXPECT_EQ(get("/api/v1/store?currency=USD").status, 422);
    EXPECT_EQ(get("/api/v1/store?nonsense=1").status, 422);
}

TEST_F(ContentTest, the_address_a_page_had_leads_to_it) {
    auto page = imprint();
    put(page);
    page.texts["de"].slug = "anbieter";
    put(page);
    // The answer's own slug differs from the one asked for: the storefront leads there for good.
    EXPECT_EQ(body("/api/v1/content/pages/impressum?locale=de").text_or("slug"), "anbieter");
    EXPECT_EQ(body("/api/v1/content/pages/anbieter?locale=de").text_or("slug"), "anbieter");
    // Twice renamed, and back again: none leads in a circle.
    page.texts["de"].slug = "rechtliches";
    put(page);
    for (const auto* old : {"impressum", "anbieter"})
        EXPECT_EQ(body(std::string("/api/v1/content/pages/") + old + "?locale=de").text_or("slug"), "rechtliches");
    page.texts["de"].slug = "impressum";
    put(page);
    for (const auto* old : {"impressum", "anbieter", "rechtliches"})
        EXPECT_EQ(body(std::string("/api/v1/content/pages/") + old + "?locale=de").text_or("slug"), "impressum");
    // An address that another page takes is that page's.
    Page other;
    other.code = "other";
    other.texts["en"] = {.slug = "other", .title = "Other", .body = "", .seo_title = "", .seo_description = ""};
    other.texts["de"] = {.slug = "anbieter", .title = "Andere", .body = "", .seo_title = "", .seo_description = ""};
    put(other);
    EXPECT_EQ(body("/api/v1/content/pages/anbieter?locale=de").text_or("title"), "Andere");
    ASSERT_NO_THROW(database().in_tx([&](db::Tx& tx) { writer->remove_page(tx, "other"); }));
    EXPECT_TRUE(content->refresh());
    body("/api/v1/content/pages/anbieter?locale=de", 404);
}

TEST_F(ContentTest, staff_give_a_page_other_addresses) {
    put(imprint());
    const auto put_one = [&](const Redirect& redirect) { return database().in_tx([&](db::Tx& tx) { return put_redirect(tx, redirect); }); };
    EXPECT_EQ(put_one({"de", "wer-wir-sind", "nothing"}).error().fields.front().pointer, "/page");
    EXPECT_EQ(put_one({"it", "chi-siamo", "imprint"}).error().fields.front().pointer, "/locale");
    EXPECT_EQ(put_one({"de", "Wer wir sind", "imprint"}).error().fields.front().pointer, "/slug");
    EXPECT_EQ(put_one({"de", "impressum", "imprint"}).error().code, "content.slug_taken");
    EXPECT_FALSE(content->refresh()) << "nothing was written";
    ASSERT_TRUE(put_one({"de", "wer-wir-sind", "imprint"}));
    EXPECT_TRUE(content->refresh());
    EXPECT_EQ(body("/api/v1/content/pages/wer-wir-sind?locale=de").text_or("slug"), "impressum");
    EXPECT_EQ(body("/api/v1/content/pages/wer-wir-sind?locale=en").text_or("slug"), "imprint");
    database().in_tx([](db::Tx& tx) { remove_redirect(tx, "de", "wer-wir-sind"); });
    EXPECT_TRUE(content->refresh());
    body("/api/v1/content/pages/wer-wir-sind?locale=de", 404);
}

}  // namespace
}  // namespace stoa::content
