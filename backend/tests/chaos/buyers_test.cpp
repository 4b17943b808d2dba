// Many buyers, few goods, offers that end, three currencies, a provider that fails, time that runs, and processes that are killed. Sold is
// stock, exactly.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <mutex>
#include <thread>

#include "process.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kSkus = 100;
constexpr int kFew = 25;  // uses of the code that runs out

struct Tally {
    std::atomic<int> attempts{0}, sold_out{0}, abandoned{0}, declined{0}, completed{0}, open{0}, turned_away{0}, changed{0},
        server_errors{0}, strange{0};
    std::mutex mutex;
    std::vector<std::string> told_completed;
    std::string first_error;
    void error(const std::string& text) {
        const std::lock_guard lock(mutex);
        if (first_error.empty()) first_error = text;
    }
};

class Buyers : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }

    World world;
    Time time{world};
    std::uint64_t seed_ = seed();
    std::vector<Goods> goods;
    std::vector<std::int64_t> units;
    std::vector<std::atomic<int>> ports = std::vector<std::atomic<int>>(2);
    std::vector<Process> servers = std::vector<Process>(2);
    Process worker;
    Tally tally;
    std::atomic<bool> stop{false};

    void new_goods(int round) {
        std::mt19937_64 random(seed_ + static_cast<unsigned>(round));
        for (int i = 0; i < kSkus; ++i) {
            units.push_back(1 + static_cast<std::int64_t>(random() % 5));
            goods.push_back(stock_up(*world.shop, fmt::format("SKU-{}-{}", round, i), 1900 + static_cast<std::int64_t>(random() % 50) * 100,
                                     units.back()));
            price_in(*world.shop, goods.back(), "GBP", 1700 + static_cast<std::int64_t>(random() % 50) * 100);
            price_in(*world.shop, goods.back(), "CHF", 2100 + static_cast<std::int64_t>(random() % 50) * 100);
        }
        promotions::Promotion few, first, each;
        few.usage_limit = kFew;
        first.rules.first_order = true;
        each.customer_limit = 1;
        const std::pair<const char*, promotions::Promotion*> offers[] = {{"FEW", &few}, {"FIRST", &first}, {"EACH", &each}};
        world.shop->database.in_tx([&](db::Tx& tx) {
            for (const auto& [name, promotion] : offers) {
                promotion->name = fmt::format("{}-{}", name, round);
                promotion->labels = {{"en", promotion->name}};
                promotion->rules.basis_points = 1000;
                (void)world.shop->promotions->add_code(tx, world.shop->promotions->save(tx, *promotion), promotion->name);
            }
        });
        round_ = round;
    }
    int round_ = 0;

    void start_server(std::size_t which) {
        servers[which] = Process(shop_arguments(world, time, "serve"));
        ports[which] = std::atoi(servers[which].output().c_str());
    }
    void start_worker() { worker = Process(shop_arguments(world, time, "worker")); }

    // One attempt to buy, from a full cart to whatever comes of it.
    void buy(std::uint64_t number, std::size_t first_sku) {
        std::mt19937_64 random(seed_ * 1000003 + number);
        const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
        ++tally.attempts;
        RemoteShopper who(ports, random());
        const auto check = [&](const char* step, const Answer& answer) {
            if (answer.status >= 500 && answer.status != 503) {
                ++tally.server_errors;
                tally.error(fmt::format("{}: {} {}", step, answer.status, answer.text.substr(0, 300)));
            }
            return answer;
        };
        // One shopper in four pays in another currency; francs only by invoice. Many come back under the same address.
        const auto coin = random() % 100;
        const std::string currency = coin < 15 ? "GBP" : coin < 25 ? "CHF" : "EUR";
        const auto person = number % 600;
        const int lines = 1 + static_cast<int>(random() % 3);
        int added = 0;
        for (int i = 0; i < lines; ++i) {
            const auto& wanted = goods[first_sku + random() % kSkus];
            const auto answer =
                check("add", who.send("POST", "/api/v1/cart/lines?currency=" + currency,
                                      fmt::format(R"({{"variant_id":"{}","quantity":{}}})", wanted.variant.to_string(), 1 + random() % 2)));
            if (answer.status == 201) ++added;
        }
        if (added == 0) return (void)++tally.sold_out;
        if (chance(50)) {
            static constexpr const char* kCodes[] = {"FEW", "FIRST", "EACH"};
            check("code", who.send("POST", "/api/v1/cart/codes", fmt::format(R"({{"code":"{}-{}"}})", kCodes[random() % 3], round_)));
        }
        const auto started = check("start", who.send("POST", "/api/v1/checkout"));
        if (started.status != 200) return (void)++tally.sold_out;
        if (chance(10)) return (void)++tally.abandoned;
        check("contact", who.send("PUT", "/api/v1/checkout/contact", fmt::format(R"({{"email":"buyer{}@example.test"}})", person)));
        check(
            "address",
            who.send(
                "PUT", "/api/v1/checkout/address",
                R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}})"));
        const auto ready = check("shipping", who.send("PUT", "/api/v1/checkout/shipping", R"({"option_id":"own:standard"})"));
        const auto* shown = ready.body.at("totals", "total", "amount");
        if (ready.status != 200 || !shown) return (void)++tally.turned_away;
        std::int64_t total = *shown->as_int();
        if (chance(5)) return (void)++tally.abandoned;

        for (int tries = 0; tries < 3; ++tries) {
            std::string payment = R"({"method":"invoice"})";
            const auto card = [&](std::string_view digits) {
                payment = fmt::format(
                    R"({{"method":"card","card":{{"number":"{}","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}})",
                    digits);
            };
            const auto dice = random() % 100;
            if (currency == "CHF") {
                // no card
            } else if (dice < 45)
                card("4111111111111111");
            else if (dice < 60)
                card("4000000000000002");
            else if (dice < 68)
                card("4000000000009995");
            else if (dice < 95)
                card("4000012892688323");
            const std::string body = fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"{}"}},"terms_accepted":true,"payment":{}}})", total, currency, payment);
            const std::string key = fmt::format("key-{}-{}", number, tries);
            auto answer = check("complete", who.send("POST", "/api/v1/checkout/complete", body, key));
            if (answer.body.text_or("code") == "checkout.total_changed") {
                // The offer was used up meanwhile: the shopper looks at the new total and agrees.
                total = *answer.body.at("total", "amount")->as_int();
                ++tally.changed;
                continue;
            }
            if (answer.status != 200) return (void)++tally.turned_away;
            const std::string order = answer.body.text_or("order_number");
            const std::string attempt = answer.body.text_or("attempt_id");
            if (answer.body.text_or("status") == "redirect") {
                if (chance(20)) return (void)++tally.open;
                (void)answer_verification(world.outside, answer.body.text_or("redirect_url"), chance(75) ? "accept" : "reject");
                if (chance(20)) return (void)++tally.open;
                answer = check("return", who.send("POST", "/api/v1/checkout/payments/" + attempt + "/return"));
                if (answer.status != 200) return (void)++tally.open;
            }
            const auto state = answer.body.text_or("status");
            if (state == "completed") {
                ++tally.completed;
                {
                    const std::lock_guard lock(tally.mutex);
                    tally.told_completed.push_back(order);
                }
                if (chance(20)) {
                    const auto again = check("repeat", who.send("POST", "/api/v1/checkout/complete", body, key));
                    if (again.status != 200 || again.body.text_or("order_number") != order) {
                        ++tally.strange;
                        tally.error("a repeated request answers differently: " + again.text.substr(0, 300));
                    }
                }
                return;
            }
            if (state == "processing" || state == "redirect") return (void)++tally.open;
            if (chance(30)) return (void)++tally.declined;
        }
        ++tally.declined;
    }

    // Runs `attempts` purchases on `concurrent` threads while everything around them goes wrong.
    void storm(int attempts, int concurrent, std::uint64_t from, std::size_t first_sku) {
        for (std::size_t i = 0; i < servers.size(); ++i) start_server(i);
        start_worker();
        stop = false;
        std::vector<std::jthread> trouble;
        trouble.emplace_back([&] {  // time: fifty times as fast
            while (!stop) {
                std::this_thread::sleep_for(milliseconds{100});
                time.advance(seconds{5});
            }
        });
        trouble.emplace_back([&] {  // kills
            std::mt19937_64 random(seed_ ^ 0x6b696c6c ^ from);
            while (!stop) {
                std::this_thread::sleep_for(milliseconds{500 + random() % 1200});
                if (stop) return;
                const auto victim = random() % 3;
                if (victim < 2) {
                    servers[victim].kill();
                    start_server(victim);
                } else {
                    worker.kill();
                    start_worker();
                }
                ++kills;
            }
        });
        trouble.emplace_back([&] {  // the provider
            std::mt19937_64 random(seed_ ^ 0x66617573 ^ from);
            while (!stop) {
                std::this_thread::sleep_for(milliseconds{40 + random() % 160});
                sandbox::Fault fault;
                fault.provider = "vendo";
                static constexpr const char* kKinds[] = {"error_before", "error_after", "garbage", "down", "slow"};
                fault.kind = kKinds[random() % 5];
                fault.delay_ms = fault.kind == "slow" ? 200 : 0;
                fault.path = random() % 5 ? "/payment" : "/reconciliation";
                world.outside.control.add_fault(fault);
                ++faults;
            }
        });
        trouble.emplace_back([&] {  // notifications: repeated, shuffled, also for what is not paid
            std::mt19937_64 random(seed_ ^ 0x706f7374 ^ from);
            http_client::CurlClient client;
            while (!stop) {
                std::this_thread::sleep_for(milliseconds{400});
                const auto charges = world.outside.charges();
                for (int i = 0; i < 12 && !charges.empty() && !stop; ++i) {
                    http_client::Call call;
                    call.method = "POST";
                    call.url = "http://127.0.0.1:" + std::to_string(ports[random() % 2].load()) + "/hooks/vendo/" +
                               payments::hook_token(world.shop->config.secret_key);
                    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
                    call.body = postback(charges[random() % charges.size()].reference, 1, "&n=" + std::to_string(random() % 40));
                    for (auto times = random() % 3 + 1; times > 0; --times) (void)client.send(call);
                    ++notifications;
                }
            }
        });
        std::atomic<int> next{0};
        {
            std::vector<std::jthread> buyers;
            for (int i = 0; i < concurrent; ++i) {
                buyers.emplace_back([&] {
                    for (int number; (number = next++) < attempts;) {
                        // Half-way the forgotten holds and unpaid orders run out, and what they held is sold again.
                        if (number == attempts * 6 / 10) time.advance(minutes{31});
                        buy(from + static_cast<unsigned>(number), first_sku);
                    }
                });
            }
        }
        stop = true;
        trouble.clear();
        world.outside.control.forget_faults();
        time.advance(seconds{0});
        for (auto& server : servers) server.kill();
        worker.kill();
        // Everything that is open comes to its end.
        for (const auto wait : {minutes{4}, minutes{31}, minutes{60}, minutes{60}, minutes{60}, minutes{181}}) {
            time.advance(wait);
            world.work();
        }
    }

    std::int64_t available(std::size_t which) {
        return world.shop->database.read([&](db::Session& session) {
            return world.shop->inventory->available(session, std::span(&goods[which].variant, 1)).at(goods[which].variant);
        });
    }

    // Everything that is known of payments that did not come to an end.
    std::string what_hangs() {
        std::string out = "it is " + to_rfc3339(world.shop->clock.now()) + "\n";
        std::set<std::string> references;
        world.shop->database.read([&](db::Session& session) {
            for (const auto row : session.run_text("select a.reference, to_jsonb(a)::text as attempt, (select json_agg(t order by "
                                                   "t.at)::text from orders.timeline t where "
                                                   "t.order_id = a.payable) as timeline from payments.attempt a where a.payable in (select "
                                                   "b.payable from payments.attempt b "
                                                   "where b.state in ('sent', 'unknown', 'verification_pending')) order by a.reference")) {
                references.insert(row.get<std::string>("reference"));
                out += row.get<std::string>("attempt") + "\n" + row.get<std::optional<std::string>>("timeline").value_or("") + "\n";
            }
            for (const auto row :
                 session.run_text("select to_jsonb(j)::text as job from jobs.job j where j.kind = 'checkout.sweep_payments' "
                                  "order by j.id desc limit 12"))
                out += row.get<std::string>("job") + "\n";
        });
        for (const auto& charge : world.outside.charges()) {
            if (references.contains(charge.reference))
                out += fmt::format("provider: type {} {} {} of {}, refunded {}\n", charge.type, charge.state, charge.reference,
                                   charge.amount, charge.refunded);
        }
        return out;
    }

    void expect_agreement() {
        EXPECT_EQ(world.disagreements(), "");
        EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0) << "holds are left after twice their life";
        EXPECT_EQ(world.count("select count(*) from inventory.stock where held <> 0 or on_hand < allocated or allocated < 0"), 0);
        EXPECT_EQ(world.count("select count(*) from payments.attempt where state in ('sent', 'unknown', 'verification_pending')"), 0)
            << what_hangs();
        EXPECT_EQ(world.count("select count(*) from orders.orders where state = 'pending_payment'"), 0);
        EXPECT_EQ(world.count("select count(*) from payments.refund where state <> 'done'"), 0);
        EXPECT_EQ(world.count("select count(*) from jobs.job where state = 'dead'"), 0);
        EXPECT_EQ(world.count("select count(*) from (select cart_id from orders.orders where state <> 'cancelled' group by cart_id having "
                              "count(*) > 1) twice"),
                  0);
        // Offers end where they should, however often payments were tried, given up and tried again.
        EXPECT_LE(
            world.count("select coalesce(max(n), 0) from (select count(*) as n from promotions.usage u join promotions.promotion p on "
                        "p.id = u.promotion_id where p.name like 'FEW-%' group by p.id) used"),
            kFew);
        EXPECT_EQ(world.count("select count(*) from (select i.identity from promotions.usage u join promotions.promotion p on p.id = "
                              "u.promotion_id join promotions.redemption r on r.order_id = u.order_id cross join unnest(r.identities) as i "
                              "(identity) where p.name like 'FIRST-%' or p.name like 'EACH-%' group by i.identity, p.id having count(*) > "
                              "1) twice"),
                  0);
        EXPECT_EQ(world.count("select count(*) from promotions.redemption r join orders.orders o on o.id = r.order_id where o.state = "
                              "'cancelled'"),
                  0);
        // One charge that stays for a paid order, none for another.
        std::map<std::string, std::int64_t> kept;
        for (const auto& charge : world.outside.charges()) {
            if (charge.type == 3 && charge.state == "paid" && charge.refunded < charge.amount)
                kept[charge.reference.substr(0, charge.reference.rfind("-a"))] += charge.amount - charge.refunded;
        }
        std::map<std::string, std::pair<std::string, std::int64_t>> orders;
        world.shop->database.read([&](db::Session& session) {
            orders.clear();
            for (const auto row : session.run_text("select number, case when state = 'cancelled' then 'cancelled' else payment_state end "
                                                   "as state, total from orders.orders"))
                orders[row.get<std::string>("number")] = {row.get<std::string>("state"), row.get<std::int64_t>("total")};
        });
        for (const auto& [number, order] : orders) {
            const auto charged = kept.contains(number) ? kept[number] : 0;
            EXPECT_EQ(charged, order.first == "paid" ? order.second : 0) << number << " is " << order.first;
        }
        for (const auto& [number, amount] : kept) EXPECT_TRUE(orders.contains(number)) << number << " was charged and is no order";
        // What a shopper was told stays true.
        for (const auto& number : tally.told_completed) {
            ASSERT_TRUE(orders.contains(number)) << number;
            EXPECT_TRUE(orders[number].first == "paid" || orders[number].first == "awaiting_invoice")
                << number << " was told completed and is " << orders[number].first;
        }
    }

    // What is left can be bought to the last unit, and not one more.
    void buy_the_rest(std::size_t first_sku) {
        for (std::size_t i = first_sku; i < goods.size(); ++i) {
            const auto left = available(i);
            if (left > 0) {
                Shopper last(*world.shop);
                last.add(goods[i], left);
                last.fill_in(fmt::format("last{}@example.test", i));
                EXPECT_EQ(last.pay().body.text_or("status"), "completed");
            }
            Shopper late(*world.shop);
            const auto refused =
                late.post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":1}})", goods[i].variant.to_string()));
            if (refused.status == 201) {
                EXPECT_EQ(late.post("/api/v1/checkout").body.text_or("code"), "checkout.stock_unavailable");
            } else {
                EXPECT_EQ(refused.body.text_or("code"), "cart.out_of_stock");
            }
            const auto sold =
                world.count(fmt::format("select coalesce(sum(l.quantity), 0)::bigint from orders.line l join orders.orders o on o.id = "
                                        "l.order_id where o.state <> 'cancelled' and l.variant_id = '{}'",
                                        goods[i].variant.uuid().to_string()));
            EXPECT_EQ(sold, units[i]) << "SKU " << i;
        }
    }

    std::atomic<int> kills{0}, faults{0}, notifications{0};
};

