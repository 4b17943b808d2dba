// cairo and Pango are named in this file only.
#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "documents/pdf.hpp"
#include "documents/words.hpp"
#include "stoa/text/writing.hpp"

namespace stoa::orders {
namespace {

// Points.
constexpr double kWidth = 595.28, kHeight = 841.89;
constexpr double kLeft = 56, kRight = kWidth - 56;
constexpr double kTop = 52, kBottom = kHeight - 104;  // below: the foot
constexpr const char* kFonts = "Inter, DejaVu Sans, Sans";

struct Ink {
    double red, green, blue;
};
constexpr Ink kInk{0.10, 0.12, 0.11}, kQuiet{0.40, 0.42, 0.40}, kLine{0.80, 0.81, 0.79}, kAccent{0.16, 0.33, 0.27};

enum class Align { left, right };

struct Style {
    double size = 9;
    bool bold = false;
    Ink ink = kInk;
    Align align = Align::left;
};
constexpr Style kText{}, kQuietText{8, false, kQuiet}, kNumber{9, false, kInk, Align::right}, kLabel{7.5, false, kQuiet},
    kLabelRight{7.5, false, kQuiet, Align::right}, kStrong{9, true}, kStrongNumber{9, true, kInk, Align::right};

cairo_status_t append(void* out, const unsigned char* bytes, unsigned int count) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
}

class Painter {
public:
    explicit Painter(std::string& out)
        : surface_(cairo_pdf_surface_create_for_stream(append, &out, kWidth, kHeight)), cairo_(cairo_create(surface_)) {
        layout_ = pango_cairo_create_layout(cairo_);
        // Paper has no pixels to fit letters into.
        cairo_font_options_t* options = cairo_font_options_create();
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
        PangoContext* context = pango_layout_get_context(layout_);
        pango_cairo_context_set_font_options(context, options);
        pango_context_set_round_glyph_positions(context, FALSE);
        cairo_font_options_destroy(options);
        pango_layout_context_changed(layout_);
        attributes_ = pango_attr_list_new();
        pango_attr_list_insert(attributes_, pango_attr_font_features_new("tnum=1"));  // figures of one width stand below each other
        pango_layout_set_attributes(layout_, attributes_);
        pango_layout_set_wrap(layout_, PANGO_WRAP_WORD_CHAR);
    }
    ~Painter() {
        pango_attr_list_unref(attributes_);
        g_object_unref(layout_);
        cairo_destroy(cairo_);
        cairo_surface_destroy(surface_);
    }
    Painter(const Painter&) = delete;
    Painter& operator=(const Painter&) = delete;

    // Height of the text set to `width`; drawn with its top at `y` unless `draw` is false.
    double text(double x, double y, double width, const std::string& text, const Style& style = {}, bool draw = true) {
        if (text.empty()) return 0;
        PangoFontDescription* font = pango_font_description_new();
        pango_font_description_set_family_static(font, kFonts);
        pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
        pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
        pango_layout_set_font_description(layout_, font);
        pango_font_description_free(font);
        pango_layout_set_width(layout_, static_cast<int>(width * PANGO_SCALE));
        pango_layout_set_alignment(layout_, style.align == Align::right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
        pango_layout_set_line_spacing(layout_, 1.22F);
        pango_layout_set_text(layout_, text.data(), static_cast<int>(text.size()));
        int height = 0;
        pango_layout_get_size(layout_, nullptr, &height);
        if (draw) {
            cairo_set_source_rgb(cairo_, style.ink.red, style.ink.green, style.ink.blue);
            cairo_move_to(cairo_, x, y);
            pango_cairo_show_layout(cairo_, layout_);
        }
        return static_cast<double>(height) / PANGO_SCALE;
    }
    double height_of(double width, const std::string& what, const Style& style = {}) { return text(0, 0, width, what, style, false); }

    void rule(double y, double from = kLeft, double to = kRight, double thick = 0.5, Ink ink = kLine) {
        cairo_set_source_rgb(cairo_, ink.red, ink.green, ink.blue);
        cairo_set_line_width(cairo_, thick);
        cairo_move_to(cairo_, from, y);
        cairo_line_to(cairo_, to, y);
        cairo_stroke(cairo_);
    }
    void next_page() { cairo_show_page(cairo_); }
    void finish() {
        cairo_surface_finish(surface_);
        if (cairo_status(cairo_) != CAIRO_STATUS_SUCCESS)
            throw std::runtime_error(std::string("orders: cairo: ") + cairo_status_to_string(cairo_status(cairo_)));
    }

private:
    cairo_surface_t* surface_;
    cairo_t* cairo_;
    PangoLayout* layout_ = nullptr;
    PangoAttrList* attributes_ = nullptr;
};

std::string joined(std::initializer_list<std::string> parts, std::string_view by) {
    std::string out;
    for (const auto& part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += by;
        out += part;
    }
    return out;
}

class Pages {
public:
    // `pages`: how many there will be; found by a first run.
    Pages(const Document& document, std::string& out, int pages) : doc_(document), paint_(out), pages_(pages) {}

