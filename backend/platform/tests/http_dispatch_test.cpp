#include <gtest/gtest.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::http {
namespace {

struct Line {
    std::string variant;
    std::int64_t quantity = 1;
    std::optional<std::string> note;
};
void describe(json::Struct<Line>& d) {
    d.name("Line");
    d.field<&Line::variant>("variant").max_length(20);
    d.field<&Line::quantity>("quantity").min(1).max(99).optional();
    d.field<&Line::note>("note");
}

enum class Sort { relevance, price };
std::span<const std::pair<Sort, std::string_view>> enum_names(Sort) {
    static constexpr std::pair<Sort, std::string_view> names[] = {{Sort::relevance, "relevance"}, {Sort::price, "price"}};
    return names;
}

struct Listing {
    std::optional<std::string> q;
    std::int64_t limit = 24;
    std::optional<bool> available;
    std::vector<std::string> tags;
    std::vector<std::int64_t> sizes;
    std::optional<Sort> sort;
    std::string locale;
    std::map<std::string, std::string> rest;
};
void describe(json::Struct<Listing>& d) {
    d.name("Listing");
    d.field<&Listing::q>("q");
    d.field<&Listing::limit>("limit").min(1).max(100).optional();
    d.field<&Listing::available>("available");
    d.field<&Listing::tags>("tags").optional();
    d.field<&Listing::sizes>("sizes").optional();
    d.field<&Listing::sort>("sort");
    d.field<&Listing::locale>("locale");
}
struct OpenListing : Listing {};
void describe(json::Struct<OpenListing>& d) {
    d.name("OpenListing");
    d.field<&OpenListing::limit>("limit").optional();
    d.field<&OpenListing::rest>("*").optional();
}

Request make(Method method, std::string_view target, std::string body = {}) {
    Request request;
    request.method = method;
    EXPECT_TRUE(set_target(request, target)) << target;
    request.headers.emplace_back("host", "shop.example");
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.body = std::move(body);
    return request;
}

json::Value body_of(const Response& response) {
    const auto value = json::parse(response.content());
    EXPECT_TRUE(value) << response.content();
    return value ? *value : json::Value();
}

class Dispatch : public testing::Test {
protected:
    Dispatch() {
        routes.get("/items/{id}", "get_item").handle([](const Request& r) { return json_text(200, json::quote(r.param("id"))); });
        routes.post("/lines", "add_line").body<Line>().handle([this](const Request& r) {
            ++calls;
            const auto line = body_as<Line>(r);
            return line ? created(*line) : problem(line.error());
        });
        routes.post("/pay", "pay").idempotent().handle([this](const Request&) {
            ++calls;
            return no_content();
        });
        routes.post("/tiny", "tiny").limit_body(4).handle([](const Request&) { return no_content(); });
        routes.post("/hooks/x", "hook").without_origin_check().handle([](const Request&) { return no_content(); });
        routes.get("/gone", "gone").handle([](const Request&) -> Response {
            throw ProblemException({ErrorKind::conflict, "cart.gone", "Gone.", {}, R"({"left":3,"code":"evil"})", {}, 7});
        });
        routes.get("/down", "down").handle([](const Request&) -> Response { throw db::Unavailable("57P01", "", "secret host name"); });
        routes.get("/bug", "bug").handle([](const Request&) -> Response { throw std::runtime_error("secret detail"); });
        routes.get("/odd", "odd").handle([](const Request&) -> Response { throw 42; });
        routes.freeze();
        options.public_origin = "https://shop.example";
    }
    Response run(Request request) { return dispatch(routes, request, options); }

