// Every resource that this shop declares: what it lists, shows and writes, through the modules that own it.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>
#include <thread>

#include "stage.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

const std::string kBase = "/api/v1/admin/resources/";

class Admin : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    std::string make(const std::string& resource, const std::string& body) {
        const auto made = stage.boss->post(kBase + resource, body);
        EXPECT_EQ(made.status, 201) << resource << " " << made.text;
        return made.body.text_or("id");
    }
    Answer get(const std::string& target) { return stage.boss->get(kBase + target); }
    Answer change(const std::string& target, const std::string& body) {
        const auto seen = get(target);
        EXPECT_EQ(seen.status, 200) << target << " " << seen.text;
        return stage.boss->send(http::Method::patch, kBase + target, body, {}, {{"if-match", seen.body.text_or("version")}});
    }
    Answer remove(const std::string& target) {
        return stage.boss->send(http::Method::del, kBase + target, {}, {}, {{"if-match", get(target).body.text_or("version")}});
    }
    std::string first(const std::string& resource, const std::string& query = {}) {
        const auto list = get(resource + query);
        const auto* rows = list.body.find("rows");
        if (!rows || rows->items().empty()) throw std::runtime_error("nothing in " + resource + ": " + list.text);
        return rows->items().front().text_or("id");
    }
    std::int64_t events(const std::string& type) {
        return stage.world.count("select count(*) from events.event where type = '" + type + "'");
    }
    Stage stage;
};

TEST_F(Admin, every_resource_can_be_listed_searched_sorted_filtered_shown_and_exported) {
    const auto declared = stage.boss->get("/api/v1/admin/resources");
    std::set<std::string> names;
    for (const auto& resource : declared.body.find("resources")->items()) {
        const auto name = resource.text_or("name");
        names.insert(name);
        SCOPED_TRACE(name);
        const auto list = get(name);
        ASSERT_EQ(list.status, 200) << list.text;
        for (const auto& row : list.body.find("rows")->items()) {
            for (const auto& column : resource.find("columns")->items())
                EXPECT_TRUE(row.find(column.text_or("name"))) << column.text_or("name");
            if (!resource.find("fields")->items().empty()) {
                const auto shown = get(name + "/" + row.text_or("id"));
                EXPECT_EQ(shown.status, 200) << shown.text;
                for (const auto& [member, value] : shown.body.members()) {
                    (void)value;
                    const auto named = [&](const char* part) {
                        return std::ranges::any_of(resource.find(part)->items(),
                                                   [&](const auto& field) { return field.text_or("name") == member; });
                    };
                    EXPECT_TRUE(member == "id" || member == "version" || named("fields") || named("inlines")) << member;
                }
            }
            EXPECT_EQ(get(name + "/" + row.text_or("id") + "/history").status, 200);
        }
        if (resource.bool_or("searchable")) {
            EXPECT_EQ(get(name + "?q=a%25'_").status, 200);
        }
        for (const auto& column : resource.find("columns")->items()) {
            if (!column.bool_or("sortable")) continue;
            for (const auto* order : {"", "-"}) {
                const auto page = get(name + "?limit=1&sort=" + order + column.text_or("name"));
                EXPECT_EQ(page.status, 200) << page.text;
                if (const auto cursor = page.body.text_or("next_cursor"); !cursor.empty()) {
                    EXPECT_EQ(get(name + "?limit=1&sort=" + order + column.text_or("name") + "&cursor=" + cursor).status, 200);
                }
            }
        }
        for (const auto& filter : resource.find("filters")->items()) {
            const auto type = filter.text_or("type");
            const auto& options = filter.find("options")->items();
            std::string value = !options.empty() ? options.front().text_or("value") : type == "select" ? "x" : type == "bool" ? "true" : "";
            if (type == "date") value = "2026-01-01..2026-12-31";
            if (type == "number") value = "1..1000";
            if (type == "reference") value = first(filter.text_or("resource"));
            const auto page = get(name + "?filter[" + filter.text_or("name") + "]=" + value);
            EXPECT_EQ(page.status, 200) << filter.text_or("name") << "=" << value << " " << page.text;
        }
        for (const auto* format : {"csv", "xlsx"}) EXPECT_EQ(get(name + "/export?format=" + format).status, 200) << format;
    }
    for (const auto* name :
         {"orders",        "customers",      "products",        "variants",     "categories",      "collections",    "attributes",
          "reviews",       "price_lists",    "tax_rates",       "promotions",   "warehouses",      "stock",          "pages",
          "synonyms",      "search_rules",   "staff",           "roles",        "audit",           "prices",         "product_types",
          "media",         "legal_entities", "customer_groups", "part_numbers", "promotion_codes", "shipping_rates", "shipping_countries",
          "free_delivery", "calendar",       "vat_rates"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST_F(Admin, the_catalogue_is_written_through_its_own_rules) {
    const auto category = make("categories", R"({"handle":"beds","name":{"en":"Beds","de":"Betten"}})");
    EXPECT_EQ(stage.boss->post(kBase + "categories", R"({"handle":"beds","name":{"en":"Beds"}})").status, 422);
    make(
        "attributes",
        R"({"code":"size","names":{"en":"Size"},"kind":"choice","values":[{"code":"s","labels":{"en":"S"}},{"code":"l","labels":{"en":"L"}}]})");
    stage.world.shop->database.in_tx(
        [&](db::Tx& tx) { EXPECT_TRUE(stage.world.shop->catalog_writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, {"size"}})); });
    const auto product =
        make("products", fmt::format(R"({{"handle":"bed","type":"thing","name":{{"en":"Bed","de":"Bett"}},"status":"draft","category":"{}",
        "options":["size"],"variants":[{{"sku":"BED-S","options":{{"size":"s"}}}},{{"sku":"BED-L","options":{{"size":"l"}},"weight_grams":900}}]}})",
                                     category));
    EXPECT_EQ(stage.world.count("select count(*) from events.event where type = 'product.changed' and stream = 'product:" +
                                Uuid::parse_base32(product.substr(5))->to_string() + "'"),
              1);
    const auto published = stage.boss->post(kBase + "products/actions/publish", fmt::format(R"({{"ids":["{}"]}})", product));
    EXPECT_EQ(published.status, 200) << published.text;
    const auto shown = get("products/" + product);
    EXPECT_EQ(shown.body.text_or("status"), "active");
    ASSERT_EQ(shown.body.find("variants")->items().size(), 2U) << shown.text;
    const auto changed = change("products/" + product, R"({"name":{"en":"Large bed","de":"Bett"},"brand":"Nest"})");
    EXPECT_EQ(changed.status, 200) << changed.text;
    EXPECT_EQ(changed.body.find("variants")->items().size(), 2U);
    EXPECT_EQ(get("products?q=large%20b").body.int_or("total"), 1);
    EXPECT_EQ(get("products?q=BED-L").body.int_or("total"), 1);
    // What the module refuses is refused here, by its own code.
    EXPECT_EQ(change("products/" + product, R"({"type":"no_such_type"})").status, 422);
    EXPECT_EQ(change("products/" + product, R"({"variants":[{"sku":"LAMP","options":{"size":"s"}}]})").body.text_or("code"),
              "catalog.sku_taken");
    EXPECT_EQ(change("attributes/size", R"({"values":[{"code":"s","labels":{"en":"S"}}]})").body.text_or("code"),
              "catalog.attribute_value_in_use");
    EXPECT_EQ(stage.boss
                  ->post(kBase + "collections",
                         R"({"handle":"sleep","name":{"en":"Sleep"},"by_rule":true,"conditions":[{"field":"category","values":["beds"]}]})")
                  .status,
              201);
    const auto history = get("products/" + product + "/history");
    ASSERT_EQ(history.body.find("entries")->items().size(), 3U);
    EXPECT_EQ(history.body.find("entries")->items()[1].text_or("action"), "publish");

    const auto csv = "handle,name.de,brand\nbed,Großes Bett,Nest\nthing-chair,Stuhl,Sitz\n";
    const auto imported = stage.boss->send(http::Method::post, kBase + "products/import", csv, {}, {{"content-type", "text/csv"}});
    EXPECT_EQ(imported.body.int_or("updated"), 2) << imported.text;
    EXPECT_EQ(get("products/" + product).body.find("name")->text_or("en"), "Large bed");
    EXPECT_EQ(get("products/" + product).body.find("name")->text_or("de"), "Großes Bett");
}

