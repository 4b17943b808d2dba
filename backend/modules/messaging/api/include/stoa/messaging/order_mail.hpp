#pragma once
// What order mails show, as values; amounts and days are put into the reader's writing here. Filled by who knows orders.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/money/money.hpp"
#include "stoa/text/writing.hpp"

namespace stoa::messaging {

using text::format_country;
using text::format_date;
using text::format_day;
using text::format_money;

struct OrderMail {
    std::string number;
    std::string order_url;  // with the guest token: part of the secrets, it opens the order
    Date placed_on{};
    std::string first_name;
    struct Line {
        std::string name;
        std::string options_text;
        std::string sku;
        std::int64_t quantity = 1;
        Money total;
        std::string image_url;  // absolute, JPEG or PNG readable; empty: none
    };
    std::vector<Line> lines;
    struct Amount {
        std::string label;
        Money amount;
    };
    Money subtotal;
    std::vector<Amount> discounts;  // positive amounts
    std::optional<Money> shipping;  // zero is shown as free
    Money total;
    bool tax_included = true;
    std::vector<Amount> taxes;                  // label "19 %"
    std::vector<std::string> shipping_address;  // as lines
    std::vector<std::string> billing_address;
    std::string shipping_method;
    std::string service_point;  // name and place, or empty
    std::optional<Date> promise_from, promise_to;
    std::string payment_label;
    std::string reason;     // payment_failed, order_cancelled: one sentence in the reader's language, or empty
    std::string retry_url;  // payment_failed: where to pay again; part of the secrets
};
struct OrderMailView {
    std::string data_json;
    std::string secrets_json;
};
// For the templates order_confirmation, payment_failed and order_cancelled.
[[nodiscard]] OrderMailView view_of(const OrderMail& mail, std::string_view locale);

// What a mail about one shipment shows.
struct ShipmentMail {
    std::string number;     // of the order
    std::string order_url;  // part of the secrets
    std::string first_name;
    std::string carrier;
    std::string service_point;
    struct Parcel {
        std::string tracking_number, tracking_url;
    };
    std::vector<Parcel> parcels;
    struct Line {
        std::string name;
        std::int64_t quantity = 1;
    };
    std::vector<Line> lines;
    bool is_part = false;  // more follows, or went before
};
// For the templates order_shipped and order_ready_for_pickup.
[[nodiscard]] OrderMailView view_of(const ShipmentMail& mail);

// What a mail about goods that come back shows.
struct ReturnMail {
    std::string number;        // of the return
    std::string order_number;  // and of its order
    std::string order_url;     // part of the secrets
    std::string first_name;
    std::string answer;  // of the shop, to the buyer
    struct Line {
        std::string name;
        std::int64_t quantity = 1;
        std::string instead;  // of an exchange, or empty
    };
    std::vector<Line> lines;
    bool has_label = false;  // it is attached
    std::string carrier;
};
// For the templates return_approved, return_rejected and return_received.
[[nodiscard]] OrderMailView view_of(const ReturnMail& mail);

struct RefundMail {
    std::string order_number;
    std::string order_url;  // part of the secrets
    std::string first_name;
    std::string return_number;  // or empty
    Money amount;
    struct Line {
        std::string name;
        std::int64_t quantity = 1;
        Money amount;
    };
    std::vector<Line> lines;
    Money shipping, adjustment;  // zero: not shown
    struct Part {
        std::string label;
        Money amount;
    };
    std::vector<Part> parts;   // where it went
    bool moves_money = false;  // false: less is owed, nothing was paid yet
};
// For the template refund_issued.
[[nodiscard]] OrderMailView view_of(const RefundMail& mail, std::string_view locale);

}  // namespace stoa::messaging
