#include "sendcloud.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "recorder.hpp"
#include "sendcloud_check.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/server.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::sandbox {
namespace {

using http::Method;
using json::Value;

constexpr std::string_view kHook = "https://shop.example.test/hooks/sendcloud";

struct Order {
    std::string option = "postnl:standard", name = "Ana Ruiz", postal = "1012 AB", city = "Amsterdam", country = "NL", reference;
    std::string parcels = R"([{"weight":{"value":"1.320","unit":"kg"}}])";
    std::string more;     // further members, with a comma in front
    std::string address;  // further members of the address
    std::string sender = R"({"sender_address_id":192})";
};

std::string text_of(const Order& order) {
    return fmt::format(
        R"({{"external_reference_id":{},"order_number":"S-100042","from_address":{},)"
        R"("to_address":{{"name":"{}","address_line_1":"Damrak","house_number":"1","postal_code":"{}","city":"{}","country_code":"{}",)"
        R"("email":"ana@example.test","phone_number":"+34600000000"{}}},)"
        R"("ship_with":{{"type":"shipping_option_code","properties":{{"shipping_option_code":"{}","contract_id":null}}}},)"
        R"("total_order_price":{{"value":"54.90","currency":"EUR"}},"parcels":{}{}}})",
        order.reference.empty() ? "null" : json::quote(order.reference), order.sender, order.name, order.postal, order.city, order.country,
        order.address, order.option, order.parcels, order.more);
}

std::string weighing(std::string_view value, std::string_view unit = "kg") {
    return fmt::format(R"([{{"weight":{{"value":"{}","unit":"{}"}}}}])", value, unit);
}

constexpr std::string_view kCustoms = R"(,"customs_information":{"invoice_number":"R-1","export_reason":"commercial_goods"})";
constexpr std::string_view kItems =
    R"([{"weight":{"value":"1.320","unit":"kg"},"parcel_items":[{"description":"Lamp","quantity":1,"weight":{"value":1.2,"unit":"kg"},"price":{"value":"54.90","currency":"EUR"},"hs_code":"940521","sku":"LAMP-1"}]}])";

class SendcloudTest : public ::testing::Test {
protected:
    void SetUp() override { start(); }
    void TearDown() override {
        sendcloud_.reset();
        std::filesystem::remove(state_file_);
        std::filesystem::remove(state_file_ + ".webhooks");
    }
    // Again with the same file is a restart.
    void start(bool with_state = false, std::string hook = std::string(kHook)) {
        sendcloud_.reset();
        SendcloudOptions options;
        options.own_url = "http://127.0.0.1:8003/sendcloud";
        options.public_url = "http://localhost:8003/sendcloud";
        options.webhook_url = std::move(hook);
        options.slow_answer = std::chrono::milliseconds{60};
        if (with_state) options.state_file = state_file_;
        routes_ = std::make_unique<http::Routes>();
        sendcloud_ = std::make_unique<Sendcloud>(control_, options, &shop_);
        add_control_routes(*routes_, control_, [this] { sendcloud_->reset(); });
        sendcloud_->add_routes(*routes_);
        routes_->freeze();
    }

    http::Response send(Method method, const std::string& path, std::string body = {}, std::string_view accept = {}) {
        auto request = testing::request(method, path.starts_with("/__") ? path : "/sendcloud/api/v3" + path, std::move(body));
        request.headers.emplace_back("authorization", http_client::basic_auth("sandbox-public", "sandbox-secret"));
        if (!accept.empty()) request.headers.emplace_back("accept", accept);
        return http::dispatch(*routes_, request, {"http://localhost:8003", true});
    }
    Value ask(Method method, const std::string& path, int status, std::string body = {}) {
        const auto response = send(method, path, std::move(body));
        EXPECT_EQ(response.status, status) << path << " " << response.body;
        return json::parse(response.body, {8 << 20, 40}).value_or(Value());
    }
    Value announce(const Order& order = {}, int status = 201) { return ask(Method::post, "/shipments/announce", status, text_of(order)); }
    static const Value& data(const Value& answer) { return *answer.find("data"); }
    static const Value& parcel(const Value& answer, std::size_t index = 0) { return data(answer).find("parcels")->items().at(index); }
    static std::string status(const Value& answer, std::size_t index = 0) { return parcel(answer, index).at("status", "code")->text(); }
    static std::string id(const Value& answer) { return data(answer).text_or("id"); }
    Value shipment(const std::string& id) { return ask(Method::get, "/shipments/" + id, 200); }
    // "code pointer" of each error.
    static std::vector<std::string> complaints(const Value& answer) {
        std::vector<std::string> out;
        const auto* errors = answer.find("errors");
        if (!errors) return out;
        for (const auto& error : errors->items()) {
            const auto* pointer = error.at("source", "pointer");
            const auto* parameter = error.at("source", "parameter");
            out.push_back(error.text_or("code") + (pointer ? " " + pointer->text() : parameter ? " " + parameter->text() : ""));
        }
        return out;
    }
    void settings(std::string body, int status = 204) {
        const auto response = send(Method::post, "/__sandbox/sendcloud", std::move(body));
        EXPECT_EQ(response.status, status) << response.body;
    }
    // What arrived at the shop, once there are `count`: "action id" or "status id".
    std::vector<std::int64_t> statuses(std::size_t count) {
        std::vector<std::int64_t> out;
        for (const auto& call : shop_.wait_for(count)) {
            const auto value = json::parse(call.body);
            if (value && value->text_or("action") == "parcel_status_changed")
                out.push_back(value->at("parcel", "status", "id")->as_int().value_or(-1));
        }
        return out;
    }
    std::vector<Value> deliveries() { return ask(Method::get, "/__sandbox/webhooks", 200).find("items")->items(); }
    [[nodiscard]] bool quiet() { return sendcloud_->webhooks().wait_until_quiet(std::chrono::seconds{10}); }
    static std::vector<std::string> codes(const Value& answer) {
        std::vector<std::string> out;
        for (const auto& option : data(answer).items()) out.push_back(option.text_or("code"));
        return out;
    }
    std::vector<std::string> options(const std::string& body) { return codes(ask(Method::post, "/shipping-options", 200, body)); }
    std::vector<std::int64_t> points(const std::string& query) {
        const auto answer = ask(Method::get, "/service-points?" + query, 200);
        std::vector<std::int64_t> out;
        for (const auto& point : data(answer).find("results")->items()) out.push_back(point.int_or("id"));
        return out;
    }

    std::string state_file_ = (std::filesystem::temp_directory_path() / ("sendcloud-" + std::to_string(::getpid()) + ".jsonl")).string();
    Control control_;
    Recorder shop_;
    std::unique_ptr<http::Routes> routes_;
    std::unique_ptr<Sendcloud> sendcloud_;
};

using Strings = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

// ---- documents ----------------------------------------------------------------------------------------------------------------------
// Every offset of the table leads to its object, and the stream has the length it claims.
void expect_pdf(const std::string& pdf) {
    ASSERT_TRUE(pdf.starts_with("%PDF-1."));
    ASSERT_TRUE(pdf.ends_with("%%EOF\n"));
    const auto start = pdf.rfind("startxref\n");
    ASSERT_NE(start, std::string::npos);
    const auto table = std::stoul(pdf.substr(start + 10));
    ASSERT_EQ(pdf.substr(table, 7), "xref\n0 ");
    const auto count = std::stoul(pdf.substr(table + 7));
    ASSERT_GE(count, 4U);
    auto line = pdf.find('\n', table + 7) + 1;
    for (std::size_t i = 0; i < count; ++i, line += 20) {
        if (i > 0) {
            EXPECT_EQ(pdf.find(fmt::format("{} 0 obj\n", i), std::stoul(pdf.substr(line, 10))), std::stoul(pdf.substr(line, 10))) << i;
        }
    }
    EXPECT_EQ(pdf.substr(line, 8), "trailer\n");
    const auto length = pdf.find("/Length ");
    const auto stream = pdf.find("stream\n", length) + 7;
    EXPECT_EQ(pdf.substr(stream + std::stoul(pdf.substr(length + 8)), 9), "endstream");
}

std::uint32_t big_endian(std::string_view four) {
    std::uint32_t out = 0;
    for (const char c : four) out = out << 8 | static_cast<unsigned char>(c);
    return out;
}

// Every checksum is right and the pixels are as many as the head says.
void expect_png(const std::string& png, std::uint32_t width, std::uint32_t height) {
    ASSERT_TRUE(png.starts_with(std::string_view("\x89PNG\r\n\x1a\n", 8)));
    std::size_t at = 8;
    std::string pixels, last;
    while (at + 12 <= png.size()) {
        const auto size = big_endian(std::string_view(png).substr(at, 4));
        ASSERT_LE(at + 12 + size, png.size());
        last = png.substr(at + 4, 4);
        const auto* content = reinterpret_cast<const Bytef*>(png.data() + at + 4);
        EXPECT_EQ(crc32(0, content, size + 4), big_endian(std::string_view(png).substr(at + 8 + size, 4))) << last;
        if (last == "IHDR") {
            EXPECT_EQ(big_endian(std::string_view(png).substr(at + 8, 4)), width);
            EXPECT_EQ(big_endian(std::string_view(png).substr(at + 12, 4)), height);
        }
        if (last == "IDAT") pixels += png.substr(at + 8, size);
        at += 12 + size;
    }
    EXPECT_EQ(at, png.size());
    EXPECT_EQ(last, "IEND");
    const auto expected = static_cast<uLongf>((width + 7) / 8 + 1) * height;
    std::string plain(expected + 100, '\0');
    uLongf size = plain.size();
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, reinterpret_cast<const Bytef*>(pixels.data()), pixels.size()),
              Z_OK);
    EXPECT_EQ(size, expected);
}

