// Every operation of the API document, with an acceptable request and with everything that is none.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <optional>
#include <regex>
#include <set>

#include "http_socket.hpp"
#include "stage.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using json::Value;
using Operation = Document::Operation;

class Contract : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    Stage stage;

    void expect_documented(const Operation& operation, const Answer& answer, const std::string& what) {
        for (const auto& reason : stage.document.check_answer(operation, answer.status, answer.header("content-type"), answer.text))
            ADD_FAILURE() << operation.id << " (" << what << ") answers " << answer.status << ", not as documented: " << reason << "\n"
                          << answer.text.substr(0, 400);
    }
};

TEST_F(Contract, every_operation_answers_an_acceptable_request_as_documented) {
    std::set<std::string> used;
    for (const auto& operation : stage.document.operations()) {
        SCOPED_TRACE(operation.id);
        ASSERT_TRUE(stage.knows(operation.id)) << "The document has an operation that stage.cpp makes no request for.";
        used.insert(operation.id);
        const auto ask = stage.ask(operation.id);
        if (const auto* schema = stage.document.body_schema(operation)) {
            const auto body = json::parse(ask.body);
            ASSERT_TRUE(body);
            EXPECT_EQ(stage.document.check(*schema, *body, false), std::vector<std::string>{})
                << "the stage sends what the document does not allow";
        }
        const auto answer = stage.send(operation, ask);
        EXPECT_EQ(answer.status, ask.status) << answer.text.substr(0, 600);
        expect_documented(operation, answer, "acceptable");
        EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
        stage.forget_limits();
    }
    EXPECT_GE(used.size(), 60U);
}

TEST_F(Contract, a_key_repeats_the_answer_and_belongs_to_one_request) {
    int checked = 0;
    for (const auto& operation : stage.document.operations()) {
        SCOPED_TRACE(operation.id);
        bool takes_key = false;
        for (const auto& parameter : stage.document.parameters(operation)) takes_key = takes_key || parameter.name == "Idempotency-Key";
        if (!takes_key) continue;
        ++checked;
        const auto ask = stage.ask(operation.id);
        const auto first = stage.send(operation, ask);
        ASSERT_EQ(first.status, ask.status) << first.text;
        // What a guest sends before there is a cart belongs to the cart from then on: the browser repeats it without the cookie, which the
        // answer to the repeat brings again.
        auto again = ask;
        const auto before = stage.state();
        const auto forget_cart = [&] {
            if (operation.id == "add_cart_line") again.who->cookies.clear();
        };
        forget_cart();
        const auto second = stage.send(operation, again);
        EXPECT_EQ(second.status, first.status);
        // The code of a gift card is told once, whoever asks with the same key.
        if (operation.id != "issue_gift_card") {
            EXPECT_EQ(second.text, first.text);
        }
        EXPECT_EQ(second.header("idempotency-replayed"), "true");
        if (ask.body.empty()) {
            EXPECT_EQ(stage.state(), before);
            continue;  // nothing to change in it
        }
        const auto parsed = json::parse(ask.body);
        const auto body = parsed ? *parsed : *json::parse(R"({"file":null})");
        const auto name = body.members().front().first;
        const auto twice = [&] {
            const auto& one = body.find(name)->items().front();
            return Value::array({one, one});
        };
        const auto other = name == "variant_id"     ? Value::string(stage.chair.variant.to_string())
                           : name == "rating"       ? Value::number("4")
                           : name == "body"         ? Value::string("Another text.")
                           : name == "comment"      ? Value::string("Another one.")
                           : name == "to"           ? Value::string("desk@example.test")
                           : name == "after"        ? Value::number("1")
                           : name == "version"      ? Value::number("99")
                           : name == "token"        ? Value::string("another")
                           : name == "reason"       ? Value::string("another")
                           : name == "carrier"      ? Value::string("another")
                           : name == "end"          ? Value::string("returned")
                           : name == "lines"        ? twice()
                           : name == "shipments"    ? Value::array({})
                           : name == "shipment_ids" ? Value::array({Value::string("shp_" + Uuid::v7().to_base32())})
                                                    : *json::parse(R"({"amount":1,"currency":"EUR"})");
        auto reused = again;
        reused.body = parsed ? json::to_text(changed(body, {name}, &other)) : ask.body + "en,shelf|rack\n";
        forget_cart();
        const auto refused = stage.send(operation, reused);
        EXPECT_EQ(refused.status, 422) << refused.text;
        EXPECT_EQ(refused.body.text_or("code"), "http.idempotency_key_reused");
        EXPECT_EQ(stage.state(), before);
        stage.forget_limits();
    }
    EXPECT_GE(checked, 3);
}

