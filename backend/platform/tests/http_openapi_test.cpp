#include <gtest/gtest.h>

#include "stoa/http/router.hpp"

namespace stoa::http {
namespace {

struct Colour {
    std::string name;
    std::optional<std::string> hex;
};
void describe(json::Struct<Colour>& d) {
    d.name("Colour");
    d.field<&Colour::name>("name", "What people call it.").not_blank().max_length(40);
    d.field<&Colour::hex>("hex").pattern("#[0-9a-f]{6}");
}
struct Paint {
    Id<"pnt"> id;
    Money price;
    std::optional<Colour> colour;
    std::vector<Colour> shades;
    std::map<std::string, std::string> names;
};
void describe(json::Struct<Paint>& d) {
    d.name("Paint").doc("A tin.");
    d.field<&Paint::id>("id");
    d.field<&Paint::price>("price");
    d.field<&Paint::colour>("colour");
    d.field<&Paint::shades>("shades");
    d.field<&Paint::names>("names");
}
struct NewPaint {
    Colour colour;
    std::int64_t litres = 1;
};
void describe(json::Struct<NewPaint>& d) {
    d.name("NewPaint");
    d.field<&NewPaint::colour>("colour");
    d.field<&NewPaint::litres>("litres").min(1).max(20).optional();
}
struct Find {
    std::optional<std::string> q;
    std::int64_t limit = 24;
    std::vector<std::string> tags;
    std::map<std::string, std::string> rest;
};
void describe(json::Struct<Find>& d) {
    d.name("Find");
    d.field<&Find::q>("q", "Words.");
    d.field<&Find::limit>("limit").max(100).optional();
    d.field<&Find::tags>("tags").optional();
    d.field<&Find::rest>("*").optional();
}
struct OtherColour {
    std::string x;
};
void describe(json::Struct<OtherColour>& d) {
    d.name("Colour");
    d.field<&OtherColour::x>("x");
}

Response nothing(const Request&) { return no_content(); }

void declare(Routes& routes) {
    routes.post("/api/v1/paints", "add_paint")
        .summary("Add a paint")
        .tag("paints")
        .body<NewPaint>()
        .returns<Paint>(201)
        .idempotent()
        .requires_access(Access::customer)
        .fails({"paints.too_many"})
        .handle(nothing);
    routes.get("/api/v1/paints", "find_paints")
        .summary("Find paints")
        .tag("paints")
        .on(Pool::memory)
        .query<Find>()
        .returns<Paint>()
        .handle(nothing);
    routes.get("/api/v1/paints/{id}", "get_paint").summary("One paint").tag("paints").returns<Paint>().returns_nothing(304).handle(nothing);
    routes.get("/media/{path*}", "get_media")
        .summary("An image")
        .tag("media")
        .on(Pool::memory)
        .returns_type(200, "image/avif")
        .handle(nothing);
    routes.get("/healthz", "health").undocumented().handle(nothing);
    routes.freeze();
}

TEST(OpenApi, DescribesWhatTheRoutesSay) {
    Routes routes;
    declare(routes);
    const OpenApiInfo info{"Paint shop", "1.0.0", "Everything about paint.", "https://paint.example"};
    const std::string text = openapi_document(routes, info);
    EXPECT_EQ(text, openapi_document(routes, info));
    const auto parsed = json::parse(text);
    ASSERT_TRUE(parsed) << text;
    const json::Value& doc = *parsed;
    EXPECT_EQ(doc.text_or("openapi"), "3.1.0");
    EXPECT_EQ(doc.find("paths")->members().size(), 3U) << "undocumented routes stay out";
    EXPECT_EQ(doc.find("paths")->members()[0].first, "/api/v1/paints");
    EXPECT_EQ(doc.find("paths")->members()[2].first, "/media/{path}");

    const json::Value* add = doc.at("paths", "/api/v1/paints", "post");
    ASSERT_NE(add, nullptr);
    EXPECT_EQ(add->text_or("operationId"), "add_paint");
    EXPECT_EQ(add->at("requestBody", "content", "application/json", "schema")->text_or("$ref"), "#/components/schemas/NewPaint");
    EXPECT_EQ(add->at("responses", "201", "content", "application/json", "schema")->text_or("$ref"), "#/components/schemas/Paint");
    EXPECT_EQ(add->find("parameters")->items()[0].text_or("$ref"), "#/components/parameters/IdempotencyKey");
    EXPECT_NE(add->find("security")->items()[0].find("customer_session"), nullptr);
    const auto& narrowed = add->at("responses", "4XX", "content", "application/problem+json", "schema", "allOf")->items()[1];
    std::vector<std::string> codes;
    for (const auto& code : narrowed.at("properties", "code", "enum")->items()) codes.push_back(code.text());
    EXPECT_EQ(codes,
              (std::vector<std::string>{"http.bad_request", "http.bad_target", "http.body_too_large", "http.headers_too_large",
                                        "http.idempotency_in_progress", "http.idempotency_key_invalid", "http.idempotency_key_missing",
                                        "http.idempotency_key_reused", "http.invalid_fields", "http.malformed_json",
                                        "http.origin_not_allowed", "http.unsupported_media_type", "paints.too_many"}));

    const json::Value* find = doc.at("paths", "/api/v1/paints", "get");
    ASSERT_NE(find, nullptr);
    ASSERT_EQ(find->find("parameters")->items().size(), 4U);
    EXPECT_EQ(find->find("parameters")->items()[1].at("schema", "maximum")->text(), "100");
    EXPECT_EQ(find->find("parameters")->items()[2].find("explode")->as_bool(), false);
    EXPECT_EQ(find->find("parameters")->items()[3].text_or("name"), "filters");
    EXPECT_TRUE(find->find("security")->items().empty());

    const json::Value* schemas = doc.at("components", "schemas");
    std::vector<std::string> names;
    for (const auto& [name, schema] : schemas->members()) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"Colour", "Money", "NewPaint", "Paint", "Problem"}));
    EXPECT_EQ(schemas->at("Colour", "properties", "name", "minLength")->text(), "1");
    EXPECT_EQ(schemas->at("Colour", "properties", "hex", "pattern")->text(), "^(?:#[0-9a-f]{6})$");
    EXPECT_EQ(schemas->at("Colour", "properties", "hex", "type")->items().size(), 2U);
    EXPECT_EQ(schemas->at("Colour", "additionalProperties")->as_bool(), false);
    EXPECT_EQ(schemas->at("Paint", "additionalProperties"), nullptr) << "answers may gain members";
    EXPECT_EQ(schemas->at("Paint", "required")->items().size(), 4U);
    EXPECT_EQ(schemas->at("NewPaint", "required")->items().size(), 1U);
    EXPECT_EQ(schemas->at("Paint", "properties", "colour", "anyOf")->items()[0].text_or("$ref"), "#/components/schemas/Colour");
}

TEST(OpenApi, TwoStructsOfOneNameAreRefused) {
    Routes routes;
    routes.get("/a", "a").returns<Colour>().handle(nothing);
    routes.get("/b", "b").returns<OtherColour>().handle(nothing);
    routes.freeze();
    EXPECT_THROW((void)openapi_document(routes, {}), std::logic_error);
}

}  // namespace
}  // namespace stoa::http
