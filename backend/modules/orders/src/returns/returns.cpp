#include "returns/returns.hpp"

#include <algorithm>
#include <map>

#include "sql/returns.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {
namespace {

std::string facts(const StoredReturn& back) {
    json::Writer data;
    data.begin_object();
    data.member("order_id", back.order.to_string());
    data.member("number", back.order_number);
    data.member("return_id", back.id.to_string());
    data.member("return_number", back.number);
    data.end_object();
    return data.take();
}

std::string_view in_words(ReturnObstacle obstacle) {
    switch (obstacle) {
        case ReturnObstacle::not_shipped:
            return "They were not shipped yet.";
        case ReturnObstacle::too_late:
            return "The time for returns is over.";
        case ReturnObstacle::excluded:
            return "These goods cannot be returned.";
        case ReturnObstacle::returned:
            return "The others are being returned or were refunded.";
        case ReturnObstacle::none:
            return "";
    }
    return "";
}

}  // namespace

Failure return_not_found() { return fail(ErrorKind::not_found, "orders.return_not_found", "There is no such return."); }

ReturnTerms Returns::terms(db::Session& session, OrderId order) const {
    const db::Call calls[] = {db::call(sql::return_terms, order), db::call(sql::return_excluded, order),
                              db::call(sql::units_in_returns, order)};
    const auto answers = session.pipeline(calls);
    const auto row = answers[0].front();
    ReturnTerms out;
    out.now = deps_.clock.now();
    out.until = row.get<std::optional<Timestamp>>("since").value_or(out.now) + std::chrono::days(row.get<int>("days"));
    for (const auto excluded : answers[1]) out.excluded.push_back(excluded.get<catalog::ProductId>("product_id"));
    for (const auto units : answers[2])
        out.in_returns.push_back({units.get<OrderLineId>("line_id"), units.get<std::int64_t>("taken"), units.get<std::int64_t>("open")});
    return out;
}

std::vector<StoredReturn> Returns::of_order(db::Session& session, OrderId order) const {
    const db::Call calls[] = {db::call(sql::returns_of_order, order), db::call(sql::return_lines_of_order, order)};
    const auto answers = session.pipeline(calls);
    std::vector<StoredReturn> out;
    for (const auto row : answers[0]) {
        StoredReturn back;
        back.id = row.get<ReturnId>("id");
        back.number = row.get<std::string>("number");
        back.order_number = row.get<std::string>("order_number");
        back.order = row.get<OrderId>("order_id");
        back.state = json::from_name<ReturnState>(row.get<std::string>("state")).value();
        back.comment = row.get<std::string>("comment");
        back.answer = row.get<std::string>("answer");
        back.refund = row.get<std::optional<OrderRefundId>>("refund_id");
        if (const auto amount = row.get<std::optional<std::int64_t>>("refunded"))
            back.refunded = Money(*amount, row.get<Currency>("currency"));
        back.requested_at = row.get<Timestamp>("requested_at");
        back.decided_at = row.get<std::optional<Timestamp>>("decided_at");
        back.received_at = row.get<std::optional<Timestamp>>("received_at");
        out.push_back(std::move(back));
    }
    for (const auto row : answers[1]) {
        StoredReturn::Line line;
        line.line = row.get<OrderLineId>("line_id");
        line.sku = row.get<std::string>("sku");
        line.name = row.get<std::string>("name");
        line.options_text = row.get<std::string>("options_text");
        line.comment = row.get<std::string>("comment");
        line.quantity = row.get<std::int64_t>("quantity");
        line.received = row.get<std::int64_t>("received");
        line.restocked = row.get<std::int64_t>("restocked");
        line.reason = json::from_name<ReturnReason>(row.get<std::string>("reason")).value();
        if (const auto condition = row.get<std::optional<std::string>>("condition"))
            line.condition = json::from_name<ReturnCondition>(*condition).value();
        std::ranges::find(out, row.get<ReturnId>("return_id"), &StoredReturn::id)->lines.push_back(std::move(line));
    }
    return out;
}

std::optional<StoredReturn> Returns::find(db::Session& session, ReturnId id) const {
    const auto rows = session.query(sql::order_of_return, id);
    if (rows.empty()) return std::nullopt;
    auto all = of_order(session, rows.front().get<OrderId>("order_id"));
    const auto it = std::ranges::find(all, id, &StoredReturn::id);
    if (it == all.end()) return std::nullopt;
    return std::move(*it);
}