    Routes routes;
    DispatchOptions options;
    int calls = 0;
};

TEST_F(Dispatch, AnswersWithIdsAndPrivateByDefault) {
    const Response response = run(make(Method::get, "/items/a%2Fb"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "\"a/b\"");
    EXPECT_EQ(response.header_value("Cache-Control"), "private, no-store");
    EXPECT_EQ(response.header_value("x-content-type-options"), "nosniff");
    EXPECT_TRUE(response.header_value("x-request-id").starts_with("req_"));
}

TEST_F(Dispatch, KeepsRequestIdAndTraceIdItWasGiven) {
    Request request = make(Method::get, "/items/1");
    request.request_id = "req_given";
    request.headers.emplace_back("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    EXPECT_EQ(dispatch(routes, request, options).header_value("x-request-id"), "req_given");
    EXPECT_EQ(request.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    Request broken = make(Method::get, "/items/1");
    broken.headers.emplace_back("traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");
    (void)dispatch(routes, broken, options);
    EXPECT_EQ(broken.trace_id.size(), 32U);
    EXPECT_NE(broken.trace_id, "00000000000000000000000000000000");
}

TEST_F(Dispatch, ProblemsHaveTheirShape) {
    const Response response = run(make(Method::get, "/nothing"));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.header_value("content-type"), "application/problem+json");
    const auto body = body_of(response);
    EXPECT_EQ(body.text_or("type"), "urn:stoa:problem:http.not_found");
    EXPECT_EQ(body.text_or("title"), "Not Found");
    EXPECT_EQ(body.int_or("status"), 404);
    EXPECT_EQ(body.text_or("code"), "http.not_found");
    EXPECT_FALSE(body.text_or("detail").empty());
    EXPECT_EQ(body.text_or("request_id"), response.header_value("x-request-id"));
    EXPECT_EQ(body.find("errors"), nullptr);
}

TEST_F(Dispatch, ThrownProblemsKeepTheirDetailsButNotTheirLies) {
    const Response response = run(make(Method::get, "/gone"));
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.header_value("retry-after"), "7");
    const auto body = body_of(response);
    EXPECT_EQ(body.text_or("code"), "cart.gone");
    EXPECT_EQ(body.int_or("left"), 3);
}

TEST_F(Dispatch, MethodNotAllowedNamesTheOthers) {
    const Response response = run(make(Method::del, "/items/1"));
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.header_value("allow"), "GET, HEAD");
    EXPECT_EQ(run(make(Method::options, "/items/1")).status, 204);
    EXPECT_EQ(run(make(Method::head, "/items/1")).status, 200);
}

TEST_F(Dispatch, BreakageNeverLeaks) {
    std::string told;
    options.on_exception = [&](const Request&, std::string_view what) { told = what; };
    const Response bug = run(make(Method::get, "/bug"));
    EXPECT_EQ(bug.status, 500);
    EXPECT_EQ(body_of(bug).text_or("code"), "http.internal_error");
    EXPECT_EQ(bug.body.find("secret"), std::string::npos);
    EXPECT_EQ(told, "secret detail");
    EXPECT_EQ(run(make(Method::get, "/odd")).status, 500);
    told.clear();
    const Response down = run(make(Method::get, "/down"));
    EXPECT_EQ(down.status, 503);
    EXPECT_EQ(down.header_value("retry-after"), "2");
    EXPECT_EQ(down.body.find("secret"), std::string::npos);
    EXPECT_EQ(told, "") << "an outage is no exception to report";
}

TEST_F(Dispatch, BodyNeedsItsTypeAndItsFields) {
    EXPECT_EQ(run(make(Method::post, "/lines", R"({"variant":"a","quantity":2})")).status, 201);
    Request form = make(Method::post, "/lines", "variant=a");
    form.headers.back().second = "application/x-www-form-urlencoded";
    const Response refused = run(form);
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(body_of(refused).text_or("code"), "http.unsupported_media_type");
    EXPECT_EQ(run(make(Method::post, "/lines", "{")).status, 400);
    const Response fields = run(make(Method::post, "/lines", R"({"variant":"a","quantity":200,"extra":1})"));
    EXPECT_EQ(fields.status, 422);
    const auto body = body_of(fields);
    ASSERT_NE(body.find("errors"), nullptr);
    std::set<std::string> pointers;
    for (const auto& error : body.find("errors")->items()) pointers.insert(error.text_or("pointer"));
    EXPECT_EQ(pointers, (std::set<std::string>{"/quantity", "/extra"}));
    Request utf8 = make(Method::post, "/lines", R"({"variant":"a"})");
    utf8.headers.back().second = "application/json; charset=utf-8";
    EXPECT_EQ(run(utf8).status, 201);
}

TEST_F(Dispatch, BodyLimit) {
    EXPECT_EQ(run(make(Method::post, "/tiny", "1234")).status, 204);
    EXPECT_EQ(run(make(Method::post, "/tiny", "12345")).status, 413);
}

TEST_F(Dispatch, IdempotencyKeyIsAskedForWhereItIsNeeded) {
    EXPECT_EQ(body_of(run(make(Method::post, "/pay"))).text_or("code"), "http.idempotency_key_missing");
    for (const std::string key : {"short", "has space in it", "umlaut-\xC3\xA4-key"}) {
        Request request = make(Method::post, "/pay");
        request.headers.emplace_back("idempotency-key", key);
        const Response response = run(request);
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(body_of(response).text_or("code"), "http.idempotency_key_invalid") << key;
    }
    EXPECT_EQ(calls, 0);
    Request request = make(Method::post, "/pay");
    request.headers.emplace_back("idempotency-key", "12345678");
    EXPECT_EQ(run(request).status, 204);
    EXPECT_EQ(calls, 1);
}

TEST_F(Dispatch, OriginCheck) {
    struct Case {
        const char* origin;
        const char* site;
        bool cookie;
        bool allowed;
    };
    const Case cases[] = {
        {"", "", false, true},  // curl, another server
        {"", "", true, false},  // a browser would have said where it comes from
        {"https://shop.example", "", true, true},
        {"https://shop.example", "same-origin", true, true},
        {"https://SHOP.example", "", true, true},
        {"https://evil.example", "", true, false},
        {"https://evil.example", "", false, false},
        {"https://evil.example", "same-origin", true, false},
        {"https://shop.example.evil", "", true, false},
        {"http://shop.example", "", true, false},  // other scheme
        {"null", "", true, false},
        {"", "same-origin", true, true},
        {"", "none", true, true},
        {"", "same-site", true, false},
        {"", "cross-site", false, false},
        {"https://shop.example", "cross-site", true, false},
        {"http://localhost:3000", "", true, false},
    };
    for (const Case& c : cases) {
        Request request = make(Method::post, "/lines", R"({"variant":"a"})");
        if (*c.origin) request.headers.emplace_back("origin", c.origin);
        if (*c.site) request.headers.emplace_back("sec-fetch-site", c.site);
        if (c.cookie) request.headers.emplace_back("cookie", "stoa_session=x");
        const int before = calls;
        const Response response = run(request);
        EXPECT_EQ(response.status, c.allowed ? 201 : 403) << c.origin << " " << c.site << " " << c.cookie;
        EXPECT_EQ(calls - before, c.allowed ? 1 : 0);
        if (!c.allowed) {
            EXPECT_EQ(body_of(response).text_or("code"), "http.origin_not_allowed");
        }
    }
    options.development = true;
    for (const auto& [origin, status] : {std::pair{"http://localhost:3000", 201},
                                         {"http://127.0.0.1:8080", 201},
                                         {"http://localhost.evil", 403},
                                         {"http://localhost:80@evil", 403}}) {
        Request request = make(Method::post, "/lines", R"({"variant":"a"})");
        request.headers.emplace_back("origin", origin);
        EXPECT_EQ(run(request).status, status) << origin;
    }
    options = {};
    Request same_host = make(Method::post, "/lines", R"({"variant":"a"})");
    same_host.headers.emplace_back("origin", "http://shop.example");
    EXPECT_EQ(run(same_host).status, 201) << "without a public origin the request's own host counts";
    Request hook = make(Method::post, "/hooks/x");
    hook.headers.emplace_back("origin", "https://provider.example");
    hook.headers.emplace_back("cookie", "a=b");
    EXPECT_EQ(run(hook).status, 204);
    Request read = make(Method::get, "/items/1");
    read.headers.emplace_back("origin", "https://evil.example");
    EXPECT_EQ(run(read).status, 200);
}

TEST_F(Dispatch, CountsPerOperation) {
    (void)run(make(Method::get, "/items/1"));
    const std::string text = metrics::exposition();
    EXPECT_NE(text.find("# TYPE stoa_http_requests_total counter\n"), std::string::npos);
    EXPECT_NE(text.find("stoa_http_requests_total{method=\"GET\",route=\"get_item\",status=\"200\"} "), std::string::npos) << text;
    EXPECT_NE(text.find("stoa_http_request_seconds_bucket{method=\"GET\",route=\"get_item\",le=\"+Inf\"} "), std::string::npos);
}

TEST(Target, RefusesWhatCouldBeMisread) {
    Request request;
    for (const std::string_view target : {"", "x", "/a/../b", "/a/%2e%2e/b", "/a/%2E", "/%", "/%00", "/%0a", "/\xC3\xA9", "/%ff", "/a b",
                                          "/a?q=%00", "/a?q=%ff", "/a#b", "//..", "/a%2f..%2fb", "http://x/"}) {
        EXPECT_FALSE(set_target(request, target)) << target;
    }
    for (const std::string_view target : {"/", "/a..b/...", "/%C3%A9?x", "/a?q=%0A", "/a?&&", "/a?=", "/a?b=c?d"})
        EXPECT_TRUE(set_target(request, target)) << target;
    ASSERT_TRUE(set_target(request, "/p%C3%A4th?q=a+b%2Bc&x&q=2"));
    EXPECT_EQ(request.path, "/p\xC3\xA4th");
    EXPECT_EQ(request.query_value("q"), "a b+c");
    EXPECT_EQ(request.query_value("x"), "");
    EXPECT_EQ(request.query_value("y"), std::nullopt);
    std::string many = "/a?";
    for (int i = 0; i < 201; ++i) many += "a=b&";
    EXPECT_FALSE(set_target(request, many));
}

TEST(Query, ConvertsByType) {
    Request request;
    ASSERT_TRUE(set_target(request, "/x?q=1&limit=50&available=1&tags=a,b&tags=c&sizes=1,20&sort=price&locale=de"));
    const auto listing = query_as<Listing>(request);
    ASSERT_TRUE(listing) << listing.error().message;
    EXPECT_EQ(listing->q, "1");
    EXPECT_EQ(listing->limit, 50);
    EXPECT_EQ(listing->available, true);
    EXPECT_EQ(listing->tags, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(listing->sizes, (std::vector<std::int64_t>{1, 20}));
    EXPECT_EQ(listing->sort, Sort::price);
}

TEST(Query, EmptyFormFieldsCountAsAbsentAndTextsAsEmpty) {
    Request request;
    ASSERT_TRUE(set_target(request, "/x?q=&limit=&available=&tags=&sort=&locale="));
    const auto listing = query_as<Listing>(request);
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->q, "");
    EXPECT_EQ(listing->limit, 24);
    EXPECT_FALSE(listing->available);
    EXPECT_TRUE(listing->tags.empty());
    EXPECT_FALSE(listing->sort);
}

TEST(Query, NamesEveryWrongParameter) {
    Request request;
    ASSERT_TRUE(set_target(request, "/x?sizes=1,x&limit=1000&available=maybe&sort=best&other=1&q=a&q=b"));
    const auto listing = query_as<Listing>(request);
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.error().kind, ErrorKind::invalid);
    EXPECT_EQ(listing.error().code, "http.invalid_fields");
    std::map<std::string, std::string> found;
    for (const FieldError& field : listing.error().fields) found[field.pointer] = field.code;
    EXPECT_EQ(found.size(), 7U);
    EXPECT_EQ(found["?other"], "unknown_parameter");
    EXPECT_EQ(found["?q"], "repeated");
    EXPECT_EQ(found["?locale"], "required");
    EXPECT_TRUE(found.contains("?limit") && found.contains("?available") && found.contains("?sort") && found.contains("?sizes/1"));
}

