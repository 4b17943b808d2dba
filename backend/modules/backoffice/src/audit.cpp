#include "audit.hpp"

#include <fmt/format.h>

#include "sql/audit.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
AuditRow audit_row(const db::Row& row) {
    AuditRow out;
    out.number = row.get<std::int64_t>("number");
    out.at = row.get<Timestamp>("at");
    out.staff = row.get<std::optional<StaffId>>("staff_id");
    out.staff_name = row.get<std::string>("staff_name");
    out.action = row.get<std::string>("action");
    out.resource = row.get<std::string>("resource");
    out.object_id = row.get<std::string>("object_id");
    out.before = row.get<std::optional<std::string>>("before");
    out.after = row.get<std::optional<std::string>>("after");
    out.ip = row.get<std::string>("ip");
    out.user_agent = row.get<std::string>("user_agent");
    out.request_id = row.get<std::string>("request_id");
    out.hash = row.get<std::string>("hash");
    return out;
}

std::string audit_hash(std::string_view previous, const AuditRow& row) {
    // Every part with its length in front, so that no two rows have one spelling.
    std::string text;
    const auto add = [&text](std::string_view part) { text += fmt::format("{}:{}", part.size(), part); };
    const auto add_optional = [&](const std::optional<std::string>& part) {
        if (part)
            add(*part);
        else
            text += "-";
    };
    add(previous);
    add(std::to_string(row.number));
    add(to_rfc3339(row.at));
    add(row.staff ? row.staff->to_string() : "");
    add(row.staff_name);
    add(row.action);
    add(row.resource);
    add(row.object_id);
    add_optional(row.before);
    add_optional(row.after);
    add(row.ip);
    add(row.user_agent);
    add(row.request_id);
    return crypto::hex(crypto::sha256(text));
}

void append_audit(db::Tx& tx, AuditRow row) {
    tx.exec(sql::ensure_audit_head);
    const auto head = tx.query(sql::lock_audit_head).front();
    row.number = head.get<std::int64_t>("number") + 1;
    row.hash = audit_hash(head.get<std::string>("hash"), row);
    const db::Call calls[] = {db::call(sql::insert_audit, row.number, row.at, row.staff, row.staff_name, row.action, row.resource,
                                       row.object_id, row.before, row.after, row.ip, row.user_agent, row.request_id, row.hash),
                              db::call(sql::move_audit_head, row.number, row.hash)};
    (void)tx.pipeline(calls);
}

std::vector<AuditRow> audit_of(db::Session& session, std::string_view resource, std::string_view id) {
    std::vector<AuditRow> out;
    for (const auto row : session.query(sql::audit_of, resource, id)) out.push_back(audit_row(row));
    return out;
}

namespace {

AuditCheck check_snapshot(db::Session& session) {
    AuditCheck out;
    std::int64_t last = 0;
    std::string previous(64, '0');
    for (;;) {
        const auto rows = session.query(sql::audit_after, last);
        if (rows.empty()) break;
        for (const auto dbrow : rows) {
            const auto row = audit_row(dbrow);
            if (row.number != last + 1) {
                out.first_bad = last + 1;
                out.reason = fmt::format("row {} is missing", last + 1);
                return out;
            }
            if (audit_hash(previous, row) != row.hash) {
                out.first_bad = row.number;
                out.reason =
                    fmt::format("row {} ({} {} of {}) is not as it was written", row.number, row.resource, row.action, to_rfc3339(row.at));
                return out;
            }
            previous = row.hash;
            last = row.number;
            ++out.rows;
        }
    }
    const auto head = session.query(sql::audit_head);
    const auto expected = head.empty() ? 0 : head.front().get<std::int64_t>("number");
    if (expected != last || (last > 0 && head.front().get<std::string>("hash") != previous)) {
        out.first_bad = last + 1;
        out.reason = fmt::format("the log ends at row {}, but {} were written", last, expected);
    }
    return out;
}

}  // namespace

// Of one moment: rows that are written while it reads belong neither to the rows nor to the head.
AuditCheck check_audit(db::Database& database) {
    return database.in_tx([](db::Tx& tx) { return check_snapshot(tx); }, db::Isolation::repeatable_read);
}

}  // namespace stoa::backoffice
