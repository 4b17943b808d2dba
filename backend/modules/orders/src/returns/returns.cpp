#include "returns/returns.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "sql/desk.hpp"
#include "sql/returns.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {
namespace {

// Wide enough to see a scratch, small enough to send by telephone.
constexpr int kPhotoWidth = 1600;
// Uploaded for one order and not sent in.
constexpr std::int64_t kMostWaitingPhotos = 20;
// Beyond the policy's days after the approval, so long a return is waited for.
constexpr int kGraceDays = 14;
constexpr int kPage = 200;

bool is_under_way(shipping::ShipmentState state) {
    using enum shipping::ShipmentState;
    return state == in_transit || state == out_for_delivery || state == ready_for_pickup || state == exception || state == delivered;
}

// `ended`: by the shop, because the goods never came.
std::string facts(const StoredReturn& back, const std::optional<std::string_view>& ended = std::nullopt) {
    json::Writer data;
    data.begin_object();
    data.member("order_id", back.order.to_string());
    data.member("number", back.order_number);
    data.member("return_id", back.id.to_string());
    data.member("return_number", back.number);
    if (ended) {
        data.member("by", "shop");
        data.member("answered", !ended->empty());
    }
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
        case ReturnObstacle::replacement:
            return "They came in exchange: write to us, what they cost stands in the order before.";
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
    out.is_replacement = row.get<bool>("is_replacement");
    out.until = row.get<std::optional<Timestamp>>("since").value_or(out.now) + std::chrono::days(row.get<int>("days"));
    out.days = row.get<int>("days");
    for (const auto excluded : answers[1]) {
        out.excluded.push_back(excluded.get<catalog::ProductId>("product_id"));
        out.excluded_reasons.push_back(excluded.get<std::string>("reason"));
    }
    for (const auto units : answers[2])
        out.in_returns.push_back({units.get<OrderLineId>("line_id"), units.get<std::int64_t>("taken"), units.get<std::int64_t>("open")});
    return out;
}

std::vector<StoredReturn> Returns::of_order(db::Session& session, OrderId order) const {
    const db::Call calls[] = {db::call(sql::returns_of_order, order), db::call(sql::return_lines_of_order, order),
                              db::call(sql::photos_of_order, order)};
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
        back.refunded_at = row.get<std::optional<Timestamp>>("refunded_at");
        back.replaced_at = row.get<std::optional<Timestamp>>("replaced_at");
        back.email = row.get<std::string>("email");
        back.replacement = row.get<std::optional<OrderId>>("replacement_order_id");
        back.replacement_number = row.get<std::optional<std::string>>("replacement_number").value_or("");
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
        if (auto image = row.get<std::optional<std::string>>("image")) line.image = json::Raw{std::move(*image)};
        line.exchange = row.get<std::optional<catalog::VariantId>>("exchange_variant_id");
        line.exchange_sku = row.get<std::string>("exchange_sku");
        line.exchange_text = row.get<std::string>("exchange_text");
        line.exchanged = row.get<std::int64_t>("exchanged");
        line.refunded = row.get<std::int64_t>("refunded");
        line.variant = row.get<catalog::VariantId>("variant_id");
        line.warehouse = row.get<std::optional<inventory::WarehouseId>>("warehouse_id");
        std::ranges::find(out, row.get<ReturnId>("return_id"), &StoredReturn::id)->lines.push_back(std::move(line));
    }
    for (const auto row : answers[2])
        std::ranges::find(out, row.get<ReturnId>("return_id"), &StoredReturn::id)
            ->photos.push_back({row.get<ReturnPhotoId>("id"), row.get<int>("width"), row.get<int>("height")});
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

std::vector<Swap> Returns::swaps(db::Session& session, const SoldOrder& order) const {
    if (!deps_.swaps) return {};
    std::vector<catalog::ProductId> products;
    std::vector<catalog::VariantId> variants;
    for (std::size_t i = 0; i < order.names.size(); ++i) {
        products.push_back(order.names[i].product);
        variants.emplace_back(order.content.lines[i].variant);
    }
    return deps_.swaps(session, products, variants, order.position.currency(), order.country, order.locale);
}

Result<ReturnPhotoId> Returns::add_photo(OrderId order, std::string_view bytes) {
    if (!storage::probe_image(bytes))
        return fail(ErrorKind::invalid, "orders.return_photo_invalid",
                    "A photo is a JPEG, PNG, WebP or AVIF picture of at most 50 megapixels.");
    std::string kept;
    try {
        kept = storage::transform_image(bytes, kPhotoWidth, storage::ImageFormat::jpeg);
    } catch (const std::runtime_error&) {
        return fail(ErrorKind::invalid, "orders.return_photo_invalid", "This picture cannot be read.");
    }
    const auto size = storage::probe_image(kept);
    const auto id = ReturnPhotoId::make();
    const auto key = "returns/" + order.uuid().to_string() + "/" + id.uuid().to_string() + ".jpg";
    deps_.files.put(key, kept, "image/jpeg");
    auto added = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnPhotoId> {
        (void)deps_.orders.lock(tx, order);
        if (tx.query(sql::count_waiting_photos, order).front().get<std::int64_t>("count") >= kMostWaitingPhotos)
            return fail(ErrorKind::conflict, "orders.return_photos_full", "That many photos wait for their return already.");
        tx.exec(sql::insert_return_photo, id, order, key, size ? size->width : 1, size ? size->height : 1, deps_.clock.now());
        return id;
    });
    if (!added) deps_.files.erase(key);
    return added;
}