    int run() {
        y_ = kTop;
        head();
        table();
        totals();
        closing();
        foot();
        paint_.next_page();
        paint_.finish();
        return page_;
    }

private:
    [[nodiscard]] std::string say(Word which) const { return std::string(word(which, doc_.locale)); }
    [[nodiscard]] std::string money(Money amount) const { return text::format_money(amount, doc_.locale); }
    [[nodiscard]] std::string day(Date date) const { return text::format_date(date, doc_.locale); }
    [[nodiscard]] std::string rate(const Vat& vat) const {
        std::string text = percent_text(vat.basis_points);
        if (doc_.locale != "en") std::replace(text.begin(), text.end(), '.', ',');
        return text + "\u00a0%";
    }
    [[nodiscard]] std::string title() const { return say(doc_.kind == DocumentKind::invoice ? Word::invoice : Word::credit_note); }
    [[nodiscard]] std::string place(const Place& place, bool country) const {
        std::string text = joined({place.line1, place.line2, joined({place.postal_code, place.city}, " "), place.state}, "\n");
        if (country) text += "\n" + std::string(text::format_country(place.country, doc_.locale));
        return text;
    }

    void head() {
        constexpr double kMeta = kRight - 200, kMetaValue = kRight - 112;
        paint_.text(kLeft, y_, 280, doc_.seller.name, {15, true, kAccent});
        paint_.text(kMeta, y_ - 5, 200, title(), {22, true, kInk});
        double left = y_ + 58;
        const auto& from = doc_.seller.place;
        left += paint_.text(kLeft, left, 250, joined({doc_.seller.name, from.line1, joined({from.postal_code, from.city}, " ")}, " · "),
                            {6.5, false, kQuiet}) +
                5;
        left +=
            paint_.text(kLeft, left, 240, joined({doc_.buyer.name, doc_.buyer.contact_name}, "\n") + "\n" + place(doc_.buyer.place, true),
                        {10, false, kInk});
        if (!doc_.buyer.vat_id.empty())
            left += 4 + paint_.text(kLeft, left + 4, 240, say(Word::vat_id) + " " + doc_.buyer.vat_id, kQuietText);

        double right = y_ + 40;
        const auto meta = [&](Word label, const std::string& value, bool bold = false) {
            if (value.empty()) return;
            paint_.text(kMeta, right, kMetaValue - kMeta - 6, say(label), {8, false, kQuiet});
            right += std::max(11.0, paint_.text(kMetaValue, right - 0.6, kRight - kMetaValue, value, {8.5, bold, kInk})) + 3.2;
        };
        meta(Word::number, doc_.number, true);
        meta(Word::date, day(doc_.issued_on));
        if (doc_.preceding) meta(Word::for_invoice, doc_.preceding->number);
        meta(Word::order, doc_.order_number);
        meta(Word::order_date, day(doc_.ordered_on));
        if (doc_.delivered_on && doc_.kind == DocumentKind::invoice) meta(Word::delivery_date, day(*doc_.delivered_on));
        if (doc_.due_on && !doc_.due.is_zero()) meta(Word::due, day(*doc_.due_on));
        const bool elsewhere = place(doc_.delivery, true) != place(doc_.buyer.place, true) || doc_.delivered_to != doc_.buyer.name;
        if (elsewhere && doc_.kind == DocumentKind::invoice) {
            right += 4;
            paint_.text(kMeta, right, 80, say(Word::deliver_to), {8, false, kQuiet});
            right += paint_.text(kMetaValue, right - 0.6, kRight - kMetaValue, doc_.delivered_to + "\n" + place(doc_.delivery, true),
                                 {8, false, kInk}) +
                     4;
        }
        y_ = std::max({left, right, y_ + 150}) + 26;
        if (!doc_.note.empty()) y_ += paint_.text(kLeft, y_, kRight - kLeft, doc_.note) + 14;
    }

