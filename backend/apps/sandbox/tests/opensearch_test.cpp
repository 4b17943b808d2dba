// The stand-in refuses what OpenSearch refuses, in the words of OpenSearch, and answers from its documents.
#include "opensearch.hpp"

#include <gtest/gtest.h>

#include "stoa/http/server.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::sandbox {
namespace {

using http::Method;
using json::Value;

constexpr std::string_view kTemplate = R"({"index_patterns":["things-*"],"priority":10,"template":{
  "settings":{"index":{"number_of_replicas":2,"analysis":{
    "tokenizer":{"words":{"type":"pattern","pattern":"[^\\p{L}\\p{N}]+"}},
    "filter":{"stem":{"type":"snowball","language":"German"}},
    "analyzer":{"german":{"type":"custom","tokenizer":"words","filter":["lowercase","stem","asciifolding"]}}}}},
  "mappings":{"dynamic":"strict",
    "dynamic_templates":[{"numbers":{"path_match":"number.*","mapping":{"type":"long"}}}],
    "properties":{"name":{"type":"text","analyzer":"german"},"kind":{"type":"keyword"},"price":{"type":"long"},"sold":{"type":"boolean"},
      "number":{"type":"object","dynamic":true},
      "offers":{"type":"nested","properties":{"to":{"type":"keyword"},"need":{"type":"keyword"},"count":{"type":"long"},"amount":{"type":"long"}}},
      "shown":{"type":"object","enabled":false}}}}})";

class OpenSearchStandInTest : public ::testing::Test {
protected:
    OpenSearchStandInTest() {
        cluster.add_routes(routes);
        add_control_routes(routes, control, [this] { cluster.reset(); });
        routes.freeze();
    }
    http::Response send(Method method, const std::string& path, std::string body = {}, std::string type = "application/json",
                        std::string password = "sandbox-opensearch") {
        auto request = stoa::testing::request(method, path.starts_with("/__") ? path : "/opensearch" + path, std::move(body));
        std::erase_if(request.headers, [](const auto& header) { return header.first == "content-type"; });
        request.headers.emplace_back("content-type", type);
        request.headers.emplace_back("authorization", http_client::basic_auth("sandbox", password));
        return http::dispatch(routes, request, {"http://localhost:8003", true});
    }
    Value ask(Method method, const std::string& path, std::string body = {}, int status = 200) {
        const auto response = send(method, path, std::move(body));
        EXPECT_EQ(response.status, status) << path << " " << response.body;
        return json::parse(response.body, {8 << 20, 64}).value_or(Value());
    }
    // "400 parsing_exception": what a request is refused with. The body has OpenSearch's form.
    std::string refusal(Method method, const std::string& path, std::string body = {}) {
        const auto response = send(method, path, std::move(body));
        if (response.status < 300) return "accepted";
        const auto value = json::parse(response.body);
        if (!value) return std::to_string(response.status) + " no JSON";
        EXPECT_EQ(value->int_or("status"), response.status) << response.body;
        const auto* causes = value->at("error", "root_cause");
        EXPECT_TRUE(causes && causes->items().size() == 1) << response.body;
        if (!causes) return "";
        EXPECT_FALSE(causes->items()[0].text_or("reason").empty());
        const auto type = value->find("error")->text_or("type");
        const auto root = causes->items()[0].text_or("type");
        return std::to_string(response.status) + " " + type + (type == root ? "" : " of " + root);
    }
    std::string refused_search(std::string body) { return refusal(Method::post, "/things-1/_search", std::move(body)); }
    void fill() {
        ask(Method::put, "/_index_template/things", std::string(kTemplate));
        ask(Method::put, "/things-1");
        const auto answer = ask(Method::post, "/things-1/_bulk?refresh=true",
                                R"({"index":{"_id":"a"}}
{"name":"Rote Stühle","kind":["chair","red"],"price":100,"sold":false,"number":{"width":40},"offers":[{"to":"x","count":0,"amount":90},{"to":"y","need":["p","q"],"count":2,"amount":50}]}
{"index":{"_id":"b"}}
{"name":"Ein Stuhl","kind":["chair"],"price":200,"sold":true,"number":{"width":60}}
{"index":{"_id":"c"}}
{"name":"Tisch aus Eiche","kind":["table"],"price":200,"sold":false,"offers":[{"to":"x","count":0,"amount":10}]}
)");
        EXPECT_FALSE(answer.bool_or("errors"));
    }
    std::vector<std::string> found(const std::string& query, const std::string& more = "") {
        std::vector<std::string> out;
        const auto answer = ask(Method::post, "/things-1/_search", "{\"query\":" + query + more + "}");
        for (const auto& hit : answer.at("hits", "hits")->items()) out.push_back(hit.text_or("_id"));
        return out;
    }
    using Ids = std::vector<std::string>;