std::optional<std::string> Returns::photo(db::Session& session, ReturnId id, ReturnPhotoId photo) const {
    const auto rows = session.query(sql::find_return_photo, photo, id);
    if (rows.empty()) return std::nullopt;
    return rows.front().get<std::string>("key");
}

void Returns::purge_photos() {
    for (;;) {
        std::vector<Uuid> ids;
        std::vector<std::string> keys;
        deps_.database.in_tx([&](db::Tx& tx) {
            ids.clear();
            keys.clear();
            for (const auto row : tx.query(sql::drop_photos, deps_.clock.now() - std::chrono::hours{24})) {
                ids.push_back(row.get<Uuid>("id"));
                keys.push_back(row.get<std::string>("key"));
            }
        });
        // A row outlives its file: whoever dies in between leaves something that the next run finds.
        for (const auto& key : keys) deps_.files.erase(key);
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::delete_dropped_photos, ids); });
        if (ids.size() < 500) return;
    }
}

Result<StoredReturn> Returns::request(db::Tx& tx, const SoldOrder& order, std::span<const NewReturnLine> lines, std::string_view comment,
                                      std::span<const ReturnPhotoId> photos, ReturnRules strictness) {
    auto rules = terms(tx, order.id);
    if (strictness == ReturnRules::overridden) {
        rules.until = std::max(rules.until, rules.now);
        rules.excluded.clear();
        rules.excluded_reasons.clear();
    }
    std::vector<Uuid> ids;
    std::vector<std::int64_t> quantities;
    std::vector<std::string> reasons, comments, exchange_skus, exchange_texts;
    std::vector<std::optional<std::string>> exchanges;
    std::vector<Swap> possible;
    if (std::ranges::any_of(lines, [](const NewReturnLine& line) { return line.exchange.has_value(); })) possible = swaps(tx, order);
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
        const auto instead = std::ranges::find_if(possible, [&](const Swap& one) {
            return wanted.exchange && one.variant == *wanted.exchange && one.instead_of == catalog::VariantId(line->variant);
        });
        if (wanted.exchange && instead == possible.end())
            return fail(
                ErrorKind::invalid, "orders.exchange_unknown",
                "Only another variant of the same product at the same price comes in exchange. For anything else: return, and order anew.");
        exchanges.push_back(wanted.exchange ? std::optional(wanted.exchange->uuid().to_string()) : std::nullopt);
        exchange_skus.push_back(wanted.exchange ? instead->sku : std::string());
        exchange_texts.push_back(!wanted.exchange ? std::string() : instead->options_text.empty() ? instead->sku : instead->options_text);
    }
    StoredReturn back;
    back.id = ReturnId::make();
    back.order = order.id;
    back.order_number = order.number;
    back.number = tx.query(sql::next_return_number).front().get<std::string>("number");
    tx.exec(sql::insert_return, back.id, back.number, order.id, comment, deps_.clock.now());
    tx.exec(sql::insert_return_lines, back.id, ids, quantities, reasons, comments, exchanges, exchange_skus, exchange_texts);
    if (!photos.empty()) {
        std::vector<Uuid> photo_ids;
        for (const auto photo : photos) photo_ids.push_back(photo.uuid());
        if (tx.exec(sql::claim_return_photos, back.id, order.id, photo_ids) != static_cast<std::int64_t>(photo_ids.size()))
            return fail(ErrorKind::invalid, "orders.return_photo_unknown", "A photo is not there any more. Add it again.");
    }
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
                                 std::optional<OrderRefundId> refund, EndedBy by) {
    const auto allowed = return_transition(back.state, next);
    if (!allowed) return std::unexpected(allowed.error());
    const auto said = facts(back, by == EndedBy::shop ? std::optional(answer) : std::nullopt);
    tx.exec(sql::set_return_state, back.id, json::to_name(next), answer, deps_.clock.now(), refund);
    if (next == ReturnState::cancelled) deps_.labels.cancel(tx, back.id.uuid());
    deps_.orders.note(tx, back.order, allowed->event.substr(allowed->event.find('.') + 1), said);
    events::append(tx, events::NewEvent{std::string(allowed->event), subject_of(back.order), said});
    return *find(tx, back.id);
}