TEST_F(SendcloudTest, announcing_answers_with_a_label) {
    const auto made = announce({.reference = "S-100042-s1"});
    EXPECT_EQ(status(made), "READY_TO_SEND");
    EXPECT_EQ(data(made).at("carrier", "code")->text(), "postnl");
    EXPECT_TRUE(data(made).find("errors")->items().empty());
    EXPECT_EQ(data(made).text_or("external_reference_id"), "S-100042-s1");
    const auto& made_parcel = parcel(made);
    const std::string number = std::to_string(made_parcel.int_or("id"));
    EXPECT_TRUE(std::regex_match(made_parcel.text_or("tracking_number"), std::regex("3S[0-9]{11}")));
    EXPECT_EQ(made_parcel.text_or("tracking_url"), "http://localhost:8003/sendcloud/track/" + made_parcel.text_or("tracking_number"));
    EXPECT_FALSE(made_parcel.text_or("announced_at").empty());
    EXPECT_EQ(made_parcel.at("weight", "value")->text(), "1.320");
    const auto& document = made_parcel.find("documents")->items().at(0);
    EXPECT_EQ(document.text_or("type"), "label");
    EXPECT_EQ(document.text_or("size"), "a6");
    EXPECT_EQ(document.text_or("link"), "http://127.0.0.1:8003/sendcloud/api/v3/parcels/" + number + "/documents/label");
    std::string pdf;
    ASSERT_TRUE(crypto::base64_decode(made_parcel.text_or("label_file"), pdf));
    expect_pdf(pdf);
    EXPECT_NE(pdf.find("(" + made_parcel.text_or("tracking_number") + ")"), std::string::npos);
    EXPECT_NE(pdf.find("(Ana Ruiz)"), std::string::npos);
    // Read again it has no file, as the provider's answer has none.
    EXPECT_TRUE(parcel(shipment(id(made))).find("label_file")->is_null());
    (void)ask(Method::get, "/shipments/87e18823-016b-479b-b9e0-c5c0c4065452", 404);
}

TEST_F(SendcloudTest, labels_in_three_formats) {
    struct Format {
        const char* mime;
        int dpi;
    };
    for (const auto& [mime, dpi] : {Format{"application/pdf", 72}, {"image/png", 72}, {"image/png", 203}, {"application/zpl", 203}}) {
        const auto made = announce({.more = fmt::format(R"(,"label_details":{{"mime_type":"{}","dpi":{}}})", mime, dpi)});
        std::string file;
        ASSERT_TRUE(crypto::base64_decode(parcel(made).text_or("label_file"), file)) << mime;
        if (std::string_view(mime) == "application/pdf") expect_pdf(file);
        if (std::string_view(mime) == "image/png") expect_png(file, dpi == 72 ? 298 : 894, dpi == 72 ? 420 : 1260);
        if (std::string_view(mime) == "application/zpl") {
            EXPECT_TRUE(file.starts_with("^XA"));
            EXPECT_TRUE(file.ends_with("^XZ\n"));
            EXPECT_NE(file.find(parcel(made).text_or("tracking_number")), std::string::npos);
        }
    }
}

TEST_F(SendcloudTest, documents_by_parcel) {
    const auto made = announce({.name = "Änne (Öz)", .more = R"(,"label_details":{"mime_type":"image/png"})"});
    const std::string path = "/parcels/" + std::to_string(parcel(made).int_or("id")) + "/documents/";
    const auto plain = send(Method::get, path + "label");
    EXPECT_EQ(plain.header_value("content-type"), "application/pdf");
    expect_pdf(plain.body);
    EXPECT_NE(plain.body.find("(\\304nne \\(\\326z\\))"), std::string::npos);
    const auto png = send(Method::get, path + "label?dpi=150", {}, "image/png");
    EXPECT_EQ(png.header_value("content-type"), "image/png");
    expect_png(png.body, 596, 840);
    EXPECT_TRUE(send(Method::get, path + "label", {}, "application/zpl").body.starts_with("^XA"));
    EXPECT_EQ(complaints(ask(Method::get, path + "poem", 400)), Strings{"invalid type"});
    EXPECT_EQ(complaints(ask(Method::get, path + "label?dpi=96&paper_size=B5&colour=1", 400)),
              (Strings{"unknown_field colour", "invalid dpi", "invalid paper_size"}));
    EXPECT_EQ(complaints(ask(Method::get, path + "customs-declaration", 404)), Strings{"not_found"});
    EXPECT_EQ(complaints(ask(Method::get, "/parcels/1/documents/label", 404)), Strings{"not_found"});

    const auto zpl = announce({.more = R"(,"label_details":{"mime_type":"application/zpl"})"});
    const std::string native = "/parcels/" + std::to_string(parcel(zpl).int_or("id")) + "/documents/label";
    EXPECT_TRUE(send(Method::get, native).body.starts_with("^XA"));
    EXPECT_EQ(send(Method::get, native, {}, "application/pdf").status, 404);  // native ZPL cannot be converted

    const auto abroad = announce({.option = "sendcloud:letter",
                                  .postal = "8001",
                                  .city = "Zurich",
                                  .country = "CH",
                                  .parcels = std::string(kItems),
                                  .more = std::string(kCustoms)});
    EXPECT_EQ(parcel(abroad).find("documents")->items().size(), 2U);
    expect_pdf(send(Method::get, "/parcels/" + std::to_string(parcel(abroad).int_or("id")) + "/documents/customs-declaration").body);
}

TEST_F(SendcloudTest, tracking_numbers_are_never_used_twice) {
    std::set<std::string> numbers;
    std::size_t expected = 0;
    for (int i = 0; i < 20; ++i) {
        std::string parcels = weighing("1.000");
        parcels.pop_back();
        for (int more = 0; more < 14; ++more) parcels += "," + weighing("1.000").substr(1, weighing("1.000").size() - 2);
        const auto made = announce({.parcels = parcels + "]"});
        for (const auto& one : data(made).find("parcels")->items()) numbers.insert(one.text_or("tracking_number"));
        expected += 15;
    }
    EXPECT_EQ(numbers.size(), expected);
    ASSERT_EQ(send(Method::post, "/__sandbox/reset").status, 204);
    EXPECT_TRUE(numbers.insert(parcel(announce()).text_or("tracking_number")).second);
}

TEST_F(SendcloudTest, an_asynchronous_shipment_is_announced_a_second_later) {
    const auto made = ask(Method::post, "/shipments", 201, text_of({.reference = "S-1-s1"}));
    EXPECT_EQ(status(made), "ANNOUNCING");
    EXPECT_TRUE(parcel(made).find("documents")->items().empty());
    EXPECT_EQ(parcel(made).text_or("tracking_number"), "");
    EXPECT_TRUE(parcel(made).find("announced_at")->is_null());
    EXPECT_EQ(send(Method::get, "/parcels/" + std::to_string(parcel(made).int_or("id")) + "/documents/label").status, 404);
    control_.advance(1);
    const auto later = shipment(id(made));
    EXPECT_EQ(status(later), "READY_TO_SEND");
    EXPECT_FALSE(parcel(later).text_or("tracking_number").empty());
    EXPECT_EQ(statuses(1), Numbers{1000});
}

