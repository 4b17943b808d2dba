#include <algorithm>

#include "sql/payments.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/payments/retention.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments {
namespace {

// The same form in printable ASCII, whatever bytes came.
std::string plain_form(std::string_view body) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : body) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F) {
            out += c;
        } else {
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

}  // namespace

std::string hook_token(std::string_view secret_key) {
    return crypto::base64url(crypto::hmac_sha256(secret_key, "stoa/vendo-hook")).substr(0, 32);
}

void add_payments_routes(http::Routes& routes, db::Database& database, Payments&, const Clock& clock, const std::string& token) {
    routes.post("/hooks/vendo/{token}", "receive_vendo_postback")
        .summary("Vendo's postbacks")
        .undocumented()
        .without_origin_check()
        .requires_access(http::Access::provider)
        .handle([&database, &clock, token](const http::Request& request) {
            if (!crypto::equal_constant_time(request.param("token"), token))
                return http::problem({ErrorKind::not_found, "http.not_found", "There is nothing here.", {}, {}, {}, 0});
            std::string callback = "transaction";
            for (const auto& [name, value] : vendo::parse_form(request.body)) {
                if (name == "callback") callback = value;
            }
            // The element's name is theirs to choose, but only letters go into our XML.
            const bool plain =
                !callback.empty() && callback.size() < 40 &&
                std::all_of(callback.begin(), callback.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
            if (!plain) callback = "transaction";
            // The fact and the job to act upon it are one transaction; a repeated notification finds its row.
            database.in_tx([&](db::Tx& tx) {
                const auto rows = tx.query(sql::insert_inbox, "vendo", crypto::hex(crypto::sha256(request.body)), callback,
                                           plain_form(request.body), request.remote_ip, clock.now());
                if (rows.empty()) return;
                jobs::NewJob job;
                job.kind = "payments.inbox";
                job.payload = "{\"inbox_id\":" + std::to_string(rows.front().get<std::int64_t>("id")) + "}";
                jobs::enqueue(tx, job);
            });
            http::Response response;
            response.header("content-type", "text/xml; charset=utf-8");
            response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postbackResponse><" + callback + "><code>1</code></" + callback +
                            "></postbackResponse>\n";
            return response;
        });
}

std::int64_t forget_notifications(db::Tx& tx, Timestamp before, int limit) { return tx.exec(sql::purge_inbox, before, limit); }

}  // namespace stoa::payments