TEST_F(Admin, every_export_is_imported_again_without_a_change) {
    int tried = 0;
    const auto declared = stage.boss->get("/api/v1/admin/resources");
    for (const auto& resource : declared.body.find("resources")->items()) {
        const auto name = resource.text_or("name");
        if (!resource.find("can")->bool_or("import")) continue;
        SCOPED_TRACE(name);
        const auto file = stage.boss->get(kBase + name + "/export");
        ASSERT_EQ(file.status, 200);
        if (std::ranges::count(file.text, '\n') < 2) continue;
        const auto answer = stage.boss->send(http::Method::post, kBase + name + "/import", file.text, {}, {{"content-type", "text/csv"}});
        EXPECT_EQ(answer.status, 200) << answer.text << file.text;
        EXPECT_GT(answer.body.int_or("rows"), 0) << file.text;
        EXPECT_EQ(answer.body.int_or("unchanged"), answer.body.int_or("rows")) << answer.text << file.text;
        ++tried;
    }
    EXPECT_GE(tried, 14);
    // What was not taken is told.
    const auto file = stage.boss->get(kBase + "prices/export");
    const auto answer = stage.boss->send(http::Method::post, kBase + "prices/import", file.text, {}, {{"content-type", "text/csv"}});
    std::vector<std::string> ignored;
    for (const auto& column : answer.body.find("ignored")->items()) ignored.emplace_back(column.text());
    EXPECT_NE(std::ranges::find(ignored, "amount"), ignored.end()) << answer.text;
}

TEST_F(Admin, groups_audiences_and_part_numbers_are_written_through_their_own_rules) {
    EXPECT_EQ(make("customer_groups", R"({"code":"trade","name":"Trade"})"), "trade");
    EXPECT_EQ(stage.boss->post(kBase + "customer_groups", R"({"code":"trade","name":"Again"})").status, 422);
    EXPECT_EQ(change("customer_groups/trade", R"({"name":"The trade"})").body.text_or("name"), "The trade");
    const auto members = [&](const std::string& action, const std::string& email) {
        return stage.boss->post(kBase + "customer_groups/actions/" + action,
                                fmt::format(R"({{"ids":["trade"],"input":{{"emails":["{}"]}}}})", email));
    };
    EXPECT_EQ(members("add_members", "ana@example.test").body.int_or("changed"), 1);
    EXPECT_EQ(members("add_members", "ANA@example.test").body.int_or("changed"), 0);  // is in it
    EXPECT_EQ(members("add_members", "nobody@example.test").status, 422);
    EXPECT_EQ(get("customer_groups/trade").body.int_or("members"), 1);
    // Who was put in stands in the log, not only how many.
    const auto history = get("customer_groups/trade/history");
    const auto* entered = history.body.find("entries")->items().front().find("after");
    ASSERT_TRUE(entered && entered->find("customers")) << history.text;
    EXPECT_EQ(entered->find("customers")->items().front().text(), first("customers", "?q=ana@example.test"));
    EXPECT_EQ(stage.world.count("select count(*) from customers.group_member where group_code = 'trade'"), 1);

    const auto chair = stage.chair.product.to_string();
    const auto limit = [&](const std::string& input) {
        return stage.boss->post(kBase + "products/actions/limit_to", fmt::format(R"({{"ids":["{}"],"input":{}}})", chair, input));
    };
    EXPECT_EQ(limit("{}").status, 422);
    EXPECT_EQ(limit(R"({"groups":["no-such-group"]})").status, 422);
    EXPECT_EQ(limit(R"({"groups":["trade"]})").status, 200);
    EXPECT_EQ(get("products/" + chair).body.find("audience_groups")->items().size(), 1U);
    const auto company = companies::CompanyId::make().to_string();
    const auto wider = change("products/" + chair, fmt::format(R"({{"audience_companies":["{}"]}})", company));
    EXPECT_EQ(wider.status, 200) << wider.text;
    EXPECT_EQ(stage.world.count("select count(*) from catalog.product_audience"), 2);
    EXPECT_EQ(change("products/" + chair, R"({"audience_groups":["no-such-group"]})").status, 422);
    EXPECT_EQ(change("products/" + chair, R"({"brand":"Sitz"})").status, 200);
    EXPECT_EQ(stage.world.count("select count(*) from catalog.product_audience"), 2) << "another change opens nothing";
    EXPECT_EQ(stage.boss->post(kBase + "products/actions/show_to_everybody", fmt::format(R"({{"ids":["{}"]}})", chair)).status, 200);
    EXPECT_EQ(stage.world.count("select count(*) from catalog.product_audience"), 0);

    const auto number = make("part_numbers", fmt::format(R"({{"number":"AB-1","sku":"CHAIR","company":"{}"}})", company));
    EXPECT_EQ(stage.boss->post(kBase + "part_numbers", fmt::format(R"({{"number":"ab 1","sku":"LAMP","company":"{}"}})", company)).status,
              422);
    make("part_numbers", R"({"number":"AB-1","sku":"LAMP","customer_group":"trade"})");
    EXPECT_EQ(stage.boss->post(kBase + "part_numbers", R"({"number":"AB-2","sku":"LAMP"})").status, 422);
    EXPECT_EQ(stage.boss->post(kBase + "part_numbers", R"({"number":"AB-2","sku":"NONE","customer_group":"trade"})").status, 422);
    EXPECT_EQ(change("part_numbers/" + number, R"({"sku":"LAMP","number":"AB-3"})").body.text_or("sku"), "LAMP");
    EXPECT_EQ(get("part_numbers?q=ab-3").body.int_or("total"), 1);
    EXPECT_EQ(remove("part_numbers/" + number).status, 204);
    EXPECT_EQ(members("remove_members", "ana@example.test").body.int_or("changed"), 1);
}

