#include "after_sale/service.hpp"

#include <algorithm>

#include "sql/returns.hpp"

namespace stoa::orders {

void Service::add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    add_refund_routes(routes, gate, audit);
    add_return_routes(routes, gate, audit);
    add_cancel_routes(routes, gate, audit);
    add_case_routes(routes, gate, audit);
    add_book_in_routes(routes, gate, audit);
}

std::vector<jobs::Handler> Service::job_handlers() {
    return {refunds_.job_handler(),
            {"orders.purge_return_photos", [this](const jobs::Job&) { returns_.purge_photos(); }, std::chrono::seconds{600}},
            {"orders.close_returns", [this](const jobs::Job&) { returns_.close_unsent(); }, std::chrono::seconds{600}},
            {"orders.complete", [this](const jobs::Job& job) { complete_orders(job); }, std::chrono::seconds{600}}};
}

std::vector<jobs::Schedule> Service::schedules() const {
    return {{"orders.purge_return_photos", "40 * * * *", "orders.purge_return_photos", "{}"},
            {"orders.close_returns", "15 3 * * *", "orders.close_returns", "{}"},
            {"orders.complete", "25 * * * *", "orders.complete", "{}"}};
}

std::optional<RefundFacts> Service::refund_facts(db::Session& session, OrderRefundId id) {
    const db::Call calls[] = {db::call(sql::refund_facts, id), db::call(sql::refund_facts_lines, id),
                              db::call(sql::refund_facts_parts, id)};
    const auto answers = session.pipeline(calls);
    if (answers[0].empty()) return std::nullopt;
    const auto row = answers[0].front();
    const auto currency = row.get<Currency>("currency");
    const auto money = [&](const db::Row& from, std::string_view column) { return Money(from.get<std::int64_t>(column), currency); };
    RefundFacts out;
    out.id = id;
    out.order = row.get<OrderId>("order_id");
    out.state = row.get<std::string>("state");
    out.amount = money(row, "amount");
    out.return_number = row.get<std::optional<std::string>>("return_number").value_or("");
    out.moves_money = row.get<std::int64_t>("parts") > 0;
    out.shipping = money(row, "shipping");
    out.adjustment = money(row, "adjustment");
    for (const auto line : answers[1]) {
        auto name = line.get<std::string>("name");
        if (const auto options = line.get<std::string>("options_text"); !options.empty()) name += ", " + options;
        out.lines.push_back({std::move(name), line.get<std::int64_t>("quantity"), money(line, "amount")});
    }
    const auto rooms = deps_.payments.refund_rooms(session, out.order.uuid());
    for (const auto part : answers[2]) {
        const auto attempt = part.get<payments::AttemptId>("attempt_id");
        const auto room = std::ranges::find(rooms, attempt, [](const payments::Payments::RefundRoom& one) { return one.attempt.id; });
        out.parts.push_back({room == rooms.end() ? std::string() : room->attempt.label, money(part, "amount")});
    }
    return out;
}

std::optional<ReturnFacts> Service::return_facts(db::Session& session, ReturnId id) {
    const auto back = returns_.find(session, id);
    if (!back) return std::nullopt;
    ReturnFacts out{back->id, back->order, back->number, back->answer, {}, back->replacement_number};
    for (const auto& line : back->lines)
        out.lines.push_back({line.options_text.empty() ? line.name : line.name + ", " + line.options_text, line.quantity, line.received,
                             line.exchange_text});
    return out;
}

bool Service::is_replacement(db::Session& session, OrderId id) {
    const auto rows = session.query(sql::order_is_replacement, id);
    return !rows.empty() && rows.front().get<bool>("is_replacement");
}

Result<SoldOrder> Service::read_sold(db::Session& session, OrderId id) const {
    auto order = load_sold(session, deps_, id);
    if (!order) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
    if (!order->is_sold()) return not_sold();
    return std::move(*order);
}

std::unique_ptr<AfterSale> make_after_sale(AfterSaleDependencies dependencies) {
    return std::make_unique<Service>(std::move(dependencies));
}

}  // namespace stoa::orders
