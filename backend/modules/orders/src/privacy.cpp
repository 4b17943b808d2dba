#include "stoa/orders/privacy.hpp"

#include "sql/gift_cards.hpp"
#include "sql/privacy.hpp"
#include "sql/returns.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/payments/privacy.hpp"

namespace stoa::orders {
namespace {

std::string export_orders(db::Session& session, const customers::CustomerInfo& customer) {
    json::Writer out;
    out.begin_array();
    const auto rows = session.query(sql::export_orders, customer.id);
    for (const auto row : rows) {
        out.begin_object();
        out.member("number", row.get<std::string>("number"));
        out.member("placed_at", to_rfc3339(row.get<Timestamp>("placed_at")));
        out.member("state", row.get<std::string>("state"));
        out.member("payment_state", row.get<std::string>("payment_state"));
        out.member("payment_label", row.get<std::string>("payment_label"));
        out.member("email", row.get<std::string>("email"));
        out.member("phone", row.get<std::string>("phone"));
        out.key("total");
        json::write_as(out, row.money("total"));
        for (const auto* part : {"shipping_address", "billing_address", "lines"}) {
            out.key(part);
            out.raw(row.get<std::string>(part));
        }
        out.end_object();
    }
    out.end_array();
    return out.take();
}

std::string export_returns(db::Session& session, const customers::CustomerInfo& customer) {
    json::Writer out;
    out.begin_array();
    const auto rows = session.query(sql::export_returns, customer.id);
    for (const auto row : rows) {
        out.begin_object();
        out.member("number", row.get<std::string>("number"));
        out.member("order", row.get<std::string>("order_number"));
        out.member("state", row.get<std::string>("state"));
        out.member("requested_at", to_rfc3339(row.get<Timestamp>("requested_at")));
        out.member("comment", row.get<std::string>("comment"));
        out.member("answer", row.get<std::string>("answer"));
        out.key("lines");
        out.raw(row.get<std::string>("lines"));
        out.end_object();
    }
    out.end_array();
    return out.take();
}

}  // namespace

void register_privacy(customers::Customers& customers, const Clock& clock) {
    customers.add_exporter("orders", export_orders);
    customers.add_exporter("returns", export_returns);
    customers.add_eraser([&clock](db::Tx& tx, const customers::CustomerInfo& customer) {
        // Before the orders are nobody's. The files go when this has happened for good; the hourly run finds whatever this one leaves.
        if (tx.exec(sql::forget_return_photos, customer.id) > 0) {
            jobs::NewJob job;
            job.kind = "orders.purge_return_photos";
            jobs::enqueue(tx, job);
        }
        (void)tx.query(sql::lock_gift_cards_of_customer, customer.id);
        std::vector<payments::CreditId> sent;
        for (const auto row : tx.query(sql::credits_to_forget, customer.id)) sent.push_back(row.get<payments::CreditId>("credit_id"));
        payments::forget_addresses(tx, sent, clock.now());
        tx.exec(sql::forget_gift_cards, customer.id, clock.now());
        tx.exec(sql::part_orders_from_customer, customer.id, clock.now());
    });
}

}  // namespace stoa::orders