TEST_F(Buyers, a_thousand_want_what_a_few_hundred_can_have) {
    const int rounds = long_run() ? 34 : 1;
    const int attempts = long_run() ? 1500 : 1500;
    const int concurrent = long_run() ? 1000 : 48;
    for (int round = 0; round < rounds; ++round) {
        const auto first = goods.size();
        new_goods(round);
        storm(attempts, concurrent, static_cast<std::uint64_t>(round) * 1000000, first);
        expect_agreement();
        buy_the_rest(first);
        EXPECT_EQ(world.disagreements(), "");
        std::printf(
            "round %d: %d attempts, %d completed, %d sold out, %d abandoned, %d declined, %d left open, %d turned away, %d new totals; %d "
            "kills, %d "
            "faults, %d notifications\n",
            round, tally.attempts.load(), tally.completed.load(), tally.sold_out.load(), tally.abandoned.load(), tally.declined.load(),
            tally.open.load(), tally.turned_away.load(), tally.changed.load(), kills.load(), faults.load(), notifications.load());
        std::fflush(stdout);
        if (HasFailure()) break;
    }
    EXPECT_EQ(tally.server_errors, 0) << tally.first_error;
    EXPECT_EQ(tally.strange, 0) << tally.first_error;
    EXPECT_GE(tally.attempts, rounds * attempts);
    EXPECT_GT(tally.completed, rounds * 20);  // the rest of the stock is bought after each storm
    EXPECT_GT(kills, 2);
}

}  // namespace
}  // namespace stoa::testing