    Control control;
    OpenSearch cluster{control, {}};
    http::Routes routes;
};

TEST_F(OpenSearchStandInTest, IndexesAndTheirErrors) {
    EXPECT_EQ(refusal(Method::post, "/things-1/_search", "{}"), "404 index_not_found_exception");
    EXPECT_EQ(refusal(Method::put, "/things-1/_doc/a", "{}"), "404 index_not_found_exception");
    EXPECT_EQ(refusal(Method::del, "/things-1"), "404 index_not_found_exception");
    EXPECT_EQ(refusal(Method::put, "/Things"), "400 invalid_index_name_exception");
    EXPECT_EQ(send(Method::put, "/_things").status, 400);
    fill();
    EXPECT_EQ(refusal(Method::put, "/things-1"), "400 resource_already_exists_exception");
    EXPECT_EQ(refusal(Method::put, "/other", R"({"settings":{"index":{"number_of_shard":1}}})"), "400 illegal_argument_exception");
    EXPECT_EQ(refusal(Method::put, "/other", R"({"mappings":{"properties":{"a":{"type":"strng"}}}})"), "400 mapper_parsing_exception");
    EXPECT_EQ(refusal(Method::put, "/other", R"({"mappings":{"properties":{"a":{"type":"keyword","analyser":"x"}}}})"),
              "400 mapper_parsing_exception");
    EXPECT_EQ(refusal(Method::put, "/other", R"({"mappings":{"properties":{"a":{"type":"text","analyzer":"x"}}}})"),
              "400 mapper_parsing_exception");
    EXPECT_EQ(refusal(Method::put, "/things-1/_settings", R"({"index":{"number_of_shards":3}})"), "400 illegal_argument_exception");
    ask(Method::put, "/things-1/_settings", R"({"index":{"number_of_replicas":0}})");
    EXPECT_EQ(refusal(Method::put, "/_index_template/more", R"({"index_patterns":["things-*"],"priority":10})"),
              "400 illegal_argument_exception");
    EXPECT_EQ(refusal(Method::put, "/_index_template/more", R"({"patterns":["x"]})"), "400 x_content_parse_exception");
    EXPECT_EQ(refusal(Method::post, "/things-1/_search?sorted=1", "{}"), "400 illegal_argument_exception");
    EXPECT_EQ(refusal(Method::post, "/things-1/_search", "{"), "400 parse_exception");
    EXPECT_EQ(send(Method::get, "/things-1", {}, "application/json", "wrong").status, 401);
    EXPECT_EQ(send(Method::post, "/things-1/_search", "{}", "text/plain").status, 406);
}

