#include "view.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gifts.hpp"

namespace stoa::cart {
namespace {

constexpr std::int64_t kFewLeft = 5;

void add_issues(CartLineDto& line, const StoredLine& stored, const inventory::Supply& supply, bool purchasable) {
    if (!purchasable) {
        line.issues.push_back({IssueCode::unavailable, "This article is not available any more.", std::nullopt});
        return;
    }
    const auto available = supply.orderable();
    const auto wanted = std::max(stored.quantity, stored.wanted.value_or(0));
    if (available <= 0) {
        line.issues.push_back({IssueCode::out_of_stock, "This article is sold out.", std::nullopt});
    } else if (available < wanted) {
        line.issues.push_back(
            {IssueCode::insufficient_stock, fmt::format("Only {} of the {} you want are available.", available, wanted), std::nullopt});
    } else if (stored.wanted) {
        // There is enough by now; the shopper still has to say that they want them all.
        line.issues.push_back(
            {IssueCode::insufficient_stock, fmt::format("You asked for {}; {} are in your cart.", wanted, stored.quantity), std::nullopt});
    }
    // Of what is sold before it is there, "only a few left" would be said of units that are not.
    if (available < wanted || (available <= kFewLeft && supply.ahead == 0)) line.available_quantity = std::max<std::int64_t>(available, 0);
    if (stored.shown_unit && stored.shown_unit->currency() == line.unit_price.currency() && *stored.shown_unit != line.unit_price) {
        line.issues.push_back({IssueCode::price_changed, "The price has changed since you last saw it.", stored.shown_unit});
    }
}

// Of a line that can be had, what is not there yet.
std::int64_t units_ahead(const StoredLine& line, const inventory::Supply& supply) {
    return supply.orderable() < line.quantity ? 0 : std::max<std::int64_t>(0, line.quantity - std::max<std::int64_t>(0, supply.available));
}

}  // namespace

json::EnumNames<IssueCode> enum_names(IssueCode) {
    static constexpr std::array<std::pair<IssueCode, std::string_view>, 4> kNames{{
        {IssueCode::out_of_stock, "out_of_stock"},
        {IssueCode::insufficient_stock, "insufficient_stock"},
        {IssueCode::unavailable, "unavailable"},
        {IssueCode::price_changed, "price_changed"},
    }};
    return kNames;
}

bool may_see(const companies::BuyerContext& buyer, const catalog::VariantInfo& variant) {
    return variant.audience.admits(buyer.groups, buyer.company ? std::optional(buyer.company->uuid()) : std::nullopt);
}

TotalsDto to_totals(const PricedCart& priced) {
    TotalsDto out;
    out.subtotal = priced.subtotal;
    out.discount = priced.discount;
    if (priced.shipping) out.shipping = priced.shipping->price;
    out.tax = priced.tax;
    out.total = priced.total;
    out.tax_included = priced.tax_included;
    // Rates of several countries or reasons never meet in one cart, so a label and a treatment name the line.
    for (const auto& line : priced.tax_lines)
        out.tax_lines.push_back({pricing::rate_label(line.rate), line.rate.treatment, line.net, line.tax});
    return out;
}

std::vector<inventory::Wanted> CartView::wanted() const {
    std::vector<inventory::Wanted> out;
    for (const auto& line : stored.lines) {
        if (!is_gift_card(line.variant)) out.push_back({line.variant, line.quantity});
    }
    return out;
}

bool CartView::is_gift_card(catalog::VariantId variant) const {
    const auto found = variants.find(variant);
    return found != variants.end() && found->second.is_gift_card;
}

std::optional<CartView::ToCome> CartView::to_come() const {
    std::optional<ToCome> out;
    bool all_known = true;
    for (const auto& line : stored.lines) {
        const auto found = supply.find(line.variant);
        if (found == supply.end() || is_gift_card(line.variant)) continue;
        const auto units = units_ahead(line, found->second);
        if (units == 0) continue;
        if (!out) out.emplace();
        out->units += units;
        all_known = all_known && found->second.expected_on;
        if (found->second.expected_on) out->on = std::max(out->on.value_or(*found->second.expected_on), *found->second.expected_on);
    }
    if (out && !all_known) out->on.reset();
    return out;
}

bool CartView::needs_delivery() const {
    return stored.lines.empty() || std::ranges::any_of(stored.lines, [&](const auto& line) { return !is_gift_card(line.variant); });
}

CartView make_view(ViewInput input) {
    CartView view;
    const auto variant_of = [&](const StoredLine& line) -> const catalog::VariantInfo* {
        const auto found = input.variants.find(line.variant);
        return found == input.variants.end() ? nullptr : &found->second;
    };
    const auto price_of = [&](const StoredLine& line) -> const pricing::VariantPrice* {
        const auto found = input.prices.find(line.variant);
        return found == input.prices.end() ? nullptr : &found->second;
    };
    const auto is_purchasable = [&](const StoredLine& line) {
        const auto* variant = variant_of(line);
        return variant && variant->sellable && may_see(input.buyer, *variant) && price_of(line);
    };

    std::vector<EvaluationLine> lines;
    lines.reserve(input.stored.lines.size());
    view.purchasable = !input.stored.lines.empty();
    for (const auto& line : input.stored.lines) {
        if (!is_purchasable(line)) {
            view.purchasable = false;
            continue;
        }
        const auto& variant = *variant_of(line);
        lines.push_back({line.id.uuid(), input.options.explain ? variant.product_name : std::string(), line.variant, variant.product_id,
                         line.quantity, variant.tax_class, variant.categories, variant.collections, price_of(line)});
    }
    view.priced = evaluate({lines, input.buyer, *input.tax, input.promotions.promotions, input.promotions.codes, input.promotions.facts,
                            input.options.shipping, input.options.business_with_valid_vat_id, input.options.explain});

    CartDto& dto = view.dto;
    dto.id = input.stored.id;
    dto.version = input.stored.version;
    dto.currency = std::string(input.stored.currency.code());
    dto.locale = input.stored.locale;
    dto.country = input.stored.country;
    dto.totals = to_totals(view.priced);
    dto.lines.reserve(input.stored.lines.size());
    auto priced = view.priced.lines.begin();
    for (const auto& line : input.stored.lines) {
        CartLineDto entry;
        entry.id = line.id;
        entry.variant_id = line.variant;
        entry.quantity = line.quantity;
        if (const auto* variant = variant_of(line)) {
            entry.product_id = variant->product_id;
            entry.product_slug = variant->product_slug;
            entry.name = variant->product_name;
            entry.options_text = variant->options_text;
            entry.sku = variant->sku;
            entry.image = variant->image;
            entry.is_gift_card = variant->is_gift_card;
            if (variant->is_gift_card) entry.gifts = gifts_for(line.gifts, line.quantity);
        }
        const bool purchasable = is_purchasable(line);
        if (purchasable) {
            entry.unit_price = priced->unit;
            entry.regular_unit_price = priced->regular_unit;
            entry.discount = priced->discount;
            entry.total = priced->total;
            ++priced;
            dto.item_count += line.quantity;
        } else {
            const Money zero = Money::zero(input.stored.currency);
            entry.unit_price = line.shown_unit && line.shown_unit->currency() == input.stored.currency ? *line.shown_unit : zero;
            entry.discount = zero;
            entry.total = zero;
        }
        const auto found = input.supply.find(line.variant);
        const auto supply = found == input.supply.end() ? inventory::Supply{} : found->second;
        add_issues(entry, line, entry.is_gift_card ? inventory::Supply{catalog::kGiftCardsAvailable, 0, {}} : supply, purchasable);
        if (const auto ahead = units_ahead(line, supply); purchasable && !entry.is_gift_card && ahead > 0) {
            entry.backordered_quantity = ahead;
            entry.expected_on = supply.expected_on;
        }
        dto.lines.push_back(std::move(entry));
    }
    for (const auto& code : view.priced.codes) {
        CartCodeDto entry;
        entry.code = code.code;
        entry.applied = code.promotion.has_value();
        if (code.promotion) {
            const auto& promotion = view.priced.promotions[*code.promotion];
            entry.label = promotion.label;
            entry.amount = promotion.amount;
        }
        if (code.refusal) entry.reason = CodeReasonDto{std::string(json::to_name(code.refusal->reason)), code.refusal->message};
        dto.codes.push_back(std::move(entry));
    }
    for (const auto& promotion : view.priced.promotions) {
        if (!promotion.code) dto.promotions.push_back({promotion.label, promotion.amount});
    }
    if (input.free_shipping_threshold && (!view.priced.goods_total.is_zero() || view.priced.vouchers_total.is_zero())) {
        const Money threshold = *input.free_shipping_threshold;
        const Money zero = Money::zero(threshold.currency());
        const bool reached = view.priced.goods_total >= threshold;
        dto.free_shipping = FreeShippingDto{threshold, reached ? zero : threshold - view.priced.goods_total, reached};
    }
    view.stored = std::move(input.stored);
    view.buyer = std::move(input.buyer);
    view.variants = std::move(input.variants);
    view.supply = std::move(input.supply);
    view.dto.needs_delivery = view.needs_delivery();
    return view;
}

}  // namespace stoa::cart