TEST_F(Admin, prices_stock_and_promotions_are_written_through_their_own_rules) {
    const auto list =
        make("price_lists", R"({"code":"eur-friends","name":"Friends","currency":"EUR","customer_group":"friends","priority":5})");
    EXPECT_EQ(change("price_lists/" + list, R"({"enabled":false})").status, 200);
    EXPECT_EQ(change("price_lists/" + list, R"({"currency":"GBP"})").status, 422);
    EXPECT_EQ(make("tax_rates",
                   R"({"country":"DE","tax_class":"standard","valid_from":"2031-01-01","basis_points":2000,"treatment":"standard"})"),
              "DE:standard:2031-01-01");
    EXPECT_EQ(change("tax_rates/DE:standard:2031-01-01", R"({"basis_points":2100})").body.int_or("basis_points"), 2100);
    EXPECT_EQ(stage.boss
                  ->post(kBase + "tax_rates",
                         R"({"country":"DE","tax_class":"standard","valid_from":"2031-02-31","basis_points":1,"treatment":"standard"})")
                  .status,
              422);
    const auto promotion = make(
        "promotions", R"({"name":"Autumn","labels":{"en":"Autumn"},"kind":"percent","rules":{"basis_points":1500},"codes":["AUTUMN"]})");
    EXPECT_EQ(change("promotions/" + promotion, R"({"enabled":false})").status, 200);
    EXPECT_EQ(change("promotions/" + promotion, R"({"codes":["TEN"]})").body.text_or("code"), "promotions.code_taken");
    EXPECT_EQ(stage.boss->post(kBase + "promotions", R"({"name":"Nonsense","kind":"percent","rules":{"basis_points":-5}})").status, 422);
    const auto codes = stage.boss->post(kBase + "promotions/actions/generate_codes",
                                        fmt::format(R"({{"ids":["{}"],"input":{{"prefix":"HI","count":3}}}})", promotion));
    EXPECT_EQ(codes.status, 200) << codes.text;
    EXPECT_EQ(stage.world.count("select count(*) from promotions.code where code like 'HI-%'"), 3);

    const auto stock = first("stock", "?q=CHAIR");
    const auto on_hand = get("stock/" + stock).body.int_or("on_hand");
    const auto adjust = [&](const std::string& by) {
        return stage.boss->post(kBase + "stock/actions/adjust",
                                fmt::format(R"({{"ids":["{}"],"input":{{"by":{},"reason":"received"}}}})", stock, by));
    };
    EXPECT_EQ(adjust("7").status, 200);
    EXPECT_EQ(get("stock/" + stock).body.int_or("on_hand"), on_hand + 7);
    EXPECT_EQ(adjust("-999999").status, 422);
    // A shipment that is being written takes a unit: the count beside it was of a shelf that held one more.
    const auto version = get("stock/" + stock).body.text_or("version");
    Answer counted;
    std::thread clerk;
    stage.world.shop->database.in_tx([&](db::Tx& tx) {
        tx.run_text(
            fmt::format("update inventory.stock set on_hand = on_hand - 1 where id = '{}'", Id<"stk">::parse(stock)->uuid().to_string()));
        clerk = std::thread([&] {
            counted = stage.boss->send(http::Method::patch, kBase + "stock/" + stock, fmt::format(R"({{"on_hand":{}}})", on_hand + 9), {},
                                       {{"if-match", version}});
        });
        for (int i = 0; i < 5000 && tx.run_text("select 1 from pg_locks where not granted").empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
    });
    clerk.join();
    EXPECT_EQ(counted.body.text_or("code"), "admin.stale") << counted.text;
    EXPECT_EQ(get("stock/" + stock).body.int_or("on_hand"), on_hand + 6);
    EXPECT_EQ(change("stock/" + stock, R"({"on_hand":50})").body.int_or("on_hand"), 50);
    EXPECT_EQ(change("stock/" + stock, R"({"held":0,"allocated":999})").status, 422);
    EXPECT_EQ(stage.world.count("select count(*) from inventory.movement where reason = 'received' and delta = 7"), 1);
}

TEST_F(Admin, words_people_and_reviews_are_written_through_their_own_rules) {
    const auto page = make("pages", R"({"code":"care","title":{"en":"Care"},"slug":{"en":"care"},"body":{"en":"*Oil* it."}})");
    EXPECT_EQ(change("pages/" + page, R"({"title":{"en":"Care for wood"}})").body.find("title")->text_or("en"), "Care for wood");
    EXPECT_EQ(stage.boss->post(kBase + "pages", R"({"code":"other","title":{"en":"Other"},"slug":{"en":"care"}})").body.text_or("code"),
              "content.slug_taken");
    EXPECT_EQ(remove("pages/" + page).status, 204);
    const auto synonym = make("synonyms", R"({"locale":"en","words":["couch","sofa"]})");
    EXPECT_EQ(change("synonyms/" + synonym, R"({"words":["couch","sofa","settee"]})").status, 200);
    EXPECT_EQ(change("synonyms/" + synonym, R"({"words":["couch"]})").status, 422);
    EXPECT_EQ(remove("synonyms/" + synonym).status, 204);
    const auto rule = make("search_rules", R"({"kind":"redirect","query":"returns","target":"/pages/imprint"})");
    EXPECT_EQ(change("search_rules/" + rule, R"({"target":"//evil.example"})").status, 422);
    EXPECT_EQ(change("search_rules/" + rule, R"({"active":false})").status, 200);
    EXPECT_EQ(remove("search_rules/" + rule).status, 204);

    const auto ana = first("customers", "?q=ana@example.test");
    EXPECT_EQ(change("customers/" + ana, R"({"groups":["friends"]})").status, 200);
    EXPECT_EQ(get("customers?filter[group]=friends").body.int_or("total"), 1);
    EXPECT_EQ(change("customers/" + ana, R"({"groups":["No Such Code"]})").status, 422);
    const auto company = companies::CompanyId::make().to_string();
    EXPECT_EQ(change("customers/" + ana, fmt::format(R"({{"company":"{}"}})", company)).body.text_or("company"), company);
    EXPECT_EQ(get("customers/" + ana).body.find("groups")->items().size(), 1U);
    EXPECT_EQ(change("customers/" + ana, R"({"email":"thief@example.test"})").status, 422);
    EXPECT_EQ(stage.boss->post(kBase + "customers", "{}").body.text_or("code"), "admin.not_allowed_here");
    const auto order = first("orders");
    EXPECT_EQ(get("orders/" + order).body.find("lines")->items().size(), 1U);
    EXPECT_EQ(stage.boss->send(http::Method::patch, kBase + "orders/" + order, "{}", {}, {{"if-match", "x"}}).body.text_or("code"),
              "admin.not_allowed_here");

    const auto review = stage.world.shop->database.in_tx([&](db::Tx& tx) {
        return stage.world.shop->catalog
            ->add_review(tx, {stage.chair.product, Uuid::v7(), "Ana R.", "en", 4, "Good", "A good chair.", false})
            ->to_string();
    });
    EXPECT_EQ(get("reviews?filter[state]=pending").body.int_or("total"), 1);
    EXPECT_EQ(stage.boss->post(kBase + "reviews/actions/approve", fmt::format(R"({{"ids":["{}"]}})", review)).status, 200);
    EXPECT_EQ(get("reviews/" + review).body.text_or("state"), "approved");
    EXPECT_EQ(backoffice::check_audit(stage.world.shop->database).reason, "");
}

TEST_F(Admin, a_price_is_set_changed_and_scheduled_alone) {
    const auto list = first("price_lists");
    const auto currency = get("price_lists/" + list).body.text_or("currency");
    const auto variant = first("variants", "?q=LAMP");
    const auto body = [&](const std::string& from, const std::string& tiers, const std::string& until = "null") {
        return fmt::format(R"({{"list":"{}","variant":"{}","valid_from":{},"valid_until":{},"tiers":{}}})", list, variant, from, until,
                           tiers);
    };
    const auto tier = [&](int quantity, int amount, const std::string& of) {
        return fmt::format(R"({{"min_quantity":{},"unit":{{"amount":{},"currency":"{}"}}}})", quantity, amount, of);
    };
    const auto refused = [&](const std::string& text) { return stage.boss->post(kBase + "prices", text).status; };
    EXPECT_EQ(refused(body("null", "[" + tier(1, 4900, currency) + "]")), 422) << "there is one";
    const auto base = get("prices?filter[variant]=" + variant + "&filter[list]=" + list).body.find("rows")->items().front().text_or("id");
    const auto changed = change("prices/" + base, fmt::format(R"({{"tiers":[{},{}]}})", tier(1, 5200, currency), tier(10, 4800, currency)));
    ASSERT_EQ(changed.status, 200) << changed.text;
    EXPECT_EQ(changed.body.find("tiers")->items()[1].find("unit")->int_or("amount"), 4800);
    EXPECT_EQ(get("prices/" + base).body.find("tiers")->items().size(), 2U);
    EXPECT_GE(events("price.changed"), 1);
    const auto sale = stage.boss->post(kBase + "prices",
                                       body("\"2031-01-01T00:00:00Z\"", "[" + tier(1, 3900, currency) + "]", "\"2031-02-01T00:00:00Z\""));
    EXPECT_EQ(sale.status, 201) << sale.text;
    EXPECT_EQ(refused(body("\"2031-01-01T00:00:00Z\"", "[" + tier(1, 3800, currency) + "]")), 422) << "the same beginning";
    EXPECT_EQ(refused(body("\"2032-01-01T00:00:00Z\"", "[" + tier(1, 3900, "CHF") + "]")), 422) << "another currency";
    EXPECT_EQ(refused(body("\"2032-01-01T00:00:00Z\"", "[" + tier(2, 3900, currency) + "]")), 422) << "nothing for one";
    EXPECT_EQ(refused(body("\"2032-01-01T00:00:00Z\"", "[" + tier(1, 3900, currency) + "," + tier(1, 3800, currency) + "]")), 422);
    EXPECT_EQ(refused(body("\"2032-01-01T00:00:00Z\"", "[" + tier(1, -1, currency) + "]")), 422);
    EXPECT_EQ(refused(body("null", "[" + tier(1, 1, currency) + "]", "\"2032-01-01T00:00:00Z\"")), 422) << "it ends and never begins";
    EXPECT_EQ(get("prices?q=LAMP").body.find("rows")->items().front().text_or("sku"), "LAMP");
}

TEST_F(Admin, exchange_rates_for_vat_are_one_for_each_pair_and_day) {
    const auto rate = [](std::string_view currency, std::string_view value, std::string_view day = "2026-11-27") {
        return fmt::format(R"({{"vat_currency":"EUR","currency":"{}","day":"{}","rate":"{}","source":"ECB"}})", currency, day, value);
    };
    const auto id = make("vat_rates", rate("GBP", "0.86120"));
    const auto made = get("vat_rates/" + id).body;
    EXPECT_EQ(made.text_or("rate"), "0.8612");
    EXPECT_EQ(made.int_or("valid_days"), 7);
    EXPECT_EQ(made.text_or("day"), "2026-11-27");
    const auto refused = [&](const std::string& body) { return stage.boss->post(kBase + "vat_rates", body).status; };
    EXPECT_EQ(refused(rate("GBP", "0.9")), 422) << "there is one of that day";
    EXPECT_EQ(refused(rate("EUR", "1")), 422);
    EXPECT_EQ(refused(rate("QQQ", "1")), 422);
    EXPECT_EQ(refused(rate("GBP", "0.0", "2026-11-26")), 422);
    EXPECT_EQ(refused(rate("GBP", "0,9", "2026-11-26")), 422);
    EXPECT_EQ(refused(rate("GBP", "0.9", "2026-02-30")), 422);
    EXPECT_EQ(change("vat_rates/" + id, R"({"rate":"0.87","valid_days":31})").status, 200);
    EXPECT_EQ(get("vat_rates/" + id).body.text_or("rate"), "0.87");
    EXPECT_EQ(stage.world.count("select count(*) from orders.vat_rate"), 1);
    EXPECT_LT(remove("vat_rates/" + id).status, 300);
    EXPECT_EQ(stage.world.count("select count(*) from orders.vat_rate"), 0);
}

TEST_F(Admin, prices_are_changed_together_as_they_were_shown) {
    const auto list = make("price_lists", R"({"code":"eur-sale","name":"Sale","currency":"EUR","priority":9})");
    const auto chair = first("variants", "?q=CHAIR"), lamp = first("variants", "?q=LAMP");
    const auto price = [&](const std::string& variant, const std::string& tiers) {
        return make("prices", fmt::format(R"({{"list":"{}","variant":"{}","tiers":{}}})", list, variant, tiers));
    };
    const auto chairs = price(chair, R"([{"min_quantity":1,"unit":{"amount":12900,"currency":"EUR"}}])");
    const auto lamps = price(
        lamp,
        R"([{"min_quantity":1,"unit":{"amount":4999,"currency":"EUR"}},{"min_quantity":10,"unit":{"amount":4500,"currency":"EUR"}}])");
    const auto amounts = [&] {
        return stage.world.count(fmt::format("select sum(p.tier_amounts[1])::bigint from pricing.price p where p.list_id = '{}'",
                                             pricing::PriceListId::parse(list)->uuid().to_string()));
    };
    const auto ask = [&](const std::string& resource, const std::string& ids, const std::string& input, const std::string& rest = {}) {
        const auto preview = rest.empty() ? "/preview" : "";
        return stage.boss->post(kBase + resource + "/actions/change_prices" + preview,
                                fmt::format(R"({{"ids":{},"input":{}{}}})", ids, input, rest.empty() ? "" : "," + rest));
    };
    const auto both = fmt::format(R"(["{}","{}"])", chairs, lamps);
    const auto shown = ask("prices", both, R"({"percent":"-10"})");
    ASSERT_EQ(shown.status, 200) << shown.text;
    ASSERT_EQ(shown.body.find("items")->items().size(), 3U) << "one for each tier";
    EXPECT_EQ(amounts(), 12900 + 4999) << "a preview changes nothing";
    const auto seen = R"("seen":")" + shown.body.text_or("seen") + "\"";
    // Somebody else is faster: what was shown is not so any more.
    EXPECT_EQ(change("prices/" + chairs, R"({"tiers":[{"min_quantity":1,"unit":{"amount":13000,"currency":"EUR"}}]})").status, 200);
    EXPECT_EQ(ask("prices", both, R"({"percent":"-10"})", seen).body.text_or("code"), "admin.preview_changed");
    EXPECT_EQ(amounts(), 13000 + 4999);
    const auto again = ask("prices", both, R"({"percent":"-10"})");
    const auto done = ask("prices", both, R"({"percent":"-10"})", R"("seen":")" + again.body.text_or("seen") + "\"");
    EXPECT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.body.int_or("changed"), 2);
    EXPECT_EQ(amounts(), 11700 + 4499);
    EXPECT_EQ(stage.world.count("select count(*) from backoffice.audit where action = 'change_prices' and resource = 'prices'"), 2);
    // All or none: the lamp has tiers, and one amount for all of them is refused.
    EXPECT_EQ(ask("prices", both, R"({"amount":{"amount":1000,"currency":"EUR"}})").status, 422);
    EXPECT_EQ(ask("prices", both, R"({"amount":{"amount":1000,"currency":"EUR"}})", R"("seen":"")").status, 422);
    EXPECT_EQ(ask("prices", both, R"({"percent":"a lot"})").status, 422);
    EXPECT_EQ(ask("prices", both, "{}").status, 422);
    EXPECT_EQ(amounts(), 11700 + 4499);
    // From the lists of variants and of products, in the price list that is named.
    const auto of_list = [&](const std::string& how) { return fmt::format(R"({{"list":"{}",{}}})", list, how); };
    const auto by_variant =
        ask("variants", fmt::format(R"(["{}"])", chair), of_list(R"("amount":{"amount":9900,"currency":"EUR"})"), R"("seen":"")");
    EXPECT_EQ(by_variant.status, 200) << by_variant.text;
    EXPECT_EQ(amounts(), 9900 + 4499);
    const auto products = fmt::format(R"(["{}","{}"])", stage.chair.product.to_string(), stage.lamp.product.to_string());
    EXPECT_EQ(ask("products", products, of_list(R"("percent":"100")")).body.find("items")->items().size(), 3U);
    EXPECT_EQ(ask("products", products, of_list(R"("percent":"100")"), R"("seen":"")").status, 200);
    EXPECT_EQ(amounts(), 2 * (9900 + 4499));
}