// One refused request: how it differs from the acceptable one, and what it is.
struct Bad {
    std::string what;
    Ask ask;
    bool may_succeed = false;  // text that is strange but allowed
};

Value text(std::string value) { return Value::string(std::move(value)); }

// Values that do not fit the schema of one member.
std::vector<std::pair<std::string, Value>> misfits(const Document& document, const Value& given) {
    const Value* schema = &document.resolve(given);
    bool nullable = false;
    if (const auto* any = schema->find("anyOf")) {
        nullable = true;
        schema = &document.resolve(any->items().front());
    }
    std::set<std::string> types;
    if (const auto* type = schema->find("type")) {
        if (type->is_array()) {
            for (const auto& one : type->items()) types.insert(one.text());
        } else
            types.insert(type->text());
    }
    if (types.empty()) return {};
    nullable = nullable || types.contains("null");
    std::vector<std::pair<std::string, Value>> out;
    if (!types.contains("string")) out.emplace_back("a text", text("x"));
    if (!types.contains("integer")) out.emplace_back("a number", Value::number("7"));
    if (!types.contains("boolean")) out.emplace_back("a boolean", Value::boolean(true));
    if (!types.contains("array")) out.emplace_back("an array", Value::array({text("x")}));
    if (!types.contains("object")) out.emplace_back("an object", Value::object({{"x", Value::number("1")}}));
    if (!nullable) out.emplace_back("null", Value());
    if (types.contains("integer")) {
        for (const auto* number : {"1.5", "1e2", "-1e400", "9223372036854775808", "99999999999999999999999999"})
            out.emplace_back("the number " + std::string(number), Value::number(number));
        if (const auto* least = schema->find("minimum"))
            out.emplace_back("below the minimum", Value::number(std::to_string(*least->as_int() - 1)));
        if (const auto* most = schema->find("maximum"))
            out.emplace_back("above the maximum", Value::number(std::to_string(*most->as_int() + 1)));
    }
    if (types.contains("string")) {
        const auto most = schema->int_or("maxLength", 10000);
        out.emplace_back("too long", text(std::string(static_cast<std::size_t>(most) + 1, 'a')));
        out.emplace_back("a text of 200,000 characters", text(std::string(200000, 'a')));
        out.emplace_back("a NUL character", text(std::string("a\0b", 3)));
        out.emplace_back("control characters", text("a\x01\x1b[31m\x7f"));
        if (schema->int_or("minLength") > 0) {
            out.emplace_back("empty", text(""));
        }
        if (schema->find("pattern")) {
            out.emplace_back("against the pattern", text("~ ~"));
            out.emplace_back("against the pattern with a line end", text("~\n"));
        }
        if (schema->find("enum")) out.emplace_back("not one of the values", text("no_such_value"));
        if (schema->text_or("format") == "date") out.emplace_back("no date", text("2026-13-45"));
    }
    return out;
}

const std::vector<std::pair<std::string, std::string>>& hostile_texts() {
    static const std::vector<std::pair<std::string, std::string>> texts{{"SQL", "'; drop table orders.orders; --"},
                                                                        {"SQL in a comment", "1/**/or/**/1=1"},
                                                                        {"HTML", "<script>alert(1)</script><img src=x onerror=alert(1)>"},
                                                                        {"an attribute", "\" onmouseover=\"x"},
                                                                        {"a header", "a\r\nSet-Cookie: stoa_session=x"},
                                                                        {"a template", "{{7*7}}${7*7}<%= 7*7 %>"},
                                                                        {"a path", "../../../../etc/passwd"},
                                                                        {"a format", "%s%n%00"},
                                                                        {"the other direction",
                                                                         "\xe2\x80\xae"
                                                                         "abc"},
                                                                        {"an emoji", "\xf0\x9f\xaa\x91"}};
    return texts;
}