Result<StoredReturn> Returns::move(db::Tx& tx, ReturnId id, ReturnState next, std::string_view answer) {
    const auto back = lock(tx, id);
    if (!back) return back;
    return to(tx, *back, next, answer);
}

Result<StoredReturn> Returns::close(db::Tx& tx, ReturnId id, std::string_view answer) {
    const auto back = lock(tx, id);
    if (!back) return back;
    if (back->state == ReturnState::approved) return to(tx, *back, ReturnState::cancelled, answer, std::nullopt, EndedBy::shop);
    return to(tx, *back, ReturnState::closed, answer);
}

void Returns::close_unsent() {
    std::optional<ReturnId> last;
    for (;;) {
        const auto page = deps_.database.read([&](db::Session& session) {
            std::vector<ReturnId> out;
            for (const auto row : session.query(sql::returns_that_never_came, deps_.clock.now(), kGraceDays, last, kPage))
                out.push_back(row.get<ReturnId>("id"));
            return out;
        });
        for (const auto id : page) {
            deps_.database.in_tx([&](db::Tx& tx) {
                const auto back = lock(tx, id);
                if (!back || back->state != ReturnState::approved) return;
                const auto labels = deps_.labels.of_returns(tx, {id.uuid()});
                if (!labels.empty() && is_under_way(labels.front().state)) return;
                if (const auto over = to(tx, *back, ReturnState::cancelled, "", std::nullopt, EndedBy::shop); !over)
                    throw std::logic_error("orders: an allowed change was refused: " + over.error().code);
            });
        }
        if (std::ssize(page) < kPage) return;
        last = page.back();
    }
}

std::vector<inventory::WarehouseId> Returns::homes(db::Session& session, const StoredReturn& back) const {
    const auto sent_from = deps_.inventory.shipped_from(session, back.order.uuid());
    const auto places = deps_.inventory.warehouses(session);
    if (places.empty()) throw std::logic_error("orders: there is no warehouse");
    std::vector<inventory::WarehouseId> out;
    for (const auto& line : back.lines) {
        const auto found = sent_from.find(line.variant);
        out.push_back(found == sent_from.end() ? places.front().id : found->second);
    }
    return out;
}

