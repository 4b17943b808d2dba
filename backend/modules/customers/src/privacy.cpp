#include <algorithm>

#include "service.hpp"
#include "sql/accounts.hpp"
#include "sql/consents.hpp"
#include "sql/privacy.hpp"
#include "sql/sessions.hpp"
#include "stoa/log/log.hpp"
#include "store/rows.hpp"

namespace stoa::customers {

std::string Service::export_everything(const http::Request& request) {
    const auto customer = require(request);
    limit_person(customer.id.to_string(), "export", 10, 1.0 / 60);
    return database_.read([&](db::Session& session) {
        json::Writer out;
        out.begin_object();
        out.member("exported_at", to_rfc3339(clock_.now()));
        {
            const auto rows = session.query(sql::find_account, customer.id);
            if (!rows.empty()) {
                out.key("account");
                json::write_as(out, account_from(rows.front()));
            }
        }
        out.key("groups");
        json::write_as(out, customer.groups);
        if (customer.company) out.member("company_id", customer.company->to_string());
        out.key("addresses");
        json::write_as(out, addresses(session, customer.id));
        out.key("consents");
        out.begin_array();
        const auto history = session.query(sql::consent_history, customer.id);
        for (const auto row : history) {
            out.begin_object();
            out.member("kind", row.get<std::string>("kind"));
            out.member("granted", row.get<bool>("granted"));
            out.member("text_version", row.get<std::string>("text_version"));
            out.member("text", row.get<std::string>("text"));
            out.member("source", row.get<std::string>("source"));
            out.member("at", to_rfc3339(row.get<Timestamp>("at")));
            out.end_object();
        }
        out.end_array();
        out.key("sessions");
        out.begin_array();
        const auto open = session.query(sql::list_sessions, customer.id, sha256_hex(*session_token(request)), clock_.now());
        for (const auto row : open) json::write_as(out, session_from(row));
        out.end_array();
        out.key("wishlist");
        out.begin_array();
        for (const auto& product : wishlist(session, customer.id)) out.string(Id<"prod">(product).to_string());
        out.end_array();
        for (const auto& [member, exporter] : exporters_) {
            out.key(member);
            out.raw(exporter(session, customer));
        }
        out.end_object();
        return out.take();
    });
}

Result<http::Response> Service::erase(const http::Request& request, std::string_view password) {
    const auto customer = require(request);
    const auto hash = confirm_password(customer, password, "/password");
    if (!hash) return fail(hash.error());
    database_.in_tx([&](db::Tx& tx) {
        const auto now = clock_.now();
        if (tx.query(sql::lock_customer, customer.id).empty()) return;
        for (const auto& eraser : erasers_) eraser(tx, customer);
        // What remains is an id, for the books and the history of consents to point to: it names nobody.
        const auto key = email_key(customer.email).value_or("");
        const std::vector<db::Call> calls{db::call(sql::erase_addresses, customer.id),
                                          db::call(sql::erase_tokens, customer.id),
                                          db::call(sql::erase_wishlist, customer.id),
                                          db::call(sql::erase_groups, customer.id),
                                          db::call(sql::erase_intake, key),
                                          db::call(sql::erase_guest_consents, key),
                                          db::call(sql::delete_sessions, customer.id),
                                          db::call(sql::erase_customer, customer.id, now)};
        tx.pipeline(calls);
        append_event(tx, "customer.erased", customer.id);
    });
    log::info("customer erased", {{"customer_id", customer.id.to_string()}});
    auto response = http::no_content();
    clear_cookies(request, response);
    return response;
}

}  // namespace stoa::customers