// ---- what is refused ----------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, every_trigger_of_a_refusal) {
    const std::string heavy = weighing("23.100"), light = weighing("1");
    struct Row {
        const char* what;
        Order order;
        Strings complaints;
    };
    const Row rows[] = {
        {"name missing", {.name = ""}, {"invalid /to_address/name"}},
        {"unknown country", {.country = "XX"}, {"invalid_choice /to_address/country_code"}},
        {"state missing", {.option = "sendcloud:letter", .city = "Roma", .country = "IT"}, {"required /to_address/state_province_code"}},
        {"foreign state",
         {.option = "sendcloud:letter", .country = "IT", .address = R"(,"state_province_code":"RM")"},
         {"invalid /to_address/state_province_code"}},
        {"unknown member", {.more = R"(,"priority":1)"}, {"unknown_field /priority"}},
        {"unknown option", {.option = "gls:standard"}, {"invalid_choice /ship_with/properties/shipping_option_code"}},
        {"does not go there", {.option = "correos:standard"}, {"validation_error /ship_with/properties/shipping_option_code"}},
        {"for returns", {.option = "ups:return"}, {"validation_error /ship_with/properties/shipping_option_code"}},
        {"too heavy", {.parcels = heavy}, {"validation_error /parcels/[0]/weight/value"}},
        {"too heavy in pounds", {.parcels = weighing("51", "lbs")}, {"validation_error /parcels/[0]/weight/value"}},
        {"no weight", {.parcels = "[{}]"}, {"required /parcels/[0]/weight"}},
        {"weight as number", {.parcels = R"([{"weight":{"value":1.3,"unit":"kg"}}])"}, {"invalid /parcels/[0]/weight/value"}},
        {"weightless", {.parcels = weighing("0.000")}, {"invalid /parcels/[0]/weight/value"}},
        {"absurd weight", {.parcels = weighing("12345678")}, {"invalid /parcels/[0]/weight/value"}},
        {"unknown unit", {.parcels = weighing("1", "st")}, {"invalid_choice /parcels/[0]/weight/unit"}},
        {"too long",
         {.parcels = R"([{"weight":{"value":"1","unit":"kg"},"dimensions":{"length":"20","width":"20","height":"176","unit":"cm"}}])"},
         {"validation_error /parcels/[0]/dimensions"}},
        {"a side missing",
         {.parcels = R"([{"weight":{"value":"1","unit":"kg"},"dimensions":{"length":"20","width":"20","unit":"cm"}}])"},
         {"required /parcels/[0]/dimensions/height"}},
        {"insured too little",
         {.parcels = R"([{"weight":{"value":"1","unit":"kg"},"additional_insured_price":{"value":"1.99","currency":"EUR"}}])"},
         {"invalid /parcels/[0]/additional_insured_price/value"}},
        {"no parcels", {.parcels = "[]"}, {"invalid /parcels"}},
        {"two letters",
         {.option = "sendcloud:letter", .parcels = R"([{"weight":{"value":"1","unit":"kg"}},{"weight":{"value":"1","unit":"kg"}}])"},
         {"validation_error /parcels"}},
        {"no point", {.option = "dhl:service_point"}, {"required /to_service_point"}},
        {"unknown point", {.option = "dhl:service_point", .more = R"(,"to_service_point":{"id":"1"})"}, {"invalid /to_service_point/id"}},
        {"point as number",
         {.option = "dhl:service_point", .more = R"(,"to_service_point":{"id":10875349})"},
         {"invalid /to_service_point/id", "required /to_service_point/id"}},
        {"point for a doorstep", {.more = R"(,"to_service_point":{"id":"10875349"})"}, {"validation_error /to_service_point"}},
        {"no customs form",
         {.option = "sendcloud:letter", .country = "CH"},
         {"required /parcels/[0]/parcel_items", "required /customs_information"}},
        {"customs without goods",
         {.option = "sendcloud:letter",
          .country = "GB",
          .parcels = R"([{"weight":{"value":"1","unit":"kg"},"parcel_items":[]}])",
          .more = std::string(kCustoms)},
         {"required /parcels/[0]/parcel_items"}},
        {"bad customs",
         {.more = R"(,"customs_information":{"invoice_number":"R-1","export_reason":"fun","invoice_date":"1.2.2026"})"},
         {"invalid_choice /customs_information/export_reason", "invalid /customs_information/invoice_date"}},
        {"unknown sender", {.sender = R"({"sender_address_id":7})"}, {"invalid /from_address/sender_address_id"}},
        {"half a sender",
         {.sender = R"({"name":"Ana"})"},
         {"required /from_address/address_line_1", "required /from_address/city", "required /from_address/postal_code",
          "required /from_address/country_code"}},
        {"bad label",
         {.more = R"(,"label_details":{"mime_type":"text/plain","dpi":150})"},
         {"invalid_choice /label_details/mime_type", "invalid_choice /label_details/dpi"}},
        {"wrong contract",
         {.more = R"(,"delivery_dates":{"handover_at":"soon"},"validation_methods":["there"])"},
         {"invalid /delivery_dates/handover_at", "invalid_choice /validation_methods"}},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.what);
        EXPECT_EQ(complaints(announce(row.order, 400)), row.complaints);
        EXPECT_EQ(complaints(ask(Method::post, "/shipments", 400, text_of(row.order))), row.complaints);
    }
    EXPECT_EQ(complaints(ask(Method::post, "/shipments/announce", 400, "{")), Strings{"invalid"});
    const auto empty = complaints(ask(Method::post, "/shipments/announce", 400, "{}"));
    EXPECT_EQ(empty, (Strings{"required /from_address", "required /to_address", "required /ship_with", "required /parcels"}));
    // Nothing was made of any of them.
    EXPECT_TRUE(data(ask(Method::get, "/shipments", 200)).items().empty());
    // What the rules allow.
    for (const auto& order :
         {Order{.parcels = light}, Order{.parcels = weighing("50", "lbs")}, Order{.parcels = weighing("16.5", "oz")},
          Order{.option = "dhl:service_point", .more = R"(,"to_service_point":{"id":"10875349"})"},
          Order{.option = "dhl:service_point", .more = R"(,"to_service_point":{"carrier_service_point_id":"SP-10875352"})"},
          Order{.option = "sendcloud:letter", .country = "GB", .parcels = std::string(kItems), .more = std::string(kCustoms)}})
        EXPECT_EQ(status(announce(order)), "READY_TO_SEND");
}

TEST_F(SendcloudTest, sixteen_parcels_are_too_many_at_once) {
    std::string parcels = "[";
    for (int i = 0; i < 16; ++i) parcels += std::string(i ? "," : "") + R"({"weight":{"value":"1","unit":"kg"}})";
    EXPECT_EQ(complaints(announce({.parcels = parcels + "]"}, 400)), Strings{"invalid /parcels"});
    EXPECT_EQ(parcel(ask(Method::post, "/shipments", 201, text_of({.parcels = parcels + "]"})), 15).at("status", "code")->text(),
              "ANNOUNCING");
}

TEST_F(SendcloudTest, a_carrier_refuses_with_201) {
    const auto refused = announce({.postal = "1099", .reference = "S-9-s1"});
    EXPECT_EQ(status(refused), "ANNOUNCEMENT_FAILED");
    const auto& error = data(refused).find("errors")->items().at(0);
    EXPECT_EQ(error.text_or("code"), "parcel_announcement_error");
    EXPECT_EQ(error.text_or("status"), "500");
    EXPECT_TRUE(parcel(refused).find("documents")->items().empty());
    EXPECT_TRUE(parcel(refused).find("label_file")->is_null());
    const auto later = ask(Method::post, "/shipments", 201, text_of({.postal = "1099"}));
    control_.advance(1);
    EXPECT_EQ(status(shipment(id(later))), "ANNOUNCEMENT_FAILED");
    EXPECT_EQ(statuses(2), (Numbers{1002, 1002}));
    // It goes nowhere, and its reference stays taken.
    control_.advance(48);
    EXPECT_EQ(status(shipment(id(refused))), "ANNOUNCEMENT_FAILED");
    EXPECT_EQ(id(announce({.reference = "S-9-s1"}, 409)), id(refused));
}

TEST_F(SendcloudTest, a_used_reference_gives_the_shipment_that_has_it) {
    const auto first = announce({.reference = "S-1-s1"});
    const auto again = announce({.city = "Rotterdam", .reference = "S-1-s1"}, 409);
    EXPECT_EQ(id(again), id(first));
    EXPECT_EQ(data(again).at("to_address", "city")->text(), "Amsterdam");
    EXPECT_EQ(id(ask(Method::post, "/shipments", 409, text_of({.reference = "S-1-s1"}))), id(first));
    EXPECT_EQ(data(ask(Method::get, "/shipments", 200)).items().size(), 1U);
    // Without a reference there are as many as are asked for.
    (void)announce();
    (void)announce();
    EXPECT_EQ(data(ask(Method::get, "/shipments", 200)).items().size(), 3U);
}

TEST_F(SendcloudTest, slow_answers_and_lost_ones) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(status(announce({.city = "Slow"})), "READY_TO_SEND");
    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{60});
    EXPECT_EQ(send(Method::post, "/shipments/announce", text_of({.city = "Drop", .reference = "S-2-s1"})).status, http::kHangUp);
    const auto made = ask(Method::get, "/shipments?external_reference_id=S-2-s1", 200);
    ASSERT_EQ(data(made).items().size(), 1U);
    EXPECT_EQ(id(announce({.city = "Drop", .reference = "S-2-s1"}, 409)), data(made).items()[0].text_or("id"));
}

// ---- cancelling ---------------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, cancelling_at_once_later_and_too_late) {
    const auto cancel = [&](const Value& made, int status) { return ask(Method::post, "/shipments/" + id(made) + "/cancel", status); };
    const auto fresh = announce();
    EXPECT_EQ(data(cancel(fresh, 200)).text_or("status"), "cancelled");
    EXPECT_EQ(status(shipment(id(fresh))), "CANCELLED");
    EXPECT_EQ(complaints(cancel(fresh, 409)), Strings{"invalid"});
    EXPECT_EQ(cancel(announce({.postal = "1099"}), 200).at("data", "status")->text(), "cancelled");
    EXPECT_EQ(cancel(ask(Method::post, "/shipments", 201, text_of({})), 200).at("data", "status")->text(), "cancelled");

    // Older than a minute: queued, and done if nothing moves.
    const auto waiting = announce();
    control_.advance(2);
    EXPECT_EQ(data(cancel(waiting, 202)).text_or("status"), "queued");
    EXPECT_EQ(status(shipment(id(waiting))), "CANCELLATION_REQUESTED");
    (void)cancel(waiting, 409);
    control_.advance(1);
    EXPECT_EQ(status(shipment(id(waiting))), "CANCELLED");
    control_.advance(48);
    EXPECT_EQ(status(shipment(id(waiting))), "CANCELLED");

    // Already with the carrier: asked for in vain, and delivered.
    const auto moving = announce();
    control_.advance(5);
    (void)cancel(moving, 202);
    control_.advance(1);
    EXPECT_EQ(status(shipment(id(moving))), "PARCEL_CANCELLATION_FAILED");
    control_.advance(48);
    EXPECT_EQ(status(shipment(id(moving))), "DELIVERED");
    (void)cancel(moving, 409);

    // Lost for 42 days and an hour.
    const auto old = announce();
    const std::string number = std::to_string(parcel(old).int_or("id"));
    ASSERT_EQ(send(Method::post, "/__sandbox/parcels/" + number + "/status", R"({"id":80})").status, 204);
    control_.advance(42 * 24 + 1);
    EXPECT_EQ(complaints(cancel(old, 409)), Strings{"invalid"});
    EXPECT_EQ(complaints(ask(Method::post, "/shipments/87e18823-016b-479b-b9e0-c5c0c4065452/cancel", 404)), Strings{"not_found"});
}

