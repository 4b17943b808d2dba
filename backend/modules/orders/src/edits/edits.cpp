#include "edits/edits.hpp"

#include <algorithm>

#include "after_sale/due.hpp"
#include "domain/words.hpp"
#include "gift_cards/gift_cards.hpp"
#include "new_lines.hpp"
#include "sql/edits.hpp"
#include "sql/returns.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {
namespace {

bool is_replacement(db::Session& session, OrderId id) {
    return session.query(sql::order_is_replacement, id).front().get<bool>("is_replacement");
}

bool is_renamed(const SoldOrder& order, const EditWish& wish) { return wish.email && *wish.email != order.email; }
bool is_billed_anew(const SoldOrder& order, const EditWish& wish) {
    return wish.billing_address && json::render(*wish.billing_address) != json::render(order.billing_address);
}
// What its invoice says of the buyer.
bool is_printed_anew(const SoldOrder& order, const EditWish& wish) {
    if (!wish.billing_address) return false;
    const auto printed = [](customers::AddressDto address) {
        address.id.reset();
        address.phone.reset();
        address.is_default.reset();
        return json::render(address);
    };
    return printed(*wish.billing_address) != printed(order.billing_address);
}

// Some of the goods are with the carrier or the buyer.
bool is_under_way(const shipping::Shipment& shipment) {
    return shipment.left_at && !std::ranges::all_of(shipment.lines, [&](const auto& line) { return came_back(shipment, line); });
}

// What an order's timeline and its event say about a change, in words without anybody's data.
std::vector<std::string_view> parts_of(const SoldOrder& order, const EditPlan& plan, const EditWish& wish) {
    std::vector<std::string_view> out;
    if (plan.after.lines != order.content.lines) out.emplace_back("goods");
    if (wish.delivery) out.emplace_back("delivery");
    if (wish.shipping_address) out.emplace_back("shipping_address");
    if (is_billed_anew(order, wish)) out.emplace_back("billing_address");
    if (is_renamed(order, wish)) out.emplace_back("email");
    return out;
}

}  // namespace

Result<std::vector<NewLine>> Edits::price(db::Session& session, const SoldOrder& order, std::span<const NewArticle> articles,
                                          std::vector<AddedLine>& added) const {
    std::vector<NewLine> out;
    if (articles.empty()) return out;
    OfferRequest request{order.customer, order.content.currency(), order.country, order.locale, {}};
    for (const auto& article : articles) {
        if (std::ranges::count(articles, article.variant, &NewArticle::variant) > 1)
            return fail(ErrorKind::invalid, "orders.article_twice", "Name each article once.");
        request.goods.push_back({article.variant, article.quantity});
    }
    auto offers = deps_.offers(session, request);
    for (const auto& article : articles) {
        const auto offer = std::ranges::find(offers, article.variant, [](const Offer& one) { return one.line.variant.id; });
        // An order shows its prices with tax or without; what is sold only the other way has no price in it.
        if (offer == offers.end() || offer->tax_included != order.content.tax_included)
            return fail(ErrorKind::conflict, "orders.article_unavailable",
                        "An article is not sold to this buyer, or not in this order's currency.");
        auto& line = offer->line;
        if (line.variant.is_gift_card)
            return fail(ErrorKind::conflict, "orders.gift_card_line", "Gift cards are bought in an order of their own.");
        ContentLine content;
        content.id = OrderLineId::make();
        content.variant = line.variant.id.uuid();
        content.quantity = line.quantity;
        content.unit_price = line.unit_price;
        content.discount = line.discount;
        content.total = line.total;
        content.net = line.net;
        content.tax = line.tax;
        content.basis_points = line.tax_basis_points;
        content.treatment = line.tax_treatment;
        content.credited = Worth::zero(order.content.currency());
        added.push_back({std::move(content), offer->tax_reason});
        out.push_back(std::move(line));
    }
    return out;
}

