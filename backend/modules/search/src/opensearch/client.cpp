#include "client.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <thread>

#include "stoa/log/log.hpp"

namespace stoa::search::opensearch {
namespace {

constexpr std::chrono::milliseconds kLongestWait{10000};
constexpr json::ReadLimits kAnswer{64 << 20, 64};
constexpr std::size_t kLongestReason = 500;

bool is_for_now(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

std::string type_of(const json::Value& body) {
    const auto* type = body.at("error", "type");
    return type ? type->text() : std::string();
}
std::string reason_of(const json::Value& body) {
    const auto* reason = body.at("error", "reason");
    if (!reason) return {};
    auto out = reason->text();
    if (const auto* cause = body.at("error", "caused_by", "reason")) out += ": " + cause->text();
    return out.substr(0, kLongestReason);
}

std::string lines_of(const Write& write) {
    Members meta{{"_id", json::quote(write.id)}, {"version", std::to_string(write.version)}, {"version_type", "\"external_gte\""}};
    auto out = wrap(write.source ? "index" : "delete", object(meta)) + '\n';
    if (write.source) out += *write.source + '\n';
    return out;
}

}  // namespace

std::string object(const Members& members) {
    std::string out = "{";
    for (const auto& [name, value] : members) {
        if (out.size() > 1) out += ',';
        out += json::quote(name);
        out += ':';
        out += value;
    }
    return out + '}';
}

std::string array(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += item;
    }
    return out + ']';
}

// Doubled each time and blurred, so that processes that were refused together do not come back together. What the server asks for counts.
void Client::wait(int attempt, std::string_view retry_after) {
    thread_local std::minstd_rand random(std::random_device{}());
    auto longest = std::min(kLongestWait, options_.backoff * (1 << std::min(attempt - 1, 16)));
    int seconds = 0;
    const auto [end, error] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
    auto least = longest / 2;
    if (!retry_after.empty() && error == std::errc() && end == retry_after.data() + retry_after.size() && seconds > 0) {
        least = std::min<std::chrono::milliseconds>(kLongestWait, std::chrono::seconds(seconds));
        longest = std::max(longest, least);
    }
    const auto spread = static_cast<std::uint64_t>((longest - least).count()) + 1;
    const auto pause = least + std::chrono::milliseconds(random() % spread);
    if (options_.sleep)
        options_.sleep(pause);
    else
        std::this_thread::sleep_for(pause);
}

Reply Client::send(std::string_view method, std::string_view path, std::string body, bool reading) {
    http_client::Call call;
    call.method = method;
    call.url = options_.url + std::string(path);
    if (!options_.user.empty()) call.headers.emplace_back("authorization", http_client::basic_auth(options_.user, options_.password));
    if (!body.empty())
        call.headers.emplace_back("content-type",
                                  path.find("/_bulk") != std::string_view::npos ? "application/x-ndjson" : "application/json");
    call.body = std::move(body);
    call.connect_timeout = std::chrono::milliseconds(1000);
    call.timeout = reading ? options_.read_timeout : options_.write_timeout;
    call.max_answer_bytes = kAnswer.max_bytes;
    // A shopper waits for a read: it is tried once more at most, at once. Every write here may be done twice.
    const int attempts = reading ? 2 : options_.attempts;
    std::string problem;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        std::string retry_after;
        const auto answer = http_.send(call);
        if (!answer) {
            problem = answer.error().message;
            if (answer.error().failure == http_client::Failure::too_large) break;
            if (reading && answer.error().failure == http_client::Failure::timeout) break;
        } else if (is_for_now(answer->status)) {
            problem = "status " + std::to_string(answer->status);
            retry_after = answer->header("retry-after");
        } else {
            auto parsed = answer->body.empty() ? Result<json::Value>(json::Value()) : json::parse(answer->body, kAnswer);
            // What stands in front of it may answer in HTML.
            if (!parsed && answer->status < 300) {
                problem = "an answer that is not JSON";
            } else if (answer->status >= 500) {
                throw Refused(answer->status, type_of(parsed.value_or(json::Value())),
                              "OpenSearch: " + std::string(path) + ": " + std::to_string(answer->status) + " " +
                                  reason_of(parsed.value_or(json::Value())));
            } else {
                return {answer->status, parsed ? std::move(*parsed) : json::Value()};
            }
        }
        if (attempt < attempts && !reading) wait(attempt, retry_after);
    }
    throw Unavailable("OpenSearch: " + std::string(method) + " " + std::string(path.substr(0, path.find('?'))) + ": " + problem);
}