// ---- on the way, and what the shop is told ------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, a_parcel_goes_its_way_and_every_step_is_told) {
    const auto made = announce({.reference = "S-100042-s1"});
    const struct {
        int hours;
        const char* status;
    } steps[] = {{4, "SHIPMENT_PICKED_UP_BY_DRIVER"},
                 {4, "EN_ROUTE_TO_SORTING_CENTER"},
                 {6, "SORTED"},
                 {6, "PARCEL_EN_ROUTE"},
                 {4, "DRIVER_EN_ROUTE"},
                 {4, "DELIVERED"},
                 {100, "DELIVERED"}};
    for (const auto& step : steps) {
        control_.advance(step.hours);
        EXPECT_EQ(status(shipment(id(made))), step.status);
    }
    EXPECT_EQ(statuses(7), (Numbers{1000, 22, 3, 5, 91, 92, 11}));
    std::int64_t before = 0;
    for (const auto& call : shop_.wait_for(7)) {
        EXPECT_EQ(call.url, kHook);
        const auto signature =
            std::find_if(call.headers.begin(), call.headers.end(), [](const auto& h) { return h.first == "Sendcloud-Signature"; });
        ASSERT_NE(signature, call.headers.end());
        EXPECT_EQ(signature->second, crypto::hex(crypto::hmac_sha256("sandbox-secret", call.body)));
        const auto body = json::parse(call.body).value();
        EXPECT_GT(body.int_or("timestamp"), before);
        before = body.int_or("timestamp");
        EXPECT_GT(before, 1000000000000);  // milliseconds
        const auto& told = *body.find("parcel");
        EXPECT_EQ(told.int_or("id"), parcel(made).int_or("id"));
        EXPECT_EQ(told.text_or("tracking_number"), parcel(made).text_or("tracking_number"));
        EXPECT_EQ(told.text_or("shipment_uuid"), id(made));
        EXPECT_EQ(told.text_or("order_number"), "S-100042");
        EXPECT_EQ(told.text_or("external_reference"), "S-100042-s1");
        EXPECT_EQ(told.text_or("weight"), "1.320");
        EXPECT_EQ(told.at("carrier", "code")->text(), "postnl");
        EXPECT_EQ(told.at("country", "iso_3")->text(), "NLD");
        EXPECT_NE(call.body.find("\": "), std::string::npos);
    }
    const auto tracking = ask(Method::get, "/parcels/tracking/" + parcel(made).text_or("tracking_number"), 200);
    Strings events;
    for (const auto& event : tracking.find("events")->items()) events.push_back(event.text_or("status_code"));
    EXPECT_EQ(events, (Strings{"READY_TO_SEND", "SHIPMENT_PICKED_UP_BY_DRIVER", "EN_ROUTE_TO_SORTING_CENTER", "SORTED", "PARCEL_EN_ROUTE",
                               "DRIVER_EN_ROUTE", "DELIVERED"}));
    EXPECT_EQ(tracking.at("details", "integration_id")->text(), "70");
    EXPECT_EQ(complaints(ask(Method::get, "/parcels/tracking/3S00000000000", 404)), Strings{"not_found"});
    auto page = testing::request(Method::get, "/sendcloud/track/" + parcel(made).text_or("tracking_number"));
    const auto shown = http::dispatch(*routes_, page, {"http://localhost:8003", true});
    EXPECT_EQ(shown.status, 200);
    EXPECT_NE(shown.body.find("Driver en route"), std::string::npos);
}

TEST_F(SendcloudTest, days_at_once_tell_the_same_steps) {
    (void)announce();
    control_.advance(24 * 30);
    EXPECT_EQ(statuses(7), (Numbers{1000, 22, 3, 5, 91, 92, 11}));
    (void)announce({.option = "dhl:service_point", .more = R"(,"to_service_point":{"id":"10875349"})"});
    control_.advance(24 * 30);
    const auto all = statuses(14);
    EXPECT_EQ(Numbers(all.begin() + 7, all.end()), (Numbers{1000, 22, 3, 5, 91, 12, 93}));
}

TEST_F(SendcloudTest, a_forced_status_ends_the_walk) {
    const auto made = announce();
    const std::string path = "/__sandbox/parcels/" + std::to_string(parcel(made).int_or("id")) + "/status";
    EXPECT_EQ(send(Method::post, path, R"({"id":80})").status, 204);
    control_.advance(100);
    EXPECT_EQ(status(shipment(id(made))), "UNABLE_TO_DELIVER");
    EXPECT_EQ(statuses(2), (Numbers{1000, 80}));
    EXPECT_EQ(send(Method::post, path, R"({"id":1337})").status, 204);
    EXPECT_EQ(statuses(3).back(), 1337);
    EXPECT_EQ(send(Method::post, path, R"({"id":4711})").status, 422);
    EXPECT_EQ(send(Method::post, "/__sandbox/parcels/1/status", R"({"id":80})").status, 404);
    EXPECT_EQ(status(shipment(id(made))), "UNKNOWN_STATUS");
}

TEST(SandboxWebhooks, sign_like_the_published_example) {
    Control control;
    Recorder shop;
    Webhooks webhooks(control, &shop, "secretkey");
    webhooks.set_url("https://shop.example.test/hook");
    webhooks.send("test_webhook", 0, 0, 0, spaced(R"({"key":"value"})"));
    const auto calls = shop.wait_for(1);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].body, R"({"key": "value"})");
    EXPECT_EQ(calls[0].headers[1].first, "Sendcloud-Signature");
    EXPECT_EQ(calls[0].headers[1].second, "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a");
    EXPECT_EQ(spaced(R"({"a":"x,\"y:z","b":[1,2]})"), R"({"a": "x,\"y:z", "b": [1, 2]})");
}

TEST_F(SendcloudTest, ten_retries_and_then_no_more) {
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{500, {}, ""}; };
    settings(R"({"retry_factor":0})");
    (void)announce();
    EXPECT_EQ(shop_.wait_for(11).size(), 11U);
    ASSERT_TRUE(sendcloud_->webhooks().wait_until_idle(std::chrono::seconds{10}));
    const auto log = deliveries();
    ASSERT_EQ(log.size(), 1U);
    const auto& dropped = log[0];
    EXPECT_EQ(dropped.text_or("state"), "dropped");
    EXPECT_EQ(dropped.int_or("tries"), 11);
    EXPECT_EQ(dropped.int_or("answer"), 500);
    EXPECT_EQ(shop_.wait_for(11).size(), 11U);
}

TEST_F(SendcloudTest, retries_come_by_the_simulated_clock) {
    shop_.answer = [](const http_client::Call&, std::size_t count) { return http_client::Answer{count < 3 ? 503 : 200, {}, ""}; };
    const auto made = announce({.parcels = weighing("2")});
    ASSERT_EQ(send(Method::post, "/__sandbox/parcels/" + std::to_string(parcel(made).int_or("id")) + "/status", R"({"id":80})").status,
              204);
    // The first try of each fails; five minutes later they are sent again. Nothing else happens to this parcel.
    EXPECT_EQ(shop_.wait_for(2).size(), 2U);
    ASSERT_TRUE(quiet());
    control_.advance(1);
    EXPECT_EQ(shop_.wait_for(4).size(), 4U);
    ASSERT_TRUE(sendcloud_->webhooks().wait_until_idle(std::chrono::seconds{10}));
    for (const auto& delivery : deliveries()) {
        EXPECT_EQ(delivery.text_or("state"), "delivered");
        EXPECT_EQ(delivery.int_or("tries"), 2);
    }
}

TEST_F(SendcloudTest, held_released_in_the_wrong_order_and_copied) {
    settings(R"({"hold":true})");
    const auto made = announce();
    control_.advance(48);
    for (const auto& delivery : deliveries()) EXPECT_EQ(delivery.text_or("state"), "held");
    EXPECT_TRUE(shop_.wait_for(0).empty());
    settings(R"({"release":"newest_first"})");
    EXPECT_EQ(statuses(7), (Numbers{11, 92, 91, 5, 3, 22, 1000}));

    settings(R"({"copies":2})");
    ASSERT_EQ(send(Method::post, "/__sandbox/parcels/" + std::to_string(parcel(made).int_or("id")) + "/status", R"({"id":62992})").status,
              204);
    const auto twice = shop_.wait_for(9);
    EXPECT_EQ(twice.at(7).body, twice.at(8).body);

    settings(R"({"copies":1})");
    const std::string again = R"({"parcel_id":)" + std::to_string(parcel(made).int_or("id"));
    EXPECT_EQ(send(Method::post, "/__sandbox/webhooks", again + R"(,"times":2,"order":"newest_first"})").status, 204);
    const auto resent = statuses(25);
    EXPECT_EQ(Numbers(resent.begin() + 9, resent.end()), (Numbers{62992, 11, 92, 91, 5, 3, 22, 1000, 62992, 11, 92, 91, 5, 3, 22, 1000}));
    EXPECT_EQ(send(Method::post, "/__sandbox/webhooks", R"({"parcel_id":1})").status, 404);
    for (const auto* bad : {R"({"copies":0})", R"({"copies":"2"})", R"({"hold":1})", R"({"release":"random"})", R"({"retry_factor":-1})",
                            R"({"webhook_url":"nowhere"})", R"({"speed":9})"})
        settings(bad, 422);
}

// ---- the account --------------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, keys_are_needed_and_limits_can_be_switched_on) {
    auto anonymous = testing::request(Method::get, "/sendcloud/api/v3/shipments");
    const auto refused = http::dispatch(*routes_, anonymous, {"http://localhost:8003", true});
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(complaints(json::parse(refused.body).value()), Strings{"authentication_failed"});
    auto wrong = testing::request(Method::post, "/sendcloud/api/v3/shipments/announce", text_of({}));
    wrong.headers.emplace_back("authorization", http_client::basic_auth("sandbox-public", "guess"));
    EXPECT_EQ(http::dispatch(*routes_, wrong, {"http://localhost:8003", true}).status, 401);
    EXPECT_TRUE(data(ask(Method::get, "/shipments", 200)).items().empty());

    for (int i = 0; i < 120; ++i) ASSERT_EQ(send(Method::post, "/service-points/10875349/check-availability").status, 200);
    settings(R"({"rate_limits":true})");
    int limited = 0;
    for (int i = 0; i < 120; ++i) {
        const auto response = send(Method::post, "/service-points/10875349/check-availability");
        if (response.status != 429) continue;
        ++limited;
        EXPECT_EQ(response.body, "");
        EXPECT_EQ(response.header_value("retry-after"), "1");
    }
    EXPECT_GE(limited, 20);  // 100 a minute and 15 a second at most
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(send(Method::get, "/parcels/statuses").status, 200);
    EXPECT_EQ(send(Method::get, "/parcels/statuses").status, 429);
    settings(R"({"rate_limits":false})");
    EXPECT_EQ(send(Method::get, "/parcels/statuses").status, 200);
}

