// Documents in PostgreSQL: numbers under concurrency, what never changes, crediting, files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "documents/document.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/orders/documents.hpp"
#include "stoa/storage/storage.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::orders {
namespace {

using stoa::testing::fixed_start;
using stoa::testing::shared_database;

class Issuing : public ::testing::Test {
protected:
    void SetUp() override {
        shared_database().truncate_all();
        directory_ = std::filesystem::temp_directory_path() / ("stoa-documents-" + DocumentId::make().to_string());
        store = storage::local_store(directory_);
        documents = make_documents(database(), clock, *store);
        database().in_tx([&](db::Tx& tx) {
            LegalEntityRow entity;
            entity.name = "Stoa Home B.V.";
            entity.line1 = "Kade 1";
            entity.postal_code = "5611 AZ";
            entity.city = "Eindhoven";
            entity.country = "DE";
            entity.vat_id = "DE000000000";
            entity.iban = "NL91ABNA0417164300";
            save_legal_entity(tx, entity);
        });
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    static db::Database& database() { return shared_database().database(); }

    // `count` confirmed orders of two lines (2 × 59.50 and 11.90) and delivery for 4.76, VAT of 19 % within.
    static std::vector<OrderId> sell(int count) {
        database().in_tx([&](db::Tx& tx) {
            tx.run_text(fmt::format(R"sql(
                with made as (
                    insert into orders.orders (id, number, email, email_folded, state, payment_state, currency, locale, country, tax_included, subtotal,
                        discount, shipping, tax, total, shipping_address, billing_address, shipping_method, payment_method, placed_at, updated_at)
                    select gen_random_uuid(), 'S-' || nextval('orders.number_seq'), 'ana@example.test', 'ana@example.test', 'confirmed', 'paid', 'EUR',
                        'de', 'DE', true, 13090, 0, 476, 2166, 13566, a.address, a.address, '{{"option_id":"flat","method_name":"DHL"}}', 'card',
                        '2026-11-22T10:00:00Z', '2026-11-22T10:00:00Z'
                    from generate_series(1, {}) g,
                        (select '{{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}}'::jsonb as address) a
                    returning id
                ), lines as (
                    insert into orders.line (id, order_id, position, variant_id, product_id, sku, name, quantity, unit_price, discount, total, net, tax,
                        tax_basis_points, tax_treatment)
                    select gen_random_uuid(), m.id, l.position, gen_random_uuid(), gen_random_uuid(), l.sku, l.sku, l.quantity, l.unit, 0, l.total, l.net,
                        l.tax, 1900, 'standard'
                    from made m, (values (0, 'CHAIR', 2, 5950, 11900, 10000, 1900), (1, 'LAMP', 1, 1190, 1190, 1000, 190))
                        as l (position, sku, quantity, unit, total, net, tax)
                )
                insert into orders.tax_line (order_id, position, basis_points, treatment, net, tax) select id, 0, 1900, 'standard', 11400, 2166 from made
            )sql",
                                    count));
        });
        std::vector<OrderId> ids;
        database().read([&](db::Session& session) {
            for (const auto row : session.run_text("select id from orders.orders order by placed_at, id"))
                ids.push_back(row.get<OrderId>("id"));
        });
        return ids;
    }
    template <class Body>
    static auto tx(Body body) {
        return database().in_tx(std::move(body));
    }
    static std::int64_t count(const std::string& sql) {
        return database().read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    static std::vector<OrderLineId> lines_of(OrderId order) {
        std::vector<OrderLineId> out;
        database().read([&](db::Session& session) {
            for (const auto row :
                 session.run_text("select id from orders.line where order_id = '" + order.uuid().to_string() + "' order by position"))
                out.push_back(row.get<OrderLineId>("id"));
        });
        return out;
    }
    // A refund of one unit, with so much goodwill.
    static OrderRefundId grant(OrderId order, OrderLineId line, std::int64_t amount, std::int64_t tax, std::int64_t goodwill) {
        const auto id = OrderRefundId::make();
        tx([&](db::Tx& t) {
            t.run_text(fmt::format(R"sql(
                with made as (
                    insert into orders.refund (id, order_id, state, amount, tax, adjustment, created_at, updated_at)
                    values ('{0}', '{1}', 'done', {3} + {5}, {4}, {5}, '2026-11-22T11:00:00Z', '2026-11-22T11:00:00Z') returning id
                )
                insert into orders.refund_line (refund_id, line_id, quantity, amount, tax) select m.id, '{2}', 1, {3}, {4} from made m
            )sql",
                                   id.uuid().to_string(), order.uuid().to_string(), line.uuid().to_string(), amount, tax, goodwill));
        });
        return id;
    }
    static Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }

