#include "stoa/pricing/tax.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "stoa/catalog/model.hpp"

namespace stoa::pricing {

json::EnumNames<Treatment> enum_names(Treatment) {
    static constexpr std::array<std::pair<Treatment, std::string_view>, 7> kNames{{
        {Treatment::standard, "standard"},
        {Treatment::reduced, "reduced"},
        {Treatment::zero, "zero"},
        {Treatment::reverse_charge, "reverse_charge"},
        {Treatment::export_, "export"},
        {Treatment::exempt, "exempt"},
        {Treatment::voucher, "voucher"},
    }};
    return kNames;
}

std::string rate_label(const TaxRate& rate) {
    const auto whole = rate.basis_points / 100;
    const auto rest = rate.basis_points % 100;
    if (rest == 0) return fmt::format("{} %", whole);
    if (rest % 10 == 0) return fmt::format("{}.{} %", whole, rest / 10);
    return fmt::format("{}.{:02} %", whole, rest);
}

TaxTable::TaxTable(std::vector<TaxRow> rows, std::vector<EuMembership> members) : rows_(std::move(rows)) {
    std::ranges::sort(rows_, [](const TaxRow& a, const TaxRow& b) {
        return std::tie(a.country, a.tax_class, b.valid_from) < std::tie(b.country, b.tax_class, a.valid_from);
    });
    for (auto& member : members) {
        auto country = member.country;
        members_.emplace(std::move(country), std::move(member));
    }
}

std::optional<TaxRate> TaxTable::rate(std::string_view country, std::string_view tax_class, Timestamp at) const {
    const auto key = [](const TaxRow& row) { return std::pair<std::string_view, std::string_view>(row.country, row.tax_class); };
    const auto found = std::ranges::equal_range(rows_, std::pair(country, tax_class), {}, key);
    if (found.empty()) {
        if (tax_class == "standard") return std::nullopt;
        return rate(country, "standard", at);
    }
    const Date day = date_of(at);
    auto row = std::ranges::find_if(found, [&](const TaxRow& candidate) { return candidate.valid_from <= day; });
    if (row == found.end()) --row;
    return TaxRate{row->basis_points, row->treatment, row->country, {}};
}

bool TaxTable::in_eu(std::string_view country, Timestamp at) const {
    const auto found = members_.find(country);
    if (found == members_.end()) return false;
    const Date day = date_of(at);
    return found->second.from <= day && (!found->second.until || day < *found->second.until);
}

TaxRate decide_tax(const TaxRules& rules, const TaxBuyer& buyer, std::string_view tax_class, Timestamp at) {
    const auto of = [&](std::string_view country, std::string reason) {
        auto rate = rules.table.rate(country, tax_class, at);
        if (!rate) throw std::logic_error(fmt::format("no tax rates for {}", country));
        rate->reason = std::move(reason);
        return *rate;
    };
    // Wherever the buyer is: it is no supply of anything.
    if (tax_class == catalog::kVoucherTaxClass)
        return {0, Treatment::voucher, "", "Multi-purpose voucher, article 30b of Directive 2006/112/EC"};
    const std::string_view home = rules.entity.country;
    if (buyer.country == home) return of(home, "");
    const bool both_in_eu = rules.table.in_eu(home, at) && rules.table.in_eu(buyer.country, at);
    if (!both_in_eu) {
        return {0, Treatment::export_, "",
                rules.table.in_eu(home, at) ? "Export of goods, article 146 of Directive 2006/112/EC" : "Export of goods"};
    }
    if (buyer.business_with_valid_vat_id) {
        return {0, Treatment::reverse_charge, std::string(buyer.country), "Reverse charge, article 138 of Directive 2006/112/EC"};
    }
    return of(buyer.country, "Distance sale taxed at destination, article 33 of Directive 2006/112/EC");
}

TaxSplit tax_from_gross(Money gross, std::int64_t basis_points, Rounding mode) {
    const Money tax = gross.scaled(basis_points, 10000 + basis_points, mode);
    return {gross - tax, tax};
}

TaxSplit tax_on_net(Money net, std::int64_t basis_points, Rounding mode) { return {net, net.scaled(basis_points, 10000, mode)}; }

}  // namespace stoa::pricing