Result<shipping::RateRequest> Edits::parcel(db::Session& session, const SoldOrder& order, const EditWish& wish) const {
    auto changes = wish.changes;
    const auto added = price(session, order, wish.articles, changes.added);
    if (!added) return std::unexpected(added.error());
    const auto after = apply_changes(order.content, changes);
    if (!after) return std::unexpected(after.error());
    const auto& to = wish.shipping_address ? *wish.shipping_address : order.shipping_address;
    shipping::RateRequest out{{to.country, to.postal_code, to.city, to.line1, to.state.value_or("")},
                              {},
                              Money::zero(after->currency()),
                              order.locale,
                              deps_.clock.now()};
    const auto first_added = after->lines.size() - added->size();
    for (std::size_t i = 0; i < after->lines.size(); ++i) {
        const auto& line = after->lines[i];
        out.goods_total += line.total;
        const auto units = line.quantity - line.unsent;
        if (line.treatment == kVoucher || units <= 0) continue;
        const auto weight = i >= first_added ? (*added)[i - first_added].variant.weight_grams
                                             : std::ranges::find(order.names, line.id, &SoldOrder::LineNames::id)->weight_grams;
        out.items.push_back({units, weight, 0, 0, 0, Money::zero(after->currency())});
    }
    return out;
}

// Whether the goods go another way; what that costs becomes part of the changes where it is not what the delivery costs already.
Result<bool> Edits::changes_delivery(db::Session& session, const SoldOrder& order, const EditWish& wish, ChangeSet& changes) const {
    if (!wish.delivery) return false;
    if (order.option_id == kByMail)
        return fail(ErrorKind::conflict, "orders.edit_no_delivery", "Nothing of this order is sent by a carrier.");
    if (std::ranges::any_of(deps_.shipments.of_order(session, order.id.uuid()), is_under_way))
        return fail(ErrorKind::conflict, "orders.edit_too_late", "Goods have left with the delivery that was chosen: it stays.");
    // What came in exchange costs nothing, however it is sent.
    const auto asked = is_replacement(session, order.id) ? order.content.shipping : wish.delivery->price;
    const auto costs = changes.shipping.value_or(asked);
    changes.shipping.reset();
    if (costs != order.content.shipping) changes.shipping = costs;
    return true;
}

Result<EditPlan> Edits::plan(db::Session& session, const SoldOrder& order, const EditWish& wish) const {
    auto changes = wish.changes;
    const auto redelivered = changes_delivery(session, order, wish, changes);
    if (!redelivered) return std::unexpected(redelivered.error());
    const bool changes_worth = !changes.lines.empty() || !wish.articles.empty() || changes.shipping || changes.discount;
    const bool reroutes = wish.shipping_address || *redelivered;
    if (!changes_worth && !reroutes && !is_renamed(order, wish) && !is_billed_anew(order, wish))
        return fail(ErrorKind::invalid, "orders.edit_nothing", "There is nothing to change with this.");
    if ((changes_worth || reroutes) && order.state != State::confirmed && order.state != State::processing)
        return fail(ErrorKind::conflict, "orders.edit_too_late", "The goods have left: what comes back is a return.");
    // It has no rate of tax to work with, and what was paid for its goods stands in the order before.
    if (changes_worth && is_replacement(session, order.id))
        return fail(ErrorKind::conflict, "orders.edit_replacement",
                    "What came in exchange has no price to change. Cancel it, and exchange or refund the return again.");
    for (const auto& change : changes.lines) {
        const auto line = std::ranges::find(order.content.lines, change.line, &ContentLine::id);
        if (line != order.content.lines.end() && line->treatment == kVoucher)
            return fail(ErrorKind::conflict, "orders.gift_card_line", "The number of gift cards stays: refund those that are not wanted.");
    }
    EditPlan out;
    auto added = price(session, order, wish.articles, changes.added);
    if (!added) return std::unexpected(added.error());
    out.added = std::move(*added);
    auto after = apply_changes(order.content, changes);
    if (!after) return std::unexpected(after.error());
    if (order.position.uncaptured && after->total != order.content.total)
        return fail(ErrorKind::conflict, "orders.payment_not_captured",
                    "The payment is only reserved: capture it, or wait until it is money.");
    if (changes_worth || reroutes) {
        std::vector<LineUnits> remaining;  // what is new is in no shipment
        for (const auto& line : after->lines) remaining.push_back({line.id, line.quantity});
        auto shipments = refit(deps_.shipments.of_order(session, order.id.uuid()), remaining, reroutes);
        if (!shipments) return std::unexpected(shipments.error());
        out.shipments = std::move(*shipments);
    }
    std::vector<catalog::VariantId> wanted;
    for (const auto& line : order.content.lines) {
        const auto kept = std::ranges::find(after->lines, line.id, &ContentLine::id);
        const auto units = (kept == after->lines.end() ? 0 : kept->quantity) - line.quantity;
        if (units == 0) continue;
        out.stock.push_back({line.id, catalog::VariantId(line.variant), units, 0});
        if (units > 0) wanted.push_back(catalog::VariantId(line.variant));
    }
    for (const auto& line : changes.added) {
        out.stock.push_back({line.line.id, catalog::VariantId(line.line.variant), line.line.quantity, 0});
        wanted.push_back(catalog::VariantId(line.line.variant));
    }
    if (!wanted.empty()) {
        auto available = deps_.inventory.available(session, wanted);
        for (auto& change : out.stock) {
            if (change.units <= 0) continue;
            auto& left = available[change.variant];
            change.short_by = std::max<std::int64_t>(0, change.units - std::max<std::int64_t>(0, left));
            left -= change.units;
        }
    }
    auto position = order.position;
    position.sold = after->worth();
    out.due = due_now(position);
    out.payable = payable_now(position);
    // What was owed before goes back by itself, or by a refund: no change of an address sends it.
    if (changes_worth) {
        if (auto parts = spread(position.sources, out.payable))
            out.parts = std::move(*parts);
        else
            out.waits = parts.error().code;
    }
    const bool says_else = *after != order.content || is_printed_anew(order, wish);
    const auto invoices = session.query(sql::invoice_of_order, order.id);
    if (says_else && !invoices.empty()) out.invoice = invoices.front().get<std::string>("number");
    out.after = std::move(*after);
    return out;
}