    ManualClock clock{fixed_start()};
    std::filesystem::path directory_;
    std::unique_ptr<storage::ObjectStore> store;
    std::unique_ptr<Documents> documents;
};

TEST_F(Issuing, two_hundred_at_once_make_ten_thousand_invoices_without_gap_or_twin) {
    constexpr int kIssuers = 200, kInvoices = 10000;
    const auto orders = sell(kInvoices);
    db::PoolOptions options;
    options.max_connections = 24;
    options.acquire_timeout = std::chrono::minutes(5);
    options.statement_timeout = std::chrono::minutes(5);
    db::Database pool(shared_database().url(), options);
    auto issuing = make_documents(pool, clock, *store);
    std::atomic<std::size_t> next{0};
    std::atomic<int> abandoned{0}, failed{0};
    std::vector<std::thread> issuers;
    for (int i = 0; i < kIssuers; ++i)
        issuers.emplace_back([&] {
            for (std::size_t at = next++; at < orders.size(); at = next++) {
                // Every tenth transaction is given up after it took its number; its order is issued by another.
                if (at % 10 == 0) {
                    struct Abandon {};
                    try {
                        pool.in_tx([&](db::Tx& t) {
                            (void)issuing->issue_invoice(t, orders[at]);
                            throw Abandon{};
                        });
                    } catch (const Abandon&) {
                        ++abandoned;
                    }
                }
                if (!pool.in_tx([&](db::Tx& t) { return issuing->issue_invoice(t, orders[at]); })) ++failed;
            }
        });
    for (auto& issuer : issuers) issuer.join();
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(abandoned, kInvoices / 10);
    EXPECT_EQ(count("select count(*) from orders.document"), kInvoices);
    EXPECT_EQ(count("select count(distinct number) from orders.document"), kInvoices);
    EXPECT_EQ(count("select count(distinct order_id) from orders.document"), kInvoices);
    EXPECT_EQ(count("select min(substr(number, 5)::bigint) from orders.document"), 100001);
    EXPECT_EQ(count("select max(substr(number, 5)::bigint) from orders.document"), 100000 + kInvoices);
    EXPECT_EQ(count("select last from orders.document_counter where kind = 'invoice'"), 100000 + kInvoices);
    EXPECT_EQ(count("select count(*) from orders.document where data ->> 'number' <> number"), 0);
}

TEST_F(Issuing, an_order_has_one_invoice_however_often_it_is_asked_for) {
    const auto order = sell(1).front();
    const auto first = tx([&](db::Tx& t) { return documents->issue_invoice(t, order); });
    const auto second = tx([&](db::Tx& t) { return documents->issue_invoice(t, order); });
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(first->number, "INV-100001");
    EXPECT_EQ(second->number, "INV-100001");
    EXPECT_EQ(first->total, eur(13566));
    EXPECT_EQ(count("select count(*) from jobs.job where kind = 'orders.render_document'"), 1);
}

