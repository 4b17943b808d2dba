#include "documents/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace stoa::orders {
namespace {

// ISO 3166-1 alpha-2 with 1A and XI, which EN 16931's code list adds.
constexpr std::string_view kCountries =
    " 1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH "
    "CI CK "
    "CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR "
    "GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT "
    "LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH "
    "PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL "
    "TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW ";
bool is_country(std::string_view code) {
    return code.size() == 2 && kCountries.find(" " + std::string(code) + " ") != std::string_view::npos;
}

// UNCL 4461, as far as the shop uses it: not defined, cash, credit transfer, card, credit card, debit card, direct debit, SEPA credit
// transfer, SEPA direct debit, online payment service.
constexpr std::array<std::string_view, 10> kPaymentMeans{"1", "10", "30", "48", "54", "55", "49", "58", "59", "68"};
constexpr std::array<std::string_view, 5> kReasonCodes{"VATEX-EU-AE", "VATEX-EU-IC", "VATEX-EU-G", "VATEX-EU-O", "VATEX-EU-79-C"};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

class Checker {
public:
    explicit Checker(const Document& document) : doc_(document) {}

    std::vector<Violation> run() {
        head();
        parties();
        if (!amounts()) return std::move(found_);  // nothing to add up
        payment();
        lines();
        charges();
        totals();
        breakdown();
        for (const auto category : {VatCategory::standard, VatCategory::zero, VatCategory::exempt, VatCategory::reverse_charge,
                                    VatCategory::intra_community, VatCategory::export_outside, VatCategory::not_subject})
            of_category(category);
        return std::move(found_);
    }

private:
    void need(bool holds, std::string rule, std::string text) {
        if (!holds) found_.push_back({std::move(rule), std::move(text)});
    }
    // BR-DEC-*: at most two decimals. Our amounts have their currency's; currencies with three are outside of the standard.
    bool amounts() {
        const auto before = found_.size();
        const auto amount = [&](const Money& value, const std::string& rule, const std::string& what) {
            need(value.currency().exponent() <= 2, rule, what + " has more than two decimals");
            need(value.currency().code() == doc_.currency, "BR-05", what + " is in another currency");
        };
        for (const auto& line : doc_.lines) {
            amount(line.net, "BR-DEC-23", "a line's net amount");
            amount(line.before_discount, "BR-DEC-25", "a line's base amount");
            amount(line.discount, "BR-DEC-24", "a line's allowance");
        }
        for (const auto& charge : doc_.charges) amount(charge.net, "BR-DEC-05", "a charge");
        for (const auto& line : doc_.vat) {
            amount(line.taxable, "BR-DEC-19", "a taxable amount");
            amount(line.tax, "BR-DEC-20", "a tax");
        }
        amount(doc_.line_total, "BR-DEC-09", "the sum of lines");
        amount(doc_.charge_total, "BR-DEC-11", "the sum of charges");
        amount(doc_.net_total, "BR-DEC-12", "the total without VAT");
        amount(doc_.tax_total, "BR-DEC-13", "the VAT total");
        amount(doc_.total, "BR-DEC-14", "the total with VAT");
        amount(doc_.paid, "BR-DEC-16", "the paid amount");
        amount(doc_.due, "BR-DEC-18", "the amount due");
        if (doc_.vat_accounting)
            need(doc_.vat_accounting->tax_total.currency().exponent() <= 2, "BR-DEC-15",
                 "the VAT in the VAT currency has more than two decimals");
        return found_.size() == before;
    }

