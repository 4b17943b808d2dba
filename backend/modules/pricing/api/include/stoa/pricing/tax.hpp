#pragma once
// VAT. Rates by country, tax class and date are an immutable table; the decision is a pure function that always says why.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::pricing {

// voucher: no supply yet, so no tax (a gift card); what is bought with it is taxed.
enum class Treatment { standard, reduced, zero, reverse_charge, export_, exempt, voucher };
[[nodiscard]] json::EnumNames<Treatment> enum_names(Treatment);

struct TaxRate {
    std::int64_t basis_points = 0;  // 1900 = 19 %
    Treatment treatment = Treatment::standard;
    std::string country;  // whose rate it is; empty for exports
    std::string reason;   // legal reason in words, or ""
    auto operator<=>(const TaxRate&) const = default;
};
// "19 %", "25.5 %", "0 %".
[[nodiscard]] std::string rate_label(const TaxRate& rate);

struct TaxRow {
    std::string country;
    std::string tax_class;
    Date valid_from;
    std::int64_t basis_points = 0;
    Treatment treatment = Treatment::standard;
};
struct EuMembership {
    std::string country;
    Date from;
    std::optional<Date> until;  // first day outside
};

// How a legal entity rounds tax: every line by itself, or the sum of a rate on the document (spread back to the lines).
enum class TaxRounding { per_line, per_document };
struct LegalEntity {
    std::string code = "main";
    std::string country = "DE";  // where it is established and ships from
    TaxRounding tax_rounding = TaxRounding::per_line;
    Rounding rounding = Rounding::half_up;
};

// Immutable, shared by threads.
class TaxTable {
public:
    TaxTable() = default;
    TaxTable(std::vector<TaxRow> rows, std::vector<EuMembership> members);
    // The country's own rate on that day (days are counted in UTC). An unknown class is taxed as "standard"; nullopt for a
    // country without rates. Days before the first row have the first row's rate.
    [[nodiscard]] std::optional<TaxRate> rate(std::string_view country, std::string_view tax_class, Timestamp at) const;
    [[nodiscard]] bool in_eu(std::string_view country, Timestamp at) const;
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

private:
    std::vector<TaxRow> rows_;  // by country, class, valid_from descending
    std::map<std::string, EuMembership, std::less<>> members_;
};

struct TaxRules {
    TaxTable table;
    LegalEntity entity;
};

struct TaxBuyer {
    std::string_view country;                 // destination
    bool business_with_valid_vat_id = false;  // checked outside; consumers: false
};
// Destination principle for consumers inside the EU, home rate at home, reverse charge for businesses in another member
// state, export with zero VAT when the goods leave the shop's tax territory (Great Britain, Switzerland and Norway from
// an EU shop included). Throws std::logic_error when the table lacks a country that must be taxed.
[[nodiscard]] TaxRate decide_tax(const TaxRules& rules, const TaxBuyer& buyer, std::string_view tax_class, Timestamp at);

struct TaxSplit {
    Money net;
    Money tax;
    [[nodiscard]] Money gross() const { return net + tax; }
};
[[nodiscard]] TaxSplit tax_from_gross(Money gross, std::int64_t basis_points, Rounding mode);
[[nodiscard]] TaxSplit tax_on_net(Money net, std::int64_t basis_points, Rounding mode);

// The current rules; readers take one pointer per request. reload() swaps in what the database says.
class TaxBook {
public:
    virtual ~TaxBook() = default;
    [[nodiscard]] virtual std::shared_ptr<const TaxRules> current() const = 0;
    virtual void reload() = 0;
    // Both append tax.changed. This process reloads with the commit, others at their next refresh.
    virtual void set_rate(db::Tx& tx, const TaxRow& row) = 0;
    virtual void set_entity(db::Tx& tx, const LegalEntity& entity) = 0;
};

}  // namespace stoa::pricing