Result<StoredReturn> Returns::receive(db::Tx& tx, ReturnId id, std::span<const ReceivedLine> lines,
                                      const std::optional<inventory::WarehouseId>& warehouse) {
    const auto back = lock(tx, id);
    if (!back) return back;
    if (const auto allowed = return_transition(back->state, ReturnState::received); !allowed) return std::unexpected(allowed.error());
    // Opened again it has received its goods before.
    if (back->state != ReturnState::approved)
        return fail(ErrorKind::conflict, "orders.return_transition_not_allowed", "The goods of this return came before.");
    std::vector<inventory::WarehouseId> places;
    if (warehouse) {
        const auto known = deps_.inventory.warehouses(tx);
        if (std::ranges::find(known, *warehouse, &inventory::Warehouse::id) == known.end())
            return fail(ErrorKind::invalid, "orders.warehouse_unknown", "There is no such warehouse.");
        places.assign(back->lines.size(), *warehouse);
    } else {
        places = homes(tx, *back);
    }
    std::vector<Uuid> ids, booked_into;
    std::vector<std::int64_t> received, restocked;
    std::vector<std::string> conditions;
    struct Units {
        std::int64_t in = 0, off = 0;
    };
    std::map<std::pair<catalog::VariantId, inventory::WarehouseId>, Units> units;
    for (const auto& line : lines) {
        const auto asked = std::ranges::find(back->lines, line.line, &StoredReturn::Line::line);
        if (asked == back->lines.end() || std::ranges::find(ids, line.line.uuid()) != ids.end())
            return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this return can be named once.");
        if (line.received > asked->quantity || line.restocked > line.received)
            return fail(ErrorKind::invalid, "orders.return_receipt",
                        "Of this line at most " + std::to_string(asked->quantity) + " can come back, and no more go to stock than came.");
        const auto place = places[static_cast<std::size_t>(asked - back->lines.begin())];
        ids.push_back(line.line.uuid());
        booked_into.push_back(place.uuid());
        received.push_back(line.received);
        restocked.push_back(line.restocked);
        conditions.emplace_back(json::to_name(line.condition));
        auto& moved = units[{asked->variant, place}];
        moved.in += line.received;
        moved.off += line.received - line.restocked;
    }
    if (std::ranges::all_of(received, [](std::int64_t units_of_line) { return units_of_line == 0; }))
        return fail(ErrorKind::invalid, "orders.return_receipt", "Nothing came back with this. Close or cancel the return instead.");
    tx.exec(sql::receive_return_lines, id, ids, received, conditions, restocked, booked_into);
    std::vector<inventory::Adjustment> changes;
    for (const auto& [what, moved] : units) {
        // What is written off came in first: the movements tell both.
        changes.push_back({what.second, what.first, moved.in, "return"});
        changes.push_back({what.second, what.first, -moved.off, "written_off"});
    }
    deps_.inventory.adjust(tx, changes, id.uuid());
    return to(tx, *back, ReturnState::received, "");
}

shipping::NewReturnLabel Returns::new_label(db::Session& session, const StoredReturn& back,
                                            const std::optional<shipping::ShipTo>& from) const {
    const db::Call calls[] = {db::call(sql::address_to_send, back.order), db::call(sql::lines_to_send, std::vector<OrderId>{back.order})};
    const auto answers = session.pipeline(calls);
    const auto row = answers[0].front();
    shipping::NewReturnLabel out;
    out.return_id = back.id.uuid();
    out.return_number = back.number;
    out.order = back.order.uuid();
    out.order_number = back.order_number;
    const auto sent = deps_.orders.order(session, back.order, "en");
    if (!sent) throw std::logic_error("orders: a return without its order");
    const auto& address = sent->shipping_address;
    out.from.name = address.first_name + " " + address.last_name;
    out.from.company = address.company;
    out.from.line1 = address.line1;
    out.from.line2 = address.line2;
    out.from.postal_code = address.postal_code;
    out.from.city = address.city;
    out.from.state = address.state;
    out.from.country = address.country;
    out.from.email = row.get<std::string>("email");
    out.from.phone = address.phone ? address.phone : std::optional(row.get<std::string>("phone"));
    if (out.from.phone && out.from.phone->empty()) out.from.phone.reset();
    if (from) out.from = *from;
    std::int64_t value = 0;
    for (const auto line : answers[1]) {
        const auto asked = std::ranges::find(back.lines, line.get<OrderLineId>("id"), &StoredReturn::Line::line);
        if (asked == back.lines.end()) continue;
        const auto unit = line.get<std::int64_t>("net") / std::max<std::int64_t>(1, line.get<std::int64_t>("quantity"));
        out.items.push_back({line.get<catalog::VariantId>("variant_id"), line.get<std::string>("sku"), line.get<std::string>("name"),
                             asked->quantity, line.get<std::int64_t>("weight_grams"), unit});
        value += unit * asked->quantity;
    }
    out.value = Money(value, row.get<Currency>("currency"));
    return out;
}