// Visits every member that the schema names, as deep as the body goes.
void visit(const Document& document, const Value& given, const Value& body, const std::vector<std::string>& path,
           const std::function<void(const std::vector<std::string>&, const Value&, bool)>& member,
           const std::function<void(const std::vector<std::string>&)>& object) {
    const Value* schema = &document.resolve(given);
    if (const auto* any = schema->find("anyOf")) schema = &document.resolve(any->items().front());
    const Value* here = &body;
    for (const auto& key : path) {
        here = here->find(key);
        if (!here) return;
    }
    if (!here->is_object()) return;
    object(path);
    const auto* properties = schema->find("properties");
    if (!properties) return;
    std::set<std::string> required;
    if (const auto* names = schema->find("required")) {
        for (const auto& name : names->items()) required.insert(name.text());
    }
    for (const auto& [name, property] : properties->members()) {
        auto below = path;
        below.push_back(name);
        member(below, property, required.contains(name));
        visit(document, property, body, below, member, object);
    }
}

std::string spelled(const std::vector<std::string>& path) {
    std::string out;
    for (const auto& key : path) out += "/" + key;
    return out;
}

std::vector<Bad> bad_bodies(const Document& document, const Operation& operation, const Ask& good) {
    std::vector<Bad> out;
    const auto add = [&](std::string what, std::string body) -> Bad& {
        Ask ask = good;
        ask.body = std::move(body);
        return out.emplace_back(std::move(what), std::move(ask));
    };
    const auto* schema = document.body_schema(operation);
    if (!schema) return out;
    const auto body = *json::parse(good.body);
    for (const auto* malformed : {"{", "}", "[]", "null", "42", "\"text\"", "{\"a\":1,}", "{'a':1}", "{}{}", "{\"a\":NaN}",
                                  "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":1,\"a\":2}", "<xml/>"})
        add("the body " + std::string(malformed), malformed);
    {
        auto& empty = add("no body", "");
        empty.ask.headers["content-type"] = "application/json";
    }
    add("a body that is cut off", good.body.substr(0, good.body.size() - 1));
    add("a deep body", std::string(5000, '[') + std::string(5000, ']'));
    add("a deep member", "{\"x\":" + std::string(5000, '[') + std::string(5000, ']') + "}");
    add("a huge body", good.body.substr(0, good.body.size() - 1) + std::string(3 << 20, ' ') + "}");
    add("many members", [] {
        std::string text = "{";
        for (int i = 0; i < 5000; ++i) text += (i ? "," : "") + ("\"m" + std::to_string(i)) + "\":1";
        return text + "}";
    }());
    for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""}) {
        auto& bad = add("content type '" + std::string(type) + "'", good.body);
        bad.ask.headers["content-type"] = type;
    }
    visit(
        document, *schema, body, {},
        [&](const std::vector<std::string>& path, const Value& property, bool required) {
            for (const auto& [what, value] : misfits(document, property))
                add(spelled(path) + ": " + what, json::to_text(changed(body, path, &value)));
            if (required) add(spelled(path) + " missing", json::to_text(changed(body, path, nullptr)));
            const auto& resolved = document.resolve(property);
            const auto* type = resolved.find("type");
            const bool texty = type && json::to_text(*type).find("string") != std::string::npos && !resolved.find("enum");
            if (!texty) return;
            for (const auto& [what, value] : hostile_texts()) {
                const auto hostile = text(value);
                add(spelled(path) + ": " + what, json::to_text(changed(body, path, &hostile))).may_succeed = true;
            }
        },
        [&](const std::vector<std::string>& path) {
            auto unknown = path;
            unknown.push_back("no_such_member");
            const auto value = Value::number("1");
            add(spelled(path) + ": an unknown member", json::to_text(changed(body, unknown, &value)));
            unknown.back() = "__proto__";
            add(spelled(path) + ": __proto__", json::to_text(changed(body, unknown, &value)));
        });
    return out;
}

