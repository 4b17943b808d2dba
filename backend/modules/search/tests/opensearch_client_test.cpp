// The client of OpenSearch against answers that a test decides: what is sent, what is sent again, and what is not.
#include "opensearch/client.hpp"

#include <gtest/gtest.h>

#include "stoa/testing/testing.hpp"

namespace stoa::search::opensearch {
namespace {

using http_client::Answer;

class ClientTest : public ::testing::Test {
protected:
    ClientTest() {
        options.url = "https://search.test";
        options.user = "shop";
        options.password = "secret";
        options.attempts = 4;
        options.backoff = std::chrono::milliseconds(100);
        options.sleep = [this](std::chrono::milliseconds pause) { pauses.push_back(pause); };
    }
    void answer(std::vector<Answer> list) {
        wire.answer = [list = std::move(list),
                       at = std::size_t{0}](const http_client::Call&) mutable -> std::expected<Answer, http_client::CallError> {
            return list[std::min(at++, list.size() - 1)];
        };
    }
    static std::string items(const std::vector<int>& statuses, const std::string& kind = "index") {
        std::string out;
        bool errors = false;
        for (const auto status : statuses) {
            errors = errors || status >= 300;
            out += (out.empty() ? "" : ",") + std::string("{\"") + kind + "\":{\"status\":" + std::to_string(status) +
                   (status >= 300 ? R"(,"error":{"type":"some_exception","reason":"because"})" : "") + "}}";
        }
        return R"({"took":1,"errors":)" + std::string(errors ? "true" : "false") + R"(,"items":[)" + out + "]}";
    }
    static std::vector<Write> writes(int count, std::size_t size = 10) {
        std::vector<Write> out;
        for (int i = 0; i < count; ++i) out.push_back({"d" + std::to_string(i), 7, "{\"x\":\"" + std::string(size, 'x') + "\"}"});
        return out;
    }
    static std::ptrdiff_t lines(const std::string& body) { return std::ranges::count(body, '\n'); }