    void head() {
        need(!is_blank(doc_.number), "BR-02", "an invoice number");
        need(doc_.issued_on.ok() && doc_.issued_on.year() > std::chrono::year{2000}, "BR-03", "an issue date");
        // BR-01 and BR-04 hold by the writers: specification and type code follow from the kind.
        const auto currency = Currency::parse(doc_.currency);
        need(currency.has_value(), "BR-05", "a currency of ISO 4217 (BR-CL-04)");
        if (doc_.vat_accounting) {
            const auto& vat = *doc_.vat_accounting;
            need(Currency::parse(vat.currency).has_value(), "BR-CL-05", "a VAT currency of ISO 4217");
            need(vat.tax_total.currency().code() == vat.currency && vat.currency != doc_.currency, "BR-53",
                 "the VAT total in the VAT currency, which is another one than the document's");
            need(!is_blank(vat.rate.source) && is_vat_rate(vat.rate.rate) && vat.rate.of.ok(), "BR-53", "the rate, its day and its source");
        }
        need(!doc_.lines.empty(), "BR-16", "at least one line");
        if (doc_.kind == DocumentKind::credit_note) need(doc_.preceding.has_value(), "BR-55", "a credit note names its invoice");
        if (doc_.preceding) need(!is_blank(doc_.preceding->number), "BR-55", "the preceding invoice's number");
    }

    void place(const Place& where, const char* rule, const char* what) {
        need(!where.country.empty(), rule, std::string(what) + " has a country");
        need(where.country.empty() || is_country(where.country), "BR-CL-14", std::string(what) + ": country of ISO 3166-1");
    }

    void parties() {
        need(!is_blank(doc_.seller.name), "BR-06", "the seller's name");
        need(!is_blank(doc_.buyer.name), "BR-07", "the buyer's name");
        need(!is_blank(doc_.seller.place.line1) || !is_blank(doc_.seller.place.city), "BR-08", "the seller's address");
        place(doc_.seller.place, "BR-09", "the seller's address");
        need(!is_blank(doc_.buyer.place.line1) || !is_blank(doc_.buyer.place.city), "BR-10", "the buyer's address");
        place(doc_.buyer.place, "BR-11", "the buyer's address");
        if (!doc_.delivery.line1.empty() || !doc_.delivery.city.empty()) place(doc_.delivery, "BR-57", "the delivery address");
        need(!doc_.seller.vat_id.empty() || !doc_.seller.registration.empty(), "BR-CO-26", "the seller's VAT or registration number");
        for (const auto& [id, what] : {std::pair(&doc_.seller.vat_id, "the seller's"), std::pair(&doc_.buyer.vat_id, "the buyer's")}) {
            if (id->empty()) continue;
            const auto prefix = id->substr(0, 2);
            need(id->size() > 2 && (is_country(prefix) || prefix == "EL"), "BR-CO-09",
                 std::string(what) + " VAT id begins with a country code");
        }
    }

    void payment() {
        const auto& means = doc_.payment.means_code;
        need(!means.empty(), "BR-49", "a code for the means of payment");
        need(means.empty() || std::ranges::find(kPaymentMeans, means) != kPaymentMeans.end(), "BR-CL-16", "payment means of UNCL 4461");
        if (means == "30" || means == "58") {
            need(!doc_.payment.iban.empty(), "BR-50", "an account for a credit transfer");
            need(!doc_.payment.iban.empty(), "BR-61", "an account for a credit transfer");
        }
        if (doc_.kind == DocumentKind::invoice && !doc_.due.is_zero() && !doc_.due.is_negative())
            need(doc_.due_on.has_value() || !is_blank(doc_.terms), "BR-CO-25", "a due date or payment terms where something is due");
    }

    void vat(const Vat& vat, const std::string& rule, const std::string& where) {
        const auto is = [&](VatCategory category) { return vat.category == category; };
        if (is(VatCategory::standard))
            need(vat.basis_points > 0, "BR-S-" + rule, where + ": standard rated needs a rate above zero");
        else
            need(vat.basis_points == 0, "BR-" + short_name(vat.category) + "-" + rule, where + ": this category has no rate");
    }