TEST_F(Admin, prices_are_withdrawn_one_by_one_and_together) {
    const auto list = make("price_lists", R"({"code":"eur-sale","name":"Sale","currency":"EUR","priority":9})");
    const auto list_id = pricing::PriceListId::parse(list)->uuid().to_string();
    const auto price = [&](const std::string& variant, const std::string& from) {
        return make(
            "prices",
            fmt::format(
                R"({{"list":"{}","variant":"{}","valid_from":{},"tiers":[{{"min_quantity":1,"unit":{{"amount":100,"currency":"EUR"}}}}]}})",
                list, variant, from));
    };
    const auto chair = first("variants", "?q=CHAIR"), lamp = first("variants", "?q=LAMP");
    const auto chairs = price(chair, "null"), lamps = price(lamp, "null"), planned = price(lamp, R"("2099-01-01T00:00:00Z")");
    const auto left = [&] { return stage.world.count("select count(*) from pricing.price where list_id = '" + list_id + "'"); };
    const auto open = [&] {
        return stage.world.count("select count(*) from pricing.price_history where list_id = '" + list_id + "' and applies_until is null");
    };
    EXPECT_EQ(left(), 3);
    stage.world.clock.advance(std::chrono::minutes{1});
    const auto told = events("price.changed");
    EXPECT_EQ(stage.boss->send(http::Method::del, kBase + "prices/" + chairs, {}, {}, {{"if-match", "another"}}).body.text_or("code"),
              "admin.stale");
    EXPECT_EQ(remove("prices/" + chairs).status, 204);
    EXPECT_EQ(get("prices/" + chairs).status, 404);
    EXPECT_EQ(left(), 2);
    // The scheduled one goes alone: the price of every day stays, and so does its history.
    EXPECT_EQ(remove("prices/" + planned).status, 204);
    EXPECT_EQ(left(), 1);
    EXPECT_EQ(open(), 1);
    const auto withdraw = [&](const std::string& ids) {
        return stage.boss->post(kBase + "prices/actions/withdraw", "{\"ids\":[" + ids + "]}");
    };
    EXPECT_EQ(withdraw(fmt::format(R"("{}","{}")", lamps, chairs)).status, 404) << "one of them is gone: none is withdrawn";
    EXPECT_EQ(left(), 1);
    EXPECT_EQ(withdraw("\"" + lamps + "\"").status, 200);
    EXPECT_EQ(left(), 0);
    EXPECT_EQ(open(), 0);
    EXPECT_EQ(stage.world.count("select count(*) from pricing.price_history where list_id = '" + list_id + "'"), 2)
        << "what was asked is kept";
    EXPECT_EQ(events("price.changed"), told + 3);
    EXPECT_EQ(stage.world.count("select count(*) from backoffice.audit where action in ('delete', 'withdraw') and resource = 'prices'"), 3);
}