TEST_F(Issuing, an_issued_document_cannot_be_changed_by_anybody) {
    const auto order = sell(1).front();
    const auto info = *tx([&](db::Tx& t) { return documents->issue_invoice(t, order); });
    documents->render(info.id, nullptr);
    for (const auto* sql :
         {"update orders.document set total = 1", "delete from orders.document", "update orders.document_file set size = 1",
          "delete from orders.document_file", "update orders.document_counter set last = last + 2",
          "update orders.document_counter set last = last - 1", "delete from orders.document_counter", "delete from orders.orders",
          // The same occasion has one document; another number does not make it another.
          "insert into orders.document select gen_random_uuid(), entity, kind, 'INV-9', order_id, null, "
          "reference, issued_at, currency, total, data from orders.document"})
        EXPECT_THROW(tx([&](db::Tx& t) { t.run_text(sql); }), db::DbError) << sql;
}

TEST_F(Issuing, only_a_confirmed_order_of_a_known_seller_gets_an_invoice) {
    const auto orders = sell(2);
    tx([&](db::Tx& t) {
        t.run_text("update orders.orders set state = 'pending_payment' where id = '" + orders[0].uuid().to_string() + "'");
    });
    EXPECT_EQ(tx([&](db::Tx& t) { return documents->issue_invoice(t, orders[0]); }).error().code, "orders.not_invoiceable");
    EXPECT_EQ(tx([&](db::Tx& t) { return documents->issue_invoice(t, OrderId::make()); }).error().code, "orders.not_found");
    tx([&](db::Tx& t) { t.run_text("update orders.legal_entity set vat_id = ''"); });
    const auto broken = tx([&](db::Tx& t) { return documents->issue_invoice(t, orders[1]); });
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, "orders.document_invalid");
    EXPECT_THAT(broken.error().log, ::testing::HasSubstr("BR-CO-26"));
    EXPECT_THROW(tx([&](db::Tx& t) { documents->follow(t, orders[1], "order.confirmed"); }), jobs::GiveUp);
    tx([&](db::Tx& t) { t.run_text("delete from orders.legal_entity"); });
    EXPECT_EQ(tx([&](db::Tx& t) { return documents->issue_invoice(t, orders[1]); }).error().code, "orders.no_legal_entity");
    tx([&](db::Tx& t) { documents->follow(t, orders[1], "order.confirmed"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 0);
    EXPECT_EQ(count("select count(*) from orders.document_counter"), 0) << "no number was used up";
}

TEST_F(Issuing, credit_notes_give_back_what_the_invoice_has_and_no_more) {
    const auto order = sell(1).front();
    const auto lines = lines_of(order);
    const auto credit = [&](std::string reference, std::vector<CreditLine> parts, std::optional<Money> shipping = {}) {
        return tx([&](db::Tx& t) { return documents->credit(t, {order, std::move(reference), "Returned", std::move(parts), shipping}); });
    };
    EXPECT_EQ(credit("a", {{lines[0], 1, eur(5950)}}).error().code, "orders.not_invoiced");
    ASSERT_TRUE(tx([&](db::Tx& t) { return documents->issue_invoice(t, order); }));
    const auto first = credit("a", {{lines[0], 1, eur(5950)}});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->number, "CN-100001");
    EXPECT_EQ(first->total, eur(5950));
    EXPECT_EQ(credit("a", {{lines[0], 1, eur(5950)}})->number, "CN-100001") << "the same refund again";
    EXPECT_EQ(credit("b", {{lines[0], 2, eur(5950)}}).error().code, "orders.credit_exceeds_invoice") << "one chair is left";
    EXPECT_EQ(credit("b", {{lines[0], 1, eur(5951)}}).error().code, "orders.credit_exceeds_invoice");
    EXPECT_EQ(credit("b", {{OrderLineId::make(), 1, eur(1)}}).error().code, "orders.credit_exceeds_invoice");
    EXPECT_EQ(credit("b", {}, eur(477)).error().code, "orders.credit_exceeds_invoice");
    EXPECT_EQ(credit("b", {}, eur(400))->total, eur(400)) << "delivery alone";
    EXPECT_EQ(credit("c", {}, eur(77)).error().code, "orders.credit_exceeds_invoice");
    const auto rest = tx([&](db::Tx& t) { return documents->credit_rest(t, order, "rest", ""); });
    ASSERT_TRUE(rest);
    ASSERT_TRUE(*rest);
    EXPECT_EQ((*rest)->number, "CN-100003");
    EXPECT_EQ(count("select sum(total) from orders.document where kind = 'credit_note'"), 13566);
    EXPECT_EQ(count("select sum((data -> 'tax_total' ->> 'amount')::bigint) from orders.document where kind = 'credit_note'"), 2166);
    EXPECT_EQ(*tx([&](db::Tx& t) { return documents->credit_rest(t, order, "more", ""); }), std::nullopt);
    const auto list = database().read([&](db::Session& session) { return documents->of_order(session, order); });
    ASSERT_EQ(list.size(), 4U);
}

