#include "shop.hpp"

#include <fmt/format.h>

#include "media_routes.hpp"
#include "revalidate.hpp"
#include "sales.hpp"
#include "stoa/backoffice/declare.hpp"
#include "stoa/cart/privacy.hpp"
#include "stoa/catalog/audience.hpp"
#include "stoa/catalog/privacy.hpp"
#include "stoa/checkout/privacy.hpp"
#include "stoa/customers/countries.hpp"
#include "stoa/http_client/public_client.hpp"
#include "stoa/messaging/order_mail.hpp"
#include "stoa/orders/edits.hpp"
#include "stoa/orders/privacy.hpp"
#include "stoa/payments/privacy.hpp"
#include "stoa/search/opensearch.hpp"
#include "stoa/shipping/make.hpp"
#include "stoa/text/text.hpp"
#include "stoa/webhooks/webhooks.hpp"

namespace stoa::app {
namespace {

constexpr std::string_view kShopName = "Stoa Home";
constexpr std::string_view kContact = "hello@stoa.example";
constexpr std::string_view kPhone = "+31 40 000 0000";
constexpr std::string_view kAddress = "Stoa Home B.V., Kade 1, 5611 AZ Eindhoven, Netherlands";

db::PoolOptions pool_options(int connections) {
    db::PoolOptions options;
    options.max_connections = connections;
    return options;
}

std::string subject_of(orders::OrderId id) { return "order:" + id.uuid().to_string(); }

// An order's timeline says of each mail what became of it; one that is still on its way is not mentioned.
std::optional<orders::TimelineDto> timeline_entry(const messaging::MessageInfo& message, std::string_view locale) {
    struct Words {
        std::string_view kind, en, de, nl, fr;
    };
    static constexpr Words kSent{"mail_sent", "E-mail sent", "E-Mail gesendet", "E-mail verzonden", "E-mail envoyé"};
    static constexpr Words kFailed{"mail_failed", "E-mail could not be sent", "E-Mail konnte nicht gesendet werden",
                                   "E-mail kon niet worden verzonden", "L'e-mail n'a pas pu être envoyé"};
    static constexpr Words kBounced{"mail_bounced", "E-mail address does not exist", "E-Mail-Adresse existiert nicht",
                                    "E-mailadres bestaat niet", "L'adresse e-mail n'existe pas"};
    if (message.state == messaging::MessageState::queued) return std::nullopt;
    // What is written to somebody who asked to be forgotten keeps its state and nothing else.
    if (!message.sent_at && message.to.empty()) return std::nullopt;
    const auto& words = message.sent_at ? kSent : message.state == messaging::MessageState::bounced ? kBounced : kFailed;
    std::string text(locale == "de" ? words.de : locale == "nl" ? words.nl : locale == "fr" ? words.fr : words.en);
    if (!message.subject.empty()) text += (locale == "fr" ? " : " : ": ") + message.subject;
    return orders::TimelineDto{message.sent_at.value_or(message.updated_at), std::string(words.kind), std::move(text)};
}

std::string_view first_characters(std::string_view utf8, int count) {
    std::size_t end = 0;
    while (count-- > 0 && end < utf8.size()) (void)text::next_code_point(utf8, end);
    return utf8.substr(0, end);
}

// "Ana R." as it stands under a review: never empty and at most the 80 characters that a review has room for.
std::string author_of(const customers::CustomerInfo& customer) {
    std::string author(first_characters(customer.first_name, 76));
    if (const auto initial = first_characters(customer.last_name, 1); !initial.empty())
        author += fmt::format("{}{}.", author.empty() ? "" : " ", initial);
    return author.empty() ? "–" : author;
}

// Stateless: made where it is needed.
std::shared_ptr<webhooks::Webhooks> webhooks_of(Shop& shop) {
    webhooks::Options options;
    options.secret_key = shop.config.secret_key;
    options.development = shop.config.environment == Environment::development;
    std::shared_ptr<http_client::Client> client;
    if (options.development)
        client = {std::shared_ptr<void>(), &shop.client};
    else
        client = std::make_shared<http_client::PublicClient>();
    return webhooks::make_webhooks(shop.database, shop.clock, std::move(client), std::move(options));
}

// Each owner's part of what a person may take along, and of what must go or lose its name with the account.
void register_privacy(Shop& shop) {
    messaging::register_privacy(*shop.customers, *shop.messages, shop.clock);
    orders::register_privacy(*shop.customers, shop.clock);
    shop.customers->add_exporter("reviews", [&shop](db::Session& session, const customers::CustomerInfo& customer) {
        json::Writer out;
        out.begin_array();
        for (const auto& [review, slug, name] : shop.catalog->reviews_of(session, customer.id.uuid(), customer.locale)) {
            out.begin_object();
            out.member("product", name);
            out.member("author", review.author);
            out.member("rating", review.rating);
            out.member("title", review.title);
            out.member("body", review.body);
            out.member("created_at", to_rfc3339(review.created_at));
            out.end_object();
        }
        out.end_array();
        return out.take();
    });
    shop.customers->add_exporter("saved_cards", [&shop](db::Session& session, const customers::CustomerInfo& customer) {
        json::Writer out;
        out.begin_array();
        for (const auto& card : shop.payments->stored_methods(session, customer.id.uuid())) {
            out.begin_object();
            out.member("brand", card.brand);
            out.member("last4", card.last4);
            out.member("expiry", fmt::format("{}/{}", card.expiry_month, card.expiry_year));
            out.end_object();
        }
        out.end_array();
        return out.take();
    });
    shop.customers->add_eraser([&shop](db::Tx& tx, const customers::CustomerInfo& customer) {
        catalog::forget_reviewer(tx, customer.id.uuid());
        payments::forget_customer(tx, customer.id.uuid(), customer.email, shop.clock.now());
        checkout::forget_people(tx, cart::forget_customer(tx, customer.id));
    });
}

}  // namespace

messaging::Options Shop::messaging_options() const {
    messaging::Options options;
    options.mail_from = config.mail_from;
    options.secret_key = config.secret_key;
    options.shop_name = kShopName;
    options.public_url = config.public_url;
    options.contact_email = kContact;
    options.postal_address = kAddress;
    return options;
}

cart::CartOptions Shop::cart_options() const {
    cart::CartOptions options;
    options.secure_cookies = config.public_url.starts_with("https://");
    options.default_currency = Currency::of(config.default_currency);
    options.default_country = config.default_country;
    options.delivers_to = [this](std::string_view country) { return shipping->delivers_to(country); };
    options.secret = config.secret_key;
    return options;
}

content::HomeFeed Shop::home_feed() {
    constexpr int kCards = 8;
    const auto context = [this](std::string_view locale, std::string_view currency) {
        return search::Context{std::string(locale), std::string(currency), clock.now()};
    };
    const auto raw = [](std::vector<search::CardJson> cards) {
        std::vector<json::Raw> out;
        for (auto& card : cards) out.push_back({std::move(card.text)});
        return out;
    };
    content::HomeFeed feed;
    feed.new_arrivals = [=, this](std::string_view locale, std::string_view currency) {
        return raw(search->new_arrivals(context(locale, currency), kCards));
    };
    feed.best_sellers = [=, this](std::string_view locale, std::string_view currency) {
        return raw(search->best_sellers(context(locale, currency), kCards));
    };
    feed.reviews = [=, this](std::string_view locale, std::string_view currency) {
        std::vector<content::HomeReviewDto> out;
        for (const auto& praise : search->praise(context(locale, currency), 3))
            out.push_back({praise.review.rating, praise.review.title, praise.review.body, praise.review.author, praise.product_name,
                           praise.product_slug});
        return out;
    };
    feed.card = &json::Codec<search::CardJson>::type();
    feed.is_in_memory = search->answers_from_memory();
    return feed;
}

content::StoreFacts Shop::store_facts() {
    content::StoreFacts facts;
    facts.name = kShopName;
    facts.contact = {std::string(kContact), std::string(kPhone), std::string(kAddress)};
    facts.default_currency = config.default_currency;
    facts.default_country = config.default_country;
    // The address rules of the checkout, so that a form asks for what the checkout will ask for.
    for (const auto& country : customers::countries()) {
        content::CountryDto fact;
        fact.code = country.code;
        fact.eu = country.eu;
        if (country.postal_code_required) fact.postal_code_pattern = country.postal_code_pattern;
        fact.postal_code_example = country.postal_code_example;
        fact.state_required = country.state_required;
        facts.countries.push_back(std::move(fact));
    }
    facts.free_shipping_threshold = [this](std::string_view currency, std::string_view country) {
        return shipping->free_from(Currency::of(currency), country);
    };
    return facts;
}

cart::CartDeps Shop::cart_deps() {
    return {database,
            clock,
            *catalog,
            *inventory,
            *customers,
            *pricing,
            *tax,
            *promotions,
            [this](const companies::BuyerContext& buyer) { return shipping->free_from(buyer.currency, buyer.country); },
            [this](db::Tx& tx, const cart::CartView& view) { checkout->give_back(tx, view); }};
}

Shop::Shop(Config settings, ShopOptions options)
    : config(std::move(settings)),
      clock(options.clock ? *options.clock : system_clock),
      database(config.database_url, pool_options(options.database_connections)),
      redis(config.redis_url),
      own_client(options.client ? nullptr : std::make_unique<http_client::CurlClient>()),
      client(options.client ? *options.client : *own_client),
      own_mailer(options.mailer ? nullptr : mail::smtp_mailer(config.smtp_url)),
      mailer(options.mailer ? *options.mailer : *own_mailer),
      templates(config.templates_dir),
      media(storage::local_store(config.media_dir)),
      documents(storage::local_store(config.media_dir + "-private")),
      idempotency(database, clock, config.secret_key),
      ledger(ledger::make_ledger(clock)),
      messages(messaging::make_messages(clock, messaging_options())),
      account_mailer(messaging::make_account_mailer(*messages)),
      customers(customers::make_customers(database, redis, clock, *account_mailer,
                                          {config.public_url, config.environment == Environment::development ? 20 : 1})),
      // Only a process that follows the change feed may remember.
      catalog(options.search_feed ? catalog::make_remembering_catalog(catalog::make_catalog()) : catalog::make_catalog()),
      catalog_reader(catalog::make_reader()),
      part_numbers(catalog::make_part_numbers()),
      inventory(inventory::make_inventory(clock)),
      pricing(pricing::make_pricing()),
      price_book(pricing::make_price_book()),
      tax(pricing::make_tax_book(database, options.search_feed ? std::chrono::seconds(10) : std::chrono::seconds(0))),
      promotions(promotions::make_promotions()),
      shipping(shipping::make_shipping(database, redis, clock, client, config.sendcloud,
                                       options.search_feed ? std::chrono::seconds(60) : std::chrono::seconds(0))),
      return_labels(shipping::make_return_labels({database, clock, client, *documents, config.sendcloud})),
      shipments(shipping::make_shipments({database, clock, client, *documents, config.sendcloud, return_labels.get()})),
      payments(payments::make_payments({database, clock, client, redis, *ledger, config.vendo, config.secret_key, config.public_url})),
      credits(payments::make_credits({clock, *ledger, config.secret_key})),
      payment_cases(payments::make_cases({clock, *ledger})),
      staff_gate_(options.staff_gate),
      audit_log_(options.audit_log) {
    search::EngineOptions engine;
    engine.default_country = config.default_country;
    engine.use_feed = options.search_feed;
    engine.ranking_without = config.search_without;
    if (options.search_feed) engine.file = config.search_file;
    if (config.opensearch.chosen) {
        search::OpenSearchOptions index;
        index.url = config.opensearch.url;
        index.user = config.opensearch.user;
        index.password = config.opensearch.password;
        index.prefix = config.opensearch.prefix;
        index.shards = config.opensearch.shards;
        index.replicas = config.opensearch.replicas;
        search = search::make_opensearch_engine(database, *catalog_reader, *pricing, *inventory, clock, client, std::move(index), engine);
    } else {
        search = search::make_engine(database, *catalog_reader, *pricing, *inventory, clock, engine);
    }
    search->on_refreshed([this](const search::Refreshed& refreshed) {
        if (refreshed.everything || !refreshed.price_or_stock_only) catalog->forget();
    });
    content = content::make_content(database);
    carts = cart::make_cart(cart_deps(), cart_options());

    orders::Dependencies order_deps{database, clock, *ledger, config.secret_key, {}, shipments.get(), inventory.get()};
    order_deps.timeline_sources.push_back([this](db::Session& session, orders::OrderId id, std::string_view locale) {
        std::vector<orders::TimelineDto> out;
        for (const auto& message : messages->messages_for(session, subject_of(id))) {
            if (auto entry = timeline_entry(message, locale)) out.push_back(std::move(*entry));
        }
        return out;
    });
    orders = orders::make_orders(std::move(order_deps));
    invoices = orders::make_documents(database, clock, *documents);
    fulfilment = orders::make_fulfilment({database, clock, *orders, *inventory, *shipments});

    storage::init_images("stoa");  // photos of returns
    after_sale =
        orders::make_after_sale({database, clock, idempotency, *ledger, *inventory, *payments, *orders, *catalog, *return_labels,
                                 *documents, find_swaps(*this), find_offers(*this), *fulfilment, *shipments, *credits, *payment_cases,
                                 [this](db::Tx& tx, const orders::RefundGiftCard& card) { send_refund_gift_card(*this, tx, card); }});
    gift_cards = orders::make_gift_cards(
        {database, clock, *ledger, *credits, *payment_cases, *orders, *after_sale,
         [this](db::Tx& tx, const orders::SoldGiftCard& sold) { send_gift_card(*this, tx, sold.issued, sold.order.locale, &sold); }});
    checkout = checkout::make_checkout({database,
                                        clock,
                                        redis,
                                        idempotency,
                                        *customers,
                                        *carts,
                                        *inventory,
                                        *promotions,
                                        *shipping,
                                        *payments,
                                        *credits,
                                        *orders,
                                        *after_sale,
                                        config.public_url,
                                        config.public_url.starts_with("https://"),
                                        std::chrono::minutes(config.hold_minutes),
                                        std::chrono::minutes(30),
                                        std::chrono::seconds(config.vendo.timeout_seconds),
                                        config.payments_per_address,
                                        [this](db::Tx& tx, const payments::IssuedGiftCard& issued, std::string_view locale) {
                                            send_gift_card(*this, tx, issued, locale);
                                        }});

    staff = backoffice::make_staff(
        database, redis, clock,
        {config.public_url, config.secret_key, std::string(kShopName), config.environment == Environment::development ? 20 : 1});
    if (!staff_gate_) staff_gate_ = staff.get();
    if (!audit_log_) audit_log_ = staff.get();
    catalog_writer = catalog::make_writer();
    content_writer = content::make_writer();
    merchandiser = search::make_merchandiser();
    backoffice::declare_shop(registry, {*catalog_writer, *catalog_reader, *inventory, *price_book, *tax, *promotions, *merchandiser,
                                        *content_writer, *customers, *orders, *part_numbers, customers::groups_of(*customers)});

    customers->set_product_gate(
        [this](db::Session& session, const Uuid& product) { return catalog->has_product(session, catalog::ProductId(product)); });
    customers::set_visible_gate(*customers, [](db::Session& session, const customers::CustomerInfo& customer, const Uuid& product) {
        const auto audience = catalog::audience_of(session, catalog::ProductId(product));
        return audience && audience->admits(customer.groups, customer.company);
    });
    customers->on_login(
        [this](db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request, http::Response& response) {
            checkout->on_login(tx, customer, request, response);
            // What the owner of the address bought as a guest since the last time. They see it in the account: no mail says so.
            if (customer.email_verified) (void)orders->claim(tx, customer);
        });
    customers->on_verified([this](db::Tx& tx, const customers::CustomerInfo& customer, const http::Request&, http::Response&) {
        // Orders that were placed as a guest with the address that is proven now.
        const auto numbers = orders->claim(tx, customer);
        if (numbers.empty()) return;
        json::Writer data;
        data.begin_object();
        data.member("first_name", customer.first_name);
        data.member("link", config.public_url + "/" + customer.locale + "/account/orders");
        data.key("orders");
        data.begin_array();
        for (const auto& [number, placed_at] : numbers) {
            data.begin_object();
            data.member("number", number);
            data.member("placed_on", messaging::format_date(date_of(placed_at), customer.locale));
            data.end_object();
        }
        data.end_array();
        data.end_object();
        messaging::MailRequest mail;
        mail.template_name = "guest_claimed";
        mail.locale = customer.locale;
        mail.to = customer.email;
        mail.data_json = data.take();
        mail.related = "customer:" + customer.id.uuid().to_string();
        (void)messages->queue_mail(tx, mail);
    });
    register_privacy(*this);
}

Shop::~Shop() {
    if (content) content->stop();
    if (search) search->stop();
}

const http::Routes& Shop::routes() {
    std::call_once(routes_once_, [this] { build_routes(); });
    return *routes_;
}

void Shop::build_routes() {
    auto routes = std::make_unique<http::Routes>();
    add_health_routes(*routes, *this);
    search::add_search_routes(*routes, *search, clock, {"EUR", "GBP", "CHF"}, [this] {
        std::vector<search::SitemapItemDto> pages;
        for (auto& page : content->site_pages()) {
            search::SitemapItemDto item;
            item.kind = search::PageKind::page;
            item.slugs = std::move(page.slugs);
            item.updated_at = page.updated_at;
            pages.push_back(std::move(item));
        }
        return pages;
    });
    search::OwnNumbers numbers;
    numbers.named = [this](const search::Buyer& buyer, std::string_view typed) {
        constexpr int kMost = 24;
        search::Named out;
        const auto found =
            database.read([&](db::Session& session) { return part_numbers->find(session, {buyer.groups, buyer.company}, typed, kMost); });
        for (const auto& one : found) (one.whole ? out.whole : out.beginning).push_back({one.product, one.number});
        return out;
    };
    numbers.of_products = [this](const search::Buyer& buyer, const std::vector<catalog::ProductId>& products) {
        // Of each of at most a hundred products.
        constexpr int kMost = 200;
        std::vector<search::PartNumberDto> out;
        const auto found = database.read(
            [&](db::Session& session) { return part_numbers->of_products(session, {buyer.groups, buyer.company}, products, kMost); });
        for (const auto& one : found) out.push_back({one.product, one.variant, one.number});
        return out;
    };
    search::add_buyer_routes(
        *routes, *search, clock,
        [this](const http::Request& request) {
            const auto customer = customers->require(request);
            return search::Buyer{customer.groups, customer.company};
        },
        std::move(numbers));
    content::add_content_routes(*routes, *content, home_feed(), store_facts());
    catalog::ReviewGate gate;
    gate.require = [this](const http::Request& request) {
        const auto customer = customers->require(request);
        return catalog::Reviewer{customer.id.uuid(), author_of(customer), customer.locale};
    };
    gate.has_bought = [this](db::Session& session, const Uuid& customer, catalog::ProductId product) {
        return orders->has_bought(session, customers::CustomerId(customer), product);
    };
    catalog::add_catalog_routes(*routes, database, *catalog, idempotency, clock, std::move(gate));
    customers::add_customers_routes(
        *routes, *customers, [this](const http::Request& request, const std::optional<customers::CustomerInfo>& customer) {
            auto visitor = carts->visitor(request);
            if (customer) visitor.customer = customer;
            customers::SessionExtras extras;
            extras.currency = config.default_currency;
            extras.country = config.default_country;
            const auto cart = database.read([&](db::Session& session) { return carts->find(session, visitor); });
            if (cart) {
                extras.currency = std::string(cart->currency.code());
                extras.country = cart->country;
                for (const auto& line : cart->lines) extras.cart_item_count += line.quantity;
            }
            return extras;
        });
    cart::add_cart_routes(*routes, *carts, database, idempotency, &redis, cart_options());
    orders::add_orders_routes(*routes, database, *orders, *customers);
    after_sale->add_customer_routes(*routes, *customers);
    after_sale->add_admin_routes(*routes, *staff_gate_, *audit_log_);
    orders::add_edit_routes(*routes, *after_sale, *shipping, *staff_gate_, *audit_log_);
    orders::add_document_routes(*routes, database, *orders, *customers, *invoices, *documents);
    orders::add_document_desk_routes(*routes, database, idempotency, *orders, *invoices, *documents, *staff_gate_, *audit_log_,
                                     [this](db::Tx& tx, const orders::DocumentInfo& document, const std::optional<std::string>& to) {
                                         send_document(*this, tx, document, to, {});
                                     });
    webhooks::add_event_routes(*routes, database, webhooks_of(*this));
    webhooks::add_webhook_desk_routes(*routes, database, idempotency, webhooks_of(*this), *staff_gate_, *audit_log_);
    orders::add_desk_routes(*routes, {database, clock, idempotency, *orders, *fulfilment, *shipments, *inventory, *payments, *staff_gate_,
                                      *audit_log_, Currency::of(config.default_currency), mail_history(*this)});
    shipping::add_shipment_hooks(*routes, database, clock, config.sendcloud.secret_key);
    checkout->add_routes(*routes);
    checkout->add_desk_routes(*routes, *staff_gate_, *audit_log_);
    payments::add_payments_routes(*routes, database, *payments, clock, payments::hook_token(config.secret_key));
    backoffice::add_staff_routes(*routes, *staff);
    backoffice::add_registry_routes(
        *routes, registry, {database, clock, *staff, *staff, idempotency, backoffice::searched_resources(), backoffice::todays_figures()});
    add_account_routes(*routes, *this);
    add_promotion_preview_routes(*routes, *this, *staff);
    add_media_routes(*routes, *media);
    add_media_desk_routes(*routes, database, *media, *catalog_writer, *staff, *staff);
    auto document = std::make_shared<std::shared_ptr<const std::string>>();
    routes->get("/api/v1/openapi.json", "openapi_document")
        .summary("This document")
        .undocumented()
        .on(http::Pool::memory)
        .handle([document](const http::Request& request) {
            http::Response response = http::json_text(200, "");
            response.shared_body = *document;
            return http::cacheable(request, std::move(response), 300);
        });
    routes->freeze();
    *document = std::make_shared<const std::string>(http::openapi_document(*routes, api_info()));
    routes_ = std::move(routes);
}

std::vector<jobs::Handler> Shop::job_handlers() {
    auto out = checkout->job_handlers();
    const auto add = [&](std::vector<jobs::Handler> handlers) {
        for (auto& handler : handlers) out.push_back(std::move(handler));
    };
    add(after_sale->job_handlers());
    add(gift_cards->job_handlers());
    add(customers::customers_job_handlers(*customers));
    add(shipments->job_handlers());
    add(return_labels->job_handlers());
    add(notification_job_handlers(*this));
    add(document_job_handlers(*this));
    add(webhooks_of(*this)->job_handlers());
    add(messaging::messaging_job_handlers(database, clock, mailer, templates, messaging_options(), documents.get(),
                                          [this](const messaging::MailAttachment& file) { invoices->restore(file.key); }));
    out.push_back({"platform.purge",
                   [this](const jobs::Job&) {
                       (void)http::purge_idempotency(database, clock.now());
                       while (database.in_tx([&](db::Tx& tx) { return carts->sweep(tx, clock.now(), 500); }) > 0) {
                       }
                   },
                   std::chrono::seconds{600}});
    out.push_back(
        {"pricing.announce_due",
         [this](const jobs::Job&) { (void)database.in_tx([&](db::Tx& tx) { return price_book->announce_due(tx, clock.now()); }); },
         std::chrono::seconds{120}});
    out.push_back({"content.announce_windows",
                   [this](const jobs::Job&) { (void)database.in_tx([&](db::Tx& tx) { return content_writer->announce_windows(tx); }); },
                   std::chrono::seconds{120}});
    out.push_back({"search.learn", [this](const jobs::Job&) { (void)learn_from_sales(database); }, std::chrono::seconds{1800}});
    out.push_back({"payments.reconcile",
                   [this](const jobs::Job&) {
                       // A week of days, so that one on which the provider was away is looked at later; a difference is one case
                       // however often it is seen.
                       const auto today = std::chrono::floor<std::chrono::days>(clock.now());
                       for (int back = 7; back >= 1; --back) (void)checkout->reconcile(Date(today - std::chrono::days{back}));
                   },
                   std::chrono::seconds{600}});
    return out;
}

std::vector<jobs::Schedule> Shop::schedules() {
    auto out = checkout->schedules();
    for (auto& schedule : customers::customers_schedules()) out.push_back(std::move(schedule));
    for (auto& schedule : webhooks::schedules()) out.push_back(std::move(schedule));
    for (auto& schedule : shipments->schedules()) out.push_back(std::move(schedule));
    for (auto& schedule : after_sale->schedules()) out.push_back(std::move(schedule));
    for (auto& schedule : gift_cards->schedules()) out.push_back(std::move(schedule));
    for (auto& schedule : document_schedules()) out.push_back(std::move(schedule));
    out.push_back({"shipping.poll_returns", "5-59/10 * * * *", "shipping.poll_returns", "{}"});
    out.push_back({"pricing.announce_due", "@every 30s", "pricing.announce_due", "{}"});
    out.push_back({"content.announce_windows", "@every 30s", "content.announce_windows", "{}"});
    out.push_back({"platform.purge", "17 3 * * *", "platform.purge", "{}"});
    out.push_back({"payments.reconcile", "30 4 * * *", "payments.reconcile", "{}"});
    out.push_back({"search.learn", "50 2 * * *", "search.learn", "{}"});
    return out;
}

std::vector<events::Subscription> Shop::subscriptions() {
    auto out = notification_subscriptions(*this);
    for (auto& subscription : revalidation_subscriptions(clock)) out.push_back(std::move(subscription));
    for (auto& subscription : document_subscriptions(*this)) out.push_back(std::move(subscription));
    for (auto& subscription : webhooks_of(*this)->subscriptions()) out.push_back(std::move(subscription));
    // What an order took of offers with a limit is there again, whoever cancelled it: checkout has released its own at once.
    out.push_back({"promotions.release",
                   {"order.cancelled"},
                   [this](db::Tx& tx, const events::Event& event) {
                       const auto data = json::parse(event.data);
                       const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
                       if (id) promotions->release(tx, id->uuid());
                   },
                   nullptr});
    // Gift cards that were bought go out with the money for them: also when less is owed than before.
    out.push_back({"orders.gift_cards",
                   {"order.confirmed", "order.payment_changed", "order.changed", "order.refund_granted"},
                   [this](db::Tx& tx, const events::Event& event) {
                       const auto data = json::parse(event.data);
                       const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
                       if (id) gift_cards->follow(tx, *id);
                   },
                   nullptr});
    // Goods that an order waited for came in: they are its already, and its desk is told.
    out.push_back({"orders.goods_arrived",
                   {"stock.served"},
                   [this](db::Tx& tx, const events::Event& event) {
                       const auto data = json::parse(event.data);
                       const auto order = data ? Uuid::parse(data->text_or("order")) : std::nullopt;
                       const auto variant = data ? catalog::VariantId::parse(data->text_or("variant_id")) : std::nullopt;
                       if (order && variant) fulfilment->arrived(tx, orders::OrderId(*order), *variant, data->int_or("quantity"));
                   },
                   nullptr});
    // What was only reserved becomes money when the goods leave.
    out.push_back({"checkout.capture_on_shipment",
                   {"shipment.left"},
                   [](db::Tx& tx, const events::Event& event) {
                       const auto data = json::parse(event.data);
                       if (!data) return;
                       jobs::NewJob job;
                       job.kind = "checkout.capture";
                       job.payload = R"({"order":")" + data->text_or("order") + R"("})";
                       job.unique_key = data->text_or("order");
                       jobs::enqueue(tx, job);
                   },
                   nullptr});
    return out;
}

}  // namespace stoa::app
