// What a cart would cost with a promotion, before anybody gets it: the same evaluation as every cart's, and nothing is kept.
#include "shop.hpp"
#include "sql/preview.hpp"
#include "stoa/cart/carts.hpp"
#include "stoa/cart/evaluate.hpp"
#include "stoa/http/staff.hpp"

namespace stoa::app {
namespace {

using catalog::VariantId;
using promotions::Promotion;
using promotions::PromotionId;

struct LineDto {
    VariantId variant_id;
    std::int64_t quantity = 1;
};
void describe(json::Struct<LineDto>& d) {
    d.name("PromotionPreviewLine");
    d.field<&LineDto::variant_id>("variant_id");
    d.field<&LineDto::quantity>("quantity").min(1).max(999);
}
struct AskDto {
    std::optional<PromotionId> promotion_id;
    std::vector<LineDto> lines;
    std::vector<std::string> codes, groups;
    std::string country = "DE", currency = "EUR";
    std::optional<Money> shipping;
};
void describe(json::Struct<AskDto>& d) {
    d.name("PromotionPreviewRequest");
    d.field<&AskDto::promotion_id>("promotion_id", "Tried as if it were on now, for everybody; without it: what applies anyway.");
    d.field<&AskDto::lines>("lines").min_length(1).max_length(50);
    d.field<&AskDto::codes>("codes").optional().max_length(10);
    d.field<&AskDto::groups>("groups", "Of the buyer.").optional().max_length(20);
    d.field<&AskDto::country>("country").optional().pattern("[A-Z]{2}");
    d.field<&AskDto::currency>("currency").optional().pattern("[A-Z]{3}");
    d.field<&AskDto::shipping>("shipping", "What delivery would cost.");
}
struct PricedDto {
    std::string name, sku;
    std::int64_t quantity = 0;
    Money unit_price, discount, total;
};
void describe(json::Struct<PricedDto>& d) {
    d.name("PromotionPreviewPricedLine");
    d.field<&PricedDto::name>("name");
    d.field<&PricedDto::sku>("sku");
    d.field<&PricedDto::quantity>("quantity");
    d.field<&PricedDto::unit_price>("unit_price");
    d.field<&PricedDto::discount>("discount");
    d.field<&PricedDto::total>("total");
}
struct AppliedDto {
    std::string name, label;
    Money amount;
};
void describe(json::Struct<AppliedDto>& d) {
    d.name("PromotionPreviewApplied");
    d.field<&AppliedDto::name>("name");
    d.field<&AppliedDto::label>("label", "As shoppers read it, in English.");
    d.field<&AppliedDto::amount>("amount");
}
struct PreviewDto {
    std::vector<PricedDto> lines;
    std::vector<AppliedDto> promotions;
    cart::TotalsDto totals;
    std::vector<std::string> steps;
};
void describe(json::Struct<PreviewDto>& d) {
    d.name("PromotionPreview");
    d.field<&PreviewDto::lines>("lines");
    d.field<&PreviewDto::promotions>("promotions", "What applied.");
    d.field<&PreviewDto::totals>("totals");
    d.field<&PreviewDto::steps>("steps", "How it came to this, also what did not apply and why.");
}

std::shared_ptr<const Promotion> to_try(db::Session& session, PromotionId id) {
    const auto rows = session.query(sql::promotion_to_try, id);
    if (rows.empty()) return nullptr;
    const auto row = rows.front();
    auto out = std::make_shared<Promotion>();
    out->id = id;
    out->name = row.get<std::string>("name");
    const auto labels = json::parse(row.get<std::string>("labels"));
    for (const auto& [locale, label] : labels->members()) out->labels[locale] = label.text();
    out->kind = *json::from_name<promotions::Kind>(row.get<std::string>("kind"));
    out->automatic = true;
    out->lane = row.get<std::int64_t>("lane");
    out->exclusive_group = row.get<std::string>("exclusive_group");
    const auto rules = json::parse_as<promotions::Rules>(row.get<std::string>("rules"));
    if (!rules) throw std::runtime_error("promotions: rules that cannot be read: " + rules.error().message);
    out->rules = *rules;
    return out;
}

}  // namespace

void add_promotion_preview_routes(http::Routes& routes, Shop& shop, http::StaffGate& gate) {
    routes.post("/api/v1/admin/promotion-preview", "preview_promotion")
        .summary("What a cart would cost with a promotion")
        .tag("admin resources")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<AskDto>()
        .returns<PreviewDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([&](const http::Request& request) {
            const auto actor = gate.require(request, "promotions.read");
            if (!actor) return http::problem(actor.error());
            const auto ask = http::body_as<AskDto>(request);
            if (!ask) return http::problem(ask.error());
            const auto currency = Currency::parse(ask->currency);
            if (!currency) return http::problem(fail_field("/currency", "unknown_currency", "This currency is not known.").error());
            if (ask->shipping && (ask->shipping->currency() != *currency || ask->shipping->minor() < 0))
                return http::problem(fail_field("/shipping", "invalid", "An amount in the cart's currency.").error());
            companies::BuyerContext buyer;
            buyer.currency = *currency;
            buyer.country = ask->country;
            buyer.groups = ask->groups;
            buyer.at = shop.clock.now();
            std::vector<VariantId> ids;
            for (const auto& line : ask->lines) ids.push_back(line.variant_id);
            std::vector<std::string> codes;
            for (std::size_t i = 0; i < ask->codes.size(); ++i) {
                const auto code = promotions::canonical_code(ask->codes[i]);
                if (!code) return http::problem(fail_field("/codes/" + std::to_string(i), "invalid", "This can never be a code.").error());
                codes.push_back(*code);
            }
            std::vector<catalog::VariantInfo> variants;
            pricing::Prices prices;
            promotions::Loaded loaded;
            std::shared_ptr<const Promotion> tried;
            shop.database.read([&](db::Session& session) {
                variants = shop.catalog->variants(session, ids, "en", buyer.at);
                prices = shop.pricing->prices(session, ids, buyer);
                loaded = db::read_one(session, shop.promotions->read(codes, {}, buyer.at));
                if (ask->promotion_id) tried = to_try(session, *ask->promotion_id);
            });
            if (ask->promotion_id && !tried)
                return http::problem(fail_field("/promotion_id", "unknown", "There is no such promotion.").error());
            if (tried) {
                const auto same = std::ranges::find_if(loaded.promotions, [&](const auto& one) { return one->id == tried->id; });
                if (same == loaded.promotions.end())
                    loaded.promotions.push_back(tried);
                else
                    *same = tried;  // its place is what codes point at
            }
            std::vector<cart::EvaluationLine> lines;
            std::vector<const catalog::VariantInfo*> shown;
            for (std::size_t i = 0; i < ask->lines.size(); ++i) {
                const auto& line = ask->lines[i];
                const auto at = "/lines/" + std::to_string(i) + "/variant_id";
                const auto variant = std::ranges::find(variants, line.variant_id, &catalog::VariantInfo::id);
                if (variant == variants.end()) return http::problem(fail_field(at, "unknown", "There is no such variant.").error());
                const auto price = prices.find(line.variant_id);
                if (price == prices.end())
                    return http::problem(fail_field(at, "no_price", "It has no price in this currency for this buyer.").error());
                shown.push_back(&*variant);
                lines.push_back({Uuid::v7(), variant->product_name, line.variant_id, variant->product_id, line.quantity, variant->tax_class,
                                 variant->categories, variant->collections, &price->second});
            }
            const auto priced = cart::evaluate(
                {lines, buyer, *shop.tax->current(), loaded.promotions, loaded.codes, loaded.facts, ask->shipping, false, true});
            PreviewDto out;
            for (std::size_t i = 0; i < priced.lines.size(); ++i) {
                const auto& line = priced.lines[i];
                auto name = shown[i]->product_name;
                if (!shown[i]->options_text.empty()) name += ", " + shown[i]->options_text;
                out.lines.push_back({std::move(name), shown[i]->sku, line.quantity, line.unit, line.discount, line.total});
            }
            for (const auto& applied : priced.promotions) out.promotions.push_back({applied.name, applied.label, applied.amount});
            out.totals = cart::to_totals(priced);
            for (const auto& step : priced.trace) out.steps.push_back(step.text);
            return http::ok(out);
        });
}

}  // namespace stoa::app