TEST_F(OpenSearchStandInTest, AliasesMoveAllAtOnceOrNotAtAll) {
    fill();
    ask(Method::put, "/things-2");
    ask(Method::post, "/_aliases", R"({"actions":[{"add":{"index":"things-1","alias":"things"}}]})");
    EXPECT_EQ(refusal(Method::post, "/_aliases",
                      R"({"actions":[{"add":{"index":"things-2","alias":"things"}},{"remove":{"index":"things-2","alias":"other"}}]})"),
              "404 aliases_not_found_exception");
    EXPECT_EQ(ask(Method::post, "/things/_search", R"({"size":0,"track_total_hits":true})").at("hits", "total")->int_or("value"), 3);
    ask(Method::post, "/_aliases",
        R"({"actions":[{"remove":{"index":"things-1","alias":"things"}},{"add":{"index":"things-2","alias":"things"}}]})");
    EXPECT_EQ(ask(Method::post, "/things/_search", R"({"size":0,"track_total_hits":true})").at("hits", "total")->int_or("value"), 0);
    EXPECT_EQ(json::to_text(ask(Method::get, "/things-*/_alias")), R"({"things-1":{"aliases":{}},"things-2":{"aliases":{"things":{}}}})");
    EXPECT_EQ(refusal(Method::post, "/_aliases", R"({"actions":[{"add":{"index":"things-2","alias":"things-1"}}]})"),
              "400 invalid_alias_name_exception");
    EXPECT_EQ(refusal(Method::post, "/_aliases", R"({"actions":[]})"), "400 illegal_argument_exception");
    EXPECT_EQ(refusal(Method::del, "/things"), "400 illegal_argument_exception");
    ask(Method::del, "/things-2");
    EXPECT_EQ(refusal(Method::post, "/things/_search", "{}"), "404 index_not_found_exception");
}