TEST_F(Admin, todays_figures_begin_at_the_merchants_midnight) {
    EXPECT_EQ(change("calendar/main", R"({"time_zone":"Mars/Olympus"})").status, 422);
    EXPECT_EQ(change("calendar/main", R"({"time_zone":"Europe/Amsterdam"})").body.text_or("time_zone"), "Europe/Amsterdam");
    const auto at = [&](std::string_view now) { stage.world.clock.set(*parse_timestamp(now)); };
    const auto placed = [&](std::string_view when) {
        stage.world.shop->database.in_tx([&](db::Tx& tx) {
            (void)tx.run_text("update orders.orders set placed_at = '" + std::string(when) + "', confirmed_at = '" + std::string(when) +
                              "'");
        });
    };
    int people = 0;
    const auto orders = [&] {
        // A session does not last for months.
        const auto home = stage.staff(fmt::format("clerk{}@example.test", ++people)).get("/api/v1/admin/home");
        for (const auto& figure : home.body.find("figures")->items()) {
            if (figure.text_or("name") == "orders_today") return figure.int_or("value", -1);
        }
        ADD_FAILURE() << home.text;
        return std::int64_t{-1};
    };
    // In summer midnight is at ten in the evening of UTC.
    placed("2027-07-01T21:59:59Z");
    at("2027-07-01T21:59:59Z");
    EXPECT_EQ(orders(), 1);
    at("2027-07-01T22:00:00Z");
    EXPECT_EQ(orders(), 0);
    placed("2027-07-01T22:00:00Z");
    at("2027-07-02T12:00:00Z");
    EXPECT_EQ(orders(), 1);
    // The day on which clocks go back has 25 hours: it begins at 22:00 and ends at 23:00.
    placed("2027-10-30T22:00:00Z");
    at("2027-10-31T22:59:59Z");
    EXPECT_EQ(orders(), 1);
    at("2027-10-31T23:00:00Z");
    EXPECT_EQ(orders(), 0);
}

