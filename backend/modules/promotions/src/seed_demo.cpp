// Promotions of the demo shop: one of each kind that a visitor may want to try.
#include "stoa/promotions/make.hpp"

namespace stoa::promotions {

void seed_demo(db::Tx& tx, Timestamp now, std::optional<catalog::CategoryId> chairs, std::optional<catalog::CategoryId> lamps) {
    const auto service = make_promotions();
    const auto days = [](int count) { return std::chrono::days(count); };
    const auto code = [&](PromotionId promotion, std::string_view text) {
        if (const auto added = service->add_code(tx, promotion, text); !added) throw std::runtime_error(added.error().message);
    };

    Promotion welcome;
    welcome.name = "Welcome";
    welcome.labels = {{"en", "10 % off your first order"},
                      {"de", "10 % auf die erste Bestellung"},
                      {"nl", "10 % op je eerste bestelling"},
                      {"fr", "10 % sur la première commande"}};
    welcome.kind = Kind::percent;
    welcome.lane = 20;
    welcome.customer_limit = 1;
    welcome.rules.basis_points = 1000;
    welcome.rules.first_order = true;
    code(service->save(tx, welcome), "WELCOME10");

    Promotion shipping;
    shipping.name = "Free delivery";
    shipping.labels = {{"en", "Free delivery"}, {"de", "Gratisversand"}, {"nl", "Gratis bezorging"}, {"fr", "Livraison offerte"}};
    shipping.kind = Kind::free_shipping;
    shipping.lane = 30;
    const auto free_delivery = service->save(tx, shipping);
    code(free_delivery, "FREESHIP");
    code(free_delivery, "VERSANDFREI");

    Promotion spend;
    spend.name = "Spend and save";
    spend.labels = {{"en", "The more you buy"},
                    {"de", "Mehr kaufen, mehr sparen"},
                    {"nl", "Meer kopen, meer besparen"},
                    {"fr", "Plus vous achetez, plus vous économisez"}};
    spend.kind = Kind::tiered_spend;
    spend.lane = 20;
    spend.rules.tiers = {{{{"EUR", 20000}, {"GBP", 17500}, {"CHF", 20000}}, 0, {{"EUR", 1500}, {"GBP", 1300}, {"CHF", 1500}}},
                         {{{"EUR", 50000}, {"GBP", 45000}, {"CHF", 50000}}, 0, {{"EUR", 5000}, {"GBP", 4500}, {"CHF", 5000}}}};
    code(service->save(tx, spend), "SAVEMORE");

    Promotion summer;
    summer.name = "Summer sale";
    summer.labels = {{"en", "Summer sale"}, {"de", "Sommerschlussverkauf"}, {"nl", "Zomeropruiming"}, {"fr", "Soldes d’été"}};
    summer.kind = Kind::percent;
    summer.lane = 20;
    summer.rules.basis_points = 2500;
    summer.starts_at = now - days(120);
    summer.ends_at = now - days(30);
    code(service->save(tx, summer), "SOMMER25");

    Promotion vip;
    vip.name = "Friends of the house";
    vip.labels = {
        {"en", "Friends of the house"}, {"de", "Freunde des Hauses"}, {"nl", "Vrienden van het huis"}, {"fr", "Amis de la maison"}};
    vip.kind = Kind::percent;
    vip.lane = 20;
    vip.rules.basis_points = 2000;
    vip.rules.groups = {"friends"};
    code(service->save(tx, vip), "FRIENDS20");

    if (chairs) {
        Promotion three;
        three.name = "Third chair free";
        three.labels = {{"en", "Three chairs, the cheapest is free"},
                        {"de", "Drei Stühle, der günstigste gratis"},
                        {"nl", "Drie stoelen, de goedkoopste gratis"},
                        {"fr", "Trois chaises, la moins chère offerte"}};
        three.kind = Kind::cheapest_free;
        three.automatic = true;
        three.lane = 10;
        three.rules.group_size = 3;
        three.rules.include.categories = {*chairs};
        (void)service->save(tx, three);
    }
    if (lamps) {
        Promotion light;
        light.name = "Bright evenings";
        light.labels = {{"en", "15 % off lamps"}, {"de", "15 % auf Leuchten"}, {"nl", "15 % op lampen"}, {"fr", "15 % sur les luminaires"}};
        light.kind = Kind::percent;
        light.lane = 10;
        light.rules.basis_points = 1500;
        light.rules.include.categories = {*lamps};
        light.rules.exclude_reduced = true;
        light.rules.minimum_spend = {{"EUR", 5000}, {"GBP", 4500}, {"CHF", 5000}};
        code(service->save(tx, light), "LAMP15");
    }
}

}  // namespace stoa::promotions