TEST_F(OpenSearchStandInTest, BulkBodiesAreReadStrictly) {
    fill();
    const auto refused = [&](std::string body) { return refusal(Method::post, "/things-1/_bulk", std::move(body)); };
    EXPECT_EQ(refused(R"({"index":{"_id":"x"}})"
                      "\n{\"kind\":\"a\"}"),
              "400 illegal_argument_exception");  // no newline at the end
    EXPECT_EQ(refused("{\"put\":{\"_id\":\"x\"}}\n{}\n"), "400 illegal_argument_exception");
    EXPECT_EQ(refused("{\"index\":{\"_id\":\"x\",\"colour\":1}}\n{}\n"), "400 illegal_argument_exception");
    EXPECT_EQ(refused("\"index\"\n{}\n"), "400 illegal_argument_exception");
    EXPECT_EQ(refused("{\"delete\":{}}\n"), "400 action_request_validation_exception");
    EXPECT_EQ(refusal(Method::post, "/_bulk", "{\"delete\":{\"_id\":\"a\"}}\n"), "400 action_request_validation_exception");
    EXPECT_EQ(refusal(Method::post, "/things-1/_bulk?refresh=soon", "{\"delete\":{\"_id\":\"a\"}}\n"), "400 illegal_argument_exception");
    // Errors of single documents come in a 200.
    const auto answer = ask(Method::post, "/things-1/_bulk",
                            R"({"index":{"_id":"x"}}
{"colour":"red"}
{"index":{"_id":"x"}}
{"price":"cheap"}
{"index":{"_id":"x"}}
{"price":{"amount":1}}
{"index":{"_id":"x"}}
{"name":
{"create":{"_id":"a"}}
{"kind":"a"}
{"delete":{"_id":"nobody"}}
{"index":{"_id":"x","_index":"elsewhere"}}
{"kind":"a"}
{"index":{"_id":"y"}}
{"kind":"a"}
)");
    EXPECT_TRUE(answer.bool_or("errors"));
    Ids results;
    for (const auto& item : answer.find("items")->items()) {
        const auto& result = item.members()[0].second;
        const auto* type = result.at("error", "type");
        results.push_back(std::to_string(result.int_or("status")) + " " + (type ? type->text() : result.text_or("result")));
    }
    EXPECT_EQ(results, (Ids{"400 strict_dynamic_mapping_exception", "400 mapper_parsing_exception", "400 mapper_parsing_exception",
                            "400 mapper_parsing_exception", "409 version_conflict_engine_exception", "404 not_found",
                            "404 index_not_found_exception", "201 created"}));
}

TEST_F(OpenSearchStandInTest, DocumentsAreFoundAfterARefreshAndReadAtOnce) {
    fill();
    ask(Method::put, "/things-1/_doc/d", R"({"kind":"lamp"})", 201);
    EXPECT_EQ(found(R"({"term":{"kind":"lamp"}})"), Ids{});
    EXPECT_TRUE(ask(Method::get, "/things-1/_doc/d").bool_or("found"));
    EXPECT_FALSE(ask(Method::get, "/things-1/_doc/nobody", {}, 404).bool_or("found", true));
    ask(Method::post, "/things-1/_refresh");
    EXPECT_EQ(found(R"({"term":{"kind":"lamp"}})"), Ids{"d"});
}

TEST_F(OpenSearchStandInTest, VersionsAndSequenceNumbersDecideWhoWrites) {
    fill();
    const auto put = [&](int version, const std::string& kind = "external_gte") {
        return refusal(Method::put, "/things-1/_doc/v?version=" + std::to_string(version) + "&version_type=" + kind, R"({"kind":"a"})");
    };
    EXPECT_EQ(put(5), "accepted");
    EXPECT_EQ(put(5), "accepted");
    EXPECT_EQ(put(5, "external"), "409 version_conflict_engine_exception");
    EXPECT_EQ(put(4), "409 version_conflict_engine_exception");
    EXPECT_EQ(put(6, "best"), "400 illegal_argument_exception");
    EXPECT_EQ(put(7, "internal"), "400 action_request_validation_exception");
    const auto seq_no = ask(Method::get, "/things-1/_doc/v").int_or("_seq_no");
    const auto conditional = [&](std::int64_t number) {
        return refusal(Method::put, "/things-1/_doc/v?if_primary_term=1&if_seq_no=" + std::to_string(number), R"({"kind":"b"})");
    };
    EXPECT_EQ(conditional(seq_no + 1), "409 version_conflict_engine_exception");
    EXPECT_EQ(conditional(seq_no), "accepted");
    EXPECT_EQ(conditional(seq_no), "409 version_conflict_engine_exception");
    EXPECT_EQ(refusal(Method::put, "/things-1/_create/v", "{}"), "409 version_conflict_engine_exception");
    EXPECT_EQ(refusal(Method::put, "/things-1/_doc/v?if_seq_no=1", "{}"), "400 action_request_validation_exception");
}

TEST_F(OpenSearchStandInTest, QueriesFind) {
    fill();
    EXPECT_EQ(found(R"({"match":{"name":"Stühlen"}})").size(), 2U);  // a stem of German
    EXPECT_EQ(found(R"({"match":{"name":{"query":"eiche stuhl","operator":"and"}}})"), Ids{});
    EXPECT_EQ(found(R"({"bool":{"filter":[{"term":{"kind":"chair"}}],"must_not":[{"term":{"sold":true}}]}})"), Ids{"a"});
    EXPECT_EQ(found(R"({"bool":{}})").size(), 3U);
    EXPECT_EQ(found(R"({"bool":{"should":[{"term":{"kind":"red"}},{"term":{"kind":"chair"}}],"minimum_should_match":2}})"), Ids{"a"});
    EXPECT_EQ(found(R"({"range":{"price":{"gt":100}}})"), (Ids{"b", "c"}));
    EXPECT_EQ(found(R"({"range":{"number.width":{"lte":40}}})"), Ids{"a"});
    EXPECT_EQ(found(R"({"range":{"number.depth":{"lte":40}}})"), Ids{});
    EXPECT_EQ(found(R"({"prefix":{"kind":{"value":"cha"}}})"), (Ids{"a", "b"}));
    EXPECT_EQ(found(R"({"ids":{"values":["c","x"]}})"), Ids{"c"});
    EXPECT_EQ(found(R"({"exists":{"field":"number.width"}})"), (Ids{"a", "b"}));
    // Conditions of a nested query hold in one of its objects; outside of it their fields are not there.
    EXPECT_EQ(
        found(
            R"({"nested":{"path":"offers","query":{"bool":{"filter":[{"term":{"offers.to":"x"}},{"range":{"offers.amount":{"lte":50}}}]}}}})"),
        Ids{"c"});
    EXPECT_EQ(found(R"({"term":{"offers.to":"x"}})"), Ids{});
    const auto set = [&](std::string terms) {
        return found(R"({"nested":{"path":"offers","query":{"terms_set":{"offers.need":{"terms":)" + terms +
                     R"(,"minimum_should_match_field":"offers.count"}}}}})");
    };
    EXPECT_EQ(set(R"(["p","q","r"])"), Ids{"a"});
    EXPECT_EQ(set(R"(["p"])"), Ids{});
    // A filter after the query does not touch aggregations.
    const auto answer = ask(Method::post, "/things-1/_search",
                            R"({"size":10,"query":{"match_all":{}},"post_filter":{"term":{"kind":"table"}},"_source":["price"],
                                "aggs":{"kinds":{"terms":{"field":"kind","size":10,"include":"(chair|table).*"}},"low":{"min":{"field":"price"}},"none":{"max":{"field":"number.depth"}},
                                        "in":{"nested":{"path":"offers"},"aggs":{"x":{"filter":{"term":{"offers.to":"x"}},"aggs":{"high":{"max":{"field":"offers.amount"}}}}}}}})");
    EXPECT_EQ(answer.at("hits", "total")->int_or("value"), 1);
    EXPECT_EQ(json::to_text(*answer.at("hits", "hits")->items()[0].find("_source")), R"({"price":200})");
    EXPECT_EQ(json::to_text(*answer.at("aggregations", "kinds", "buckets")),
              R"([{"key":"chair","doc_count":2},{"key":"table","doc_count":1}])");
    EXPECT_EQ(json::to_text(*answer.at("aggregations", "low")), R"({"value":100.0})");
    EXPECT_EQ(json::to_text(*answer.at("aggregations", "none")), R"({"value":null})");
    EXPECT_EQ(json::to_text(*answer.at("aggregations", "in", "x", "high")), R"({"value":90.0})");
}