TEST(Query, RestTakesWhatIsNotDescribed) {
    Request request;
    ASSERT_TRUE(set_target(request, "/x?limit=5&f.colour=red&f.colour=blue&f.width=10..50"));
    const auto listing = query_as<OpenListing>(request);
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->limit, 5);
    EXPECT_EQ(listing->rest, (std::map<std::string, std::string>{{"f.colour", "red,blue"}, {"f.width", "10..50"}}));
}

TEST(Cacheable, TagsAndAnswers304) {
    Request request;
    const Response fresh = cacheable(request, json_text(200, "{}"), 30);
    const std::string tag(fresh.header_value("etag"));
    EXPECT_EQ(fresh.status, 200);
    EXPECT_EQ(tag.size(), 24U);
    EXPECT_EQ(fresh.header_value("cache-control"), "public, max-age=30, stale-while-revalidate=60");
    const std::string inner = tag.substr(1, tag.size() - 2);
    for (const std::string& sent : {tag, "W/" + tag, "\"x\", " + tag, std::string("*"), "\"" + inner + "-gzip\"", "\"" + inner + "-br\""}) {
        request.headers = {{"if-none-match", sent}};
        const Response unchanged = cacheable(request, json_text(200, "{}"), 30);
        EXPECT_EQ(unchanged.status, 304) << sent;
        EXPECT_TRUE(unchanged.content().empty());
        EXPECT_FALSE(unchanged.header_value("etag").empty());
    }
    for (const std::string& sent : {std::string("\"other\""), inner, std::string("\"")}) {
        request.headers = {{"if-none-match", sent}};
        EXPECT_EQ(cacheable(request, json_text(200, "{}"), 30).status, 200) << sent;
    }
    EXPECT_NE(cacheable({}, json_text(200, "{ }"), 30).header_value("etag"), tag);
    EXPECT_EQ(cacheable({}, json_text(404, "{}"), 30).header_value("etag"), "");
}

TEST(Messages, CookiesAndHeaders) {
    Request request;
    request.headers = {{"cookie", "a=1; stoa_session=abc ;b=\"q\""}, {"cookie", "c=3"}};
    EXPECT_EQ(request.cookie("stoa_session"), "abc");
    EXPECT_EQ(request.cookie("b"), "q");
    EXPECT_EQ(request.cookie("c"), "3");
    EXPECT_EQ(request.cookie("d"), std::nullopt);
    Response response;
    response.set_cookie("stoa_session", "t", 3600, true);
    EXPECT_EQ(response.header_value("set-cookie"), "__Host-stoa_session=t; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600");
    EXPECT_EQ(cookie_name("stoa_session", true), "__Host-stoa_session");
    EXPECT_EQ(cookie_name("stoa_session", false), "stoa_session");
    EXPECT_THROW(response.set_cookie("a", "b; Domain=x", 0, false), std::logic_error);
    EXPECT_THROW(response.header("x", "a\r\nset-cookie: b"), std::logic_error);
    EXPECT_THROW(response.header("x y", "a"), std::logic_error);
}

}  // namespace
}  // namespace stoa::http