    void lines() {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < doc_.lines.size(); ++i) {
            const auto& line = doc_.lines[i];
            const std::string where = "line " + std::to_string(i + 1);
            // BR-21 (an id) and BR-23 (a unit) hold by the writers: the line's place, and "C62", one piece.
            need(line.quantity > 0, "BR-22", where + ": a quantity");
            need(!is_blank(line.name), "BR-25", where + ": a name");
            need(line.price_digits >= 0, "BR-27", where + ": the net price is not negative");
            need(!line.discount.is_negative(), "BR-41", where + ": an allowance is not negative");
            need(line.before_discount - line.discount == line.net, "BR-24", where + ": net amount is price × quantity less allowances");
            std::int64_t scale = 1;
            for (auto decimals = line.before_discount.currency().exponent(); decimals < line.price_decimals; ++decimals) scale *= 10;
            need(mul_div(line.price_digits, line.quantity, scale, Rounding::half_up) == line.before_discount.minor(), "BR-26",
                 where + ": price × quantity rounds to the amount");
            vat(line.vat, "05", where);
        }
    }

    void charges() {
        for (const auto& charge : doc_.charges) {
            need(!charge.net.is_negative(), "BR-36", "a charge has an amount");
            need(!is_blank(charge.reason) || !charge.reason_code.empty(), "BR-38", "a charge has a reason (BR-CO-22)");
            vat(charge.vat, "07", "charge " + charge.reason);
        }
    }

    void totals() {
        Money lines = Money::zero(doc_.line_total.currency()), charges = lines, taxes = lines;
        for (const auto& line : doc_.lines) lines += line.net;
        for (const auto& charge : doc_.charges) charges += charge.net;
        for (const auto& line : doc_.vat) taxes += line.tax;
        need(doc_.line_total == lines, "BR-CO-10", "sum of line net amounts");
        need(doc_.charge_total == charges, "BR-CO-12", "sum of charges");
        need(doc_.net_total == doc_.line_total + doc_.charge_total, "BR-CO-13", "total without VAT");
        need(doc_.tax_total == taxes, "BR-CO-14", "VAT total is the sum of its categories");
        need(doc_.total == doc_.net_total + doc_.tax_total, "BR-CO-15", "total with VAT");
        if (doc_.vat_accounting && is_vat_rate(doc_.vat_accounting->rate.rate)) {
            // A credit note takes the difference of two sums: a coin more or less.
            const auto& vat = *doc_.vat_accounting;
            const auto off = in_vat_currency(doc_.tax_total, vat.tax_total.currency(), vat.rate.rate).minor() - vat.tax_total.minor();
            const std::int64_t most = doc_.kind == DocumentKind::credit_note ? 1 : 0;
            need(off <= most && -off <= most, "BR-53", "the VAT total in the VAT currency is the VAT total at the rate");
        }
        need(doc_.due == doc_.total - doc_.paid, "BR-CO-16", "amount due");
    }

    void breakdown() {
        need(!doc_.vat.empty(), "BR-CO-18", "at least one VAT category");
        for (const auto& line : doc_.vat) {
            const std::string where = "VAT " + std::string(code_of(line.vat.category)) + " " + percent_text(line.vat.basis_points);
            // The published check allows less than one unit of the currency: a shop whose prices contain VAT rounds by line.
            const Money exact = line.taxable.scaled(line.vat.basis_points, 10000, Rounding::half_up);
            const auto off = line.tax.minor() - exact.minor();
            const auto unit = line.tax.currency().minor_per_major();
            need(off < unit && -off < unit, "BR-CO-17", where + ": tax is taxable amount × rate");
            need(line.reason_code.empty() || std::ranges::find(kReasonCodes, line.reason_code) != kReasonCodes.end(), "BR-CL-22",
                 where + ": reason code of VATEX");
        }
    }

