#include <exception>

#include "service.hpp"
#include "sql/checkout.hpp"
#include "stoa/events/events.hpp"
#include "stoa/log/log.hpp"
#include "stoa/payments/retention.hpp"

namespace stoa::checkout {
namespace {

constexpr std::chrono::hours kPendingLife{2};  // an unpaid order is given up after this
constexpr std::chrono::days kCompletionLife{8};
constexpr std::chrono::days kPersonalLife{90};  // names and addresses of purchases that came to nothing, notifications
constexpr int kPurgeBatch = 500;                // every five minutes
constexpr int kSweepBatch = 50;
constexpr std::chrono::minutes kSweepTime{4};
constexpr std::chrono::seconds kSweepLease{600};

payments::AttemptId attempt_of(const jobs::Job& job) {
    const auto payload = json::parse(job.payload);
    const auto id = payload ? payments::AttemptId::parse(payload->text_or("attempt_id")) : std::nullopt;
    if (!id) throw jobs::GiveUp("checkout: the payload names no attempt");
    return *id;
}

}  // namespace

// An outage may leave many open. Whoever looked at a full batch looks for more, well within the lease of the job.
void Service::sweep_payments() {
    const auto until = std::chrono::steady_clock::now() + kSweepTime;
    while (deps_.payments.sweep(kSweepBatch, listeners().on_outcome) == kSweepBatch && std::chrono::steady_clock::now() < until) {
    }
}

void Service::cancel_stale() {
    const auto before = deps_.clock.now() - kPendingLife;
    const auto stale = deps_.database.read([&](db::Session& session) { return deps_.orders.stale_pending(session, before, 200); });
    // One that cannot be given up does not keep the others waiting.
    std::exception_ptr first_problem;
    for (const auto id : stale) {
        try {
            deps_.database.in_tx([&](db::Tx& tx) { cancel_unpaid(tx, id); });
        } catch (const std::exception& problem) {
            log::error("checkout: an unpaid order could not be given up", {{"order", id.to_string()}, {"reason", problem.what()}});
            if (!first_problem) first_problem = std::current_exception();
        }
    }
    if (first_problem) std::rethrow_exception(first_problem);
}

void Service::cancel_unpaid(db::Tx& tx, orders::OrderId id) {
    auto order = deps_.orders.lock(tx, id);
    if (!order || order->state != orders::State::pending_payment) return;
    for (const auto& attempt : deps_.payments.of_payable(tx, id.uuid())) {
        if (is_open(attempt.state)) return;  // the sweeper decides first
    }
    // The goods are not touched: what it held for itself is over, and its cart may be on its way to pay again.
    deps_.promotions.release(tx, id.uuid());
    deps_.credits.release(tx, id.uuid());
    (void)deps_.orders.cancel(tx, *order, "not_paid");
}

void Service::purge() {
    const auto now = deps_.clock.now();
    deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::purge_completions, now - kCompletionLife); });
    deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::purge_checkouts, now - kPersonalLife, kPurgeBatch); });
    deps_.database.in_tx([&](db::Tx& tx) { (void)payments::forget_notifications(tx, now - kPersonalLife, kPurgeBatch); });
    deps_.database.in_tx([&](db::Tx& tx) { deps_.credits.sweep(tx); });
}

