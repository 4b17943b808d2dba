#include "after_sale/sold_order.hpp"

#include <algorithm>
#include <stdexcept>

#include "sql/after_sale.hpp"

namespace stoa::orders {
namespace {

using payments::AttemptState;

// The payment that the order counts on. What came in beside it (paid twice, too late) goes back by a job of its own.
bool counts(const payments::Attempt& attempt) { return attempt.state == AttemptState::paid; }
bool is_reserved(const payments::Attempt& attempt) {
    return attempt.state == AttemptState::preauthorised || attempt.state == AttemptState::tentative;
}

customers::AddressDto stored_address(const std::string& text) {
    auto address = json::parse_as<customers::AddressDto>(text);
    if (!address) throw std::logic_error("orders: a stored address no longer reads: " + address.error().message);
    return std::move(*address);
}

// Units that left the house, line by line in their order: stock knows variants, not lines.
void put_shipped(std::vector<ContentLine>& lines, std::unordered_map<catalog::VariantId, std::int64_t> shipped) {
    for (auto& line : lines) {
        const auto it = shipped.find(catalog::VariantId(line.variant));
        if (it == shipped.end()) continue;
        line.shipped = std::min(line.quantity - line.unsent, it->second);
        it->second -= line.shipped;
    }
}

}  // namespace

std::string subject_of(OrderId id) { return "order:" + id.uuid().to_string(); }

Failure not_sold() {
    return fail(ErrorKind::conflict, "orders.not_sold", "This order was not sold, or was cancelled: there is nothing to change in it.");
}

Failure version_conflict() {
    return fail(ErrorKind::conflict, "orders.version_conflict", "The order has changed since you looked at it. Look again.");
}

std::optional<SoldOrder> load_sold(db::Session& session, const AfterSaleDependencies& deps, OrderId id) {
    const db::Call calls[] = {db::call(sql::sold_order, id), db::call(sql::sold_lines, id), db::call(sql::tax_lines_of_order, id),
                              db::call(sql::credited_sums, id)};
    const auto answers = session.pipeline(calls);
    if (answers[0].empty()) return std::nullopt;
    const auto row = answers[0].front();
    SoldOrder out;
    out.id = id;
    out.number = row.get<std::string>("number");
    out.locale = row.get<std::string>("locale");
    out.country = row.get<std::string>("country");
    out.email = row.get<std::string>("email");
    out.shipping_address = stored_address(row.get<std::string>("shipping_address"));
    out.billing_address = stored_address(row.get<std::string>("billing_address"));
    out.option_id = row.get<std::optional<std::string>>("option_id").value_or("");
    out.customer = row.get<std::optional<customers::CustomerId>>("customer_id");
    out.state = json::from_name<State>(row.get<std::string>("state")).value();
    out.payment_state = json::from_name<PaymentState>(row.get<std::string>("payment_state")).value();
    out.placed_at = row.get<Timestamp>("placed_at");
    out.version = row.get<std::int64_t>("version");
    const auto currency = row.get<Currency>("currency");
    const auto money = [&](const db::Row& from, std::string_view column) { return Money(from.get<std::int64_t>(column), currency); };
    auto& content = out.content;
    content.tax_included = row.get<bool>("tax_included");
    content.subtotal = money(row, "subtotal");
    content.discount = money(row, "discount");
    content.shipping = money(row, "shipping");
    content.tax = money(row, "tax");
    content.total = money(row, "total");
    for (const auto line : answers[1]) {
        ContentLine one;
        one.id = line.get<OrderLineId>("id");
        one.variant = line.get<Uuid>("variant_id");
        one.quantity = line.get<std::int64_t>("quantity");
        one.credited_quantity = line.get<std::int64_t>("credited_quantity");
        one.unsent = line.get<std::int64_t>("unsent");
        one.unit_price = money(line, "unit_price");
        one.discount = money(line, "discount");
        one.total = money(line, "total");
        one.net = money(line, "net");
        one.tax = money(line, "tax");
        one.basis_points = line.get<std::int64_t>("tax_basis_points");
        one.treatment = line.get<std::string>("tax_treatment");
        one.credited = {money(line, "credited"), money(line, "credited_tax")};
        content.lines.push_back(std::move(one));
        out.names.push_back({line.get<OrderLineId>("id"), line.get<catalog::ProductId>("product_id"), line.get<std::string>("sku"),
                             line.get<std::string>("name"), line.get<std::string>("options_text"), line.get<std::int64_t>("weight_grams")});
    }
    for (const auto rate : answers[2]) {
        content.tax_lines.push_back({rate.get<std::int64_t>("basis_points"), rate.get<std::string>("treatment"),
                                     rate.get<std::string>("reason"), money(rate, "net"), money(rate, "tax")});
    }
    const auto sums = answers[3].front();
    content.credited = {money(sums, "amount"), money(sums, "tax")};
    content.shipping_credited = {money(sums, "shipping"), money(sums, "shipping_tax")};
    put_shipped(content.lines, deps.inventory.shipped(session, id.uuid()));

    out.rooms = deps.payments.refund_rooms(session, id.uuid());
    std::vector<Source> sources;
    bool uncaptured = false;
    Money written_off = Money::zero(currency);
    for (const auto& room : out.rooms) {
        written_off += room.attempt.written_off;
        uncaptured = uncaptured || is_reserved(room.attempt);
        if (!counts(room.attempt)) continue;
        sources.push_back({room.attempt.id, room.attempt.captured, room.attempt.refunded, room.pending, room.rest_only,
                           payments::is_credit(room.attempt.method), room.blocked});
    }
    order_for_return(sources);
    out.position = position_of(content, std::move(sources), money(sums, "as_credit"), uncaptured);
    out.position.written_off = written_off;
    // Nothing is sold any more: whatever was paid, and not granted back before, is owed.
    if (out.state == State::cancelled) out.position.sold = out.position.credited;
    return out;
}

void drop_losses(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id, const MoneyPosition& after) {
    const auto lost = after.lost();
    if (after.written_off != lost) deps.cases.take_back_loss(tx, id.uuid(), after.written_off - lost);
}

Result<SoldOrder> lock_with_money(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id, std::optional<std::int64_t> version) {
    if (!deps.orders.lock(tx, id)) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
    auto order = load_sold(tx, deps, id);
    if (version && order->version != *version) return version_conflict();
    if (order->state == State::pending_payment) return not_sold();
    return std::move(*order);
}

Result<SoldOrder> lock_sold(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id, std::optional<std::int64_t> version) {
    auto order = lock_with_money(tx, deps, id, version);
    if (order && !order->is_sold()) return not_sold();
    return order;
}

}  // namespace stoa::orders