TEST_F(SendcloudTest, addresses_and_statuses) {
    const auto senders = ask(Method::get, "/addresses/sender-addresses", 200);
    ASSERT_EQ(data(senders).items().size(), 2U);
    EXPECT_EQ(data(ask(Method::get, "/addresses/sender-addresses/192", 200)).text_or("country_code"), "NL");
    (void)ask(Method::get, "/addresses/sender-addresses/1", 404);
    const auto statuses = ask(Method::get, "/parcels/statuses", 200);
    EXPECT_EQ(data(statuses).items().size(), 35U);
    EXPECT_EQ(data(statuses).items()[1].text_or("code"), "READY_TO_SEND");
}

TEST_F(SendcloudTest, the_shop_registers_its_own_address) {
    start(false, "");
    (void)announce();
    EXPECT_EQ(deliveries().at(0).text_or("state"), "unsent");
    EXPECT_EQ(complaints(ask(Method::patch, "/integrations/70", 400, R"({"webhook_active":true})")), Strings{"invalid /webhook_url"});
    EXPECT_EQ(complaints(ask(Method::patch, "/integrations/70", 400,
                             R"({"webhook_active":"yes","colour":"red","feedback_type":"loud","service_point_carriers":["ups"]})")),
              (Strings{"unknown_field /colour", "invalid_choice /feedback_type", "invalid /webhook_active",
                       "invalid_choice /service_point_carriers"}));
    (void)ask(Method::patch, "/integrations/71", 404, "{}");
    EXPECT_EQ(send(Method::patch, "/integrations/70",
                   R"({"webhook_active":true,"webhook_url":"https://other.example.test/hook","service_point_enabled":false})")
                  .status,
              204);
    const auto integration = ask(Method::get, "/integrations/70", 200);
    EXPECT_EQ(integration.text_or("webhook_url"), "https://other.example.test/hook");
    EXPECT_TRUE(integration.bool_or("webhook_active"));
    EXPECT_EQ(ask(Method::get, "/integrations", 200).items().size(), 1U);
    (void)announce();
    const auto calls = shop_.wait_for(2);
    EXPECT_EQ(json::parse(calls.at(0).body)->text_or("action"), "integration_updated");
    EXPECT_EQ(json::parse(calls.at(0).body)->at("integration", "id")->text(), "70");
    EXPECT_EQ(calls.at(1).url, "https://other.example.test/hook");
    EXPECT_EQ(complaints(ask(Method::get, "/service-points?country_code=NL&carrier_code=dhl", 400)),
              Strings{"validation_error use_integration_carriers"});
}

// ---- lists --------------------------------------------------------------------------------------------------------------------------
std::string link(const http::Response& response, std::string_view relation) {
    std::smatch match;
    const std::string header(response.header_value("link"));
    const std::regex pattern("<http://127\\.0\\.0\\.1:8003/sendcloud/api/v3([^>]*)>; rel=\"" + std::string(relation) + "\"");
    return std::regex_search(header, match, pattern) ? match[1].str() : "";
}

TEST_F(SendcloudTest, lists_by_cursor_in_both_directions) {
    Strings made;
    for (int i = 0; i < 5; ++i) made.push_back(id(announce()));
    const auto ids = [](const http::Response& response) {
        Strings out;
        const auto value = json::parse(response.body).value();
        for (const auto& item : value.find("data")->items()) out.push_back(item.text_or("id"));
        return out;
    };
    auto page = send(Method::get, "/shipments?page_size=2&order_number=S-100042");
    EXPECT_EQ(ids(page), (Strings{made[0], made[1]}));
    EXPECT_EQ(link(page, "prev"), "");
    EXPECT_NE(link(page, "next").find("order_number=S-100042"), std::string::npos);
    page = send(Method::get, link(page, "next"));
    EXPECT_EQ(ids(page), (Strings{made[2], made[3]}));
    page = send(Method::get, link(page, "next"));
    EXPECT_EQ(ids(page), Strings{made[4]});
    EXPECT_EQ(link(page, "next"), "");
    page = send(Method::get, link(page, "prev"));
    EXPECT_EQ(ids(page), (Strings{made[2], made[3]}));
    EXPECT_NE(link(page, "next"), "");
    page = send(Method::get, link(page, "prev"));
    EXPECT_EQ(ids(page), (Strings{made[0], made[1]}));
    EXPECT_EQ(link(page, "prev"), "");
    for (const auto* bad : {"xyz", "bjo", "MTI", "%F0%9F%8E%81"})
        EXPECT_EQ(complaints(ask(Method::get, std::string("/shipments?cursor=") + bad, 404)), Strings{"not_found"}) << bad;
    EXPECT_EQ(
        complaints(ask(Method::get, "/shipments?page_size=101&parcel_status=LOST&ids=x&updated_after=now&colour=1", 400)),
        (Strings{"unknown_field colour", "invalid updated_after", "invalid_choice parcel_status", "invalid ids", "invalid page_size"}));
}

TEST_F(SendcloudTest, lists_by_every_filter) {
    const auto first = announce({.reference = "a"});
    control_.advance(30);
    const auto second = announce({.reference = "b"});
    const auto found = [&](const std::string& query) {
        Strings out;
        const auto answer = ask(Method::get, "/shipments?" + query, 200);
        for (const auto& item : data(answer).items()) out.push_back(item.text_or("external_reference_id"));
        return out;
    };
    EXPECT_EQ(found("parcel_status=DELIVERED"), Strings{"a"});
    EXPECT_EQ(found("parcel_status=READY_TO_SEND"), Strings{"b"});
    EXPECT_EQ(found("tracking_number=" + parcel(second).text_or("tracking_number")), Strings{"b"});
    EXPECT_EQ(found("external_reference_id=a"), Strings{"a"});
    EXPECT_EQ(found("order_number=S-7"), Strings{});
    EXPECT_EQ(found("integration_id=70"), (Strings{"a", "b"}));
    EXPECT_EQ(found("integration_id=71"), Strings{});
    EXPECT_EQ(found(fmt::format("ids={},{}", parcel(first).int_or("id"), parcel(second).int_or("id"))), (Strings{"a", "b"}));
    EXPECT_EQ(found("shipment_uuids=" + id(second)), Strings{"b"});
    const std::string middle = http_client::percent_encode(data(shipment(id(second))).find("parcels")->items()[0].text_or("created_at"));
    EXPECT_EQ(found("announced_before=" + middle), Strings{"a"});
    EXPECT_EQ(found("updated_before=" + middle), Strings{"a"});
    EXPECT_EQ(found("announced_after=2020-01-01T00:00:00Z"), (Strings{"a", "b"}));
    EXPECT_EQ(found("updated_after=2120-01-01T00:00:00Z"), Strings{});
}

// ---- returns ------------------------------------------------------------------------------------------------------------------------
std::string return_of(std::string_view order, std::string_view reference = "", std::string_view postal = "1012 AB",
                      std::string_view more = "") {
    return fmt::format(
        R"({{"from_address":{{"name":"Ana Ruiz","address_line_1":"Damrak","house_number":"1","postal_code":"{}","city":"Amsterdam","country_code":"NL","email":"ana@example.test"}},)"
        R"("to_address":{{"name":"Stoa Home","address_line_1":"Kanaaldijk","house_number":"8","postal_code":"5611 AZ","city":"Eindhoven","country_code":"NL"}},)"
        R"("weight":{{"value":1.2,"unit":"kg"}},"ship_with":{{"type":"shipping_option_code","shipping_option_code":"ups:return","contract":63}},)"
        R"("order_number":"{}","external_reference":{}{}}})",
        postal, order, reference.empty() ? "null" : json::quote(reference), more);
}

TEST_F(SendcloudTest, returns_with_their_label_and_notifications) {
    (void)announce();  // order S-100042 went out
    const auto made = ask(Method::post, "/returns/announce-synchronously", 201, return_of("S-100042", "R-1"));
    EXPECT_TRUE(made.find("multi_collo_ids")->items().empty());
    expect_pdf(send(Method::get, "/parcels/" + std::to_string(made.int_or("parcel_id")) + "/documents/label").body);
    const auto read = ask(Method::get, "/returns/" + std::to_string(made.int_or("return_id")), 200);
    EXPECT_EQ(read.text_or("order_number"), "S-100042");
    EXPECT_EQ(read.at("parent_parcel_status", "code")->text(), "READY_TO_SEND");
    auto calls = shop_.wait_for(3);
    const auto created = json::parse(calls.at(1).body).value();
    EXPECT_EQ(created.text_or("action"), "return_created");
    EXPECT_EQ(created.at("data", "id")->as_int(), made.int_or("return_id"));
    EXPECT_TRUE(json::parse(calls.at(2).body)->at("parcel", "is_return")->as_bool());

    // Of an order that did not go out through this account only the making is told.
    const auto foreign = ask(Method::post, "/returns", 201, return_of("X-1", "R-2", "1012 AB", R"(,"collo_count":2)"));
    EXPECT_EQ(foreign.find("multi_collo_ids")->items().size(), 2U);
    control_.advance(1);
    EXPECT_EQ(ask(Method::get, "/returns/" + std::to_string(foreign.int_or("return_id")), 200).at("parent_parcel_status", "code")->text(),
              "READY_TO_SEND");
    calls = shop_.wait_for(4);
    ASSERT_TRUE(sendcloud_->webhooks().wait_until_idle(std::chrono::seconds{10}));
    EXPECT_EQ(shop_.wait_for(0).size(), 4U);

    // A shipment is no return and the other way round.
    (void)ask(Method::get, "/shipments/" + std::to_string(made.int_or("return_id")), 404);
    (void)ask(Method::get, "/returns/1", 404);
}

TEST_F(SendcloudTest, refused_returns_use_the_older_error) {
    const auto refused = [&](const std::string& body) {
        const auto answer = ask(Method::post, "/returns/announce-synchronously", 400, body);
        EXPECT_EQ(answer.at("error", "request")->text(), "api/v3/returns/announce-synchronously");
        return answer.at("error", "code")->text() + "|" + answer.at("error", "message")->text();
    };
    (void)ask(Method::post, "/returns/announce-synchronously", 201, return_of("S-1", "R-1"));
    EXPECT_EQ(refused(return_of("S-1", "R-1")), "not_unique|external_reference: This value is used already.");
    EXPECT_EQ(refused(return_of("S-1", "R-2", "1099")), "invalid_postal_code|The carrier does not know this postal code.");
    EXPECT_EQ(refused("{}"), "required|from_address: This field is required.");
    EXPECT_EQ(refused(return_of("S-1", "", "1012 AB", R"(,"collo_count":16)")),
              "min_value|collo_count: Ensure this value is between 1 and 15.");
    std::string body = return_of("S-1");
    body.replace(body.find("\"contract\":63"), 13, "\"contract\":60");
    EXPECT_EQ(refused(body), "invalid|ship_with/contract: Invalid contract.");
    body = return_of("S-1");
    body.replace(body.find("1.2,"), 4, "31,");
    EXPECT_EQ(refused(body), "validation_error|weight/value: The weight is outside of the limits of the shipping option.");
    body = return_of("S-1");
    body.replace(body.find("\"country_code\":\"NL\""), 19, "\"country_code\":\"CH\"");
    EXPECT_EQ(refused(body), "required|parcel_items: This field is required.");
    body = return_of("S-1");
    body.replace(body.find("\"type\":\"shipping_option_code\","), 30, "");
    EXPECT_EQ(refused(body), "required|ship_with/type: This field is required.");
}

TEST_F(SendcloudTest, lists_and_cancels_returns) {
    std::vector<std::int64_t> made;
    for (int i = 0; i < 3; ++i)
        made.push_back(ask(Method::post, "/returns/announce-synchronously", 201, return_of("S-1")).int_or("return_id"));
    const std::string range = "from_date=2020-01-01&to_date=2120-01-01";
    auto page = ask(Method::get, "/returns?page_size=2&" + range, 200);
    EXPECT_EQ(page.find("returns")->items().size(), 2U);
    EXPECT_TRUE(page.find("previous")->is_null());
    const std::string next = page.text_or("next");
    ASSERT_TRUE(next.starts_with("http://127.0.0.1:8003/sendcloud/api/v3/returns?"));
    page = ask(Method::get, next.substr(std::string_view("http://127.0.0.1:8003/sendcloud/api/v3").size()), 200);
    EXPECT_EQ(page.find("returns")->items().at(0).int_or("id"), made[2]);
    EXPECT_TRUE(page.find("next")->is_null());
    EXPECT_FALSE(page.find("previous")->is_null());
    EXPECT_EQ(complaints(ask(Method::get, "/returns?page_size=41&colour=1", 400)),
              (Strings{"required from_date", "required to_date", "unknown_field colour", "invalid page_size"}));
    (void)ask(Method::get, "/returns?cursor=x&" + range, 404);
    const std::string path = "/returns/" + std::to_string(made[0]) + "/cancel";
    EXPECT_FALSE(ask(Method::patch, path, 202).text_or("message").empty());
    EXPECT_EQ(ask(Method::patch, path, 409).find("errors")->items().at(0).text_or("field"), "returns");
    (void)ask(Method::patch, "/returns/1/cancel", 404);
    EXPECT_EQ(ask(Method::get, "/returns?parent_parcel_status=cancelled&" + range, 200).find("returns")->items().size(), 1U);
}

// ---- restart and reset --------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, a_restart_forgets_nothing) {
    start(true);
    const auto first = announce({.reference = "S-1-s1"});
    control_.advance(10);
    EXPECT_EQ(statuses(3), (Numbers{1000, 22, 3}));
    const auto announcing = ask(Method::post, "/shipments", 201, text_of({.reference = "S-2-s1"}));
    const auto back = ask(Method::post, "/returns/announce-synchronously", 201, return_of("X-1", "R-1"));
    settings(R"({"webhook_url":"https://moved.example.test/hook","full_points":[10875350],"rate_limits":false})");
    ASSERT_TRUE(sendcloud_->webhooks().wait_until_idle(std::chrono::seconds{10}));
    {
        std::ofstream(state_file_, std::ios::app) << "{\"number\":99,\"id\":\"cut o";  // killed while writing
    }
    start(true);
    EXPECT_EQ(status(shipment(id(first))), "EN_ROUTE_TO_SORTING_CENTER");
    EXPECT_EQ(parcel(shipment(id(first))).text_or("tracking_number"), parcel(first).text_or("tracking_number"));
    EXPECT_EQ(id(announce({.reference = "S-1-s1"}, 409)), id(first));
    EXPECT_EQ(ask(Method::get, "/integrations/70", 200).text_or("webhook_url"), "https://moved.example.test/hook");
    EXPECT_FALSE(ask(Method::post, "/service-points/10875350/check-availability", 200).at("data", "is_available")->as_bool());
    EXPECT_EQ(ask(Method::post, "/returns/announce-synchronously", 400, return_of("X-1", "R-1")).at("error", "code")->text(), "not_unique");
    (void)ask(Method::get, "/returns/" + std::to_string(back.int_or("return_id")), 200);
    const auto newest = announce({.reference = "S-3-s1"});
    EXPECT_GT(parcel(newest).int_or("id"), parcel(announcing).int_or("id"));
    // Everything goes on from where it was.
    control_.advance(48);
    for (const auto& made : {first, announcing, newest}) EXPECT_EQ(status(shipment(id(made))), "DELIVERED");
    const std::size_t told = 7 + 7 + 7 + 1;  // three parcels and a return
    EXPECT_EQ(shop_.wait_for(told).size(), told);
    start(true);
    EXPECT_EQ(status(shipment(id(newest))), "DELIVERED");
    EXPECT_EQ(data(ask(Method::get, "/shipments", 200)).items().size(), 3U);
}

TEST_F(SendcloudTest, what_waits_or_is_held_survives_a_restart) {
    start(true);
    shop_.answer = [](const http_client::Call& call, std::size_t) { return http_client::Answer{call.url == kHook ? 503 : 200, {}, ""}; };
    const auto made = announce();
    EXPECT_EQ(shop_.wait_for(1).size(), 1U);
    ASSERT_TRUE(quiet());
    settings(R"({"hold":true})");
    control_.advance(4);  // the first is tried again and fails again; the pick-up is held
    EXPECT_EQ(shop_.wait_for(2).size(), 2U);
    ASSERT_TRUE(quiet());
    start(true);
    const auto items = deliveries();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].text_or("state"), "waiting");
    EXPECT_EQ(items[0].int_or("tries"), 2);
    EXPECT_EQ(items[1].text_or("state"), "held");
    control_.advance(4);  // still held
    EXPECT_EQ(shop_.wait_for(3).size(), 3U);
    settings(R"({"webhook_url":"https://up.example.test/hook","release":"oldest_first"})");
    control_.advance(1);
    EXPECT_EQ(shop_.wait_for(6).size(), 6U);
    ASSERT_TRUE(sendcloud_->webhooks().wait_until_idle(std::chrono::seconds{10}));
    for (const auto& delivery : deliveries()) EXPECT_EQ(delivery.text_or("state"), "delivered");
    start(true);
    EXPECT_EQ(deliveries().size(), 3U);
    EXPECT_EQ(status(shipment(id(made))), "EN_ROUTE_TO_SORTING_CENTER");
}