TEST_F(OpenSearchStandInTest, SortsAndPagesAfterAKey) {
    fill();
    EXPECT_EQ(found(R"({"match_all":{}})", R"(,"sort":[{"price":{"order":"desc"}},{"kind":{"order":"asc"}}],"size":2)"), (Ids{"b", "c"}));
    EXPECT_EQ(found(R"({"match_all":{}})", R"(,"sort":[{"price":{"order":"desc"}},{"kind":{"order":"asc"}}],"search_after":[200,"chair"])"),
              (Ids{"c", "a"}));
    EXPECT_EQ(found(R"({"match_all":{}})", R"(,"sort":[{"number.width":{"order":"desc"}}])"),
              (Ids{"b", "a", "c"}));  // the missing come last
    EXPECT_EQ(
        found(R"({"match_all":{}})",
              R"(,"sort":[{"offers.amount":{"order":"asc","mode":"min","nested":{"path":"offers","filter":{"term":{"offers.to":"x"}}}}}])"),
        (Ids{"c", "a", "b"}));
    const auto sorted = [&](const std::string& more) { return refused_search("{\"query\":{\"match_all\":{}}" + more + "}"); };
    EXPECT_EQ(sorted(R"(,"sort":[{"nothing":{"order":"asc"}}])"), "400 search_phase_execution_exception of query_shard_exception");
    EXPECT_EQ(sorted(R"(,"sort":[{"name":{"order":"asc"}}])"), "400 search_phase_execution_exception of illegal_argument_exception");
    EXPECT_EQ(sorted(R"(,"sort":[{"price":{"order":"asc"}}],"search_after":[1,2])"),
              "400 search_phase_execution_exception of illegal_argument_exception");
    EXPECT_EQ(sorted(R"(,"sort":[{"price":{"order":"up"}}])"), "400 illegal_argument_exception");
    EXPECT_EQ(sorted(R"(,"size":10001)"), "400 search_phase_execution_exception of illegal_argument_exception");
}