Result<StoredReturn> Returns::ask_for_label(db::Tx& tx, ReturnId id, const std::optional<shipping::ShipTo>& from) {
    const auto back = lock(tx, id);
    if (!back) return back;
    if (back->state != ReturnState::approved)
        return fail(ErrorKind::conflict, "orders.return_label_not_due",
                    "A label is for a return that is approved. This one is " + std::string(json::to_name(back->state)) + ".");
    (void)deps_.labels.request(tx, new_label(tx, *back, from));
    return *find(tx, id);
}

Result<StoredReturn> Returns::without_label(db::Tx& tx, ReturnId id) {
    const auto back = lock(tx, id);
    if (!back) return back;
    if (back->state != ReturnState::approved)
        return fail(ErrorKind::conflict, "orders.return_label_not_due",
                    "A label is for a return that is approved. This one is " + std::string(json::to_name(back->state)) + ".");
    const auto labels = deps_.labels.of_returns(tx, {id.uuid()});
    if (!labels.empty() && labels.front().state != shipping::ShipmentState::failed &&
        labels.front().state != shipping::ShipmentState::announcing)
        return *back;
    deps_.labels.cancel(tx, id.uuid());
    events::append(tx, events::NewEvent{"order.return_without_label", subject_of(back->order), facts(*back)});
    return *find(tx, id);
}

std::string replacement_label(std::string_view order, std::string_view back, std::string_view locale) {
    const std::string number(order), of(back);
    if (locale == "de") return "Umtausch zu Bestellung " + number + " (Rücksendung " + of + ")";
    if (locale == "nl") return "Omruiling bij bestelling " + number + " (retour " + of + ")";
    if (locale == "fr") return "Échange de la commande " + number + " (retour " + of + ")";
    return "Replacement for order " + number + " (return " + of + ")";
}