Result<void> Edits::move_stock(db::Tx& tx, const SoldOrder& order, const EditPlan& plan) {
    std::vector<inventory::Wanted> more, less;
    for (const auto& change : plan.stock) {
        if (change.units > 0)
            more.push_back({change.variant, change.units});
        else
            less.push_back({change.variant, -change.units});
    }
    if (!less.empty()) deps_.inventory.unallocate(tx, order.id.uuid(), less);
    if (more.empty()) return {};
    // A hold of this change alone, which becomes the order's at once.
    const auto owner = Uuid::v7();
    const auto shortages = deps_.inventory.hold(tx, owner, more, deps_.clock.now() + std::chrono::minutes{1});
    if (!shortages.empty() || !deps_.inventory.allocate(tx, owner, order.id.uuid(), more))
        return fail(ErrorKind::conflict, "orders.edit_stock", "There are not enough of these goods.");
    return {};
}

void Edits::write(db::Tx& tx, const SoldOrder& order, const EditPlan& plan, const EditWish& wish) {
    const auto& after = plan.after;
    const auto json_of = [](const auto& value) { return value ? std::optional(json::render(*value)) : std::nullopt; };
    const auto method = wish.delivery ? std::optional(wish.delivery->method) : std::nullopt;
    tx.exec(sql::change_order, order.id, after.subtotal.minor(), after.discount.minor(), after.shipping.minor(), after.tax.minor(),
            after.total.minor(), json_of(wish.shipping_address), json_of(wish.billing_address), json_of(method), wish.email,
            deps_.clock.now());
    if (wish.email) tx.exec(sql::remember_address, *wish.email);
    std::vector<Uuid> ids;
    std::vector<std::int64_t> quantities, discounts, totals, nets, taxes;
    for (const auto& line : after.lines) {
        ids.push_back(line.id.uuid());
        quantities.push_back(line.quantity);
        discounts.push_back(line.discount.minor());
        totals.push_back(line.total.minor());
        nets.push_back(line.net.minor());
        taxes.push_back(line.tax.minor());
    }
    if (!plan.added.empty()) {
        const auto first = static_cast<int>(tx.query(sql::next_line_position, order.id).front().get<std::int64_t>("position"));
        const db::Call calls[] = {insert_lines(order.id, plan.added, std::span(ids).last(plan.added.size()), first)};
        (void)tx.pipeline(calls);
    }
    tx.exec(sql::drop_lines, order.id, ids);
    tx.exec(sql::change_lines, order.id, ids, quantities, discounts, totals, nets, taxes);
    std::vector<int> positions;
    std::vector<std::int64_t> rates, rate_nets, rate_taxes;
    std::vector<std::string> treatments, reasons;
    for (const auto& rate : after.tax_lines) {
        positions.push_back(static_cast<int>(positions.size()));
        rates.push_back(rate.basis_points);
        treatments.push_back(rate.treatment);
        reasons.push_back(rate.reason);
        rate_nets.push_back(rate.net.minor());
        rate_taxes.push_back(rate.tax.minor());
    }
    tx.exec(sql::drop_tax_lines, order.id);
    tx.exec(sql::write_tax_lines, order.id, positions, rates, treatments, reasons, rate_nets, rate_taxes);

    // What is named as a discount adds up to the discount: the old ones share what is left of them.
    const Money added = wish.changes.discount.value_or(Money::zero(after.currency()));
    std::vector<int> named;
    std::vector<std::int64_t> weights, amounts;
    for (const auto row : tx.query(sql::discounts_to_change, order.id)) {
        named.push_back(row.get<int>("position"));
        weights.push_back(row.get<std::int64_t>("amount"));
    }
    if (!named.empty()) {
        for (const auto& part : (after.discount - added).split(weights)) amounts.push_back(part.minor());
        tx.exec(sql::change_discounts, order.id, named, amounts);
    }
    if (!added.is_zero()) tx.exec(sql::add_discount, order.id, discount_label(order.locale), added.minor());
}