    // Columns of the table.
    static constexpr double kQuantity = 318, kUnit = 362, kRate = 438, kAmount = 474;

    void table_head() {
        paint_.text(kLeft, y_, 240, say(Word::article), kLabel);
        paint_.text(kQuantity, y_, 36, say(Word::quantity), kLabelRight);
        paint_.text(kUnit, y_, 72, say(Word::unit_price), kLabelRight);
        paint_.text(kRate, y_, 34, say(Word::vat), kLabelRight);
        paint_.text(kAmount, y_, kRight - kAmount, say(Word::amount), kLabelRight);
        y_ += 14;
        paint_.rule(y_, kLeft, kRight, 0.8, kInk);
        y_ += 7;
    }

    void foot() {
        double y = kBottom + 26;
        paint_.rule(y);
        y += 9;
        constexpr Style kSmall{6.8, false, kQuiet};
        const auto& seller = doc_.seller;
        paint_.text(kLeft, y, 150,
                    joined({seller.name, seller.place.line1,
                            joined({joined({seller.place.postal_code, seller.place.city}, " "),
                                    std::string(text::format_country(seller.place.country, doc_.locale))},
                                   ", ")},
                           "\n"),
                    kSmall);
        paint_.text(kLeft + 165, y, 150,
                    joined({seller.email, seller.phone, seller.vat_id.empty() ? "" : say(Word::vat_id) + " " + seller.vat_id,
                            seller.tax_number.empty() ? "" : say(Word::tax_number) + " " + seller.tax_number},
                           "\n"),
                    kSmall);
        paint_.text(kLeft + 330, y, kRight - kLeft - 330,
                    joined({seller.registration.empty() ? "" : say(Word::registration) + " " + seller.registration,
                            doc_.payment.iban.empty() ? "" : "IBAN " + doc_.payment.iban,
                            doc_.payment.bic.empty() ? "" : "BIC " + doc_.payment.bic},
                           "\n"),
                    kSmall);
        paint_.text(kRight - 150, kHeight - 34, 150, fmt::format("{} {} {} {}", say(Word::page), page_, say(Word::of), pages_),
                    {6.8, false, kQuiet, Align::right});
        paint_.text(kLeft, kHeight - 34, 250, title() + " " + doc_.number, kSmall);
    }

    void break_page() {
        foot();
        paint_.next_page();
        ++page_;
        y_ = kTop;
        paint_.text(kLeft, y_, 280, doc_.seller.name, {10, true, kAccent});
        paint_.text(kRight - 250, y_ + 1, 250, title() + " " + doc_.number, {8.5, false, kQuiet, Align::right});
        y_ += 32;
    }
    // True when a new page was begun.
    bool need(double height) {
        if (y_ + height <= kBottom) return false;
        break_page();
        return true;
    }

    void table() {
        table_head();
        for (const auto& line : doc_.lines) {
            constexpr double kNameWidth = kQuantity - kLeft - 10;
            const std::string details = joined({line.options_text, line.sku}, " · ");
            std::string less;
            if (!line.shown_discount.is_zero()) less = say(Word::discount) + " " + money(-line.shown_discount);
            const double height = paint_.height_of(kNameWidth, line.name) + paint_.height_of(kNameWidth, details, kQuietText) +
                                  paint_.height_of(kNameWidth, less, kQuietText);
            if (need(height + 10)) table_head();
            double y = y_;
            y += paint_.text(kLeft, y, kNameWidth, line.name);
            y += paint_.text(kLeft, y, kNameWidth, details, kQuietText);
            paint_.text(kLeft, y, kNameWidth, less, kQuietText);
            paint_.text(kQuantity, y_, 36, std::to_string(line.quantity), kNumber);
            paint_.text(kUnit, y_, 72, money(line.shown_unit), kNumber);
            paint_.text(kRate, y_, 34, rate(line.vat), kNumber);
            paint_.text(kAmount, y_, kRight - kAmount, money(line.shown_total), kNumber);
            y_ += height + 5;
            paint_.rule(y_);
            y_ += 6;
        }
        y_ += 6;
    }

    void sum(const std::string& label, const std::string& amount, bool strong = false) {
        constexpr double kFrom = 300;
        const Style left = strong ? Style{10.5, true} : Style{9, false, kQuiet};
        const Style right = strong ? Style{10.5, true, kInk, Align::right} : kNumber;
        const double height =
            std::max(paint_.text(kFrom, y_, 150, label, left), paint_.text(kFrom + 100, y_, kRight - kFrom - 100, amount, right));
        y_ += height + 4;
    }