Result<StoredReturn> Returns::request(db::Tx& tx, const SoldOrder& order, std::span<const NewReturnLine> lines, std::string_view comment) {
    const auto rules = terms(tx, order.id);
    std::vector<Uuid> ids;
    std::vector<std::int64_t> quantities;
    std::vector<std::string> reasons, comments;
    for (const auto& wanted : lines) {
        const auto line = std::ranges::find(order.content.lines, wanted.line, &ContentLine::id);
        if (line == order.content.lines.end() || std::ranges::find(ids, wanted.line.uuid()) != ids.end())
            return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this order can be named once.");
        const auto most = returnable(order, static_cast<std::size_t>(line - order.content.lines.begin()), rules);
        if (wanted.quantity > most.quantity)
            return fail(ErrorKind::conflict, "orders.return_quantity",
                        "Of this line " + std::to_string(most.quantity) + " can be returned. " + std::string(in_words(most.obstacle)));
        ids.push_back(wanted.line.uuid());
        quantities.push_back(wanted.quantity);
        reasons.emplace_back(json::to_name(wanted.reason));
        comments.push_back(wanted.comment);
    }
    StoredReturn back;
    back.id = ReturnId::make();
    back.order = order.id;
    back.order_number = order.number;
    back.number = tx.query(sql::next_return_number).front().get<std::string>("number");
    tx.exec(sql::insert_return, back.id, back.number, order.id, comment, deps_.clock.now());
    tx.exec(sql::insert_return_lines, back.id, ids, quantities, reasons, comments);
    deps_.orders.note(tx, order.id, "return_requested", facts(back));
    events::append(tx, events::NewEvent{"order.return_requested", subject_of(order.id), facts(back)});
    return *find(tx, back.id);
}

Result<StoredReturn> Returns::lock(db::Tx& tx, ReturnId id) {
    const auto rows = tx.query(sql::order_of_return, id);
    if (rows.empty()) return return_not_found();
    (void)deps_.orders.lock(tx, rows.front().get<OrderId>("order_id"));
    (void)tx.query(sql::lock_return, id);
    return *find(tx, id);
}

Result<StoredReturn> Returns::to(db::Tx& tx, const StoredReturn& back, ReturnState next, std::string_view answer,
                                 std::optional<OrderRefundId> refund) {
    const auto allowed = return_transition(back.state, next);
    if (!allowed) return std::unexpected(allowed.error());
    tx.exec(sql::set_return_state, back.id, json::to_name(next), answer, deps_.clock.now(), refund);
    deps_.orders.note(tx, back.order, allowed->event.substr(allowed->event.find('.') + 1), facts(back));
    events::append(tx, events::NewEvent{std::string(allowed->event), subject_of(back.order), facts(back)});
    return *find(tx, back.id);
}

Result<StoredReturn> Returns::move(db::Tx& tx, ReturnId id, ReturnState next, std::string_view answer) {
    const auto back = lock(tx, id);
    if (!back) return back;
    return to(tx, *back, next, answer);
}

Result<StoredReturn> Returns::receive(db::Tx& tx, ReturnId id, std::span<const ReceivedLine> lines) {
    const auto back = lock(tx, id);
    if (!back) return back;
    if (const auto allowed = return_transition(back->state, ReturnState::received); !allowed) return std::unexpected(allowed.error());
    const auto order = load_sold(tx, deps_, back->order);
    std::vector<Uuid> ids;
    std::vector<std::int64_t> received, restocked;
    std::vector<std::string> conditions;
    struct Units {
        std::int64_t in = 0, off = 0;
    };
    std::map<catalog::VariantId, Units> units;  // in the order of their ids, as stock is locked everywhere
    for (const auto& line : lines) {
        const auto asked = std::ranges::find(back->lines, line.line, &StoredReturn::Line::line);
        if (asked == back->lines.end() || std::ranges::find(ids, line.line.uuid()) != ids.end())
            return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this return can be named once.");
        if (line.received > asked->quantity || line.restocked > line.received)
            return fail(ErrorKind::invalid, "orders.return_receipt",
                        "Of this line at most " + std::to_string(asked->quantity) + " can come back, and no more go to stock than came.");
        ids.push_back(line.line.uuid());
        received.push_back(line.received);
        restocked.push_back(line.restocked);
        conditions.emplace_back(json::to_name(line.condition));
        const auto sold = std::ranges::find(order->content.lines, line.line, &ContentLine::id);
        auto& of_variant = units[catalog::VariantId(sold->variant)];
        of_variant.in += line.received;
        of_variant.off += line.received - line.restocked;
    }
    if (std::ranges::all_of(received, [](std::int64_t units_of_line) { return units_of_line == 0; }))
        return fail(ErrorKind::invalid, "orders.return_receipt", "Nothing came back with this. Close or cancel the return instead.");
    tx.exec(sql::receive_return_lines, id, ids, received, conditions, restocked);
    for (const auto& [variant, moved] : units) {
        // What is written off came in first: the movements tell both.
        if (moved.in > 0) deps_.inventory.adjust(tx, variant, moved.in, "return");
        if (moved.off > 0) deps_.inventory.adjust(tx, variant, -moved.off, "written_off");
    }
    return to(tx, *back, ReturnState::received, "");
}

RefundRequest Returns::refund_of(const StoredReturn& back, const Money& shipping, const Money& deduction) {
    RefundRequest out{{}, shipping, -deduction};
    for (const auto& line : back.lines) {
        if (line.received > 0) out.lines.push_back({line.line, line.received});
    }
    return out;
}

Result<StoredReturn> Returns::refund(db::Tx& tx, const StoredReturn& back, const SoldOrder& order, const RefundRequest& request,
                                     const std::optional<std::vector<Part>>& parts, const http::StaffActor& staff) {
    if (const auto allowed = return_transition(back.state, ReturnState::refunded); !allowed) return std::unexpected(allowed.error());
    const auto granted = refunds_.grant(tx, order, request, parts, "return " + back.number, staff);
    if (!granted) return std::unexpected(granted.error());
    return to(tx, back, ReturnState::refunded, "", granted->id);
}

}  // namespace stoa::orders