// Those without a label go as the order says now; what somebody corrected by hand stays, unless it is what the change is about.
Result<void> Edits::tell_shipments(db::Tx& tx, const SoldOrder& order, const EditWish& wish) {
    if (!wish.delivery && !is_renamed(order, wish)) return {};
    for (const auto& shipment : deps_.shipments.of_order(tx, order.id.uuid())) {
        if (!is_loose(shipment)) continue;
        shipping::Shipments::Correction correction;
        if (is_renamed(order, wish)) {
            correction.to = shipment.to;
            correction.to->email = *wish.email;
        }
        if (wish.delivery) {
            const auto& method = wish.delivery->method;
            correction.option_code = platform_option(method.option_id);
            correction.service_point_id = method.service_point ? method.service_point->id : "";
        }
        if (auto corrected = deps_.shipments.correct(tx, shipment.id, correction); !corrected) return std::unexpected(corrected.error());
    }
    return {};
}

Result<void> Edits::confirm(db::Tx& tx, const SoldOrder& order, const EditPlan& plan, const EditWish& wish, std::string_view changes_json,
                            std::string_view reason, AskForPayment ask, const http::StaffActor& staff) {
    if (auto moved = move_stock(tx, order, plan); !moved) return moved;
    write(tx, order, plan, wish);
    if (order.state == State::confirmed || order.state == State::processing) {
        if (auto followed = deps_.fulfilment.follow_edit(tx, order.id, wish.shipping_address.has_value()); !followed) return followed;
        if (auto told = tell_shipments(tx, order, wish); !told) return told;
    }
    const auto id = OrderEditId::make();
    const auto difference = plan.after.worth() - order.content.worth();
    tx.exec(sql::insert_edit, id, order.id, difference.value.minor(), difference.tax.minor(), changes_json, reason, staff.id, staff.name,
            deps_.clock.now());
    if (!difference.value.is_zero() || !difference.tax.is_zero()) {
        auto posted = deps_.ledger.post(tx, {"edit:" + id.uuid().to_string(), "order_changed",
                                             edit_entries(order.content.worth(), plan.after.worth(), subject_of(order.id))});
        if (!posted) return std::unexpected(posted.error());
    }
    json::Writer data;
    data.begin_object();
    data.member("order_id", order.id.to_string());
    data.member("number", order.number);
    data.member("edit_id", id.to_string());
    data.member("total", plan.after.total.minor());
    data.member("difference", difference.value.minor());
    data.member("currency", plan.after.currency().code());
    data.key("changed");
    data.begin_array();
    for (const auto part : parts_of(order, plan, wish)) data.string(part);
    data.end_array();
    data.end_object();
    const auto facts = data.take();
    deps_.orders.note(tx, order.id, "changed", facts);

    auto header = deps_.orders.lock(tx, order.id);
    auto position = order.position;
    position.sold = plan.after.worth();
    // Money that went back at the provider is no business of a new address.
    const bool moves_money = !difference.value.is_zero();
    if (moves_money) {
        drop_losses(tx, deps_, order.id, position);
        deps_.orders.set_payment_state(tx, *header, payment_state_after_change(position, header->payment_state));
    }
    if (!plan.parts.empty()) {
        const auto now = load_sold(tx, deps_, order.id);
        const auto paid = refunds_.pay_out(tx, *now, std::nullopt, "order changed", staff);
        if (!paid) return std::unexpected(paid.error());
    }
    events::append(tx, events::NewEvent{"order.changed", subject_of(order.id), facts});
    const bool collects = header->payment_state == PaymentState::partially_paid || header->payment_state == PaymentState::failed;
    if (ask == AskForPayment::by_mail && moves_money && collects && !plan.due.is_zero())
        request_payment(tx, deps_.orders, *header, plan.due);
    return {};
}

}  // namespace stoa::orders
