// Orders that nobody has to do anything about any more: all of it has arrived, the time for returns is over, and nothing is open.
#include <algorithm>

#include <fmt/format.h>

#include "after_sale/service.hpp"
#include "sql/after_sale.hpp"

namespace stoa::orders {
namespace {

constexpr int kPage = 200;

bool is_open(const StoredReturn& back) {
    return back.state == ReturnState::requested || back.state == ReturnState::approved || back.state == ReturnState::received;
}

// Nobody owes anything, and nothing is on its way.
bool is_settled(const SoldOrder& order) {
    const auto& position = order.position;
    const bool paid = order.payment_state == PaymentState::paid || order.payment_state == PaymentState::partially_refunded ||
                      order.payment_state == PaymentState::refunded;
    return paid && !position.uncaptured && due_now(position).is_zero() && payable_now(position).is_zero() && position.pending().is_zero();
}

}  // namespace

bool Service::complete(db::Tx& tx, OrderId id) {
    auto header = deps_.orders.lock(tx, id);
    // A parcel, a refund, a return or another worker may have come since somebody looked.
    if (!header || header->state != State::delivered) return false;
    if (returns_.terms(tx, id).until >= deps_.clock.now()) return false;
    if (std::ranges::any_of(returns_.of_order(tx, id), is_open)) return false;
    const auto order = load_sold(tx, deps_, id);
    if (!is_settled(*order) || deps_.payments.has_open_case(tx, id.uuid())) return false;
    deps_.orders.note(tx, id, "completed", "{}");
    if (const auto done = deps_.orders.advance(tx, *header, State::completed); !done)
        throw std::logic_error("orders: an allowed change was refused: " + done.error().code);
    return true;
}

void Service::complete_orders(const jobs::Job& job) {
    const auto payload = json::parse(job.payload);
    const auto after = payload ? OrderId::parse(payload->text_or("after")) : std::nullopt;
    const auto page = deps_.database.read([&](db::Session& session) {
        std::vector<OrderId> out;
        for (const auto row : session.query(sql::orders_to_complete, deps_.clock.now(), after, kPage))
            out.push_back(row.get<OrderId>("id"));
        return out;
    });
    // One transaction each: whoever dies here has done what is done, and the rest is found again.
    for (const auto id : page) deps_.database.in_tx([&](db::Tx& tx) { (void)complete(tx, id); });
    if (page.size() < kPage) return;
    deps_.database.in_tx([&](db::Tx& tx) {
        jobs::NewJob next;
        next.kind = job.kind;
        next.payload = fmt::format(R"({{"after":"{}"}})", page.back().to_string());
        jobs::enqueue(tx, next);
    });
}

}  // namespace stoa::orders