TEST_F(Admin, rates_promotions_and_codes_end_and_stay) {
    const auto rate = [&](const std::string& tax_class, const std::string& from) {
        return make("tax_rates",
                    fmt::format(R"({{"country":"DE","tax_class":"{}","valid_from":"{}","basis_points":500,"treatment":"reduced"}})",
                                tax_class, from));
    };
    const auto used = rate("toys", "2020-01-01"), planned = rate("toys", "2099-01-01");
    EXPECT_EQ(remove("tax_rates/" + used).body.text_or("code"), "admin.row_in_use");
    EXPECT_EQ(remove("tax_rates/" + planned).status, 204);
    EXPECT_EQ(change("tax_rates/" + used, R"({"valid_until":"2019-01-01"})").status, 422);
    EXPECT_EQ(change("tax_rates/DE:standard:2021-01-01", R"({"valid_until":"2030-01-01"})").status, 422);
    const auto now = [&] { return stage.world.shop->tax->current()->table.rate("DE", "toys", stage.world.clock.now())->basis_points; };
    EXPECT_EQ(now(), 500);
    EXPECT_EQ(change("tax_rates/" + used, R"({"valid_until":"2021-06-01"})").body.text_or("valid_until"), "2021-06-01");
    EXPECT_EQ(now(), 1900);

    const auto promotion =
        make("promotions",
             R"({"name":"Spring","labels":{"en":"Spring"},"kind":"percent","rules":{"basis_points":1500},"codes":["SPRING","MARCH"]})");
    const auto act = [&](const std::string& resource, const std::string& id, const std::string& what) {
        return stage.boss->post(kBase + resource + "/actions/" + what, fmt::format(R"({{"ids":["{}"]}})", id)).status;
    };
    const auto discount = [&](const std::string& code) {
        Shopper shopper(*stage.world.shop);
        shopper.add(stage.lamp);
        const auto cart = shopper.post("/api/v1/cart/codes", fmt::format(R"({{"code":"{}"}})", code));
        const auto* amount = cart.body.at("totals", "discount", "amount");
        return amount ? amount->as_int().value_or(-1) : -1;
    };
    EXPECT_EQ(discount("SPRING"), 735);
    const auto code = first("promotion_codes", "?q=SPRING");
    EXPECT_EQ(act("promotion_codes", code, "switch_off"), 200);
    EXPECT_FALSE(get("promotion_codes/" + code).body.bool_or("enabled", true));
    EXPECT_LE(discount("SPRING"), 0);
    EXPECT_EQ(discount("MARCH"), 735);
    EXPECT_EQ(act("promotion_codes", code, "switch_on"), 200);
    EXPECT_EQ(discount("SPRING"), 735);
    EXPECT_EQ(act("promotions", promotion, "end"), 200);
    EXPECT_LE(discount("MARCH"), 0);
    EXPECT_EQ(act("promotions", promotion, "archive"), 200);
    EXPECT_EQ(first("promotions", "?filter[archived]=true"), promotion);
    EXPECT_EQ(change("promotions/" + promotion, R"({"enabled":true})").status, 422);
    EXPECT_EQ(act("promotions", promotion, "unarchive"), 200);
    EXPECT_EQ(change("promotions/" + promotion, R"({"enabled":true,"ends_at":null})").status, 200);
    EXPECT_EQ(discount("MARCH"), 735);
    EXPECT_EQ(stage.world.count("select count(*) from backoffice.audit where action in ('end', 'archive', 'unarchive', 'switch_off')"), 4);
    // One that has not begun does not begin.
    const auto later =
        make("promotions", R"({"name":"Later","kind":"percent","rules":{"basis_points":100},"starts_at":"2099-01-01T00:00:00Z"})");
    EXPECT_EQ(act("promotions", later, "end"), 200);
    EXPECT_FALSE(get("promotions/" + later).body.bool_or("enabled", true));
}

