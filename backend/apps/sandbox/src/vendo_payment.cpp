// The gateway: payments, second steps, captures, refunds, subscriptions.
#include <fmt/format.h>

#include <algorithm>

#include "stoa/crypto/crypto.hpp"
#include "stoa/money/money.hpp"
#include "vendo.hpp"
#include "vendo_parts.hpp"

namespace stoa::sandbox {

using namespace vendo;
using json::Value;

namespace {

constexpr std::string_view kCurrencies[] = {"USD", "EUR", "GBP", "JPY", "MXN", "BRL"};
constexpr std::string_view kMethods[] = {"card", "sepa", "pix", "crypto", "paybybank", "oxxo", "wallet"};

bool luhn(std::string_view digits) {
    int sum = 0;
    bool twice = false;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it) {
        if (*it < '0' || *it > '9') return false;
        int d = *it - '0';
        if (twice && (d *= 2) > 9) d -= 9;
        sum += d;
        twice = !twice;
    }
    return digits.size() >= 12 && digits.size() <= 19 && sum % 10 == 0;
}

bool is_iban(std::string_view iban) {
    // ISO 13616: move four characters to the end, letters become 10..35, remainder of 97 is 1.
    if (iban.size() < 15 || iban.size() > 34) return false;
    std::string turned = std::string(iban.substr(4)) + std::string(iban.substr(0, 4));
    int remainder = 0;
    for (const char c : turned) {
        if (c >= '0' && c <= '9')
            remainder = (remainder * 10 + (c - '0')) % 97;
        else if (c >= 'A' && c <= 'Z')
            remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
        else
            return false;
    }
    return remainder == 1;
}

bool is_upper(std::string_view text, std::size_t size) {
    return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_ipv4(std::string_view text) {
    int parts = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('.'), text.size());
        const auto part = text.substr(0, end);
        if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
            std::stoi(std::string(part)) > 255)
            return false;
        ++parts;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts == 4;
}

}  // namespace

const Vendo::Transaction& Vendo::complete(const Transaction& first, bool preauth) {
    Transaction paid;
    paid.minor = first.minor;
    paid.currency = first.currency;
    paid.reference = first.reference;
    paid.email = first.email;
    paid.method = first.method;
    paid.original = first.id;
    paid.token = first.token;
    paid.last_four = first.last_four;
    paid.bin = first.bin;
    paid.test = first.test;
    const bool registered = first.minor == 0;
    paid.type = registered ? 63 : 3;
    paid.state = registered ? "registered" : preauth ? "preauth" : "paid";
    auto& stored = add(std::move(paid));
    tokens_[stored.token] = {card_of_token(stored), stored.method};
    return stored;
}