TEST_F(Issuing, what_was_granted_before_the_invoice_is_credited_with_it) {
    const auto order = sell(1).front();
    const auto refund = grant(order, lines_of(order)[1], 1190, 190, 0);
    tx([&](db::Tx& t) { documents->credit_refund(t, refund); });
    EXPECT_EQ(count("select count(*) from orders.document"), 0);
    for (int i = 0; i < 2; ++i) tx([&](db::Tx& t) { documents->follow(t, order, "order.shipped"); });
    tx([&](db::Tx& t) { documents->credit_refund(t, refund); });
    EXPECT_EQ(count("select count(*) from orders.document where kind = 'invoice' and total = 13566"), 1);
    EXPECT_EQ(count("select count(*) from orders.document where kind = 'credit_note' and total = 1190"), 1);
    EXPECT_EQ(count("select count(*) from orders.document"), 2);
}

TEST_F(Issuing, goodwill_beyond_a_line_leaves_its_credit_note_at_what_the_line_cost) {
    const auto order = sell(1).front();
    ASSERT_TRUE(tx([&](db::Tx& t) { return documents->issue_invoice(t, order); }));
    const auto lamp = grant(order, lines_of(order)[1], 1190, 190, 500);
    tx([&](db::Tx& t) { documents->credit_refund(t, lamp); });
    EXPECT_EQ(count("select total from orders.document where kind = 'credit_note'"), 1190);
    // Of two chairs one, with goodwill that its line still has: all of that is credited, and the other chair as far as something is left.
    const auto chair = grant(order, lines_of(order)[0], 5950, 950, 1000);
    tx([&](db::Tx& t) { documents->credit_refund(t, chair); });
    EXPECT_EQ(count("select count(*) from orders.document where kind = 'credit_note' and total = 6950"), 1);
    const auto other = grant(order, lines_of(order)[0], 5950, 950, 0);
    tx([&](db::Tx& t) { documents->credit_refund(t, other); });
    EXPECT_EQ(count("select sum(total)::bigint from orders.document where kind = 'credit_note'"), 1190 + 11900);
}