TEST_F(Admin, warehouses_deliveries_and_customs_are_kept_through_their_own_rules) {
    const auto main = first("warehouses");
    EXPECT_EQ(change("warehouses/" + main, R"({"active":false})").body.text_or("code"), "inventory.last_warehouse");
    const auto north = make("warehouses", R"({"code":"north","name":"North","country":"DE","priority":5,"parcel_cost":590})");
    EXPECT_EQ(stage.boss->post(kBase + "warehouses", R"({"code":"north","name":"Again","country":"DE"})").status, 422);
    EXPECT_EQ(change("warehouses/" + north, R"({"code":"south"})").status, 422);
    EXPECT_EQ(change("warehouses/" + north, R"({"country":"dE"})").status, 422);
    EXPECT_EQ(change("warehouses/" + north, R"({"name":"Far north"})").body.text_or("name"), "Far north");
    // What Ana's order was promised lies in the first one.
    EXPECT_EQ(change("warehouses/" + main, R"({"active":false})").body.text_or("code"), "inventory.warehouse_promised");
    EXPECT_EQ(change("warehouses/" + north, R"({"active":false})").status, 200);

    const std::string rate =
        R"({"zone":"moon","code":"rocket","names":{"en":"Rocket"},"up_to_grams":5000,"price":{"amount":9900,"currency":"EUR"},"days_min":3,"days_max":4})";
    const auto rocket = make("shipping_rates", rate);
    EXPECT_EQ(stage.boss->post(kBase + "shipping_rates", rate).status, 422) << "taken";
    EXPECT_EQ(stage.boss->post(kBase + "shipping_countries", R"({"country":"AQ","zone":"mars"})").status, 422);
    EXPECT_EQ(make("shipping_countries", R"({"country":"AQ","zone":"moon"})"), "AQ");
    EXPECT_EQ(change("shipping_rates/" + rocket, R"({"enabled":false})").body.text_or("code"), "shipping.last_rate");
    EXPECT_EQ(change("shipping_rates/" + rocket, R"({"days_max":1})").status, 422);
    EXPECT_EQ(change("shipping_rates/" + rocket, R"({"price":{"amount":8900,"currency":"EUR"}})").status, 200);
    make("free_delivery", R"({"zone":"moon","amount":{"amount":50000,"currency":"EUR"}})");
    stage.world.clock.advance(std::chrono::minutes{2});
    shipping::RateRequest parcel{{"AQ", "1", "Base", "Ice 1", ""},
                                 {{1, 1000, 0, 0, 0, Money(100, Currency::of("EUR"))}},
                                 Money(100, Currency::of("EUR")),
                                 "de",
                                 stage.world.clock.now()};
    const auto offered = stage.world.shop->shipping->own_rates(parcel);
    ASSERT_EQ(offered.size(), 1U);
    EXPECT_EQ(offered[0].name, "Rocket");
    EXPECT_EQ(offered[0].price.minor(), 8900);
    EXPECT_EQ(remove("shipping_countries/AQ").status, 204);
    EXPECT_EQ(remove("free_delivery/moon:EUR").status, 204);
    EXPECT_EQ(change("shipping_rates/" + rocket, R"({"enabled":false})").status, 200);

    const auto lamp = first("variants", "?q=LAMP");
    EXPECT_EQ(change("variants/" + lamp, R"({"hs_code":"94052011"})").status, 422) << "both or neither";
    EXPECT_EQ(change("variants/" + lamp, R"({"hs_code":"94","origin_country":"NL"})").status, 422);
    EXPECT_EQ(change("variants/" + lamp, R"({"sku":"OTHER"})").status, 422);
    EXPECT_EQ(change("variants/" + lamp, R"({"hs_code":"94052011","origin_country":"NL"})").body.text_or("hs_code"), "94052011");
    EXPECT_EQ(stage.world.count("select count(*) from shipping.customs where hs_code = '94052011' and origin_country = 'NL'"), 1);
    EXPECT_NE(get("variants/export?q=LAMP").text.find("94052011"), std::string::npos);
    const auto import = [&](const std::string& csv) {
        return stage.boss->send(http::Method::post, kBase + "variants/import", csv, {}, {{"content-type", "text/csv"}});
    };
    EXPECT_EQ(import("sku,hs_code,origin_country\nLAMP,94051900,DE\nCHAIR,94016100,PL\n").status, 200);
    EXPECT_EQ(stage.world.count("select count(*) from shipping.customs where hs_code in ('94051900', '94016100')"), 2);
    EXPECT_EQ(import("sku,hs_code,origin_country\nLAMP,,\nCHAIR,x,PL\n").status, 422);
    EXPECT_EQ(stage.world.count("select count(*) from shipping.customs"), 2) << "all rows or none";
    EXPECT_EQ(import("sku,hs_code,origin_country\nLAMP,,\n").status, 200);
    EXPECT_EQ(stage.world.count("select count(*) from shipping.customs"), 1);
}

TEST_F(Admin, product_types_pictures_and_the_legal_entity_are_kept_through_their_own_rules) {
    make("attributes", R"({"code":"grain","names":{"en":"Grain"},"kind":"text"})");
    EXPECT_EQ(make("product_types", R"({"code":"board","names":{"en":"Board","de":"Brett"},"attributes":["grain"]})"), "board");
    EXPECT_EQ(stage.boss->post(kBase + "product_types", R"({"code":"board","names":{"en":"Board"}})").status, 422);
    EXPECT_EQ(stage.boss->post(kBase + "product_types", R"({"code":"plank","names":{"en":"Plank"},"attributes":["nothing"]})").status, 422);
    EXPECT_EQ(change("product_types/board", R"({"attributes":[]})").body.find("attributes")->items().size(), 0U);

    const auto upload = stage.ask("upload_picture");
    const auto send = [&](const std::string& bytes) {
        return stage.boss->send(http::Method::post, "/api/v1/admin/media" + upload.query, bytes, {}, {{"content-type", "image/png"}});
    };
    const auto kept = send(upload.body);
    ASSERT_EQ(kept.status, 201) << kept.text;
    const auto picture = kept.body.text_or("id");
    EXPECT_EQ(stage.boss->get(kept.body.text_or("src")).status, 200);
    EXPECT_EQ(change("media/" + picture, R"({"focal_x":120,"focal_y":880,"alt":{"en":"A dot"}})").status, 200);
    // Again the same: the same picture, with what was noted on it.
    EXPECT_EQ(send(upload.body).body.text_or("id"), picture);
    EXPECT_EQ(get("media/" + picture).body.int_or("focal_x"), 120);
    EXPECT_EQ(change("media/" + picture, R"({"focal_x":1001})").status, 422);
    EXPECT_EQ(stage.world.count("select count(*) from catalog.asset where focal_y = 880 and alt ->> 'en' = 'A dot'"), 1);
    for (const auto& bytes :
         {std::string(), std::string("no picture"), upload.body.substr(0, 40), std::string("<svg xmlns='http://www.w3.org/2000/svg'/>")})
        EXPECT_EQ(send(bytes).body.text_or("code"), "media.not_a_picture") << bytes.substr(0, 20);
    const auto product = get("products/" + stage.chair.product.to_string());
    EXPECT_EQ(change("products/" + stage.chair.product.to_string(), fmt::format(R"({{"media":[{{"asset":"{}"}}]}})", picture)).status, 200);

    const auto entity =
        get("legal_entities/main").status == 200
            ? change("legal_entities/main", R"({"name":"Stoa Home GmbH","iban":"DE89370400440532013000"})")
            : stage.boss->post(kBase + "legal_entities",
                               R"({"code":"main","name":"Stoa Home GmbH","line1":"Torstr. 1","postal_code":"10115","city":"Berlin",
        "country":"DE","vat_id":"DE123456789","iban":"DE89370400440532013000"})");
    EXPECT_LT(entity.status, 300) << entity.text;
    EXPECT_EQ(get("legal_entities/main").body.text_or("name"), "Stoa Home GmbH");
    EXPECT_EQ(change("legal_entities/main", R"({"iban":"DE89370400440532013001"})").status, 422);
    EXPECT_EQ(change("legal_entities/main", R"({"vat_id":"","tax_number":""})").status, 422);
    EXPECT_EQ(change("legal_entities/main", R"({"country":"Germany"})").status, 422);
    EXPECT_EQ(change("legal_entities/main", R"({"vat_currency":"QQQ"})").status, 422);
    EXPECT_EQ(change("legal_entities/main", R"({"vat_currency":"CHF"})").status, 200);
    EXPECT_EQ(change("legal_entities/main", R"({"vat_currency":"EUR"})").status, 200);
}