    void totals() {
        need(30.0 + 18.0 * static_cast<double>(doc_.charges.size() + doc_.vat.size() + 4));
        Money goods = Money::zero(doc_.total.currency());
        for (const auto& line : doc_.lines) goods += line.shown_total;
        if (!doc_.charges.empty() || !doc_.shown_with_tax) sum(say(Word::subtotal), money(goods));
        Money delivery = Money::zero(doc_.total.currency());
        for (const auto& charge : doc_.charges) delivery += charge.shown;
        if (!delivery.is_zero()) sum(say(Word::delivery), money(delivery));
        if (!doc_.shown_with_tax) {
            for (const auto& line : doc_.vat) sum(say(Word::plus_vat) + " " + rate(line.vat), money(line.tax));
        }
        y_ += 2;
        paint_.rule(y_, 300, kRight, 0.8, kInk);
        y_ += 7;
        sum(say(Word::total), money(doc_.total), true);
        if (doc_.kind == DocumentKind::invoice) {
            if (!doc_.paid.is_zero()) sum(say(Word::paid), money(-doc_.paid));
            if (!doc_.paid.is_zero() || !doc_.due.is_zero()) sum(say(Word::to_pay), money(doc_.due));
        }
        y_ += 14;
    }

    void closing() {
        // VAT by rate, as the law wants it shown.
        need(34.0 + 15.0 * static_cast<double>(doc_.vat.size()));
        constexpr double kNet = kLeft + 70, kTax = kNet + 84, kGross = kTax + 84, kColumn = 76;
        paint_.text(kLeft, y_, 70, say(Word::vat), kLabel);
        paint_.text(kNet, y_, kColumn, say(Word::net), kLabelRight);
        paint_.text(kTax, y_, kColumn, say(Word::tax), kLabelRight);
        paint_.text(kGross, y_, kColumn, say(Word::gross), kLabelRight);
        y_ += 13;
        paint_.rule(y_, kLeft, kGross + kColumn);
        y_ += 5;
        constexpr Style kSmallNumber{8.5, false, kInk, Align::right};
        for (const auto& line : doc_.vat) {
            paint_.text(kLeft, y_, 70, rate(line.vat), {8.5, false, kInk});
            paint_.text(kNet, y_, kColumn, money(line.taxable), kSmallNumber);
            paint_.text(kTax, y_, kColumn, money(line.tax), kSmallNumber);
            paint_.text(kGross, y_, kColumn, money(line.taxable + line.tax), kSmallNumber);
            y_ += 14;
        }
        y_ += 10;
        const auto paragraph = [&](const std::string& what, const Style& style = {}) {
            if (what.empty()) return;
            const double height = paint_.height_of(kRight - kLeft, what, style);
            need(height);
            y_ += paint_.text(kLeft, y_, kRight - kLeft, what, style) + 6;
        };
        if (doc_.vat_accounting) paragraph(vat_accounting_text(*doc_.vat_accounting, doc_.currency, doc_.locale));
        for (const auto& line : doc_.vat) paragraph(line.reason, kStrong);
        if (!doc_.promotions.empty()) {
            std::string what = say(Word::discounts_contained) + (doc_.locale == "fr" ? " : " : ": ");
            for (std::size_t i = 0; i < doc_.promotions.size(); ++i)
                what += (i ? ", " : "") + doc_.promotions[i].label + " " + money(doc_.promotions[i].amount);
            paragraph(what, kQuietText);
        }
        paragraph(doc_.terms);
        if (!doc_.payment.iban.empty() && !doc_.due.is_zero())
            paragraph(
                joined({say(Word::pay_to) + (doc_.locale == "fr" ? " : " : ": ") + doc_.payment.account_name, "IBAN " + doc_.payment.iban,
                        doc_.payment.bic.empty() ? "" : "BIC " + doc_.payment.bic, say(Word::reference) + " " + doc_.number},
                       " · "));
    }

    const Document& doc_;
    Painter paint_;
    int pages_;
    int page_ = 1;
    double y_ = 0;
};

}  // namespace

std::string draw_pages(const Document& document) {
    std::string draft;
    const int pages = Pages(document, draft, 1).run();
    std::string out;
    Pages(document, out, pages).run();
    return out;
}

}  // namespace stoa::orders