json::Value Client::ask(std::string_view method, std::string_view path, std::string body, bool reading) {
    auto reply = send(method, path, std::move(body), reading);
    if (reply.status >= 200 && reply.status < 300) return std::move(reply.body);
    throw Refused(reply.status, type_of(reply.body),
                  "OpenSearch: " + std::string(path) + ": " + std::to_string(reply.status) + " " + type_of(reply.body) + ": " +
                      reason_of(reply.body));
}

json::Value Client::search(std::string_view index, std::string body) {
    auto answer = ask("POST", "/" + std::string(index) + "/_search", std::move(body), true);
    // Part of an answer would be a wrong one: counts are promised to be exact.
    if (const auto* failed = answer.at("_shards", "failed"); failed && failed->as_int().value_or(0) > 0)
        throw Unavailable("OpenSearch: a search failed on some shards");
    if (answer.bool_or("timed_out")) throw Unavailable("OpenSearch: a search timed out");
    return answer;
}

BulkOutcome Client::bulk(std::string_view index, const std::vector<Write>& writes, Visible visible) {
    BulkOutcome outcome;
    std::vector<const Write*> body;
    std::size_t bytes = 0;
    for (const auto& write : writes) {
        const auto size = 120 + write.id.size() + (write.source ? write.source->size() : 0);
        if (!body.empty() && (bytes + size > options_.bulk_bytes || body.size() == options_.bulk_documents)) {
            bulk_body(index, std::move(body), visible, outcome);
            body.clear();
            bytes = 0;
        }
        body.push_back(&write);
        bytes += size;
    }
    if (!body.empty()) bulk_body(index, std::move(body), visible, outcome);
    return outcome;
}

void Client::bulk_body(std::string_view index, std::vector<const Write*> writes, Visible visible, BulkOutcome& outcome) {
    // require_alias would be of no use: documents are written to an index by its own name, which was made before.
    const auto path = "/" + std::string(index) + "/_bulk" + (visible == Visible::when_answered ? "?refresh=wait_for" : "");
    for (int attempt = 1; !writes.empty(); ++attempt) {
        std::string body;
        for (const auto* write : writes) body += lines_of(*write);
        auto reply = send("POST", path, std::move(body));
        if (reply.status == 413 && writes.size() > 1) {  // http.max_content_length, or a proxy's limit
            const auto half = writes.begin() + static_cast<std::ptrdiff_t>(writes.size() / 2);
            bulk_body(index, {writes.begin(), half}, visible, outcome);
            bulk_body(index, {half, writes.end()}, visible, outcome);
            return;
        }
        if (reply.status < 200 || reply.status >= 300)
            throw Refused(
                reply.status, type_of(reply.body),
                "OpenSearch: a bulk request: " + std::to_string(reply.status) + " " + type_of(reply.body) + ": " + reason_of(reply.body));
        const auto* items = reply.body.find("items");
        if (!items || items->items().size() != writes.size()) throw Unavailable("OpenSearch: a bulk answer does not fit its request");
        std::vector<const Write*> again;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto& item = items->items()[i];
            const auto* result = item.find(writes[i]->source ? "index" : "delete");
            const auto status = result ? static_cast<int>(result->int_or("status")) : 0;
            if (status == 200 || status == 201 || (status == 404 && !writes[i]->source)) {
                ++outcome.written;
            } else if (status == 409) {
                ++outcome.newer;
            } else if (is_for_now(status) && attempt < options_.attempts) {
                again.push_back(writes[i]);
            } else {
                outcome.failed.push_back(
                    {writes[i]->id, result ? type_of(*result) : "", result ? reason_of(*result) : "no result", status});
            }
        }
        writes = std::move(again);
        if (!writes.empty()) wait(attempt, {});
    }
}