TEST_F(SendcloudTest, reset_forgets_everything) {
    start(true);
    settings(
        R"({"retry_factor":0,"copies":3,"hold":true,"rate_limits":true,"full_points":[10875349],"webhook_url":"https://other.example.test/hook"})");
    EXPECT_EQ(send(Method::patch, "/integrations/70", R"({"shop_name":"Other","service_point_carriers":[],"feedback_type":"none"})").status,
              204);
    (void)announce({.reference = "S-1-s1"});
    control_.advance(5);
    ASSERT_EQ(send(Method::post, "/__sandbox/reset").status, 204);
    for (int round = 0; round < 2; ++round) {
        SCOPED_TRACE(round == 0 ? "now" : "after a restart");
        EXPECT_EQ(control_.seconds_ahead.load(), 0);
        EXPECT_TRUE(data(ask(Method::get, "/shipments", 200)).items().empty());
        EXPECT_TRUE(deliveries().empty());
        const auto integration = ask(Method::get, "/integrations/70", 200);
        EXPECT_EQ(integration.text_or("shop_name"), "Stoa Home");
        EXPECT_EQ(integration.text_or("webhook_url"), kHook);
        EXPECT_EQ(integration.text_or("feedback_type"), "eager");
        EXPECT_EQ(integration.find("service_point_carriers")->items().size(), 1U);
        EXPECT_TRUE(ask(Method::post, "/service-points/10875349/check-availability", 200).at("data", "is_available")->as_bool());
        for (int i = 0; i < 30; ++i) ASSERT_EQ(send(Method::post, "/service-points/10875349/check-availability").status, 200);
        if (round == 0) start(true);
    }
    // Neither copies nor hold nor a factor of nothing: one try, and the next in five minutes.
    shop_.answer = [](const http_client::Call&, std::size_t) { return http_client::Answer{500, {}, ""}; };
    const auto before = shop_.wait_for(0).size();
    EXPECT_EQ(status(announce({.reference = "S-1-s1"})), "READY_TO_SEND");
    EXPECT_EQ(shop_.wait_for(before + 1).size(), before + 1);
    ASSERT_TRUE(quiet());
    EXPECT_EQ(shop_.wait_for(0).size(), before + 1);
    EXPECT_EQ(deliveries().at(0).text_or("state"), "waiting");
}

// ---- shipping options ---------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, options_with_quotes) {
    const std::string body =
        R"({"from_country_code":"NL","from_postal_code":"5611 AZ","to_country_code":"NL","to_postal_code":"1012 AB","parcels":[{"weight":{"value":"1.320","unit":"kg"}}],"calculate_quotes":true})";
    const auto answer = ask(Method::post, "/shipping-options", 200, body);
    EXPECT_EQ(codes(answer),
              (Strings{"sendcloud:letter", "postnl:standard", "postnl:standard/signature", "dhl:service_point", "ups:return"}));
    EXPECT_TRUE(answer.find("message")->is_null());
    const auto& postnl = data(answer).items()[1];
    EXPECT_EQ(postnl.at("product", "code")->text(), "postnl:standard");
    EXPECT_EQ(postnl.at("max_dimensions", "length")->text(), "175.00");
    EXPECT_EQ(postnl.at("max_dimensions", "unit")->text(), "cm");
    EXPECT_EQ(postnl.at("weight", "max", "value")->text(), "23.000");
    EXPECT_FALSE(postnl.at("requirements", "export_documents")->as_bool());
    EXPECT_TRUE(postnl.at("functionalities", "multicollo")->as_bool());
    EXPECT_TRUE(postnl.at("functionalities", "age_check")->is_null());
    EXPECT_EQ(postnl.at("functionalities", "service_area")->text(), "domestic");
    const auto& weight = postnl.find("parcel_billed_weights")->items().at(0);
    EXPECT_EQ(weight.text_or("value"), "1.320");
    EXPECT_FALSE(weight.bool_or("volumetric", true));
    EXPECT_EQ(weight.int_or("parcel_number"), 1);
    const auto& quote = postnl.find("quotes")->items().at(0);
    EXPECT_EQ(quote.at("weight", "max", "value")->text(), "23.000");
    EXPECT_EQ(quote.int_or("lead_time"), 24);
    EXPECT_EQ(quote.at("price", "total", "value")->text(), "5.77");  // 4.95 + 2 kg of 0.25 + 6 % fuel
    const auto& point = data(answer).items()[3];
    EXPECT_TRUE(point.at("requirements", "is_service_point_required")->as_bool());
    EXPECT_EQ(point.at("requirements", "fields")->items().at(0).text(), "to_email");
    // Without one of the countries there are options, but no prices.
    const auto vague = ask(Method::post, "/shipping-options", 200,
                           R"({"to_country_code":"NL","parcels":[{"weight":{"value":"1","unit":"kg"}}],"calculate_quotes":true})");
    EXPECT_TRUE(data(vague).items()[1].find("quotes")->is_null());
    EXPECT_EQ(options("{}").size(), std::size(sendcloud::kOptions));
}