TEST_F(OpenSearchStandInTest, WhatIsNoQueryIsRefused) {
    fill();
    const auto query = [&](const std::string& text) { return refused_search("{\"query\":" + text + "}"); };
    EXPECT_EQ(query(R"({"trem":{"kind":"a"}})"), "400 parsing_exception");
    EXPECT_EQ(query(R"({"term":{"kind":"a"},"match_all":{}})"), "400 parsing_exception");
    EXPECT_EQ(query(R"({"term":{"kind":"a","price":1}})"), "400 parsing_exception");
    EXPECT_EQ(query(R"({"term":{"kind":{"value":"a","bost":1}}})"), "400 parsing_exception");
    EXPECT_EQ(query(R"({"bool":{"filters":[]}})"), "400 parsing_exception");
    EXPECT_EQ(query(R"({})"), "400 illegal_argument_exception");
    EXPECT_EQ(query(R"({"range":{"price":{"gte":"cheap"}}})"), "400 search_phase_execution_exception of query_shard_exception");
    EXPECT_EQ(query(R"({"nested":{"path":"kind","query":{"match_all":{}}}})"),
              "400 search_phase_execution_exception of query_shard_exception");
    EXPECT_EQ(refused_search(R"({"qery":{}})"), "400 parsing_exception");
    EXPECT_EQ(refused_search(R"({"aggs":{"a":{"term":{"field":"kind"}}}})"), "400 parsing_exception");
    EXPECT_EQ(refused_search(R"({"aggs":{"a":{"terms":{"field":"name"}}}})"),
              "400 search_phase_execution_exception of illegal_argument_exception");
    EXPECT_EQ(refused_search(R"({"aggs":{"a":{"terms":{"field":"kind","size":0}}}})"), "400 illegal_argument_exception");
    // What OpenSearch can do and this cannot says so.
    EXPECT_EQ(query(R"({"fuzzy":{"kind":"a"}})"), "501 stand_in_limit");
    EXPECT_EQ(refused_search(R"({"highlight":{}})"), "501 stand_in_limit");
}

TEST_F(OpenSearchStandInTest, SuggestsWordsThatAreNear) {
    fill();
    const auto answer = ask(
        Method::post, "/things-1/_search",
        R"({"size":0,"suggest":{"s":{"text":"eihce","term":{"field":"name","suggest_mode":"missing","max_edits":2,"prefix_length":0,"min_word_length":4}}}})");
    const auto& options = answer.at("suggest", "s")->items()[0].find("options")->items();
    ASSERT_FALSE(options.empty());
    EXPECT_EQ(options[0].text_or("text"), "eich");
    EXPECT_EQ(options[0].int_or("freq"), 1);
}

TEST_F(OpenSearchStandInTest, FaultsOfTheControlApi) {
    fill();
    const auto fail = [&](const std::string& fault) { EXPECT_EQ(send(Method::post, "/__sandbox/fail-next", fault).status, 204) << fault; };
    fail(R"({"provider":"opensearch","kind":"too_many","path":"/_search"})");
    ask(Method::get, "/things-1/_doc/a");
    EXPECT_EQ(refused_search("{}"), "429 rejected_execution_exception");
    EXPECT_EQ(refused_search("{}"), "accepted");
    fail(R"({"provider":"opensearch","kind":"down"})");
    EXPECT_EQ(refused_search("{}"), "503 cluster_block_exception");
    fail(R"({"provider":"opensearch","kind":"partial","path":"/_bulk"})");
    const auto answer = ask(Method::post, "/things-1/_bulk", "{\"delete\":{\"_id\":\"a\"}}\n{\"delete\":{\"_id\":\"b\"}}\n");
    EXPECT_EQ(answer.find("items")->items()[0].at("delete", "status")->as_int(), 200);
    EXPECT_EQ(answer.find("items")->items()[1].at("delete", "status")->as_int(), 429);
    EXPECT_TRUE(ask(Method::get, "/things-1/_doc/b").bool_or("found"));
    fail(R"({"provider":"opensearch","kind":"slow","delay_ms":1})");
    EXPECT_EQ(refused_search("{}"), "accepted");
    ask(Method::post, "/__sandbox/reset", {}, 204);
    EXPECT_EQ(refused_search("{}"), "404 index_not_found_exception");
}

}  // namespace
}  // namespace stoa::sandbox