void Client::put_template(std::string_view name, std::string body) { ask("PUT", "/_index_template/" + std::string(name), std::move(body)); }

void Client::create_index(std::string_view index, std::string body) {
    try {
        ask("PUT", "/" + std::string(index), std::move(body));
    } catch (const Refused& refused) {
        if (refused.type != "resource_already_exists_exception") throw;
    }
}

void Client::delete_index(std::string_view index) {
    const auto reply = send("DELETE", "/" + std::string(index));
    if (reply.status != 404 && reply.status >= 300)
        throw Refused(reply.status, type_of(reply.body), "OpenSearch: an index is not deleted: " + reason_of(reply.body));
}

void Client::change_settings(std::string_view index, std::string body) {
    ask("PUT", "/" + std::string(index) + "/_settings", std::move(body));
}

void Client::refresh(std::string_view index) { ask("POST", "/" + std::string(index) + "/_refresh"); }

std::vector<std::pair<std::string, bool>> Client::indexes(std::string_view pattern, std::string_view alias) {
    const auto reply = send("GET", "/" + std::string(pattern) + "/_alias");
    std::vector<std::pair<std::string, bool>> out;
    if (reply.status == 404) return out;
    if (reply.status >= 300) throw Refused(reply.status, type_of(reply.body), "OpenSearch: " + reason_of(reply.body));
    for (const auto& [index, what] : reply.body.members()) out.emplace_back(index, what.at("aliases", alias) != nullptr);
    return out;
}

void Client::point_alias(std::string_view alias, std::string_view index, const std::vector<std::string>& others) {
    std::vector<std::string> actions;
    for (const auto& other : others)
        actions.push_back(wrap("remove", object({{"index", json::quote(other)}, {"alias", json::quote(alias)}})));
    actions.push_back(wrap("add", object({{"index", json::quote(index)}, {"alias", json::quote(alias)}})));
    ask("POST", "/_aliases", object({{"actions", array(actions)}}));
}

std::optional<Versioned> Client::document(std::string_view index, std::string_view id) {
    const auto reply = send("GET", "/" + std::string(index) + "/_doc/" + http_client::percent_encode(id), {}, true);
    if (reply.status == 404) return std::nullopt;
    if (reply.status >= 300) throw Refused(reply.status, type_of(reply.body), "OpenSearch: " + reason_of(reply.body));
    const auto* source = reply.body.find("_source");
    if (!source) return std::nullopt;
    return Versioned{*source, reply.body.int_or("_seq_no"), reply.body.int_or("_primary_term")};
}

bool Client::put_document(std::string_view index, std::string_view id, std::string source, const std::optional<Versioned>& expected) {
    const auto place = "/" + std::string(index) + (expected ? "/_doc/" : "/_create/") + http_client::percent_encode(id);
    const auto condition =
        expected ? "?if_seq_no=" + std::to_string(expected->seq_no) + "&if_primary_term=" + std::to_string(expected->primary_term)
                 : std::string();
    const auto reply = send("PUT", place + condition, std::move(source));
    if (reply.status == 409) return false;
    if (reply.status >= 300) throw Refused(reply.status, type_of(reply.body), "OpenSearch: " + reason_of(reply.body));
    return true;
}

void Client::put_document(std::string_view index, std::string_view id, std::string source) {
    ask("PUT", "/" + std::string(index) + "/_doc/" + http_client::percent_encode(id), std::move(source));
}

}  // namespace stoa::search::opensearch