std::optional<std::string> Vendo::check_payment(const Value& body, bool register_only) const {
    const auto* references = object(body, "external_references");
    if (text(references, "transaction_reference").empty()) return "external_references.transaction_reference";
    const std::string currency = body.text_or("currency");
    if (std::find(std::begin(kCurrencies), std::end(kCurrencies), currency) == std::end(kCurrencies)) return "currency";
    if (body.int_or("site_id") != options_.site_id) return "site_id";
    if (!register_only) {
        const auto amount = amount_of(body);
        const bool scheduled = object(body, "subscription_schedule") != nullptr;
        if (!amount || amount->is_negative() || (amount->is_zero() && !scheduled)) return "amount";
        const auto* items = body.find("items");
        if (items && !items->is_null()) {
            if (!items->is_array()) return "items";
            for (const auto& item : items->items()) {
                const auto* id = item.find("item_id");
                const auto* price = item.find("item_price");
                const auto quantity = item.find("item_quantity") ? item.find("item_quantity")->as_int() : std::nullopt;
                if (!id || id->text().empty()) return "items.item_id";
                if (item.text_or("item_description").empty()) return "items.item_description";
                if (!price || !price->is_number() || price->text().starts_with('-')) return "items.item_price";
                if (!quantity || *quantity < 1) return "items.item_quantity";
            }
        }
    }
    const auto* request = object(body, "request_details");
    if (!is_ipv4(text(request, "ip_address"))) return "request_details.ip_address";
    const auto* details = object(body, "payment_details");
    if (!details) return "payment_details";
    if (details->find("verification_id")) {
        if (!details->find("verification_id")->as_int()) return "payment_details.verification_id";
        return std::nullopt;
    }
    const bool preauth = body.bool_or("preauth_only");
    if (details->find("token") && !details->find("payment_method")) {
        if (details->text_or("token").size() != 32) return "payment_details.token";
        return std::nullopt;
    }
    const std::string method = details->text_or("payment_method");
    if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods)) return "payment_details.payment_method";
    if (preauth && method != "card") return "preauth_only";
    if (method == "card") {
        if (!luhn(details->text_or("card_number"))) return "payment_details.card_number";
        const std::string month = details->text_or("expiration_month");
        const std::string year = details->text_or("expiration_year");
        if (month.size() != 2 || month < "01" || month > "12") return "payment_details.expiration_month";
        if (year.size() != 4 || !std::all_of(year.begin(), year.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return "payment_details.expiration_year";
        const std::string today = to_rfc3339(now()).substr(0, 7);
        if (year + "-" + month < today) return "payment_details.expiration_year";
        if (details->text_or("name_on_card").empty()) return "payment_details.name_on_card";
    }
    if (method == "sepa") {
        if (currency != "EUR") return "currency";
        const auto* iban = details->find("iban");
        if (iban && !iban->is_null() && !is_iban(iban->text())) return "payment_details.iban";
    }
    const auto* customer = object(body, "customer_details");
    if (!customer) return "customer_details";
    if (text(customer, "first_name").empty()) return "customer_details.first_name";
    if (text(customer, "last_name").empty()) return "customer_details.last_name";
    const std::string email = text(customer, "email");
    if (email.find('@') == std::string::npos || email.find(' ') != std::string::npos) return "customer_details.email";
    const std::string language = text(customer, "language");
    if (language.size() != 2 || language[0] < 'a' || language[0] > 'z') return "customer_details.language";
    const std::string country = text(customer, "country");
    if (!is_upper(country, 2)) return "customer_details.country";
    if (method == "pix" && (country != "BR" || text(customer, "national_identifier").empty())) return "customer_details.country";
    if (method == "oxxo" && (country != "MX" || currency != "MXN")) return "customer_details.country";
    if (method == "wallet" && details->text_or("provider") != "googlepay") return "payment_details.provider";
    if (method == "wallet" && text(object(*details, "data"), "token").empty()) return "payment_details.data.token";
    const auto* shipping = body.find("shipping_address");
    if (shipping && !shipping->is_null()) {
        for (const auto* key : {"first_name", "last_name", "address", "city", "state", "country", "postal_code", "phone"}) {
            if (text(shipping, key).empty()) return std::string("shipping_address.") + key;
        }
    }
    return std::nullopt;
}

http::Response Vendo::payment(const http::Request& request, bool register_only) {
    const auto parsed = json::parse(request.body);
    if (!parsed || !parsed->is_object()) return failure(8102, "Invalid JSON");
    const Value& body = *parsed;
    if (body.int_or("merchant_id") != options_.merchant_id || body.text_or("api_secret") != options_.api_secret)
        return failure(8103, "Invalid API credentials");
    if (const auto field = check_payment(body, register_only)) return failure(8105, "Invalid " + *field + " value");

    const auto* details = object(body, "payment_details");
    const auto* customer = object(body, "customer_details");
    const std::string email = text(customer, "email");
    std::unique_lock lock(mutex_);
    if (!email.empty()) {
        // "Too many requests in a few seconds from this user."
        auto& recent = recent_[email];
        const auto at = std::chrono::steady_clock::now();
        while (!recent.empty() && at - recent.front() > std::chrono::seconds{3}) recent.pop_front();
        recent.push_back(at);
        if (recent.size() > 10) return failure(101, "Too many requests");
    }

    Transaction t;
    t.minor = register_only ? 0 : amount_of(body)->minor();
    t.currency = body.text_or("currency");
    t.reference = text(object(body, "external_references"), "transaction_reference");
    t.email = email;
    t.success_url = body.text_or("success_url");
    t.test = body.int_or("is_test") == 1;
    t.method = details->text_or("payment_method");
    const bool preauth = body.bool_or("preauth_only");

    // The second step of a verified payment.
    if (const auto* id = details->find("verification_id")) {
        const auto asked = transactions_.find(id->as_int().value_or(0));  // this gateway gives both numbers the same value
        if (asked == transactions_.end() || asked->second.type != 60) return failure(8105, "Invalid payment_details.verification_id value");
        const auto* first = &asked->second;
        if (first->minor != t.minor || first->currency != t.currency || first->reference != t.reference)
            return failure(8105, "Invalid amount value");
        if (const int code = refuse_next_.exchange(0); code != 0) return failure(code, "Refused as the test wants it", first, {}, &body);
        if (first->state == "pending") return verification_needed(*first, body);
        if (first->state == "rejected") return failure(1312, "3-D Secure authentication failed", first, "3DS", &body);
        for (auto next = std::next(asked); next != transactions_.end(); ++next) {
            const auto& done = next->second;
            if (done.original != first->id || (done.type != 3 && done.type != 63)) continue;
            if (second_step_once_) return failure(6308, "This verification was processed already", first, {}, &body);
            // Repeated, or confirmed without a second step: the same answer again. What the real gateway does is not known, so the log says
            // it.
            control_.record({to_rfc3339(SystemClock().now()), "vendo", "NOTE", "second step of " + std::to_string(first->id), 200,
                             "repeated; answered as before"});
            return success(done, body);
        }
        const auto stored = complete(*first, preauth);
        lock.unlock();
        queue_transaction_postback(stored);
        return success(stored, body);
    }

    std::string card = details->text_or("card_number");
    t.token = crypto::hex(crypto::random_bytes(16));
    if (const auto token = details->text_or("token"); !token.empty() && t.method.empty()) {
        const auto known = tokens_.find(token);
        if (known == tokens_.end()) return failure(8105, "Invalid payment_details.token value");
        card = known->second.card;
        t.method = known->second.method;
        t.token = token;
    }
    if (card.size() >= 10) {
        t.bin = card.substr(0, 6);
        t.last_four = card.substr(card.size() - 4);
    }

    const auto decline = [&](int code, std::string_view message, std::string_view processor) {
        t.state = "declined";
        const auto stored = add(std::move(t));
        return failure(code, message, &stored, processor, &body);
    };
    const auto verify = [&] {
        t.type = 60;
        t.state = "pending";
        t.verification_id = next_id_ + 1;
        const auto stored = add(std::move(t));
        if (stored.method == "pix") waiting_pix_.insert(stored.id);
        return verification_needed(stored, body);
    };

    if (const int code = refuse_next_.exchange(0); code != 0) return decline(code, "Refused as the test wants it", "");
    if (text(customer, "first_name") == "Declined") return decline(1306, "Declined by the issuer", "05");
    if (card == "4000000000000002") return decline(1306, "Declined by the issuer", "05");
    if (card == "4000000000009995") return decline(1307, "Insufficient funds", "51");
    if (card == "4000000000000069") return decline(1303, "Bad credit card data", "");
    if (card == "4100000000000019") return decline(301, "Suspected fraud", "");
    // Nobody is there to be asked when the merchant charges a stored card.
    if (card == kThreeDSecure && !body.bool_or("mit")) return verify();
    if (t.method == "pix" || t.method == "crypto" || t.method == "paybybank" || t.method == "oxxo") return verify();
    if (t.method == "sepa" && details->text_or("iban").empty()) return verify();
    if (t.method == "wallet" && text(object(*details, "data"), "token").find("\"threeDS\":true") != std::string::npos) return verify();

    const auto cents = t.currency == "JPY" || t.method != "card" ? 0 : t.minor % 100;
    if (cents == 79) {
        return http::json_text(500, "<html>Internal Server Error</html>");  // nothing happened
    }
    t.state = register_only ? "registered" : preauth ? "preauth" : "paid";
    t.type = register_only ? 63 : 3;
    const auto stored = add(std::move(t));
    tokens_[stored.token] = {card_of_token(stored), stored.method};
    lock.unlock();
    if (cents == 78) return http::json_text(500, "<html>Internal Server Error</html>");  // paid, but nobody is told
    if (cents == 77) std::this_thread::sleep_for(options_.slow_answer);
    if (!register_only) queue_transaction_postback(stored);
    return success(stored, body);
}

http::Response Vendo::capture(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return failure(8102, "Invalid JSON");
    if (body->int_or("merchant_id") != options_.merchant_id || body->text_or("api_secret") != options_.api_secret)
        return failure(8103, "Invalid API credentials");
    std::unique_lock lock(mutex_);
    const auto it = transactions_.find(body->int_or("transaction_id"));
    if (it == transactions_.end()) return failure(1310, "Unknown transaction");
    auto& t = it->second;
    const auto age = now() - parse_timestamp(t.at).value_or(now());
    if (t.type != 3 || t.state != "preauth" || age > std::chrono::days{7}) return failure(1310, "Transaction cannot be settled", &t);
    t.state = "captured";
    save(t);
    Transaction settled = t;
    settled.type = 71;
    settled.original = t.id;
    settled.at.clear();
    const auto row = add(std::move(settled));
    lock.unlock();
    queue_transaction_postback(row);
    json::Writer out;
    out.begin_object();
    out.member("status", 1);
    out.member("request_id", crypto::hex(crypto::random_bytes(12)));
    out.key("transaction");
    out.begin_object();
    out.member("id", row.id);
    out.key("amount");
    out.raw(decimal(row.minor, row.currency));
    out.member("currency", row.currency);
    std::string at = row.at.substr(0, 19);
    at[10] = ' ';
    out.member("datetime", at);
    out.end_object();
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Vendo::refund(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return failure(8102, "Invalid JSON");
    if (body->int_or("merchant_id") != options_.merchant_id || body->text_or("api_secret") != options_.api_secret)
        return failure(8103, "Invalid API credentials");
    std::unique_lock lock(mutex_);
    const auto it = transactions_.find(body->int_or("transaction_id"));
    if (it == transactions_.end() || (it->second.type != 3 && it->second.type != 11)) return failure(8105, "Invalid transaction_id value");
    auto& t = it->second;
    if (const int code = refuse_next_.exchange(0); code != 0) return failure(code, "Refused as the test wants it", &t);
    if (t.state != "paid" && t.state != "captured") return failure(1302, "Transaction cannot be refunded", &t);
    const std::int64_t left = t.minor - t.refunded;
    std::int64_t amount = left;
    const auto* partial = body->find("partial_amount");
    const bool is_partial = partial && !partial->is_null();
    if (is_partial) {
        const auto asked = Money::parse_decimal(partial->text(), Currency::of(t.currency));
        if (!asked || asked->minor() <= 0 || asked->minor() >= t.minor) return failure(1302, "Invalid partial_amount", &t);
        if (t.partial_refunds > 0) return failure(1302, "Only one partial refund is possible", &t);
        if (body->find("currency") && !body->find("currency")->is_null() && body->text_or("currency") != t.currency)
            return failure(8105, "Invalid currency value");
        amount = asked->minor();
    }
    if (amount <= 0 || amount > left) return failure(1302, "Nothing is left to refund", &t);
    t.refunded += amount;
    if (is_partial) ++t.partial_refunds;
    save(t);
    Transaction back = t;
    back.type = is_partial ? 31 : 30;
    back.original = t.id;
    back.minor = amount;
    back.state = "paid";
    back.at.clear();
    const auto row = add(std::move(back));
    lock.unlock();
    queue_transaction_postback(row);
    json::Writer out;
    out.begin_object();
    out.member("status", 1);
    out.member("request_id", crypto::hex(crypto::random_bytes(12)));
    out.member("transaction_id", row.id);
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Vendo::subscription(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return failure(8102, "Invalid JSON");
    if (body->int_or("merchant_id") != options_.merchant_id || body->text_or("api_secret") != options_.api_secret)
        return failure(8103, "Invalid API credentials");
    return failure(8105, "Invalid subscription_id value");  // this merchant has none
}

}  // namespace stoa::sandbox