std::vector<Bad> bad_queries(const Document& document, const Operation& operation, const Ask& good) {
    std::vector<Bad> out;
    const auto encode = [](std::string_view value) { return http_client::percent_encode(value); };
    const auto add = [&](std::string what, const std::string& name, const std::string& value, bool repeat = false) -> Bad& {
        // The acceptable query without this parameter, and then with this value.
        std::string query;
        std::string_view rest = good.query.empty() ? std::string_view() : std::string_view(good.query).substr(1);
        while (!rest.empty()) {
            const auto end = std::min(rest.find('&'), rest.size());
            const auto pair = rest.substr(0, end);
            if (repeat || !pair.starts_with(name + "=")) query += (query.empty() ? "?" : "&") + std::string(pair);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (value != "(left out)") query += (query.empty() ? "?" : "&") + name + "=" + encode(value);
        Ask ask = good;
        ask.query = query;
        return out.emplace_back("?" + name + ": " + std::move(what), std::move(ask));
    };
    bool open = false;
    bool any = false;
    for (const auto& parameter : document.parameters(operation)) {
        if (parameter.in != "query") continue;
        if (parameter.name == "filters") {
            open = true;
            continue;
        }
        any = true;
        if (parameter.required) add("missing", parameter.name, "(left out)");
        const auto* type = parameter.schema->find("type");
        const std::string kind = type ? type->text() : "";
        if (kind == "integer") {
            for (const auto* value : {"x", "1.5", "99999999999999999999", "0x10", " 1"})
                add("'" + std::string(value) + "'", parameter.name, value);
            if (parameter.schema->find("minimum"))
                add("below the minimum", parameter.name, std::to_string(parameter.schema->int_or("minimum") - 1));
            if (parameter.schema->find("maximum"))
                add("above the maximum", parameter.name, std::to_string(parameter.schema->int_or("maximum") + 1));
        }
        if (kind == "boolean") add("no boolean", parameter.name, "perhaps");
        if (kind == "string") {
            if (parameter.schema->find("maxLength"))
                add("too long", parameter.name, std::string(static_cast<std::size_t>(parameter.schema->int_or("maxLength")) + 1, 'a'));
            if (parameter.schema->find("pattern")) add("against the pattern", parameter.name, "~ ~");
            if (parameter.schema->find("enum")) add("not one of the values", parameter.name, "no_such_value");
            for (const auto& [what, value] : hostile_texts()) {
                if (value.find('\n') == std::string::npos) add(what, parameter.name, value).may_succeed = true;
            }
        }
        if (parameter.name == "cursor") {
            for (const auto* value : {"x", "AAAA", "eyJhIjoxfQ", "1.ord_00000000000000000000000000", "-1", "1700000000000000.",
                                      "99999999999999999999.ord_01h00000000000000000000000", "'; --", "bm90LWEtY3Vyc29y"})
                add("the cursor '" + std::string(value) + "'", parameter.name, value);
        }
        if (good.query.find(parameter.name + "=") != std::string::npos && kind != "array") add("twice", parameter.name, "de", true);
    }
    if (any && !open) add("unknown", "no_such_parameter", "1");
    if (open) add("unknown", "no_such_parameter", "1");
    return out;
}

std::vector<Bad> bad_circumstances(Stage& stage, const Operation& operation, const Ask& good) {
    std::vector<Bad> out;
    const auto add = [&](std::string what) -> Bad& { return out.emplace_back(std::move(what), good); };
    static std::vector<std::unique_ptr<Shopper>> strangers;
    const auto stranger = [&] {
        strangers.push_back(std::make_unique<Shopper>(*stage.world.shop));
        return strangers.back().get();
    };
    if (operation.needs_login()) {
        add("without a login").ask.who = stranger();
        auto* forged = stranger();
        forged->cookies["stoa_session"] = std::string(43, 'a');
        add("with a session that is none").ask.who = forged;
        forged = stranger();
        forged->cookies["stoa_session"] = "' or 1=1 --";
        add("with SQL as a session").ask.who = forged;
    }
    if (good.owned) {
        add("as another customer").ask.who = stage.eve;
        if (!operation.needs_login()) add("as a stranger").ask.who = stranger();
    }
    if (operation.method != "get") {
        auto& other = add("from another site");
        other.ask.headers = {{"origin", "https://evil.example"}, {"sec-fetch-site", "cross-site"}};
        auto& origin = add("from another origin");
        origin.ask.headers = {{"origin", "https://evil.example"}, {"sec-fetch-site", ""}};
    }
    bool needs_key = false, takes_key = false;
    for (const auto& parameter : stage.document.parameters(operation)) {
        if (parameter.name == "Idempotency-Key") {
            takes_key = true;
            needs_key = parameter.required;
        }
        if (parameter.in != "path") continue;
        std::vector<std::pair<std::string, std::string>> values{{"a word", "nope"},
                                                                {"a number", "1"},
                                                                {"SQL", "'%3B%20drop%20table%20orders.orders%3B%20--"},
                                                                {"HTML", "%3Cscript%3E"},
                                                                {"a path", "..%2F..%2Fetc%2Fpasswd"},
                                                                {"a long one", std::string(3000, 'a')}};
        const auto& own = good.params.at(parameter.name);
        // Of the right form, but nobody's.
        if (const auto at = own.find('_'); at != std::string::npos && own.size() - at == 27) {
            values.emplace_back("nobody's", own.substr(0, at + 1) + Uuid::v7().to_base32());
            values.emplace_back("another kind", "xyz" + own.substr(at));
            values.emplace_back("cut off", own.substr(0, own.size() - 1));
            values.emplace_back(
                "in capitals", own.substr(0, at + 1) + [&] {
                    std::string upper = own.substr(at + 1);
                    for (auto& c : upper) c = static_cast<char>(std::toupper(c));
                    return upper;
                }());
        }
        for (const auto& [what, value] : values) add("{" + parameter.name + "}: " + what).ask.params[parameter.name] = value;
    }
    if (needs_key) add("without a key").ask.key.clear();
    if (takes_key) {
        for (const auto& key : {std::string("short"), std::string(129, 'k'), std::string("with spaces in it"),
                                std::string("k\xc3\xa9y-k\xc3\xa9y-k\xc3\xa9y")})
            add("with the key '" + key.substr(0, 20) + "'").ask.key = key;
    }
    return out;
}

// The server itself, for addresses that no route gets to see.
class Front {
public:
    explicit Front(app::Shop& shop) : server_(shop.routes(), http::ServerOptions{}) { server_.start(); }
    http::test::Reply expect_bad_target(std::string method, const std::string& target) {
        for (auto& c : method) c = static_cast<char>(std::toupper(c));
        const auto answer = http::test::Socket(server_.port()).ask(method + " " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(answer.status, 400) << target.substr(0, 200);
        const auto body = json::parse(answer.body);
        EXPECT_EQ(body ? body->text_or("code") : answer.body, "http.bad_target") << target.substr(0, 200);
        return answer;
    }

private:
    http::Server server_;
};

// The front refuses it before any route is asked, and whoever reads the document has to know.
TEST_F(Contract, an_address_that_is_none_is_refused_as_documented) {
    Front front(*stage.world.shop);
    for (const auto& operation : stage.document.operations()) {
        SCOPED_TRACE(operation.id);
        const auto reply =
            front.expect_bad_target(operation.method, std::regex_replace(operation.path, std::regex(R"(\{[^}]*\})"), "x") + "?a=%ff");
        for (const auto& reason : stage.document.check_answer(operation, reply.status, reply.header("content-type"), reply.body))
            ADD_FAILURE() << reason << "\n" << reply.body;
    }
}

// In parts, for two processors: each has every kParts-th operation.
constexpr std::size_t kParts = 6;
class BadInput : public Contract, public ::testing::WithParamInterface<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Part, BadInput, ::testing::Range(std::size_t{0}, kParts));

TEST_P(BadInput, of_any_kind_is_refused_with_a_known_code_and_changes_nothing) {
    Front front(*stage.world.shop);
    const auto codes = documented_codes();
    const auto tables = stage.state().size();
    int refused = 0, allowed = 0, bad_targets = 0;
    std::set<std::string> seen;
    // Removing what is not there is no error for these, and changes nothing either.
    const std::set<std::string> forgiving{"remove_from_wishlist", "remove_checkout_credit"};
    std::size_t number = 0;
    for (const auto& operation : stage.document.operations()) {
        if (number++ % kParts != GetParam() || !stage.knows(operation.id)) continue;
        SCOPED_TRACE(operation.id);
        const auto began = std::chrono::steady_clock::now();
        const int before_it = refused;
        auto good = stage.ask(operation.id);
        stage.world.work();
        std::vector<Bad> all = bad_circumstances(stage, operation, good);
        for (auto& bad : bad_bodies(stage.document, operation, good)) all.push_back(std::move(bad));
        for (auto& bad : bad_queries(stage.document, operation, good)) all.push_back(std::move(bad));
        ASSERT_FALSE(operation.method != "get" && all.empty());

        const auto attempt = [&](const Bad& bad) -> std::optional<Answer> {
            http::Request parsed;
            if (!http::set_target(parsed, stage.target(operation, bad.ask))) {
                // No acceptable address: the front refuses it before any route is asked.
                ++bad_targets;
                (void)front.expect_bad_target(operation.method, stage.target(operation, bad.ask));
                return std::nullopt;
            }
            if (++refused % 7 == 0) stage.forget_limits();
            auto answer = stage.send(operation, bad.ask);
            EXPECT_LT(answer.status, 500) << bad.what << ": " << answer.text.substr(0, 300);
            return answer;
        };
        const auto expect_refusal = [&](const Bad& bad, const Answer& answer) {
            expect_documented(operation, answer, bad.what);
            if (answer.status < 400) {
                if (!forgiving.contains(operation.id))
                    ADD_FAILURE() << bad.what << " is answered with " << answer.status << " " << answer.text.substr(0, 200);
                return;
            }
            EXPECT_EQ(answer.header("content-type"), "application/problem+json") << bad.what;
            const auto code = answer.body.text_or("code");
            seen.insert(code);
            EXPECT_TRUE(codes.contains(code)) << bad.what << ": " << code << " is not in docs/reference/api-errors.md";
            EXPECT_EQ(answer.body.int_or("status"), answer.status);
        };

        // Nothing is written by any of them: one look after all, and only if that differs one after each.
        auto before = stage.state();
        std::vector<const Bad*> certain;
        for (const auto& bad : all) {
            if (bad.may_succeed) continue;
            certain.push_back(&bad);
            if (const auto answer = attempt(bad)) expect_refusal(bad, *answer);
        }
        if (stage.state() != before) {
            for (const auto* bad : certain) {
                before = stage.state();
                (void)attempt(*bad);
                const auto after = stage.state();
                for (const auto& [table, sum] : after) EXPECT_EQ(sum, before.at(table)) << bad->what << " changed " << table;
            }
            ADD_FAILURE() << "refused requests have changed something";
        }
        // Strange text is text: taken as it is, or refused without a trace. What is taken changes things, so those that were refused are
        // sent again together, between two looks at everything; one by one only when these differ.
        const auto renew = [&] {
            // What it needs to be acceptable may be used up.
            good = stage.ask(operation.id);
            for (auto& other : all) {
                if (!other.may_succeed) continue;
                other.ask.who = good.who;
                other.ask.params = good.params;
                other.ask.key = good.key;
            }
        };
        std::vector<const Bad*> refused_texts;
        for (const auto& bad : all) {
            if (!bad.may_succeed) continue;
            const auto answer = attempt(bad);
            if (!answer) continue;
            if (answer->status >= 400) {
                expect_refusal(bad, *answer);
                refused_texts.push_back(&bad);
                continue;
            }
            ++allowed;
            expect_documented(operation, *answer, bad.what);
            if (operation.method != "get") renew();
        }
        if (operation.method != "get" && !refused_texts.empty()) {
            const auto before_texts = stage.state();
            // Whoever is taken now would be the one who changed something.
            bool taken = false;
            for (const auto* bad : refused_texts)
                if (const auto answer = attempt(*bad)) taken |= answer->status < 400;
            if (stage.state() != before_texts) {
                for (const auto* bad : refused_texts) {
                    renew();
                    const auto before_it_came = stage.state();
                    const auto answer = attempt(*bad);
                    if (!answer || answer->status < 400) continue;
                    const auto after = stage.state();
                    for (const auto& [table, sum] : after)
                        EXPECT_EQ(sum, before_it_came.at(table)) << bad->what << " was refused and changed " << table;
                }
                if (!taken) ADD_FAILURE() << "refused texts have changed something";
            }
        }
        if (std::getenv("STOA_CONTRACT_TIMES"))
            std::printf("%s: %d in %.1f s\n", operation.id.c_str(), refused - before_it,
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    }
    EXPECT_EQ(stage.state().size(), tables);
    stage.world.work();
    EXPECT_EQ(stage.world.disagreements(), "");
    EXPECT_GT(refused, 1000);
    EXPECT_GT(allowed, 20);
    EXPECT_GE(bad_targets, 2);
    for (const auto* code :
         {"http.malformed_json", "http.invalid_fields", "http.unsupported_media_type", "http.body_too_large", "http.origin_not_allowed",
          "http.not_found", "http.idempotency_key_missing", "http.idempotency_key_invalid", "account.login_required"})
        EXPECT_TRUE(seen.contains(code)) << code << " was never the answer: the bad requests do not reach what they are meant for";
    std::printf("%d bad requests, %d bad addresses, %d strange but allowed texts, %zu codes\n", refused, bad_targets, allowed, seen.size());
}

}  // namespace
}  // namespace stoa::testing
