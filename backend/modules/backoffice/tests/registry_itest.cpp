// A resource that exists nowhere else, declared once: everything else is there.
#include <fmt/format.h>

#include <set>

#include "fixture.hpp"
#include "stoa/backoffice/declare.hpp"
#include "stoa/testing/authenticator.hpp"

namespace stoa::backoffice {
namespace {

using ShelfId = Id<"shelf">;

struct BoardForm {
    std::int64_t height = 0;
    std::string label;
};
void describe(json::Struct<BoardForm>& d) {
    d.name("BoardForm");
    d.field<&BoardForm::height>("height").min(0);
    d.field<&BoardForm::label>("label").not_blank().max_length(40);
}
enum class Wood { oak, pine };
json::EnumNames<Wood> enum_names(Wood) {
    static constexpr std::pair<Wood, std::string_view> kNames[] = {{Wood::oak, "oak"}, {Wood::pine, "pine"}};
    return kNames;
}
struct ShelfForm {
    std::string code;
    std::map<std::string, std::string> name;
    Wood wood = Wood::oak;
    Money price;
    bool on_show = false;
    std::optional<std::int64_t> sold;
    std::vector<BoardForm> boards;
};
void describe(json::Struct<ShelfForm>& d) {
    d.name("ShelfForm");
    d.field<&ShelfForm::code>("code", "Painted on its back.").pattern("[a-z0-9-]{1,20}");
    d.field<&ShelfForm::name>("name");
    d.field<&ShelfForm::wood>("wood");
    d.field<&ShelfForm::price>("price");
    d.field<&ShelfForm::on_show>("on_show").optional();
    d.field<&ShelfForm::sold>("sold");
    d.field<&ShelfForm::boards>("boards").optional().max_length(10);
}

std::optional<ShelfForm> find_shelf(db::Session& session, std::string_view id) {
    const auto rows = session.run(
        db::call(db::Query{"test.shelf", "select doc::text as doc from public.shelf where id = $1::uuid"}, *ShelfId::parse(id)));
    if (rows.empty()) return std::nullopt;
    return *json::parse_as<ShelfForm>(rows.front().get<std::string>("doc"));
}

Result<std::string> save_shelf(Write& write, std::string_view id, const ShelfForm& form) {
    const auto key = id.empty() ? ShelfId::make() : *ShelfId::parse(id);
    write.tx.run(db::call(db::Query{"test.save_shelf",
                                    "insert into public.shelf (id, code, wood, price, on_show, doc) values ($1::uuid, $2::text, $3::text, "
                                    "$4::bigint, $5::boolean, $6::jsonb) on conflict (id) do update set code = excluded.code, wood = "
                                    "excluded.wood, price = excluded.price, on_show = excluded.on_show, doc = excluded.doc"},
                          key, form.code, json::to_name(form.wood), form.price.minor(), form.on_show, json::render(form)));
    return key.to_string();
}

class RegistryTest : public BackofficeTest {
protected:
    void SetUp() override {
        BackofficeTest::SetUp();
        database.in_tx([](db::Tx& tx) {
            tx.run_text(
                "create table if not exists public.shelf (id uuid primary key, code text not null unique, wood text not null, price bigint "
                "not null, "
                "on_show boolean not null, doc jsonb not null)");
        });
        Action show;
        show.name = "show";
        show.label = "Put on show";
        show.run = [](Write& write, const std::vector<std::string>& ids, const json::Value&) -> Result<Action::Done> {
            for (const auto& id : ids) {
                auto form = *find_shelf(write.tx, id);
                if (form.code == "broken") return fail(ErrorKind::conflict, "admin.row_in_use", "It is broken.");
                form.on_show = true;
                (void)save_shelf(write, id, form);
            }
            return Action::Done{static_cast<std::int64_t>(ids.size()), "On show."};
        };
        registry.add(Resource("shelves", "Shelves", "Furniture")
                         .from("public.shelf", "shelf")
                         .column({"code", "Code", FieldType::text, {.sortable = true}})
                         .column({"wood", "Wood", FieldType::select, {}})
                         .column({"price", "Price", FieldType::money, {.sortable = true, .currency = "'EUR'::text"}})
                         .column({"on_show", "On show", FieldType::boolean, {}})
                         .filter({"wood", "Wood", FilterType::select, {{"oak", "Oak"}, {"pine", "Pine"}}})
                         .filter({"on_show", "On show", FilterType::boolean})
                         .filter({"price", "Price", FilterType::number})
                         .search("t.code ilike {q}")
                         .form_with_id<ShelfForm>(find_shelf, save_shelf)
                         .look("sold", {.read_only = true})
                         .look("code", {.fixed = true})
                         .key("code",
                              [](db::Session& session, std::string_view code) -> std::optional<std::string> {
                                  const auto rows = session.run(
                                      db::call(db::Query{"test.shelf_by_code", "select id from public.shelf where code = $1::text"}, code));
                                  return rows.empty() ? std::nullopt : std::optional(rows.front().get<ShelfId>("id").to_string());
                              })
                         .removed_by([](Write& write, std::string_view id) -> Result<void> {
                             write.tx.run(db::call(db::Query{"test.remove_shelf", "delete from public.shelf where id = $1::uuid"},
                                                   *ShelfId::parse(id)));
                             return {};
                         })
                         .action(std::move(show)));
        // The same rows as a long list that has an order of its own and quick ways to find them.
        registry.add(Resource("ledges", "Ledges", "Furniture")
                         .from("public.shelf", "shelf")
                         .column({"code", "Code", FieldType::text, {.sortable = true}})
                         .column({"price", "Price", FieldType::money, {.sortable = true, .currency = "'EUR'::text"}})
                         .filter({"wood", "Wood", FilterType::select})
                         .filter({"price", "Price", FilterType::number})
                         .newest_by("-price")
                         .found_first_by({"select x.id from public.shelf x where x.code = {w} limit 10001", 1})
                         .found_first_by({"select x.id from public.shelf x where starts_with(x.code, {w}) limit 10001", 3})
                         .search("t.code ilike {q}"));
        declare_staff(registry);
    }
    void add_routes(http::Routes& routes) override {
        add_staff_routes(routes, service);
        add_registry_routes(routes, registry,
                            {database,
                             clock,
                             service,
                             service,
                             idempotency,
                             {"shelves"},
                             {{"shelves", "Shelves", "shelves.read", "shelves", "select count(*), null::text from public.shelf"},
                              {"worth", "Worth", "shelves.export", "shelves",
                               "select coalesce(sum(price), 0)::bigint, 'EUR'::text from public.shelf where {day} is not null"}}});
    }
    Browser admin() {
        if (count("select count(*) from backoffice.staff where email_key = 'admin@stoa.example'") == 0)
            make("admin@stoa.example", {"administrator"});
        return signed_in("admin@stoa.example");
    }
    static std::string shelf(const std::string& code, std::int64_t price = 1000, const std::string& wood = "oak") {
        return fmt::format(R"({{"code":"{}","name":{{"en":"Shelf {}"}},"wood":"{}","price":{{"amount":{},"currency":"EUR"}}}})", code, code,
                           wood, price);
    }
    std::string add(Browser& browser, const std::string& code, std::int64_t price = 1000, const std::string& wood = "oak") {
        const auto made = browser.post(kBase, shelf(code, price, wood));
        EXPECT_EQ(made.status, 201) << made.text;
        return made.body.text_or("id");
    }
    static std::vector<std::string> codes(const Reply& reply) {
        std::vector<std::string> out;
        const auto* rows = reply.body.find("rows");
        if (!rows) throw std::runtime_error(reply.text);
        for (const auto& row : rows->items()) out.push_back(row.text_or("code"));
        return out;
    }
    static Reply patch(Browser& browser, const std::string& id, const std::string& version, const std::string& body) {
        return browser.send(http::Method::patch, std::string(kBase) + "/" + id, body, {{"if-match", "\"" + version + "\""}});
    }
    static Reply import(Browser& browser, const std::string& csv, const std::string& query = {}) {
        return browser.send(http::Method::post, std::string(kBase) + "/import" + query, csv, {{"content-type", "text/csv"}});
    }