void Service::refund(const jobs::Job& job) {
    const auto id = attempt_of(job);
    // An earlier refund that has no answer yet is finished first; then what is left goes back.
    for (int round = 0; round < 3; ++round) {
        const auto attempt = deps_.database.read([&](db::Session& session) { return deps_.payments.find(session, id); });
        if (!attempt) throw jobs::GiveUp("checkout: no such attempt");
        const Money left = attempt->captured - attempt->refunded;
        if (attempt->captured.minor() > 0 && left.is_zero()) return;  // done, perhaps by a worker that died afterwards
        auto refund = deps_.database.in_tx([&](db::Tx& tx) { return deps_.payments.create_refund(tx, id, left, "checkout"); });
        if (!refund) throw std::runtime_error("refund refused: " + refund.error().code);
        const auto outcome = deps_.payments.send_refund(*refund, *attempt);
        deps_.database.in_tx([&](db::Tx& tx) {
            auto order = deps_.orders.lock(tx, orders::OrderId(attempt->payable));
            deps_.payments.apply_refund(tx, refund->id, outcome);
            if (outcome.kind != payments::AttemptState::paid || !order) return;
            deps_.orders.note(tx, order->id, "refunded", "{}");
            after_refund(tx, *order);
            json::Writer data;
            data.begin_object();
            data.member("order_id", order->id.to_string());
            data.member("number", order->number);
            data.member("payment_refund_id", refund->id.to_string());
            data.member("amount", refund->amount.minor());
            data.member("currency", refund->amount.currency().code());
            data.member("label", attempt->label);
            data.end_object();
            events::append(tx, events::NewEvent{"order.payment_returned", "order:" + order->id.uuid().to_string(), data.take()});
        });
        step("refund-applied");
        if (outcome.kind != payments::AttemptState::paid) throw std::runtime_error("the provider did not refund: " + outcome.log);
    }
}

void Service::capture(const jobs::Job& job) {
    const auto payload = json::parse(job.payload);
    if (!payload || payload->text_or("order").empty()) throw jobs::GiveUp("checkout.capture: the payload names no order");
    const auto order = db::parse_uuid(payload->text_or("order"));
    const auto attempts = deps_.database.read([&](db::Session& session) { return deps_.payments.of_payable(session, order); });
    for (const auto& attempt : attempts) {
        if (attempt.state != payments::AttemptState::preauthorised) continue;
        const auto outcome = deps_.payments.capture(attempt);
        settle(attempt.id, outcome);
        step("capture-settled");
        // Tried again, and in the end a dead letter for people: the goods have left.
        if (outcome.kind != payments::AttemptState::paid) throw std::runtime_error("the provider did not capture: " + outcome.log);
    }
}

std::vector<jobs::Handler> Service::job_handlers() {
    return {
        {"payments.inbox",
         [this](const jobs::Job& job) {
             const auto payload = json::parse(job.payload);
             const auto inbox = payload ? payload->int_or("inbox_id") : 0;
             if (inbox == 0) throw jobs::GiveUp("payments.inbox: the payload names no row");
             deps_.payments.process_inbox(inbox, listeners());
         },
         std::chrono::seconds{180}},
        {"checkout.sweep_payments", [this](const jobs::Job&) { sweep_payments(); }, kSweepLease},
        {"checkout.watch_reservations", [this](const jobs::Job&) { (void)deps_.payments.watch_reservations(); }, std::chrono::seconds{60}},
        {"checkout.cancel_stale",
         [this](const jobs::Job&) {
             purge();
             cancel_stale();
         },
         std::chrono::seconds{300}},
        {"checkout.capture", [this](const jobs::Job& job) { capture(job); }, std::chrono::seconds{180}},
        {"checkout.refund", [this](const jobs::Job& job) { refund(job); }, std::chrono::seconds{180}},
        {"inventory.sweep",
         [this](const jobs::Job&) {
             while (deps_.database.in_tx([&](db::Tx& tx) { return deps_.inventory.sweep(tx, 100); }) > 0) {
             }
         },
         std::chrono::seconds{120}},
    };
}

std::vector<jobs::Schedule> Service::schedules() const {
    return {{"checkout.sweep_payments", "@every 30s", "checkout.sweep_payments", "{}"},
            {"checkout.watch_reservations", "11 * * * *", "checkout.watch_reservations", "{}"},
            {"checkout.cancel_stale", "*/5 * * * *", "checkout.cancel_stale", "{}"},
            {"inventory.sweep", "* * * * *", "inventory.sweep", "{}"}};
}

std::unique_ptr<Checkout> make_checkout(Dependencies dependencies) { return std::make_unique<Service>(std::move(dependencies)); }

}  // namespace stoa::checkout