TEST_F(SendcloudTest, options_by_every_filter) {
    const auto to = [](std::string_view more) { return fmt::format(R"({{"from_country_code":"NL","to_country_code":"ES",{}}})", more); };
    const Strings correos{"correos:standard", "correos:standard/signature"};
    EXPECT_EQ(options(to(R"("carrier_code":"correos")")), correos);
    EXPECT_EQ(options(to(R"("contract_id":62)")), correos);
    EXPECT_EQ(options(to(R"("shipping_product_code":"correos:standard")")), correos);
    EXPECT_EQ(options(to(R"("shipping_option_code":"correos:standard")")), Strings{"correos:standard"});
    EXPECT_EQ(options(to(R"("to_service_point_id":10875367)")), Strings{"dhl:service_point"});
    EXPECT_EQ(options(to(R"("lead_time":{"lte":24})")), (Strings{"sendcloud:letter", "dhl:service_point"}));
    EXPECT_EQ(options(to(R"("lead_time":{"gt":24,"lt":49})")), (Strings{"correos:standard", "correos:standard/signature", "ups:return"}));
    EXPECT_EQ(options(to(R"("lead_time":{"eq":48},"functionalities":{"returns":true})")), Strings{"ups:return"});
    EXPECT_EQ(options(to(R"("functionalities":{"signature":true})")), Strings{"correos:standard/signature"});
    EXPECT_EQ(options(to(R"("functionalities":{"signature":false,"last_mile":"home_delivery","returns":false,"age_check":null})")),
              Strings{"correos:standard"});
    EXPECT_EQ(options(to(R"("functionalities":{"form_factor":"letter"})")), Strings{"sendcloud:letter"});
    EXPECT_EQ(options(to(R"("functionalities":{"insurance":500})")), Strings{});
    EXPECT_EQ(options(to(R"("functionalities":{"service_area":"domestic"})")), Strings{});
    EXPECT_EQ(options(to(R"("functionalities":null,"lead_time":null,"contract_id":null,"parcels":null)")).size(), 5U);
    // Each parcel must fit, not their sum; an option for one parcel takes one.
    const auto parcels = [](std::string_view parcel, int count) {
        std::string out = "\"parcels\":[";
        for (int i = 0; i < count; ++i) out += (i ? "," : "") + std::string(parcel);
        return out + "]";
    };
    EXPECT_EQ(options(to(parcels(R"({"weight":{"value":"20","unit":"kg"}})", 2))),
              (Strings{"correos:standard", "correos:standard/signature", "ups:return"}));
    EXPECT_EQ(options(to(parcels(R"({"weight":{"value":"31000","unit":"g"}})", 1))), Strings{});
    EXPECT_EQ(options(to(parcels(R"({"weight":{"value":"70","unit":"oz"}})", 1))),
              (Strings{"sendcloud:letter", "dhl:service_point", "correos:standard", "correos:standard/signature", "ups:return"}));
    EXPECT_EQ(options(to(parcels(
                  R"({"weight":{"value":"1","unit":"lbs"},"dimensions":{"length":"1.1","width":"0.1","height":"0.1","unit":"m"}})", 1))),
              correos);
    EXPECT_EQ(options(to(parcels(
                          R"({"weight":{"value":"1","unit":"kg"},"dimensions":{"length":"3","width":"15","height":"10","unit":"in"}})", 1)))
                  .size(),
              4U);
}

TEST_F(SendcloudTest, volume_is_billed_where_it_is_more_than_the_scales_say) {
    const auto answer = ask(
        Method::post, "/shipping-options", 200,
        R"({"from_country_code":"ES","to_country_code":"ES","carrier_code":"correos","calculate_quotes":true,"parcels":[)"
        R"({"weight":{"value":"1","unit":"kg"},"dimensions":{"length":"60","width":"40","height":"30","unit":"cm"}},{"weight":{"value":"2.5","unit":"kg"}}]})");
    const auto& option = data(answer).items().at(0);
    const auto& weights = option.find("parcel_billed_weights")->items();
    ASSERT_EQ(weights.size(), 2U);
    EXPECT_EQ(weights[0].text_or("value"), "12.000");
    EXPECT_TRUE(weights[0].bool_or("volumetric"));
    EXPECT_EQ(weights[0].text_or("calculation"), "(60.00 x 40.00 x 30.00) / 6000");
    EXPECT_EQ(weights[1].text_or("value"), "2.500");
    // 2 × 6.90 + 15 kg of 0.40, and 6 % fuel
    EXPECT_EQ(option.find("quotes")->items().at(0).at("price", "total", "value")->text(), "20.98");
}

TEST_F(SendcloudTest, parcels_out_of_the_union_need_export_documents) {
    for (const auto* country : {"CH", "NO", "GB", "US"}) {
        const auto answer =
            ask(Method::post, "/shipping-options", 200, fmt::format(R"({{"from_country_code":"NL","to_country_code":"{}"}})", country));
        ASSERT_FALSE(data(answer).items().empty());
        for (const auto& option : data(answer).items()) EXPECT_TRUE(option.at("requirements", "export_documents")->as_bool()) << country;
    }
    const auto home = ask(Method::post, "/shipping-options", 200, R"({"from_country_code":"CH","to_country_code":"CH"})");
    EXPECT_FALSE(data(home).items().at(0).at("requirements", "export_documents")->as_bool());
}

TEST_F(SendcloudTest, options_refuse_what_they_do_not_know) {
    const auto refused = [&](const std::string& body) { return complaints(ask(Method::post, "/shipping-options", 400, body)); };
    EXPECT_EQ(
        refused(R"({"colour":1,"to_country_code":"XX","from_country_code":7,"to_postal_code":"1234567890123","calculate_quotes":"yes"})"),
        (Strings{"unknown_field /colour", "invalid /from_country_code", "invalid_choice /to_country_code", "invalid /to_postal_code",
                 "invalid /calculate_quotes"}));
    EXPECT_EQ(refused(R"({"calculate_quotes":true})"), Strings{"invalid /parcels"});
    EXPECT_EQ(refused(R"({"parcels":[]})"), Strings{"invalid /parcels"});
    EXPECT_EQ(refused(R"({"parcels":{}})"), Strings{"not_a_list /parcels"});
    EXPECT_EQ(refused(R"({"parcels":[{"weight":{"value":"1,5","unit":"kg"},"height":3}]})"),
              (Strings{"unknown_field /parcels/[0]/height", "invalid /parcels/[0]/weight/value"}));
    EXPECT_EQ(refused(R"({"contract_id":1})"), Strings{"invalid /contract_id"});
    EXPECT_EQ(refused(R"({"to_service_point_id":1})"), Strings{"invalid /to_service_point_id"});
    EXPECT_EQ(refused(R"({"to_service_point_id":"10875349","carrier_code":1,"contract_id":"62","lead_time":24})"),
              (Strings{"invalid /to_service_point_id", "invalid /carrier_code", "invalid /contract_id", "invalid /lead_time"}));
    EXPECT_EQ(refused(R"({"lead_time":{"max":24,"gt":1.5}})"), (Strings{"unknown_field /lead_time/max", "invalid /lead_time/gt"}));
    EXPECT_EQ(refused(R"({"functionalities":{"signature":"yes","last_mile":"moon","age_check":12,"speed":1,"insurance":2.5}})"),
              (Strings{"invalid /functionalities/signature", "invalid_choice /functionalities/last_mile",
                       "invalid_choice /functionalities/age_check", "unknown_field /functionalities/speed",
                       "invalid /functionalities/insurance"}));
    EXPECT_EQ(refused("[]"), Strings{"invalid"});
}