    // Of a whole list, page by page: the codes, and the totals that its pages told.
    struct Walked {
        std::vector<std::string> codes;
        std::set<std::int64_t> totals;
        int pages = 0;
    };
    static Walked walked(Browser& browser, const std::string& target, int limit) {
        Walked out;
        std::string cursor;
        do {
            const auto page = browser.get(fmt::format("{}&limit={}&cursor={}", target, limit, cursor));
            for (auto& code : codes(page)) out.codes.push_back(code);
            out.totals.insert(page.body.int_or("total"));
            cursor = page.body.text_or("next_cursor");
            ++out.pages;
        } while (!cursor.empty());
        return out;
    }
    // m-00001 to m-…, each dearer than the one before, made in another order.
    void fill_many(int shelves) {
        database.in_tx([&](db::Tx& tx) {
            tx.run_text(fmt::format(
                "insert into public.shelf select gen_random_uuid(), 'm-' || lpad(n::text, 5, '0'), 'oak', n, false, '{{}}' from "
                "generate_series(1, {}) as n",
                shelves));
        });
    }

    // So many shelves: the first has a code that a spreadsheet would take for a formula.
    void fill(int shelves) {
        database.in_tx([&](db::Tx& tx) {
            for (int i = 0; i < shelves; ++i) {
                tx.run_text(fmt::format("insert into public.shelf values ('{}', '{}', 'oak', {}, false, '{{}}')",
                                        ShelfId::make().uuid().to_string(), i == 0 ? "=1+1, \"x\"" : fmt::format("s-{:04}", i), i));
            }
        });
    }