    // Rules BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G and BR-O.
    void of_category(VatCategory category) {
        const std::string name = short_name(category);
        const auto rule = [&](const char* number) { return "BR-" + name + "-" + number; };
        std::map<std::int64_t, Money> wanted;
        const Money zero = Money::zero(doc_.line_total.currency());
        bool on_line = false, on_charge = false;
        for (const auto& line : doc_.lines) {
            if (line.vat.category != category) continue;
            on_line = true;
            wanted.try_emplace(line.vat.basis_points, zero).first->second += line.net;
        }
        for (const auto& charge : doc_.charges) {
            if (charge.vat.category != category) continue;
            on_charge = true;
            wanted.try_emplace(charge.vat.basis_points, zero).first->second += charge.net;
        }
        std::map<std::int64_t, int> times;
        for (const auto& line : doc_.vat) {
            if (line.vat.category != category) continue;
            ++times[line.vat.basis_points];
            const auto sum = wanted.find(line.vat.basis_points);
            need(sum != wanted.end() && sum->second == line.taxable, rule("08"), "taxable amount is the sum of what has this rate");
            if (category == VatCategory::standard) {
                need(line.vat.basis_points > 0, rule("09"), "a rate above zero");
                need(line.reason.empty() && line.reason_code.empty(), rule("10"), "no exemption reason");
            } else {
                need(line.tax.is_zero() && line.vat.basis_points == 0, rule("09"), "no tax");
                const bool has_reason = !is_blank(line.reason) || !line.reason_code.empty();
                if (category == VatCategory::zero)
                    need(!has_reason, rule("10"), "no exemption reason");
                else
                    need(has_reason, rule("10"), "a reason why there is no VAT");
            }
        }
        if (!on_line && !on_charge) {
            need(times.empty(), rule("01"), "no VAT line without anything taxed so");
            return;
        }
        for (const auto& [rate, net] : wanted) need(times[rate] == 1, rule("01"), "exactly one VAT line per rate");
        const auto& seller = doc_.seller;
        const auto& buyer = doc_.buyer;
        const char* number = on_line ? "02" : "04";
        switch (category) {
            case VatCategory::standard:
            case VatCategory::zero:
            case VatCategory::exempt:
                need(!seller.vat_id.empty() || !seller.tax_number.empty(), rule(number), "the seller's VAT id or tax number");
                break;
            case VatCategory::reverse_charge:
                need(!seller.vat_id.empty() || !seller.tax_number.empty(), rule(number), "the seller's VAT id or tax number");
                need(!buyer.vat_id.empty() || !buyer.registration.empty(), rule(number), "the buyer's VAT id or registration");
                break;
            case VatCategory::intra_community:
                need(!seller.vat_id.empty(), rule(number), "the seller's VAT id");
                need(!buyer.vat_id.empty(), rule(number), "the buyer's VAT id");
                need(doc_.delivered_on.has_value(), rule("11"), "the day of delivery");
                need(!doc_.delivery.country.empty(), rule("12"), "the country of delivery");
                break;
            case VatCategory::export_outside:
                need(!seller.vat_id.empty(), rule(number), "the seller's VAT id");
                break;
            case VatCategory::not_subject:
                need(seller.vat_id.empty() && buyer.vat_id.empty(), rule(number), "no VAT ids");
                need(doc_.vat.size() == 1, rule("11"), "no other VAT category");
                for (const auto& line : doc_.lines) need(line.vat.category == category, rule("12"), "no line of another category");
                for (const auto& charge : doc_.charges) need(charge.vat.category == category, rule("14"), "no charge of another category");
                break;
        }
    }

    static std::string short_name(VatCategory category) {
        return category == VatCategory::intra_community ? "IC" : std::string(code_of(category));
    }

    const Document& doc_;
    std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> check(const Document& document) { return Checker(document).run(); }

std::string to_text(const std::vector<Violation>& violations) {
    std::string text;
    for (const auto& violation : violations) {
        if (!text.empty()) text += "; ";
        text += violation.rule + " " + violation.text;
    }
    return text;
}

}  // namespace stoa::orders