TEST(SandboxWeights, units_are_converted) {
    const auto weight = [](std::string_view text) { return sendcloud::grams(json::parse(text).value()); };
    EXPECT_EQ(weight(R"({"value":"1.320","unit":"kg"})"), 1320);
    EXPECT_EQ(weight(R"({"value":"1.3204","unit":"kg"})"), 1320);
    EXPECT_EQ(weight(R"({"value":"250.5","unit":"g"})"), 251);
    EXPECT_EQ(weight(R"({"value":"2.5","unit":"lbs"})"), 1134);
    EXPECT_EQ(weight(R"({"value":"10","unit":"oz"})"), 284);
    EXPECT_EQ(weight(R"({"value":"999999","unit":"kg"})"), 999999000);
    for (const auto* bad : {R"({"value":"1000000","unit":"kg"})", R"({"value":"-1","unit":"kg"})", R"({"value":"1.","unit":"kg"})",
                            R"({"value":"1","unit":"stone"})", R"({"value":1,"unit":"kg"})", R"({"unit":"kg"})"})
        EXPECT_EQ(weight(bad), std::nullopt) << bad;
}

// ---- service points -----------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, service_points_near_an_address) {
    const auto answer = ask(
        Method::get, "/service-points?country_code=NL&carrier_code=dhl&address_postal_code=5611%20EB&address_city=Eindhoven&limit=3", 200);
    const auto& results = data(answer).find("results")->items();
    ASSERT_EQ(results.size(), 3U);
    std::int64_t before = -1;
    for (const auto& point : results) {
        EXPECT_EQ(point.at("address", "city")->text(), "Eindhoven");
        EXPECT_GE(point.int_or("distance"), before);
        before = point.int_or("distance");
    }
    EXPECT_EQ(data(answer).at("geocoding", "status")->text(), "matched");
    EXPECT_EQ(data(answer).at("geocoding", "precision")->text(), "postal_code");
    const auto& first = results[0];
    EXPECT_EQ(first.int_or("id"), 10875349);
    EXPECT_EQ(first.text_or("carrier_service_point_id"), "SP-10875349");
    EXPECT_EQ(first.text_or("carrier_shop_type"), "PARCELSHOP");
    EXPECT_EQ(first.at("contact", "email")->text(), "point-10875349@points.example");
    EXPECT_TRUE(first.at("opening_times", "sunday")->items().empty());
    EXPECT_EQ(first.at("opening_times", "monday")->items().at(0).text_or("start_time"), "08:30");
    EXPECT_EQ(data(ask(Method::get, "/service-points/10875352", 200)).text_or("general_shop_type"), "locker");
    (void)ask(Method::get, "/service-points/1", 404);
    (void)ask(Method::post, "/service-points/1/check-availability", 404);
    // One text does as well, and a place nobody knows gives nothing.
    EXPECT_EQ(points("country_code=NL&use_integration_carriers=true&address=Stationsplein%209,%201012AB%20Amsterdam&limit=1"),
              Numbers{10875356});
    const auto nowhere = ask(Method::get, "/service-points?country_code=NL&carrier_code=dhl&address_city=Nowhere", 200);
    EXPECT_TRUE(data(nowhere).find("results")->items().empty());
    EXPECT_EQ(data(nowhere).at("geocoding", "status")->text(), "not_found");
    EXPECT_EQ(points("country_code=NL&carrier_code=dhl&address_city=Slow").size(), 9U);
    EXPECT_EQ(send(Method::get, "/service-points?country_code=NL&carrier_code=dhl&address_city=Outage").status, 503);
}

TEST_F(SendcloudTest, service_points_by_every_filter) {
    const std::string nl = "country_code=NL&carrier_code=dhl", eindhoven = nl + "&latitude=51.4385&longitude=5.4793";
    EXPECT_EQ(points(eindhoven + "&radius=600"), (Numbers{10875349, 10875352}));
    EXPECT_EQ(points(eindhoven + "&radius=50000").size(), 7U);
    EXPECT_EQ(points(eindhoven).size(), 9U);
    EXPECT_EQ(points(nl + "&ne_latitude=52.4&ne_longitude=5&sw_latitude=52.3&sw_longitude=4.8"), (Numbers{10875356, 10875357}));
    EXPECT_EQ(points(nl + "&general_shop_type=locker"), Numbers{10875352});
    EXPECT_EQ(points(nl + "&general_shop_type=carrier_depot"), Numbers{});
    EXPECT_EQ(points(nl + "&carrier_shop_type=LOCKER"), Numbers{10875352});
    EXPECT_EQ(points(nl + "&carrier_service_point_id=SP-10875355"), Numbers{10875355});
    EXPECT_EQ(points("country_code=DE&use_integration_carriers=true&general_shop_type=post_office"), Numbers{10875361});
    EXPECT_EQ(points("country_code=SE&carrier_code=dhl"), Numbers{});
    EXPECT_TRUE(ask(Method::get, "/service-points?" + nl, 200).at("data", "geocoding")->is_null());
}

TEST_F(SendcloudTest, service_points_refuse_what_does_not_go_together) {
    const struct {
        const char* query;
        Strings complaints;
    } rows[] = {
        {"carrier_code=dhl", {"required country_code"}},
        {"country_code=XX&carrier_code=dhl", {"invalid_choice country_code"}},
        {"country_code=NL", {"validation_error carrier_code"}},
        {"country_code=NL&carrier_code=dhl&use_integration_carriers=true", {"validation_error carrier_code"}},
        {"country_code=NL&use_integration_carriers=maybe", {"invalid use_integration_carriers", "validation_error carrier_code"}},
        {"country_code=NL&carrier_code=dhl,postnl", {"invalid_choice carrier_code"}},
        {"country_code=NL&carrier_code=dhl&carrier_code=postnl", {"validation_error carrier_code"}},
        {"country_code=NL&carrier_code=dhl&postal_code=5611", {"unknown_field postal_code"}},
        {"country_code=NL&carrier_code=dhl&address=Markt&address_city=Eindhoven", {"validation_error address"}},
        {"country_code=NL&carrier_code=dhl&address=Markt&latitude=51&longitude=5", {"validation_error address"}},
        {"country_code=NL&carrier_code=dhl&latitude=51", {"validation_error latitude"}},
        {"country_code=NL&carrier_code=dhl&latitude=91&longitude=abc", {"invalid latitude", "invalid longitude"}},
        {"country_code=NL&carrier_code=dhl&ne_latitude=52&ne_longitude=5", {"validation_error ne_latitude"}},
        {"country_code=NL&carrier_code=dhl&ne_latitude=51&ne_longitude=5&sw_latitude=52&sw_longitude=4", {"validation_error ne_latitude"}},
        {"country_code=NL&carrier_code=dhl&radius=500", {"validation_error radius"}},
        {"country_code=NL&carrier_code=dhl&address=Markt&radius=50", {"invalid radius"}},
        {"country_code=NL&carrier_code=dhl&general_shop_type=pub", {"invalid_choice general_shop_type"}},
        {"country_code=NL&carrier_code=dhl&limit=201", {"invalid limit"}},
        {"country_code=NL&carrier_code=dhl&limit=0", {"invalid limit"}},
    };
    for (const auto& row : rows)
        EXPECT_EQ(complaints(ask(Method::get, std::string("/service-points?") + row.query, 400)), row.complaints) << row.query;
}

TEST_F(SendcloudTest, a_full_point_takes_no_parcel) {
    const Order order{.option = "dhl:service_point", .more = R"(,"to_service_point":{"id":"10875352"})"};
    settings(R"({"full_points":[10875352]})");
    EXPECT_FALSE(ask(Method::post, "/service-points/10875352/check-availability", 200).at("data", "is_available")->as_bool());
    EXPECT_EQ(complaints(announce(order, 400)), Strings{"invalid /to_service_point/id"});
    settings(R"({"full_points":[]})");
    EXPECT_EQ(status(announce(order)), "READY_TO_SEND");
}

// ---- planned faults -----------------------------------------------------------------------------------------------------------------
TEST_F(SendcloudTest, faults_before_and_after) {
    const auto fail_next = [&](std::string body, int status = 204) {
        EXPECT_EQ(send(Method::post, "/__sandbox/fail-next", std::move(body)).status, status);
    };
    const auto count = [&] { return data(ask(Method::get, "/shipments", 200)).items().size(); };
    const struct {
        const char* kind;
        int status;
        bool done;
    } rows[] = {{"down", 503, false},
                {"error_before", 500, false},
                {"error_after", 500, true},
                {"garbage", 200, true},
                {"drop", http::kHangUp, true}};
    std::size_t expected = 0;
    for (const auto& row : rows) {
        fail_next(fmt::format(R"({{"provider":"sendcloud","kind":"{}","path":"announce"}})", row.kind));
        EXPECT_EQ(send(Method::post, "/shipments/announce", text_of({})).status, row.status) << row.kind;
        expected += row.done;
        EXPECT_EQ(count(), expected) << row.kind;
    }
    fail_next(R"({"provider":"sendcloud","kind":"slow","delay_ms":5})");
    (void)announce();
    fail_next(R"({"provider":"sendcloud","kind":"slow"})", 422);
    fail_next(R"({"provider":"sendcloud","kind":"down","count":0})", 422);
    fail_next(R"({"provider":"gls","kind":"down"})", 422);
}

}  // namespace
}  // namespace stoa::sandbox