TEST_F(Admin, a_page_has_its_time_and_a_draft_is_seen_before) {
    const auto page = make(
        "pages",
        R"({"code":"sale","title":{"en":"Sale"},"slug":{"en":"sale"},"body":{"en":"**Soon**"},"published_from":"2031-01-01T00:00:00Z"})");
    EXPECT_EQ(get("pages/" + page).body.text_or("published_from"), "2031-01-01T00:00:00Z");
    EXPECT_EQ(change("pages/" + page, R"({"published_until":"2030-01-01T00:00:00Z"})").status, 422);
    const auto shown = stage.boss->post("/api/v1/admin/page-preview", R"({"body":"**Soon** <script>alert(1)</script>"})");
    EXPECT_NE(shown.body.text_or("html").find("<strong>Soon</strong>"), std::string::npos);
    EXPECT_EQ(shown.body.text_or("html").find("<script>"), std::string::npos);
}

// Long lists: which index a filter, an order or words are answered from. The statements are those that the lists have sent, explained
// without the choice to read a table as a whole; with a few rows that is all that tells an index that serves from one that does not.
TEST_F(Admin, a_filter_an_order_and_words_of_a_long_list_have_their_index) {
    auto& database = stage.world.shop->database;
    const auto prepared = [&] {
        std::map<std::string, std::pair<std::string, std::int64_t>> out;  // name: statement, parameters
        database.in_tx([&](db::Tx& tx) {
            for (const auto row :
                 tx.run_text("select name, statement, cardinality(parameter_types)::bigint as parameters from "
                             "pg_prepared_statements where statement ~ '_api[.]admin_(order|product|variant|customer) t|as probed'"))
                out[row.get<std::string>("name")] = {row.get<std::string>("statement"), row.get<std::int64_t>("parameters")};
        });
        return out;
    };
    const auto plans = [&](const std::string& target) {
        const auto before = prepared();
        const auto page = get(target);
        EXPECT_EQ(page.status, 200) << page.text;
        std::string out;
        for (const auto& [name, statement] : prepared()) {
            if (before.contains(name)) continue;
            std::string values;
            for (std::int64_t i = 0; i < statement.second; ++i) values += i == 0 ? "(null" : ", null";
            if (!values.empty()) values += ")";
            database.in_tx([&](db::Tx& tx) {
                tx.run_text("set local enable_seqscan = off; set local jit = off");
                for (const auto row : tx.run_text("explain (verbose, costs off) execute " + name + values))
                    out += row.get<std::string>("QUERY PLAN") + "\n";
            });
        }
        return out;
    };
    const auto customer = first("customers"), category = first("categories");
    struct Case {
        std::string target;
        std::vector<std::string> indexes;  // all of them; "a|b": one of the two
        bool in_order = false;             // nothing is sorted
    };
    for (const auto& each : std::vector<Case>{
             {"orders?limit=11", {"orders_by_time"}, true},
             {"orders?sort=number", {"orders_number_key"}},
             {"orders?filter[state]=confirmed", {"orders_state|orders_both_placed"}},
             {"orders?filter[payment_state]=paid", {"orders_payment_placed"}},
             {"orders?filter[state]=confirmed&filter[payment_state]=paid", {"orders_both_placed|orders_state"}},
             {"orders?filter[placed_at]=2026-01-01..2026-01-07", {"orders_by_time"}},
             {"orders?filter[total]=1000..2000", {"orders_by_total"}},
             {"orders?filter[customer]=" + customer, {"orders_customer"}},
             {"orders?q=zzz@example", {"orders_number_prefix", "orders_email_begins", "orders_number_parts", "address_parts"}},
             {"orders?q=S-10", {"orders_number_prefix"}},
             {"orders?q=zz", {"orders_email_begins"}},
             {"products?limit=11", {"product_pkey"}, true},
             {"products?sort=handle", {"product_handle_key"}},
             {"products?filter[type]=thing", {"product_by_type"}},
             {"products?filter[brand]=Nest", {"product_by_brand"}},
             {"products?filter[category]=" + category, {"product_by_category"}},
             {"products?filter[status]=draft", {"product_status"}},
             {"products?q=lamp", {"product_text_name_parts", "product_handle_parts", "variant_sku_parts"}},
             {"variants?q=lamp", {"product_text_name_parts", "variant_sku_parts"}},
             {"customers?q=lamp", {"customer_email_parts", "customer_name_parts"}},
         }) {
        const auto plan = plans(each.target);
        ASSERT_FALSE(plan.empty()) << each.target << " has sent nothing that was not there before";
        for (const auto& wanted : each.indexes) {
            const auto either = wanted.find('|');
            EXPECT_TRUE(plan.find(wanted.substr(0, either)) != std::string::npos ||
                        (either != std::string::npos && plan.find(wanted.substr(either + 1)) != std::string::npos))
                << each.target << " does not use " << wanted << ":\n"
                << plan;
        }
        // A list without a filter counts some rows, whichever they are.
        if (each.in_order)
            EXPECT_EQ(plan.find("Sort"), std::string::npos) << each.target << ":\n" << plan;
        else
            EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << each.target << ":\n" << plan;
    }
}

}  // namespace
}  // namespace stoa::testing