    OpenSearchOptions options;
    std::vector<std::chrono::milliseconds> pauses;
    stoa::testing::ScriptedClient wire;
};

TEST_F(ClientTest, ABulkBodyIsLinesThatEndWithANewline) {
    answer({{200, {}, items({201, 200})}});
    Client client(wire, options);
    auto two = writes(2);
    const auto outcome = client.bulk("things", two, Visible::when_answered);
    EXPECT_EQ(outcome.written, 2U);
    ASSERT_EQ(wire.calls.size(), 1U);
    const auto& call = wire.calls[0];
    EXPECT_EQ(call.url, "https://search.test/things/_bulk?refresh=wait_for");
    EXPECT_EQ(call.body,
              "{\"index\":{\"_id\":\"d0\",\"version\":7,\"version_type\":\"external_gte\"}}\n{\"x\":\"xxxxxxxxxx\"}\n"
              "{\"index\":{\"_id\":\"d1\",\"version\":7,\"version_type\":\"external_gte\"}}\n{\"x\":\"xxxxxxxxxx\"}\n");
    EXPECT_NE(std::ranges::find(call.headers, std::pair<std::string, std::string>("content-type", "application/x-ndjson")),
              call.headers.end());
    EXPECT_NE(
        std::ranges::find(call.headers, std::pair<std::string, std::string>("authorization", http_client::basic_auth("shop", "secret"))),
        call.headers.end());
}

TEST_F(ClientTest, BodiesAreBoundedInBytesAndDocuments) {
    options.bulk_bytes = 1000;
    wire.answer = [](const http_client::Call& call) -> std::expected<Answer, http_client::CallError> {
        return Answer{200, {}, items(std::vector<int>(static_cast<std::size_t>(lines(call.body) / 2), 201))};
    };
    {
        Client client(wire, options);
        EXPECT_EQ(client.bulk("things", writes(20, 100), Visible::later).written, 20U);
        EXPECT_GT(wire.calls.size(), 3U);
        for (const auto& call : wire.calls) EXPECT_LE(call.body.size(), 1000U);
    }
    wire.calls.clear();
    options.bulk_bytes = 1 << 20;
    options.bulk_documents = 6;
    Client client(wire, options);
    EXPECT_EQ(client.bulk("things", writes(20), Visible::later).written, 20U);
    EXPECT_EQ(wire.calls.size(), 4U);
}

TEST_F(ClientTest, OnlyWhatWasRefusedForNowIsSentAgain) {
    answer({{200, {}, items({201, 429, 400, 503, 409})}, {200, {}, items({201, 429})}, {200, {}, items({200})}});
    Client client(wire, options);
    const auto outcome = client.bulk("things", writes(5), Visible::later);
    EXPECT_EQ(outcome.written, 3U);
    EXPECT_EQ(outcome.newer, 1U);
    ASSERT_EQ(outcome.failed.size(), 1U);
    EXPECT_EQ(outcome.failed[0].id, "d2");
    EXPECT_EQ(outcome.failed[0].type, "some_exception");
    EXPECT_EQ(outcome.failed[0].reason, "because");
    ASSERT_EQ(wire.calls.size(), 3U);
    EXPECT_EQ(lines(wire.calls[1].body), 4);
    EXPECT_EQ(lines(wire.calls[2].body), 2);
    EXPECT_NE(wire.calls[2].body.find("\"d3\""), std::string::npos);
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_GE(pauses[0].count(), 50);
    EXPECT_LE(pauses[0].count(), 100);
    EXPECT_GE(pauses[1].count(), 100);
    EXPECT_LE(pauses[1].count(), 200);
}

TEST_F(ClientTest, ItEndsAfterItsAttempts) {
    answer({{200, {}, items({429})}});
    Client client(wire, options);
    const auto outcome = client.bulk("things", writes(1), Visible::later);
    ASSERT_EQ(outcome.failed.size(), 1U);
    EXPECT_EQ(outcome.failed[0].status, 429);
    EXPECT_EQ(wire.calls.size(), 4U);
    wire.calls.clear();
    answer({{503, {{"retry-after", "2"}}, ""}});
    pauses.clear();
    EXPECT_THROW((void)client.bulk("things", writes(1), Visible::later), Unavailable);
    EXPECT_EQ(wire.calls.size(), 4U);
    for (const auto pause : pauses) EXPECT_EQ(pause.count(), 2000);  // what the server asks for
}

TEST_F(ClientTest, ABodyThatIsTooLargeIsHalved) {
    wire.answer = [](const http_client::Call& call) -> std::expected<Answer, http_client::CallError> {
        const auto documents = static_cast<std::size_t>(lines(call.body) / 2);
        if (documents > 2) return Answer{413, {}, ""};
        return Answer{200, {}, items(std::vector<int>(documents, 201))};
    };
    Client client(wire, options);
    EXPECT_EQ(client.bulk("things", writes(8), Visible::later).written, 8U);
}

TEST_F(ClientTest, DeletionsOfWhatIsGoneAreDone) {
    answer({{200, {}, items({404}, "delete")}});
    Client client(wire, options);
    EXPECT_EQ(client.bulk("things", {{"d0", 7, std::nullopt}}, Visible::later).written, 1U);
    EXPECT_EQ(lines(wire.calls[0].body), 1);
}

TEST_F(ClientTest, AShopperDoesNotWaitForBackoff) {
    answer({{429, {}, ""}});
    Client client(wire, options);
    EXPECT_THROW((void)client.search("things", "{}"), Unavailable);
    EXPECT_EQ(wire.calls.size(), 2U);
    EXPECT_TRUE(pauses.empty());
    EXPECT_EQ(wire.calls[0].timeout, options.read_timeout);
}

TEST_F(ClientTest, HalfAnAnswerIsNone) {
    answer({{200, {}, R"({"timed_out":false,"_shards":{"total":2,"successful":1,"failed":1},"hits":{"hits":[]}})"}});
    Client client(wire, options);
    EXPECT_THROW((void)client.search("things", "{}"), Unavailable);
    answer({{200, {}, R"({"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}})"}});
    EXPECT_THROW((void)client.search("things", "{}"), Unavailable);
    answer({{400, {}, R"({"error":{"type":"parsing_exception","reason":"unknown query [x]"},"status":400})"}});
    try {
        (void)client.search("things", "{}");
        ADD_FAILURE();
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.type, "parsing_exception");
        EXPECT_EQ(refused.status, 400);
    }
}

TEST_F(ClientTest, TheAliasMovesInOneRequest) {
    answer({{200, {}, R"({"acknowledged":true})"}});
    Client client(wire, options);
    client.point_alias("things", "things-2", {"things-1"});
    ASSERT_EQ(wire.calls.size(), 1U);
    EXPECT_EQ(wire.calls[0].url, "https://search.test/_aliases");
    EXPECT_EQ(wire.calls[0].body,
              R"({"actions":[{"remove":{"index":"things-1","alias":"things"}},{"add":{"index":"things-2","alias":"things"}}]})");
}

TEST_F(ClientTest, SomebodyElsesWriteIsNotOverwritten) {
    answer({{200, {}, R"({"_seq_no":5,"_primary_term":2,"found":true,"_source":{"owner":"a"}})"},
            {409, {}, R"({"error":{"type":"version_conflict_engine_exception"}})"}});
    Client client(wire, options);
    const auto known = client.document("state", "writer");
    ASSERT_TRUE(known);
    EXPECT_FALSE(client.put_document("state", "writer", "{}", known));
    EXPECT_EQ(wire.calls[1].url, "https://search.test/state/_doc/writer?if_seq_no=5&if_primary_term=2");
    EXPECT_FALSE(client.put_document("state", "writer", "{}", std::nullopt));
    EXPECT_EQ(wire.calls[2].url, "https://search.test/state/_create/writer");
}

}  // namespace
}  // namespace stoa::search::opensearch
