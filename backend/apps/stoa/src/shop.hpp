#pragma once
// The whole shop, constructed by hand from the bottom to the top. `serve`, `worker`, the commands and the scenario tests all start here.
#include <memory>
#include <mutex>
#include <vector>

#include "stoa/backoffice/make.hpp"
#include "stoa/backoffice/registry.hpp"
#include "stoa/cart/make.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/catalog/part_numbers.hpp"
#include "stoa/checkout/checkout.hpp"
#include "stoa/config/config.hpp"
#include "stoa/content/make.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/mail/mail.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/orders/after_sale.hpp"
#include "stoa/orders/documents.hpp"
#include "stoa/orders/fulfilment.hpp"
#include "stoa/orders/gift_cards.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/promotions/make.hpp"
#include "stoa/redis/redis.hpp"
#include "stoa/search/make.hpp"
#include "stoa/search/merchandising.hpp"
#include "stoa/shipping/return_labels.hpp"
#include "stoa/shipping/shipments.hpp"
#include "stoa/shipping/shipping.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::app {

struct ShopOptions {
    const Clock* clock = nullptr;           // SystemClock when null
    http_client::Client* client = nullptr;  // libcurl when null
    mail::Mailer* mailer = nullptr;         // SMTP when null
    int database_connections = 16;
    bool search_feed = true;  // the read model follows changes by itself
    // Who of the staff asks, and the record of it: other ones than the accounts of the back office, for tests of the order desk.
    http::StaffGate* staff_gate = nullptr;
    http::AuditLog* audit_log = nullptr;
};

class Shop {
public:
    explicit Shop(Config config, ShopOptions options = {});
    ~Shop();
    Shop(const Shop&) = delete;
    Shop& operator=(const Shop&) = delete;

    // Every route of the shop, frozen. Thread-safe.
    [[nodiscard]] const http::Routes& routes();
    [[nodiscard]] std::vector<jobs::Handler> job_handlers();
    [[nodiscard]] std::vector<jobs::Schedule> schedules();
    [[nodiscard]] std::vector<events::Subscription> subscriptions();
    // Database, schema version, read model, content; empty when ready, else the first that is missing.
    [[nodiscard]] std::string not_ready();

    const Config config;
    SystemClock system_clock;
    const Clock& clock;
    db::Database database;
    redis::Redis redis;
    std::unique_ptr<http_client::Client> own_client;
    http_client::Client& client;
    std::unique_ptr<mail::Mailer> own_mailer;
    mail::Mailer& mailer;
    mail::Templates templates;
    std::unique_ptr<storage::ObjectStore> media;
    std::unique_ptr<storage::ObjectStore> documents;  // invoices and labels: never served without asking who wants them
    http::Idempotency idempotency;

    std::unique_ptr<ledger::Ledger> ledger;
    std::unique_ptr<messaging::Messages> messages;
    std::unique_ptr<customers::AccountMailer> account_mailer;
    std::unique_ptr<customers::Customers> customers;
    std::unique_ptr<catalog::Catalog> catalog;
    std::unique_ptr<catalog::Reader> catalog_reader;
    std::unique_ptr<catalog::PartNumbers> part_numbers;
    std::unique_ptr<inventory::Inventory> inventory;
    std::unique_ptr<pricing::Pricing> pricing;
    std::unique_ptr<pricing::PriceBook> price_book;
    std::unique_ptr<pricing::TaxBook> tax;
    std::unique_ptr<promotions::Promotions> promotions;
    std::unique_ptr<shipping::Shipping> shipping;
    std::unique_ptr<shipping::ReturnLabels> return_labels;
    std::unique_ptr<shipping::Shipments> shipments;
    std::unique_ptr<payments::Payments> payments;
    std::unique_ptr<payments::Credits> credits;
    std::unique_ptr<payments::Cases> payment_cases;
    std::unique_ptr<search::Engine> search;
    std::unique_ptr<content::Content> content;
    std::unique_ptr<cart::Carts> carts;
    std::unique_ptr<orders::Orders> orders;
    std::unique_ptr<orders::AfterSale> after_sale;
    std::unique_ptr<orders::GiftCards> gift_cards;
    std::unique_ptr<orders::Documents> invoices;
    std::unique_ptr<orders::Fulfilment> fulfilment;
    std::unique_ptr<checkout::Checkout> checkout;
    std::unique_ptr<backoffice::Staff> staff;
    std::unique_ptr<catalog::Writer> catalog_writer;
    std::unique_ptr<content::Writer> content_writer;
    std::unique_ptr<search::Merchandiser> merchandiser;
    backoffice::Registry registry;

private:
    [[nodiscard]] messaging::Options messaging_options() const;
    [[nodiscard]] cart::CartDeps cart_deps();
    [[nodiscard]] content::HomeFeed home_feed();
    [[nodiscard]] content::StoreFacts store_facts();
    [[nodiscard]] cart::CartOptions cart_options() const;
    void build_routes();
    http::StaffGate* staff_gate_ = nullptr;
    http::AuditLog* audit_log_ = nullptr;
    std::once_flag routes_once_;
    std::unique_ptr<http::Routes> routes_;
};

// notifications.cpp: what the buyer is told, and when.
[[nodiscard]] std::vector<events::Subscription> notification_subscriptions(Shop& shop);
[[nodiscard]] std::vector<jobs::Handler> notification_job_handlers(Shop& shop);
// exchanges.cpp: what may be had instead of goods that come back.
[[nodiscard]] orders::FindSwaps find_swaps(Shop& shop);
[[nodiscard]] orders::FindOffers find_offers(Shop& shop);
// documents.cpp: invoices and credit notes follow the order's events, and are mailed when their files are made.
[[nodiscard]] std::vector<events::Subscription> document_subscriptions(Shop& shop);
[[nodiscard]] std::vector<jobs::Handler> document_job_handlers(Shop& shop);
[[nodiscard]] std::vector<jobs::Schedule> document_schedules();
void send_document(Shop& shop, db::Tx& tx, const orders::DocumentInfo& document, const std::optional<std::string>& to,
                   std::string unique_key);
// notifications.cpp: the code of a gift card, to whom it is for.
void send_gift_card(Shop& shop, db::Tx& tx, const payments::IssuedGiftCard& issued, std::string_view locale,
                    const orders::SoldGiftCard* bought = nullptr);
void send_refund_gift_card(Shop& shop, db::Tx& tx, const orders::RefundGiftCard& card);
// What an order's history says to staff of each mail about it.
[[nodiscard]] orders::HistorySource mail_history(Shop& shop);
// account_routes.cpp: parts of My Account that several modules make together.
void add_account_routes(http::Routes& routes, Shop& shop);
// promotion_preview_routes.cpp: what a cart would cost with a promotion.
void add_promotion_preview_routes(http::Routes& routes, Shop& shop, http::StaffGate& gate);
// health_routes.cpp: /healthz, /readyz and /metrics of `serve` and of `worker`, which has no read model.
void add_health_routes(http::Routes& routes, Shop& shop);
void add_worker_health_routes(http::Routes& routes, Shop& shop);
// Empty, or why this program cannot work on that database.
[[nodiscard]] std::string schema_problem(db::Database& database);

// Title and description of the API document; also served at /api/v1/openapi.json.
[[nodiscard]] http::OpenApiInfo api_info();

}  // namespace stoa::app