Result<StoredReturn> Returns::exchange(db::Tx& tx, ReturnId id) {
    const auto back = lock(tx, id);
    if (!back) return back;
    const bool any = std::ranges::any_of(back->lines, [](const StoredReturn::Line& line) { return line.exchange && line.waiting() > 0; });
    if (back->state != ReturnState::received || back->replacement || !any)
        return fail(ErrorKind::conflict, "orders.exchange_nothing", "Nothing that came back with this return waits for an exchange.");
    const auto header = deps_.orders.header(tx, back->order);
    const auto sold = load_sold(tx, deps_, back->order);
    const auto before = deps_.orders.order(tx, back->order, header->locale);
    const auto none = Money::zero(header->total.currency());
    NewOrder order;
    order.id = OrderId::make();
    order.cart_id = back->id.uuid();  // of no cart; one return has one living replacement
    order.checkout_id = back->id.uuid();
    order.customer = header->customer;
    order.owner_hash = header->owner_hash;
    order.email = header->email;
    order.phone = tx.query(sql::address_to_send, back->order).front().get<std::string>("phone");
    order.locale = header->locale;
    order.country = header->country;
    order.tax_included = sold->content.tax_included;
    order.subtotal = order.discount = order.shipping = order.tax = order.total = none;
    order.shipping_address = before->shipping_address;
    order.billing_address = before->billing_address;
    order.shipping_method = before->shipping;
    order.shipping_method.promise.reset();
    order.payment_method = "none";
    order.fingerprint = "return:" + back->id.uuid().to_string();
    std::vector<catalog::VariantId> variants;
    for (const auto& line : back->lines) {
        if (line.exchange && line.waiting() > 0) variants.push_back(*line.exchange);
    }
    const auto goods = deps_.catalog.variants(tx, variants, header->locale, deps_.clock.now());
    std::map<catalog::VariantId, std::int64_t> units;  // in the order of their ids, as stock is locked everywhere
    for (const auto& line : back->lines) {
        if (!line.exchange || line.waiting() == 0) continue;
        const auto variant = std::ranges::find(goods, *line.exchange, &catalog::VariantInfo::id);
        if (variant == goods.end())
            return fail(ErrorKind::conflict, "orders.exchange_sold_out", line.exchange_sku + " is not sold any more: refund instead.");
        const auto& was = *std::ranges::find(sold->content.lines, line.line, &ContentLine::id);
        NewLine made;
        made.variant = *variant;
        made.quantity = line.waiting();
        made.unit_price = was.unit_price;
        made.discount = Money(was.unit_price.minor() * line.waiting(), none.currency());
        made.total = made.net = made.tax = none;
        made.tax_basis_points = was.basis_points;
        made.tax_treatment = was.treatment;
        order.subtotal += made.discount;
        units[*line.exchange] += line.waiting();
        order.lines.push_back(std::move(made));
    }
    order.discount = order.subtotal;
    order.discounts.push_back({replacement_label(back->order_number, back->number, header->locale), std::nullopt, order.discount});
    auto placed = deps_.orders.place(tx, order);
    tx.exec(sql::set_replaces, order.id, back->id);
    std::vector<inventory::Wanted> wanted;
    for (const auto& [variant, quantity] : units) wanted.push_back({variant, quantity});
    const auto owner = Uuid::v7();
    const auto shortages = deps_.inventory.hold(tx, owner, wanted, deps_.clock.now() + std::chrono::minutes{1});
    if (!shortages.empty() || !deps_.inventory.allocate(tx, owner, order.id.uuid(), wanted))
        return fail(ErrorKind::conflict, "orders.exchange_sold_out", "There is not enough of what was asked for: refund, or wait for it.");
    if (const auto confirmed = deps_.orders.confirm(tx, placed, PaymentState::paid); !confirmed) return std::unexpected(confirmed.error());
    tx.exec(sql::exchange_return_lines, id);
    tx.exec(sql::set_replacement, id, order.id, deps_.clock.now());
    auto after = *find(tx, id);
    json::Writer data;
    data.begin_object();
    data.member("return_number", after.number);
    data.member("replacement", after.replacement_number);
    data.end_object();
    deps_.orders.note(tx, back->order, "return_exchanged", data.text());
    events::append(tx, events::NewEvent{"order.return_exchanged", subject_of(back->order), facts(after)});
    const bool all = std::ranges::all_of(after.lines, [](const StoredReturn::Line& line) { return line.waiting() == 0; });
    return all ? to(tx, after, ReturnState::closed, "") : Result<StoredReturn>(std::move(after));
}

Result<void> Returns::replacement_cancelled(db::Tx& tx, OrderId replacement) {
    const auto rows = tx.query(sql::return_of_replacement, replacement);
    if (rows.empty()) return {};
    const auto back = lock(tx, rows.front().get<ReturnId>("id"));
    if (!back) return std::unexpected(back.error());
    tx.exec(sql::give_up_exchange, back->id);
    tx.exec(sql::set_replacement, back->id, std::optional<OrderId>(), deps_.clock.now());
    if (back->state != ReturnState::closed && back->state != ReturnState::refunded) return {};
    if (auto open = to(tx, *back, ReturnState::received, ""); !open) return std::unexpected(open.error());
    return {};
}

RefundRequest Returns::refund_of(const StoredReturn& back, const Money& shipping, const Money& deduction) {
    RefundRequest out{{}, shipping, -deduction};
    for (const auto& line : back.lines) {
        if (line.waiting() > 0) out.lines.push_back({line.line, line.waiting()});
    }
    return out;
}

Result<StoredReturn> Returns::refund(db::Tx& tx, const StoredReturn& back, const SoldOrder& order, const RefundRequest& request,
                                     PayBack how, const http::StaffActor& staff) {
    if (const auto allowed = return_transition(back.state, ReturnState::refunded); !allowed) return std::unexpected(allowed.error());
    const auto granted = refunds_.grant(tx, order, request, std::nullopt, "return " + back.number, staff, how, Unsent::sent_all_the_same);
    if (!granted) return std::unexpected(granted.error());
    tx.exec(sql::refund_return_lines, back.id);
    return to(tx, back, ReturnState::refunded, "", granted->id);
}

}  // namespace stoa::orders