TEST_F(Issuing, two_credits_at_once_cannot_give_back_one_thing_twice) {
    const auto order = sell(1).front();
    const auto lines = lines_of(order);
    ASSERT_TRUE(tx([&](db::Tx& t) { return documents->issue_invoice(t, order); }));
    std::atomic<int> made{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            if (tx([&](db::Tx& t) { return documents->credit(t, {order, fmt::format("r{}", i), "", {{lines[1], 1, eur(1190)}}, {}}); }))
                ++made;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(count("select last from orders.document_counter where kind = 'credit_note'"), 100001);
}

TEST_F(Issuing, events_make_documents_once) {
    const auto orders = sell(2);
    for (int i = 0; i < 2; ++i) tx([&](db::Tx& t) { documents->follow(t, orders[0], "order.confirmed"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 1);
    for (int i = 0; i < 2; ++i) tx([&](db::Tx& t) { documents->follow(t, orders[0], "order.cancelled"); });
    EXPECT_EQ(count("select count(*) from orders.document where kind = 'credit_note' and total = 13566"), 1);
    tx([&](db::Tx& t) { t.run_text("update orders.legal_entity set issue_on = 'shipped'"); });
    tx([&](db::Tx& t) { documents->follow(t, orders[1], "order.confirmed"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 2);
    tx([&](db::Tx& t) { documents->follow(t, orders[1], "order.cancelled"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 2) << "nothing was invoiced, nothing is credited";
    tx([&](db::Tx& t) { documents->follow(t, orders[1], "order.shipped"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 3);
}

TEST_F(Issuing, files_are_made_once_and_say_what_the_row_says) {
    const auto order = sell(1).front();
    const auto info = *tx([&](db::Tx& t) { return documents->issue_invoice(t, order); });
    EXPECT_EQ(database().read([&](db::Session& s) { return documents->file(s, info.id, DocumentFormat::pdf).has_value(); }), false);
    int told = 0;
    for (int i = 0; i < 2; ++i)
        documents->render(info.id, [&](db::Tx&, const DocumentInfo& made) { told += made.formats.size() == 3 ? 1 : 100; });
    EXPECT_EQ(told, 1);
    const auto file = database().read([&](db::Session& s) { return *documents->file(s, info.id, DocumentFormat::pdf); });
    EXPECT_EQ(file.file_name, "INV-100001.pdf");
    EXPECT_EQ(file.content_type, "application/pdf");
    EXPECT_TRUE(store->get(file.key)->starts_with("%PDF-1.7"));
    const auto ubl = store->get(database().read([&](db::Session& s) { return documents->file(s, info.id, DocumentFormat::ubl)->key; }));
    EXPECT_THAT(*ubl, ::testing::HasSubstr("<cbc:ID>INV-100001</cbc:ID>"));
    EXPECT_THROW(documents->render(DocumentId::make(), nullptr), jobs::GiveUp);
}

TEST_F(Issuing, a_file_that_is_gone_or_damaged_is_made_again_as_it_was) {
    const auto info = *tx([&](db::Tx& t) { return documents->issue_invoice(t, sell(1).front()); });
    documents->render(info.id, nullptr);
    const auto file = database().read([&](db::Session& s) { return *documents->file(s, info.id, DocumentFormat::pdf); });
    const auto bytes = store->get(file.key);
    store->erase(file.key);
    documents->restore(file.key);
    EXPECT_EQ(store->get(file.key), bytes);
    store->put(file.key, "%PDF", "application/pdf");
    documents->restore(file.key);
    EXPECT_EQ(store->get(file.key), bytes);
    documents->restore("labels/x");
    documents->restore("documents/main/x");
    EXPECT_THROW(documents->restore("documents/main/" + DocumentId::make().uuid().to_string() + "-0"), jobs::GiveUp);
}

TEST_F(Issuing, an_invoice_in_pounds_waits_for_a_rate_and_says_its_vat_in_euros) {
    const auto orders = sell(2);
    const auto order = orders[0];
    const auto today = date_of(clock.now());
    const auto days_ago = [&](int days) { return Date(std::chrono::sys_days(today) - std::chrono::days(days)); };
    const auto rate = [&](Date day, std::string value, std::int64_t valid) {
        return tx([&](db::Tx& t) { return save_vat_rate(t, {"EUR", "GBP", day, value, "ECB", valid}); });
    };
    const auto waits = [&](OrderId id) { return database().read([&](db::Session& s) { return documents->waits_for(s, id); }); };
    tx([&](db::Tx& t) {
        t.run_text("update orders.orders set currency = 'GBP' where id = '" + order.uuid().to_string() + "'");
        documents->follow(t, orders[1], "order.confirmed");
    });
    EXPECT_EQ(count("select count(*) from orders.document"), 1) << "euros need no rate";
    for (int i = 0; i < 2; ++i) tx([&](db::Tx& t) { documents->follow(t, order, "order.confirmed"); });
    EXPECT_EQ(count("select count(*) from orders.document"), 1);
    EXPECT_THAT(waits(order).value_or(""), ::testing::HasSubstr("between EUR and GBP for " + to_iso_date(today)));
    EXPECT_FALSE(waits(orders[1]));
    EXPECT_EQ(count("select count(*) from orders.timeline where kind = 'invoice_waits'"), 1);
    EXPECT_EQ(tx([&](db::Tx& t) { return documents->issue_invoice(t, order); }).error().code, "orders.vat_rate_missing");
    // Too old, of a later day, of another currency, the other way round.
    EXPECT_TRUE(rate(days_ago(7), "0.5", 7));
    EXPECT_TRUE(rate(days_ago(-1), "0.5", 7));
    tx([&](db::Tx& t) {
        EXPECT_TRUE(save_vat_rate(t, {"EUR", "CHF", today, "0.5", "ECB", 7}));
        EXPECT_TRUE(save_vat_rate(t, {"GBP", "EUR", today, "0.5", "HMRC", 7}));
        EXPECT_EQ(save_vat_rate(t, {"EUR", "EUR", today, "1", "ECB", 7}).error().code, "orders.vat_rate_invalid");
        EXPECT_EQ(save_vat_rate(t, {"EUR", "GBP", today, "0.0", "ECB", 7}).error().code, "orders.vat_rate_invalid");
    });
    documents->issue_waiting();
    EXPECT_TRUE(waits(order));
    EXPECT_EQ(count("select last from orders.document_counter where kind = 'invoice'"), 100001) << "no number was taken";
    // The latest that counts. Two workers make one invoice.
    EXPECT_TRUE(rate(days_ago(20), "0.4", 31));
    const auto latest = rate(days_ago(3), "0.86120", 7);
    ASSERT_TRUE(latest);
    {
        std::jthread one([&] { documents->issue_waiting(); });
        std::jthread two([&] { documents->issue_waiting(); });
    }
    EXPECT_FALSE(waits(order));
    ASSERT_EQ(count("select count(*) from orders.document"), 2);
    const auto stored = [&](std::string_view kind) {
        return database().read([&](db::Session& s) {
            std::vector<Document> out;
            for (const auto row : s.run_text(fmt::format(
                     "select data::text as data from orders.document where currency = 'GBP' and kind = '{}' order by number", kind)))
                out.push_back(document_from_json(row.get<std::string>("data")));
            return out;
        });
    };
    const auto invoice = stored("invoice").at(0);
    ASSERT_TRUE(invoice.vat_accounting);
    EXPECT_EQ(invoice.vat_accounting->tax_total, eur(2515));  // 21.66 / 0.8612
    EXPECT_EQ(invoice.vat_accounting->rate.rate, "0.8612");
    EXPECT_EQ(invoice.vat_accounting->rate.of, days_ago(3));
    EXPECT_EQ(invoice.vat_accounting->rate.source, "ECB");
    // What is given back is converted as it was, whatever the rate is by now, and adds up to it.
    tx([&](db::Tx& t) { EXPECT_TRUE(delete_vat_rate(t, *latest)); });
    const auto lines = lines_of(order);
    const Money pounds(1190, Currency::of("GBP"));
    ASSERT_TRUE(tx([&](db::Tx& t) { return documents->credit(t, {order, "r1", "", {{lines[1], 1, pounds}}, {}}); }));
    ASSERT_TRUE(tx([&](db::Tx& t) { return documents->credit_rest(t, order, "r2", ""); }));
    Money credited = eur(0);
    for (const auto& note : stored("credit_note")) {
        ASSERT_TRUE(note.vat_accounting);
        credited += note.vat_accounting->tax_total;
    }
    EXPECT_EQ(credited, eur(2515));
}

TEST_F(Issuing, what_needs_no_rate_any_more_does_not_wait) {
    const auto order = sell(1).front();
    tx([&](db::Tx& t) {
        t.run_text("update orders.orders set currency = 'GBP'");
        documents->follow(t, order, "order.confirmed");
    });
    EXPECT_EQ(count("select count(*) from orders.document_waits"), 1);
    tx([&](db::Tx& t) { t.run_text("update orders.orders set state = 'cancelled'"); });
    documents->issue_waiting();
    EXPECT_EQ(count("select count(*) from orders.document_waits"), 0);
    EXPECT_EQ(count("select count(*) from orders.document"), 0);
}

}  // namespace
}  // namespace stoa::orders