    static constexpr const char* kBase = "/api/v1/admin/resources/shelves";
    Registry registry;
    http::Idempotency idempotency{database, clock, "a secret"};
};

TEST_F(RegistryTest, ADeclarationDescribesItself) {
    auto browser = admin();
    const auto reply = browser.get("/api/v1/admin/resources");
    ASSERT_EQ(reply.status, 200) << reply.text;
    const auto& found = reply.body.find("resources")->items().front();
    EXPECT_EQ(found.text_or("name"), "shelves");
    EXPECT_EQ(found.text_or("group"), "Furniture");
    std::map<std::string, std::string> types;
    for (const auto& field : found.find("fields")->items()) types[field.text_or("name")] = field.text_or("type");
    EXPECT_EQ(
        types,
        (std::map<std::string, std::string>{
            {"code", "text"}, {"name", "translations"}, {"wood", "select"}, {"price", "money"}, {"on_show", "bool"}, {"sold", "integer"}}));
    EXPECT_EQ(found.find("fields")->items().front().text_or("help"), "Painted on its back.");
    ASSERT_EQ(found.find("inlines")->items().size(), 1U);
    EXPECT_EQ(found.find("inlines")->items().front().find("fields")->items().size(), 2U);
    EXPECT_EQ(found.find("actions")->items().front().text_or("label"), "Put on show");
    EXPECT_TRUE(found.find("can")->bool_or("import"));
}

TEST_F(RegistryTest, ARowLivesFromCreationToRemovalAndItsHistoryTellsOfIt) {
    auto browser = admin();
    const auto id = add(browser, "tall");
    const auto got = browser.get(std::string(kBase) + "/" + id);
    ASSERT_EQ(got.status, 200);
    const auto version = got.body.text_or("version");
    EXPECT_EQ(got.body.find("name")->text_or("en"), "Shelf tall");

    EXPECT_EQ(browser.send(http::Method::patch, std::string(kBase) + "/" + id, R"({"on_show":true})").code(), "admin.version_missing");
    const auto saved = patch(browser, id, version, R"({"on_show":true,"boards":[{"height":40,"label":"middle"}]})");
    ASSERT_EQ(saved.status, 200) << saved.text;
    EXPECT_TRUE(saved.body.bool_or("on_show"));
    // Somebody else has seen the first version.
    const auto stale = patch(browser, id, version, R"({"wood":"pine"})");
    EXPECT_EQ(stale.status, 409);
    EXPECT_EQ(stale.code(), "admin.stale");
    EXPECT_EQ(json::to_text(*stale.body.find("current")), saved.text);
    EXPECT_EQ(count("select count(*) from public.shelf where wood = 'oak'"), 1);
    const auto now = saved.body.text_or("version");
    // What is counted elsewhere moves on and makes nobody late.
    database.in_tx([](db::Tx& tx) { tx.run_text("update public.shelf set doc = doc || '{\"sold\": 5}'"); });
    EXPECT_EQ(browser.get(std::string(kBase) + "/" + id).body.text_or("version"), now);
    // Every kind of wrong field is named.
    const auto refused = patch(browser, id, now, R"({"code":"other","sold":3,"colour":"red"})");
    ASSERT_EQ(refused.status, 422);
    EXPECT_EQ(refused.body.find("errors")->items().size(), 3U) << refused.text;
    EXPECT_EQ(patch(browser, id, now, R"({"boards":[{"height":-1,"label":" "}]})").body.find("errors")->items().size(), 2U);
    // Saying what is there already changes nothing and is not written down.
    EXPECT_EQ(patch(browser, id, now, R"({"code":"tall","on_show":true})").body.text_or("version"), now);

    EXPECT_EQ(browser.send(http::Method::del, std::string(kBase) + "/" + id, {}, {{"if-match", version}}).code(), "admin.stale");
    EXPECT_EQ(browser.send(http::Method::del, std::string(kBase) + "/" + id, {}, {{"if-match", now}}).status, 204);
    EXPECT_EQ(browser.get(std::string(kBase) + "/" + id).status, 404);
    const auto history = browser.get(std::string(kBase) + "/" + id + "/history");
    const auto& entries = history.body.find("entries")->items();
    ASSERT_EQ(entries.size(), 3U) << history.text;
    EXPECT_EQ(entries[0].text_or("action"), "delete");
    EXPECT_EQ(json::to_text(*entries[1].find("before")), R"({"on_show":false,"boards":[]})");
    EXPECT_EQ(json::to_text(*entries[1].find("after")), R"({"on_show":true,"boards":[{"height":40,"label":"middle"}]})");
    EXPECT_EQ(entries[2].text_or("action"), "create");
    EXPECT_EQ(entries[2].text_or("staff_name"), "Name of admin");
    EXPECT_EQ(entries[2].text_or("ip"), "192.0.2.1");
    EXPECT_EQ(check_audit(database).reason, "");
}

TEST_F(RegistryTest, AListIsSearchedFilteredSortedAndPaged) {
    auto browser = admin();
    for (int i = 0; i < 23; ++i) add(browser, fmt::format("s-{:02}", i), 1000 + 100 * (i % 5), i % 2 ? "oak" : "pine");
    const auto all = browser.get(kBase);
    EXPECT_EQ(all.body.int_or("total"), 23);
    EXPECT_FALSE(all.body.bool_or("total_is_capped", true));
    EXPECT_EQ(codes(all).front(), "s-22");  // the newest
    for (const std::string sort : {"", "code", "-code", "price", "-price"}) {
        std::vector<std::string> seen;
        std::string cursor;
        int pages = 0;
        do {
            const auto page = browser.get(fmt::format("{}?limit=4&sort={}&cursor={}", kBase, sort, cursor));
            ASSERT_EQ(page.status, 200) << page.text;
            for (auto& code : codes(page)) seen.push_back(code);
            cursor = page.body.text_or("next_cursor");
            ++pages;
        } while (!cursor.empty());
        EXPECT_EQ(pages, 6) << sort;
        EXPECT_EQ(seen.size(), 23U) << sort;
        EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 23U) << sort;
        if (sort == "code") {
            EXPECT_TRUE(std::ranges::is_sorted(seen));
        }
    }
    EXPECT_EQ(browser.get(std::string(kBase) + "?filter[wood]=oak").body.int_or("total"), 11);
    EXPECT_EQ(browser.get(std::string(kBase) + "?filter[wood]=oak&filter[price]=1300..1400").body.int_or("total"), 4);
    EXPECT_EQ(codes(browser.get(std::string(kBase) + "?q=S-1&sort=code")).size(), 10U);
    EXPECT_EQ(codes(browser.get(std::string(kBase) + "?q=%25")).size(), 0U);  // a percent sign is a percent sign
    for (const auto* bad : {"?filter[wood]=steel", "?filter[colour]=red", "?sort=wood", "?sort=nothing", "?limit=0", "?limit=201",
                            "?limit=x", "?cursor=abc", "?color=red", "?filter[price]=x", "?filter[on_show]=maybe", "?q=a&q=b"})
        EXPECT_EQ(browser.get(std::string(kBase) + bad).status, 422) << bad;
    // A cursor belongs to its order.
    const auto next = browser.get(std::string(kBase) + "?limit=4").body.text_or("next_cursor");
    EXPECT_EQ(browser.get(std::string(kBase) + "?sort=code&cursor=" + next).status, 422);
    const auto found = browser.get("/api/v1/admin/search?q=s-07");
    EXPECT_EQ(found.body.find("results")->items().front().text_or("label"), "s-07") << found.text;
    EXPECT_EQ(found.body.find("results")->items().size(), 1U);
}

TEST_F(RegistryTest, AListGoesInTheOrderThatItsDeclarationSays) {
    auto browser = admin();
    for (const auto& [code, price] : {std::pair{"b", 20}, {"c", 30}, {"a", 10}, {"d", 30}})
        add(browser, code, price, price == 20 ? "pine" : "oak");
    const std::string base = "/api/v1/admin/resources/ledges";
    EXPECT_EQ(walked(browser, base + "?", 1).codes, (std::vector<std::string>{"d", "c", "b", "a"}));
    const auto oak = walked(browser, base + "?filter[wood]=oak", 1);
    EXPECT_EQ(oak.codes, (std::vector<std::string>{"d", "c", "a"}));
    EXPECT_EQ(oak.totals, (std::set<std::int64_t>{3}));
    EXPECT_EQ(walked(browser, base + "?filter[wood]=oak&sort=code", 1).codes, (std::vector<std::string>{"a", "c", "d"}));
    // What was the last row is gone when the page behind it is asked for: the total stays true.
    const auto first = browser.get(base + "?filter[wood]=oak&limit=2");
    database.in_tx([](db::Tx& tx) { tx.run_text("delete from public.shelf where code = 'a'"); });
    const auto rest = browser.get(base + "?filter[wood]=oak&limit=2&cursor=" + first.body.text_or("next_cursor"));
    EXPECT_TRUE(codes(rest).empty());
    EXPECT_EQ(rest.body.int_or("total"), 2);
    EXPECT_EQ(browser.get(base + "?filter[wood]=steel").body.int_or("total", -1), 0);
    // A cursor holds the value that the order goes by.
    EXPECT_EQ(browser.get(base + "?sort=code&cursor=" + first.body.text_or("next_cursor")).status, 422);
    EXPECT_THROW(registry.add(Resource("odd", "Odd", "").from("public.shelf").column({"code", "Code"}).newest_by("code")),
                 std::logic_error);
}

TEST_F(RegistryTest, WordsAreLookedForInTheWaysThatAreDeclared) {
    auto browser = admin();
    for (const auto* code : {"rail", "rail-1", "rail-2", "handrail", "oak-rail", "xo-ra"}) add(browser, code);
    const auto found = [&](const std::string& resource, const std::string& words) {
        const auto page = browser.get("/api/v1/admin/resources/" + resource + "?q=" + words);
        auto out = codes(page);
        EXPECT_EQ(page.body.int_or("total"), static_cast<std::int64_t>(out.size()));
        std::ranges::sort(out);
        return out;
    };
    using Codes = std::vector<std::string>;
    EXPECT_EQ(found("ledges", "rail"), (Codes{"rail"}));                                             // the first way
    EXPECT_EQ(found("ledges", "rai"), (Codes{"rail", "rail-1", "rail-2"}));                          // the second finds enough
    EXPECT_EQ(found("ledges", "oak"), (Codes{"oak-rail"}));                                          // it does not
    EXPECT_EQ(found("ledges", "ail"), (Codes{"handrail", "oak-rail", "rail", "rail-1", "rail-2"}));  // anywhere
    EXPECT_EQ(found("ledges", "xo"), (Codes{"xo-ra"}));                                              // short: the last way
    EXPECT_EQ(found("ledges", "ai"), (Codes{}));
    EXPECT_EQ(found("shelves", "ra"), (Codes{"oak-rail", "rail", "rail-1", "rail-2", "xo-ra"}));  // short: words begin so
    EXPECT_EQ(found("shelves", "ail"), (Codes{"handrail", "oak-rail", "rail", "rail-1", "rail-2"}));
    EXPECT_EQ(found("shelves", "nowhere"), (Codes{}));
}

TEST_F(RegistryTest, AListOfManyIsWalkedAndOneOfFewIsGathered) {
    auto browser = admin();
    fill_many(10'250);
    const std::string base = "/api/v1/admin/resources/ledges";
    const auto many = walked(browser, base + "?filter[wood]=oak", 200);
    ASSERT_EQ(many.codes.size(), 10'250U);
    EXPECT_EQ(many.codes.front(), "m-10250");
    EXPECT_EQ(many.codes.back(), "m-00001");
    EXPECT_TRUE(std::ranges::is_sorted(many.codes, std::greater()));
    EXPECT_EQ(many.totals, (std::set<std::int64_t>{10'000}));
    EXPECT_TRUE(browser.get(base + "?filter[wood]=oak").body.bool_or("total_is_capped"));
    const auto few = walked(browser, base + "?filter[price]=101..600", 200);
    ASSERT_EQ(few.codes.size(), 500U);
    EXPECT_EQ(few.codes.front(), "m-00600");
    EXPECT_TRUE(std::ranges::is_sorted(few.codes, std::greater()));
    EXPECT_EQ(few.totals, (std::set<std::int64_t>{500}));
    EXPECT_EQ(few.pages, 3);
    // An export takes no more for a part of the list than for the whole.
    const auto file = browser.get(base + "/export?filter[wood]=oak");
    EXPECT_EQ(std::ranges::count(file.text, '\n'), 10'251);
    EXPECT_LT(file.text.find("m-10250"), file.text.find("m-00001"));
    EXPECT_EQ(std::ranges::count(browser.get(base + "/export?filter[price]=101..600").text, '\n'), 501);
}

// The values of a list's filters decide which index is the good one.
TEST_F(RegistryTest, AListIsPlannedForItsValuesAndNothingElseIs) {
    auto browser = admin();
    add(browser, "one");
    // Of the connection that this thread uses; statements of other tests are among them.
    const auto planned = [&](const std::string& kind) {
        return count("select coalesce(sum(" + kind +
                     "_plans), 0)::bigint from pg_prepared_statements where statement like 'with found%public.shelf%'");
    };
    const auto before = planned("custom");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(browser.get(std::string(kBase) + "?filter[wood]=oak").body.int_or("total"), 1);
    EXPECT_EQ(planned("custom"), before + 3);
    EXPECT_EQ(planned("generic"), 0);
    database.read([](db::Session& session) {
        EXPECT_EQ(session.run_text("show plan_cache_mode").front().get<std::string>("plan_cache_mode"), "force_generic_plan");
    });
}

TEST_F(RegistryTest, AListSendsTheSameStatementsForOneRowAndForFifty) {
    auto browser = admin();
    const auto sent = [&](const std::string& target) {
        const auto before = db::Database::statements_on_this_thread();
        EXPECT_EQ(browser.get(target).status, 200);
        return db::Database::statements_on_this_thread() - before;
    };
    add(browser, "one");
    const auto one = sent(kBase);
    for (int i = 0; i < 50; ++i) add(browser, fmt::format("x-{}", i));
    EXPECT_EQ(sent(kBase), one);
    EXPECT_EQ(one, 3U);
}

TEST_F(RegistryTest, AnActionTakesAllOrNone) {
    auto browser = admin();
    const auto a = add(browser, "a"), b = add(browser, "b"), broken = add(browser, "broken");
    const auto act = [&](const std::string& ids) { return browser.post(std::string(kBase) + "/actions/show", R"({"ids":[)" + ids + "]}"); };
    const auto done = act(fmt::format(R"("{}","{}")", a, b));
    EXPECT_EQ(done.text, R"({"changed":2,"message":"On show."})");
    const auto c = add(browser, "c");
    EXPECT_EQ(act(fmt::format(R"("{}","{}")", c, broken)).status, 409);
    EXPECT_EQ(browser.get(std::string(kBase) + "?filter[on_show]=true").body.int_or("total"), 2);
    EXPECT_EQ(act(fmt::format(R"("{}","{}")", c, ShelfId::make().to_string())).status, 404);
    EXPECT_EQ(act("").status, 422);
    EXPECT_EQ(act(fmt::format(R"("{}","{}")", c, c)).status, 422);
    EXPECT_EQ(browser.post(std::string(kBase) + "/actions/dance", R"({"ids":["x"]})").status, 404);
    EXPECT_EQ(count("select count(*) from backoffice.audit where action = 'show'"), 2);
    const auto history = browser.get(std::string(kBase) + "/" + a + "/history");
    EXPECT_EQ(json::to_text(*history.body.find("entries")->items().front().find("after")), R"({"on_show":true})");
}

TEST_F(RegistryTest, TheSameKeyMakesOneRow) {
    auto browser = admin();
    const std::map<std::string, std::string> key{{"idempotency-key", "a-key-of-this-test"}};
    const auto first = browser.send(http::Method::post, kBase, shelf("once"), key);
    const auto second = browser.send(http::Method::post, kBase, shelf("once"), key);
    EXPECT_EQ(first.status, 201) << first.text;
    EXPECT_EQ(second.text, first.text);
    EXPECT_EQ(browser.send(http::Method::post, kBase, shelf("twice"), key).code(), "http.idempotency_key_reused");
    EXPECT_EQ(browser.post(kBase, shelf("once")).code(), "admin.exists");
    EXPECT_EQ(count("select count(*) from public.shelf"), 1);
}

TEST_F(RegistryTest, AnImportIsTriedFirstAndTakesAllRowsOrNone) {
    auto browser = admin();
    add(browser, "old", 1000, "pine");
    const std::string good =
        "code;name.en;wood;price;on_show\r\nold;Old shelf;oak;12.50 EUR;true\r\nnew;\"New; \"\"fine\"\" shelf\";pine;7.00 EUR;\r\n";
    const auto tried = import(browser, good, "?dry_run=true");
    EXPECT_EQ(tried.text, R"({"dry_run":true,"rows":2,"created":1,"updated":1,"unchanged":0,"ignored":[],"errors":[]})") << tried.text;
    EXPECT_EQ(count("select count(*) from public.shelf"), 1);
    EXPECT_EQ(import(browser, good).status, 200);
    EXPECT_EQ(count("select count(*) from public.shelf where price in (700, 1250)"), 2);
    EXPECT_EQ(count("select count(*) from public.shelf where doc #>> '{name,en}' = 'New; \"fine\" shelf'"), 1);
    EXPECT_EQ(import(browser, good).body.int_or("unchanged"), 2);

    // A text that says no language is the first one's, and the others stay.
    EXPECT_EQ(import(browser, "code,name.de\nold,Altes Regal\n").body.int_or("updated"), 1);
    EXPECT_EQ(import(browser, "code,name\nold,Old shelf\n").body.int_or("unchanged"), 1);
    EXPECT_EQ(import(browser, "code,name\nold,'-20 % shelf\n").body.int_or("updated"), 1);
    EXPECT_EQ(count("select count(*) from public.shelf where doc #> '{name}' = '{\"en\":\"-20 % shelf\",\"de\":\"Altes Regal\"}'"), 1);

    const auto bad = import(browser,
                            "code,name.en,wood,price\nold,Old,oak,1 EUR\nx1,One,steel,1 EUR\nx2,Two,oak,cheap\nx3,Three\nx4,Four,oak,4.00 "
                            "EUR\nx4,Four,pine,4.00 EUR\nX 5,Five,oak,1 EUR\n");
    EXPECT_EQ(bad.status, 422);
    EXPECT_EQ(bad.code(), "admin.import_failed");
    std::vector<std::string> errors;
    for (const auto& error : bad.body.find("import")->find("errors")->items())
        errors.push_back(fmt::format("{} {}", error.int_or("row"), error.text_or("field")));
    EXPECT_EQ(errors, (std::vector<std::string>{"3 wood", "4 price", "5 ", "8 code"})) << bad.text;
    EXPECT_EQ(count("select count(*) from public.shelf"), 2);
    EXPECT_EQ(import(browser, "code,name.en,wood,price\nold,Old,oak,1.000 EUR\n").code(), "admin.import_failed") << "a thousand, or one?";
    for (const auto* unreadable : {"code,name.en\nold,K\xFC"
                                   "che\n",
                                   "", "code", "code,code\na,b", "colour\nred", "code\n\"a", "name.en.x\na", "sold\n1"})
        EXPECT_EQ(import(browser, unreadable).code(), "admin.csv_unreadable") << unreadable;
    EXPECT_EQ(browser.post(std::string(kBase) + "/import", "{}").status, 415);
}

TEST_F(RegistryTest, AnImportThatIsSentAgainWithItsKeyHasOneEffect) {
    auto browser = admin();
    const std::map<std::string, std::string> headers{{"content-type", "text/csv"}, {"idempotency-key", "an-import-of-this-test"}};
    const std::string file = "code,name.en,wood,price\nonce,Once,oak,1.00 EUR\n";
    const auto send = [&](const std::string& csv, const std::string& query = {}) {
        return browser.send(http::Method::post, std::string(kBase) + "/import" + query, csv, headers);
    };
    EXPECT_EQ(send("code,name.en,wood,price\nonce,Once,steel,1.00 EUR\n").code(), "admin.import_failed") << "a refusal keeps no key";
    EXPECT_EQ(send(file, "?dry_run=true").body.int_or("created"), 1) << "nor does a trial";
    const auto first = send(file);
    EXPECT_EQ(first.body.int_or("created"), 1) << first.text;
    const auto again = send(file);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(send("code,name.en,wood,price\ntwice,Twice,oak,1.00 EUR\n").code(), "http.idempotency_key_reused");
    EXPECT_EQ(count("select count(*) from public.shelf"), 1);
    EXPECT_EQ(count("select count(*) from backoffice.audit where resource = 'shelves'"), 1);
}

TEST_F(RegistryTest, AnExportHoldsTheListAsAFile) {
    auto browser = admin();
    fill(4203);
    const auto csv = browser.get(std::string(kBase) + "/export?sort=code").text;
    EXPECT_EQ(std::ranges::count(csv, '\n'), 4204);
    EXPECT_TRUE(csv.starts_with("id,code,wood,price,on_show\r\n"));
    EXPECT_NE(csv.find("\"'=1+1, \"\"x\"\"\",oak,0.00 EUR,false"), std::string::npos);
    const auto zip = browser.get(std::string(kBase) + "/export?format=xlsx&q=s-01").text;
    EXPECT_TRUE(zip.starts_with("PK\x03\x04"));
    EXPECT_NE(zip.find("xl/worksheets/sheet1.xml"), std::string::npos);
    EXPECT_EQ(browser.get(std::string(kBase) + "/export?format=pdf").status, 422);
    EXPECT_EQ(count("select count(*) from backoffice.audit where action = 'export'"), 2);
}

TEST_F(RegistryTest, AnExportLeavesWhileItIsReadAndShowsOneMoment) {
    auto browser = admin();
    fill(4203);
    for (const std::string format : {"csv", "xlsx"}) {
        const auto answer = browser.respond(http::Method::get, std::string(kBase) + "/export?sort=code&format=" + format);
        ASSERT_TRUE(answer.stream);
        std::string sent;
        const std::int64_t first_rows = format == "csv" ? 2 : 14;  // after the head, and the four small parts of a workbook
        std::int64_t pieces = 0;
        answer.stream([&](std::string_view piece) {
            sent += piece;
            // The rest of the list goes once the first rows have left: this file still has it.
            if (++pieces == first_rows) database.in_tx([](db::Tx& tx) { tx.run_text("delete from public.shelf where code > 's-1000'"); });
        });
        EXPECT_GT(pieces, first_rows);
        if (format == "csv") {
            EXPECT_EQ(std::ranges::count(sent, '\n'), 4204);
        }
        // Its directory is the end of a workbook.
        if (format == "xlsx") {
            EXPECT_EQ(sent.substr(sent.size() - 22, 4), "PK\x05\x06");
        }
        EXPECT_EQ(count("select count(*) from public.shelf"), 1001);
        database.in_tx([](db::Tx& tx) { tx.run_text("delete from public.shelf"); });
        fill(4203);
    }
}

TEST_F(RegistryTest, AnExportThatLosesTheDatabaseIsNotBegunAgain) {
    auto browser = admin();
    fill(4203);
    const auto answer = browser.respond(http::Method::get, std::string(kBase) + "/export?sort=code");
    ASSERT_TRUE(answer.stream);
    std::int64_t heads = 0, pieces = 0;
    const auto reading = [&] {
        answer.stream([&](std::string_view piece) {
            if (piece.starts_with("id,")) ++heads;
            if (++pieces != 2) return;
            db::Database other(database.url());
            other.in_tx([](db::Tx& tx) {
                tx.run_text(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                    "pg_backend_pid() and state = 'idle in transaction'");
            });
        });
    };
    EXPECT_THROW(reading(), std::runtime_error);
    EXPECT_EQ(heads, 1);
}

TEST_F(RegistryTest, SavedViewsAreOnesOwn) {
    auto browser = admin();
    make("clerk@stoa.example", {"clerk"});
    auto clerk = signed_in("clerk@stoa.example");
    const auto saved = browser.post("/api/v1/admin/views", R"({"resource":"shelves","name":"Oak","query":"filter[wood]=oak"})");
    ASSERT_EQ(saved.status, 201) << saved.text;
    EXPECT_EQ(browser.post("/api/v1/admin/views", R"({"resource":"nothing","name":"Oak","query":""})").status, 422);
    EXPECT_EQ(browser.get("/api/v1/admin/views").body.find("views")->items().size(), 1U);
    EXPECT_EQ(clerk.get("/api/v1/admin/views").body.find("views")->items().size(), 0U);
    EXPECT_EQ(clerk.del("/api/v1/admin/views/" + saved.body.text_or("id")).status, 404);
    EXPECT_EQ(browser.del("/api/v1/admin/views/" + saved.body.text_or("id")).status, 204);
    EXPECT_EQ(browser.get("/api/v1/admin/views?resource=shelves").body.find("views")->items().size(), 0U);
}

TEST_F(RegistryTest, TheHomePageShowsWhatOneMaySee) {
    auto browser = admin();
    add(browser, "a", 700);
    EXPECT_EQ(
        browser.get("/api/v1/admin/home").text,
        R"({"figures":[{"name":"shelves","label":"Shelves","link":"shelves","value":1},{"name":"worth","label":"Worth","link":"shelves","money":{"amount":700,"currency":"EUR"}}]})");
    make_role("looker", "home.read,shelves.read");
    make("looker@stoa.example", {"looker"});
    EXPECT_EQ(signed_in("looker@stoa.example").get("/api/v1/admin/home").body.find("figures")->items().size(), 1U);
}

// ---- who may do what ------------------------------------------------------------------------------------------------------
TEST_F(RegistryTest, EveryRouteAsksWhoItIsAndWhatTheyMay) {
    auto boss = admin();
    const auto id = add(boss, "a");
    make_role("reader", "shelves.read");
    make_role("nothing", "");
    make_role("updater", "shelves.read,shelves.update");
    const char* kRoles[] = {"nothing", "reader", "updater"};
    std::map<std::string, Browser> people;
    for (const auto* role : kRoles) {
        make(std::string(role) + "@stoa.example", {role});
        people.emplace(role, signed_in(std::string(role) + "@stoa.example"));
    }
    Browser anonymous(routes());
    Browser customer(routes());
    customer.cookies["stoa_session"] = boss.cookies["stoa_staff"];

    struct Try {
        http::Method method;
        std::string target;
        std::string permission;  // empty: any member of staff
    };
    const std::string row = std::string(kBase) + "/" + id;
    const Try tries[] = {{http::Method::get, "/api/v1/admin/resources", ""},
                         {http::Method::get, kBase, "shelves.read"},
                         {http::Method::post, kBase, "shelves.create"},
                         {http::Method::get, row, "shelves.read"},
                         {http::Method::patch, row, "shelves.update"},
                         {http::Method::del, row, "shelves.delete"},
                         {http::Method::get, row + "/history", "shelves.read"},
                         {http::Method::post, std::string(kBase) + "/actions/show", "shelves.show"},
                         {http::Method::get, std::string(kBase) + "/export", "shelves.export"},
                         {http::Method::post, std::string(kBase) + "/import", "shelves.import"},
                         {http::Method::get, "/api/v1/admin/views", ""},
                         {http::Method::post, "/api/v1/admin/views", ""},
                         {http::Method::get, "/api/v1/admin/search?q=a", ""},
                         {http::Method::get, "/api/v1/admin/home", "home.read"},
                         {http::Method::get, "/api/v1/admin/jobs", "jobs.read"},
                         {http::Method::post, "/api/v1/admin/jobs/1/replay", "jobs.replay"},
                         {http::Method::get, "/api/v1/admin/resources/staff", "staff.read"},
                         {http::Method::get, "/api/v1/admin/resources/roles", "roles.read"},
                         {http::Method::get, "/api/v1/admin/resources/audit", "audit.read"}};
    const std::map<std::string, std::set<std::string>> granted{
        {"nothing", {}}, {"reader", {"shelves.read"}}, {"updater", {"shelves.read", "shelves.update"}}};
    for (const auto& attempt : tries) {
        for (auto* nobody : {&anonymous, &customer}) {
            const auto reply = nobody->send(attempt.method, attempt.target, "{}");
            EXPECT_EQ(reply.code(), "staff.login_required") << attempt.target;
        }
        for (const auto* role : kRoles) {
            const auto reply = people.at(role).send(attempt.method, attempt.target, "{}");
            if (attempt.permission.empty() || granted.at(role).contains(attempt.permission)) {
                EXPECT_NE(reply.status, 403) << role << " " << attempt.target << " " << reply.text;
            } else {
                EXPECT_EQ(reply.code(), "staff.forbidden") << role << " " << attempt.target << " " << reply.text;
                EXPECT_EQ(reply.body.text_or("permission"), attempt.permission);
            }
        }
        const auto reply = boss.send(attempt.method, attempt.target, "{}");
        EXPECT_TRUE(reply.status != 401 && reply.status != 403 && reply.status < 500) << attempt.target << " " << reply.text;
    }
    // What one may not read is not there.
    EXPECT_EQ(people.at("nothing").get("/api/v1/admin/resources").text, R"({"resources":[]})");
    EXPECT_EQ(people.at("nothing").get("/api/v1/admin/search?q=a").text, R"({"results":[]})");
    const auto can = people.at("updater").get("/api/v1/admin/resources").body.find("resources")->items().front();
    EXPECT_TRUE(can.find("can")->bool_or("update"));
    EXPECT_FALSE(can.find("can")->bool_or("delete"));
    EXPECT_EQ(can.find("actions")->items().size(), 0U);
    EXPECT_EQ(count("select count(*) from public.shelf"), 1);
}

TEST_F(RegistryTest, NobodyGivesRightsBeyondTheirOwn) {
    auto boss = admin();
    make_role("lead", "staff.*,roles.*,orders.*", R"({"orders.refund":[{"amount":50000,"currency":"EUR"}]})");
    make("lead@stoa.example", {"lead"});
    auto lead = signed_in("lead@stoa.example");
    const std::string staff = "/api/v1/admin/resources/staff", roles = "/api/v1/admin/resources/roles";
    const auto person = [](const std::string& email, const std::string& role) {
        return fmt::format(R"({{"email":"{}","name":"New","roles":["{}"],"password":"a first password 7"}})", email, role);
    };
    const auto role = [](const std::string& code, const std::string& permissions, const std::string& limits) {
        return fmt::format(R"({{"code":"{}","name":"New","permissions":[{}],"limits":{}}})", code, permissions, limits);
    };
    EXPECT_EQ(lead.post(staff, person("a@stoa.example", "administrator")).code(), "staff.more_than_you_have");
    EXPECT_EQ(lead.post(roles, role("all", R"("*")", "{}")).code(), "staff.more_than_you_have");
    EXPECT_EQ(lead.post(roles, role("refunds", R"("orders.refund")", "{}")).code(), "staff.more_than_you_have");
    EXPECT_EQ(lead.post(roles, role("refunds", R"("orders.refund")", R"({"orders.refund":[{"amount":60000,"currency":"EUR"}]})")).code(),
              "staff.more_than_you_have");
    EXPECT_EQ(lead.post(roles, role("refunds", R"("orders.refund")", R"({"orders.refund":[{"amount":100,"currency":"EUR"}]})")).status,
              201);
    const auto made = lead.post(staff, person("a@stoa.example", "refunds"));
    EXPECT_EQ(made.status, 201) << made.text;
    EXPECT_EQ(made.text.find("a first password"), std::string::npos);
    EXPECT_EQ(count("select count(*) from backoffice.audit where after like '%first password%'"), 0);
    EXPECT_EQ(lead.post(staff, person("A@stoa.example", "refunds")).code(), "staff.email_taken");
    EXPECT_EQ(lead.post(staff, person("b@stoa.example", "emperor")).status, 422);
    EXPECT_EQ(lead.post(roles, role("bad", R"("orders")", "{}")).status, 422);
    EXPECT_EQ(lead.post(roles, role("bad", R"("orders.read")", R"({"orders.refund":7})")).status, 422);

    // The password of somebody who may more is not theirs to set, nor is their session to end.
    const auto list = boss.get(staff + "?q=admin");
    const auto boss_id = list.body.find("rows")->items().front().text_or("id");
    const auto shown = lead.get(staff + "/" + boss_id);
    EXPECT_EQ(lead.send(http::Method::patch, staff + "/" + boss_id, R"({"password":"another long one 55"})",
                        {{"if-match", shown.body.text_or("version")}})
                  .code(),
              "staff.more_than_you_have");
    EXPECT_EQ(lead.post(staff + "/actions/sign_out", R"({"ids":[")" + boss_id + "\"]}").code(), "staff.more_than_you_have");
    EXPECT_EQ(boss.get("/api/v1/admin/session").status, 200);

    // Somebody must be left.
    EXPECT_EQ(
        boss.send(http::Method::patch, staff + "/" + boss_id, R"({"active":false})", {{"if-match", shown.body.text_or("version")}}).code(),
        "staff.last_administrator");
    const auto administrators = boss.get(roles + "/administrator");
    EXPECT_EQ(boss.send(http::Method::patch, roles + "/administrator", R"({"permissions":["orders.read"]})",
                        {{"if-match", administrators.body.text_or("version")}})
                  .code(),
              "staff.last_administrator");
    EXPECT_EQ(boss.send(http::Method::del, roles + "/administrator", {}, {{"if-match", administrators.body.text_or("version")}}).code(),
              "staff.role_in_use");

    // Shut out is out.
    const auto lead_id = boss.get(staff + "?q=lead").body.find("rows")->items().front().text_or("id");
    const auto version = boss.get(staff + "/" + lead_id).body.text_or("version");
    EXPECT_EQ(boss.send(http::Method::patch, staff + "/" + lead_id, R"({"active":false})", {{"if-match", version}}).status, 200);
    EXPECT_EQ(lead.get("/api/v1/admin/session").status, 401);
    EXPECT_EQ(boss.post(staff + "/actions/sign_out", R"({"ids":[")" + lead_id + "\"]}").status, 200);
}

// A device that may sign in without a password: what it takes to make one, and to use it.
class StaffPasskeys : public RegistryTest {
protected:
    static constexpr const char* kStaff = "/api/v1/admin/resources/staff";
    struct Device {
        testing::Authenticator key{"localhost", "http://localhost:8080"};
        std::string user;
    };
    Reply add(Browser& browser, Device& device) {
        const auto begun = browser.post("/api/v1/admin/me/passkeys/options", fmt::format(R"({{"password":"{}"}})", kPassword));
        device.user = begun.body.text_or("user_id");
        return keep(browser, device, begun.body.text_or("challenge"));
    }
    static Reply keep(Browser& browser, Device& device, const std::string& challenge) {
        const auto made = device.key.create(challenge);
        return browser.post("/api/v1/admin/me/passkeys",
                            fmt::format(R"({{"name":"Phone","client_data_json":"{}","attestation_object":"{}"}})", made.client_data_json,
                                        made.attestation_object));
    }
    Reply sign_in(Browser& browser, Device& device) {
        const auto signed_by = device.key.get(browser.post("/api/v1/admin/session/passkey/options").body.text_or("challenge"));
        return browser.post(
            "/api/v1/admin/session/passkey",
            fmt::format(R"({{"credential_id":"{}","client_data_json":"{}","authenticator_data":"{}","signature":"{}","user_handle":"{}"}})",
                        signed_by.credential_id, signed_by.client_data_json, signed_by.authenticator_data, signed_by.signature,
                        device.user));
    }
    Reply set_password(Browser& by, const std::string& id, const std::string& password) {
        const auto shown = by.get(kStaff + ("/" + id));
        return by.send(http::Method::patch, kStaff + ("/" + id), fmt::format(R"({{"password":"{}"}})", password),
                       {{"if-match", shown.body.text_or("version")}});
    }
};

TEST_F(StaffPasskeys, AreGoneWithTheForgottenPasswordAndSoIsEverySession) {
    auto boss = admin();
    const auto clerk_id = make("clerk@stoa.example", {"clerk"}).to_string();
    make("other@stoa.example", {"clerk"});
    auto clerk = signed_in("clerk@stoa.example"), elsewhere = signed_in("clerk@stoa.example"), other = signed_in("other@stoa.example");
    Device phone, laptop, others;
    ASSERT_EQ(add(clerk, phone).status, 201);
    ASSERT_EQ(add(clerk, laptop).status, 201);
    ASSERT_EQ(add(other, others).status, 201);
    // Begun before, by whoever had the account then.
    const auto begun = clerk.post("/api/v1/admin/me/passkeys/options", fmt::format(R"({{"password":"{}"}})", kPassword));
    EXPECT_EQ(boss.get(kStaff + ("/" + clerk_id)).body.int_or("passkeys", -1), 2);

    const auto set = set_password(boss, clerk_id, "forgotten and new 7");
    ASSERT_EQ(set.status, 200) << set.text;
    EXPECT_EQ(clerk.get("/api/v1/admin/session").status, 401);
    EXPECT_EQ(elsewhere.get("/api/v1/admin/session").status, 401);
    for (auto* device : {&phone, &laptop}) {
        Browser browser(routes());
        EXPECT_EQ(sign_in(browser, *device).code(), "staff.passkey_refused");
    }
    Device late;
    EXPECT_EQ(keep(clerk, late, begun.body.text_or("challenge")).code(), "staff.login_required");
    EXPECT_EQ(boss.get(kStaff + ("/" + clerk_id)).body.int_or("passkeys", -1), 0);
    // Somebody else's stay, and the log says what went.
    Browser browser(routes());
    EXPECT_EQ(sign_in(browser, others).status, 200);
    EXPECT_EQ(other.get("/api/v1/admin/session").status, 200);
    EXPECT_EQ(
        count("select count(*) from backoffice.audit where resource = 'staff' and action = 'update' and before::jsonb ->> 'passkeys' = "
              "'2' and after::jsonb ->> 'passkeys' = '0'"),
        1);
    EXPECT_EQ(count("select count(*) from backoffice.audit where after like '%forgotten and new%'"), 0);

    // The old password is of no use, the new one must be changed first; then a passkey can be made again.
    Browser again(routes());
    const auto with = [](const std::string& password) {
        return fmt::format(R"({{"email":"clerk@stoa.example","password":"{}"}})", password);
    };
    EXPECT_EQ(again.post("/api/v1/admin/session", with(kPassword)).code(), "staff.invalid_credentials");
    ASSERT_EQ(again.post("/api/v1/admin/session", with("forgotten and new 7")).status, 200);
    EXPECT_EQ(again.post("/api/v1/admin/me/passkeys/options", R"({"password":"forgotten and new 7"})").code(), "staff.password_change_due");
}

TEST_F(StaffPasskeys, StayWhenSomebodyChangesTheirOwnPasswordAndOnlyOtherSessionsEnd) {
    make("clerk@stoa.example", {"clerk"});
    auto clerk = signed_in("clerk@stoa.example"), elsewhere = signed_in("clerk@stoa.example");
    Device phone;
    ASSERT_EQ(add(clerk, phone).status, 201);
    ASSERT_EQ(clerk
                  .send(http::Method::put, "/api/v1/admin/me/password",
                        fmt::format(R"({{"current":"{}","new":"another long one 55"}})", kPassword))
                  .status,
              204);
    EXPECT_EQ(clerk.get("/api/v1/admin/session").status, 200);
    EXPECT_EQ(elsewhere.get("/api/v1/admin/session").status, 401);
    Browser browser(routes());
    EXPECT_EQ(sign_in(browser, phone).status, 200);
}

TEST_F(StaffPasskeys, OfALostDeviceAreRemovedWithoutTouchingThePassword) {
    auto boss = admin();
    const auto clerk_id = make("clerk@stoa.example", {"clerk"}).to_string();
    make_role("lead", "staff.*");
    make("lead@stoa.example", {"lead"});
    auto clerk = signed_in("clerk@stoa.example"), lead = signed_in("lead@stoa.example");
    Device phone;
    ASSERT_EQ(add(clerk, phone).status, 201);
    const auto remove = [&](Browser& by) {
        return by.post(std::string(kStaff) + "/actions/remove_passkeys", R"({"ids":[")" + clerk_id + "\"]}");
    };
    // Nor by somebody who may less.
    EXPECT_EQ(remove(lead).code(), "staff.more_than_you_have");
    Browser first(routes());
    EXPECT_EQ(sign_in(first, phone).status, 200);
    EXPECT_EQ(remove(boss).status, 200);
    EXPECT_EQ(clerk.get("/api/v1/admin/session").status, 401);
    EXPECT_EQ(sign_in(first, phone).code(), "staff.passkey_refused");
    signed_in("clerk@stoa.example");
}

}  // namespace
}  // namespace stoa::backoffice
