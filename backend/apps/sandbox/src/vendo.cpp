#include "vendo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "documents.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"
#include "stoa/money/money.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;

constexpr std::string_view kCurrencies[] = {"USD", "EUR", "GBP", "JPY", "MXN", "BRL"};
constexpr std::string_view kMethods[] = {"card", "sepa", "pix", "crypto", "paybybank", "oxxo", "wallet"};

constexpr std::string_view kApproved = "4111111111111111";
constexpr std::string_view kThreeDSecure = "4000012892688323";
constexpr std::string_view kBehaving[] = {kThreeDSecure, "4000000000000002", "4000000000009995", "4000000000000069", "4100000000000019"};
constexpr std::chrono::seconds kPixConfirms{3};

const Value* object(const Value& value, std::string_view key) {
    const auto* found = value.find(key);
    return found && found->is_object() ? found : nullptr;
}
std::string text(const Value* value, std::string_view key) { return value ? value->text_or(key) : std::string(); }

// The amount in minor units; nullopt when it is no number with at most the currency's decimals.
std::optional<Money> amount_of(const Value& body) {
    const auto currency = Currency::parse(body.text_or("currency"));
    const auto* amount = body.find("amount");
    if (!currency || !amount || !(amount->is_number() || amount->is_string())) return std::nullopt;
    return Money::parse_decimal(amount->text(), *currency);
}

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

std::string decimal(std::int64_t minor, const std::string& currency) { return Money(minor, Currency::of(currency)).to_decimal(); }

std::string encode(std::string_view text) { return http_client::percent_encode(text); }

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
    return text;
}

// The amount of a hosted page in the currency it bills in: USD, EUR or GBP.
std::optional<Money> billed(const Money& dollars, std::string_view currency, std::string_view rates) {
    if (currency == "USD") return dollars;
    const auto at = rates.find(std::string(currency) + "=");
    if ((currency != "EUR" && currency != "GBP") || at == std::string_view::npos) return std::nullopt;
    std::int64_t rate = 0;
    std::int64_t unit = 1;
    bool fraction = false;
    for (const char c : rates.substr(at + 4, std::min(rates.find(',', at), rates.size()) - at - 4)) {
        if (c == '.') {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9' || unit > 100000) return std::nullopt;
        rate = rate * 10 + (c - '0');
        if (fraction) unit *= 10;
    }
    if (rate == 0) return std::nullopt;
    return Money(dollars.scaled(unit, rate, Rounding::half_up).minor(), Currency::of(currency));
}

http::Response html(std::string body, int status = 200) {
    http::Response response;
    response.status = status;
    response.header("content-type", "text/html; charset=utf-8");
    response.body =
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Vendo sandbox</title>"
        "<style>body{font:17px/1.5 system-ui;max-width:28rem;margin:12vh auto;padding:0 "
        "1rem;color:#222}button,input{font:inherit;padding:.6rem 1rem;margin:.3rem 0}"
        "button{background:#234;color:#fff;border:0;border-radius:.4rem}button.no{background:#eee;color:#222}</style>" +
        std::move(body) + "</html>";
    return response;
}

// The caller's references come back whole and unchanged.
void write_references(json::Writer& out, const Value* body, const std::string& reference) {
    out.key("external_references");
    if (const auto* references = body ? object(*body, "external_references") : nullptr) {
        json::write_value(out, *references);
        return;
    }
    out.begin_object();
    out.member("transaction_reference", reference);
    out.end_object();
}

http::Response redirect(std::string to) {
    http::Response response;
    response.status = 302;
    response.header("location", to);
    return response;
}

http::Response xml(std::string body) {
    http::Response response;
    response.header("content-type", "text/xml; charset=utf-8");
    response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + std::move(body);
    return response;
}

}  // namespace

Vendo::Vendo(Control& control, http_client::Client& client, VendoOptions options)
    : control_(control), client_(client), defaults_(std::move(options)), options_(defaults_), server_key_(crypto::random_bytes(32)) {
    load();
    control_.on_advance([this] { confirm_waiting_pix(); });
    postback_thread_ = std::thread([this] { deliver(); });
}

Vendo::~Vendo() {
    {
        const std::lock_guard lock(postback_mutex_);
        stopping_ = true;
    }
    postback_wake_.notify_all();
    postback_thread_.join();
}

Timestamp Vendo::now() const { return SystemClock().now() + std::chrono::seconds(control_.seconds_ahead.load()); }

void Vendo::reset() {
    {
        const std::lock_guard lock(mutex_);
        transactions_.clear();
        tokens_.clear();
        recent_.clear();
        waiting_pix_.clear();
        if (!options_.state_file.empty()) std::ofstream(options_.state_file, std::ios::trunc);
    }
    const std::lock_guard lock(postback_mutex_);
    postbacks_.clear();
    options_.postback_url = defaults_.postback_url;
    options_.retry_factor = defaults_.retry_factor;
    http_errors_ = false;
    verification_postback_ = true;
    transaction_postback_ = true;
    second_step_once_ = false;
    refuse_next_ = 0;
}

std::string Vendo::system_signature(std::int64_t id) const {
    return crypto::base64url(crypto::hmac_sha1(options_.shared_secret + "/system", "/v/verification?transaction_id=" + std::to_string(id)));
}

// ---- answers ---------------------------------------------------------------------------------------------------------------
http::Response Vendo::failure(int code, std::string_view message, const Transaction* transaction, std::string_view processor_status,
                              const Value* body) const {
    json::Writer out;
    out.begin_object();
    out.member("status", 0);
    if (transaction) {
        write_references(out, body, transaction->reference);
        out.key("transaction");
        out.begin_object();
        out.member("id", transaction->id);
        out.member("amount", decimal(transaction->minor, transaction->currency));
        out.member("currency", transaction->currency);
        out.member("datetime", transaction->at);
        out.end_object();
    }
    out.key("error");
    out.begin_object();
    // Fixtures of the SDK show codes as text in refusals and as numbers in declines.
    if (code >= 8000)
        out.member("code", std::to_string(code));
    else
        out.member("code", code);
    out.member("message", message);
    if (!processor_status.empty()) out.member("processor_status", processor_status);
    out.end_object();
    out.member("request_id", crypto::hex(crypto::random_bytes(12)));
    out.end_object();
    const int status = http_errors_ ? (code == 8103 ? 401 : code >= 8000 ? 400 : 200) : 200;
    return http::json_text(status, out.take());
}

http::Response Vendo::success(const Transaction& transaction, const Value& body) const {
    json::Writer out;
    out.begin_object();
    out.member("status", 1);
    write_references(out, &body, transaction.reference);
    out.key("transaction");
    out.begin_object();
    out.member("id", transaction.id);
    out.member("amount", decimal(transaction.minor, transaction.currency));
    out.member("currency", transaction.currency);
    out.member("datetime", transaction.at);
    out.end_object();
    if (transaction.method == "card" || transaction.method == "wallet") {
        out.key("card_details");
        out.begin_object();
        out.member("auth_code", crypto::hex(crypto::random_bytes(16)));
        out.end_object();
    }
    if (transaction.method == "sepa") {
        out.key("sepa_details");
        out.begin_object();
        out.member("mandate_id", "MND-" + std::to_string(transaction.id));
        out.member("mandate_signed_date", transaction.at.substr(0, 10));
        out.end_object();
    }
    out.member("payment_details_token", transaction.token);
    out.member("request_id", crypto::hex(crypto::random_bytes(12)));
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Vendo::verification_needed(const Transaction& transaction, const Value& body) const {
    json::Writer out;
    out.begin_object();
    out.member("status", 2);
    write_references(out, &body, transaction.reference);
    out.key("transaction");
    out.begin_object();
    out.member("id", transaction.id);
    out.member("amount", decimal(transaction.minor, transaction.currency));
    out.member("currency", transaction.currency);
    out.member("datetime", transaction.at);
    out.end_object();
    out.key("result");
    out.begin_object();
    out.member("code", 6307);
    out.member("message", "Verification required");
    out.member("verification_url", options_.own_url + "/v/verification?transaction_id=" + std::to_string(transaction.id) +
                                       "&systemsignature=" + system_signature(transaction.id));
    out.member("verification_id", transaction.verification_id);
    out.end_object();
    if (transaction.method == "oxxo") {
        const Paper voucher{
            "OXXO", {decimal(transaction.minor, transaction.currency) + " " + transaction.currency}, std::to_string(transaction.id)};
        out.key("oxxo_details");
        out.begin_object();
        out.member("oxxo_barcode", voucher.code);
        out.member("expiration_date", to_iso_date(date_of(parse_timestamp(transaction.at).value_or(now()) + std::chrono::days{3})));
        out.member("oxxo_pdf_gzip_base_64", crypto::base64(gzip(pdf_of(voucher))));
        out.member("oxxo_barcode_png_gzip_base_64", crypto::base64(gzip(png_of(voucher))));
        out.end_object();
    }
    out.member("payment_details_token", transaction.token);
    out.member("request_id", crypto::hex(crypto::random_bytes(12)));
    out.end_object();
    return http::json_text(200, out.take());
}

Vendo::Transaction& Vendo::add(Transaction transaction) {
    transaction.id = ++next_id_;
    if (transaction.at.empty()) transaction.at = to_rfc3339(std::chrono::floor<std::chrono::seconds>(now()));
    const auto id = transaction.id;
    auto& stored = transactions_[id] = std::move(transaction);
    save(stored);
    return stored;
}

void Vendo::save(const Transaction& t) {
    if (options_.state_file.empty()) return;
    json::Writer out;
    out.begin_object();
    out.member("id", t.id);
    out.member("type", t.type);
    out.member("minor", t.minor);
    out.member("currency", t.currency);
    out.member("reference", t.reference);
    out.member("email", t.email);
    out.member("success_url", t.success_url);
    out.member("last_four", t.last_four);
    out.member("bin", t.bin);
    out.member("method", t.method);
    out.member("at", t.at);
    out.member("original", t.original);
    out.member("verification_id", t.verification_id);
    out.member("state", t.state);
    out.member("refunded", t.refunded);
    out.member("partial_refunds", t.partial_refunds);
    out.member("test", t.test);
    out.member("token", t.token);
    out.end_object();
    std::ofstream file(options_.state_file, std::ios::app);
    file << out.text() << '\n';
}

void Vendo::load() {
    if (options_.state_file.empty()) return;
    std::ifstream file(options_.state_file);
    std::string line;
    while (std::getline(file, line)) {
        const auto value = json::parse(line);
        if (!value) continue;  // the last line of a killed process
        Transaction t;
        t.id = value->int_or("id");
        t.type = static_cast<int>(value->int_or("type"));
        t.minor = value->int_or("minor");
        t.currency = value->text_or("currency");
        t.reference = value->text_or("reference");
        t.email = value->text_or("email");
        t.success_url = value->text_or("success_url");
        t.last_four = value->text_or("last_four");
        t.bin = value->text_or("bin");
        t.method = value->text_or("method");
        t.at = value->text_or("at");
        t.original = value->int_or("original");
        t.verification_id = value->int_or("verification_id");
        t.state = value->text_or("state");
        t.refunded = value->int_or("refunded");
        t.partial_refunds = static_cast<int>(value->int_or("partial_refunds"));
        t.test = value->bool_or("test");
        t.token = value->text_or("token");
        next_id_ = std::max(next_id_, t.id);
        if ((t.type == 3 || t.type == 63) && !t.token.empty()) tokens_[t.token] = {card_of_token(t), t.method};
        transactions_[t.id] = std::move(t);
    }
    for (const auto& [id, t] : transactions_) {
        if (t.method == "pix" && t.state == "pending") waiting_pix_.insert(id);
    }
}

// A stored card goes on to behave as it did. Only its ends are kept, and they say which of the test cards it was.
std::string Vendo::card_of_token(const Transaction& transaction) const {
    for (const auto card : kBehaving) {
        if (card.starts_with(transaction.bin) && card.ends_with(transaction.last_four) && !transaction.bin.empty())
            return std::string(card);
    }
    return std::string(kApproved);
}

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

void Vendo::queue_transaction_postback(const Transaction& t) {
    if (!transaction_postback_) return;
    queue_postback(fmt::format("callback=transaction&transaction_id={}&transaction_type={}&merchant_reference={}&email={}&is_test={}&"
                               "merchant_id={}&site_id={}",
                               t.id, t.type, encode(t.reference), encode(t.email), t.test ? 1 : 0, options_.merchant_id, options_.site_id),
                   "transaction");
}

// The shopper's bank confirms PIX without a second step.
void Vendo::confirm_waiting_pix() {
    std::vector<Transaction> confirmed;
    {
        const std::lock_guard lock(mutex_);
        for (auto it = waiting_pix_.begin(); it != waiting_pix_.end();) {
            auto& first = transactions_.at(*it);
            if (first.state == "pending" && now() - parse_timestamp(first.at).value_or(now()) < kPixConfirms) {
                ++it;
                continue;
            }
            if (first.state == "pending") {
                first.state = "verified";
                save(first);
                confirmed.push_back(complete(first, false));
            }
            it = waiting_pix_.erase(it);
        }
    }
    for (const auto& transaction : confirmed) queue_transaction_postback(transaction);
}

// ---- payment ---------------------------------------------------------------------------------------------------------------
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

// ---- pages the shopper sees ----------------------------------------------------------------------------------------------------
http::Response Vendo::verification_page(const http::Request& request) {
    const auto id = std::string(request.query_value("transaction_id").value_or(""));
    const auto number = Value::number(id).as_int().value_or(0);
    if (!crypto::equal_constant_time(request.query_value("systemsignature").value_or(""), system_signature(number)))
        return html("<h1>Invalid link</h1>", 403);
    const std::lock_guard lock(mutex_);
    const auto it = transactions_.find(number);
    if (it == transactions_.end()) return html("<h1>Unknown transaction</h1>", 404);
    const auto& t = it->second;
    return html(
        "<h1>Your bank wants to be sure</h1><p>Payment of <strong>" + decimal(t.minor, t.currency) + " " + t.currency +
        "</strong></p>"
        "<form method=post action='" +
        escape_html(options_.own_url) + "/v/verification'><input type=hidden name=transaction_id value=" + std::to_string(t.id) +
        "><input type=hidden name=systemsignature value='" + escape_html(system_signature(t.id)) +
        "'><p><label>Code <input name=otp inputmode=numeric placeholder=1234></label></p>"
        "<p><button name=answer value=accept>I accept</button> <button class=no name=answer value=reject>I reject</button></p></form>");
}

http::Response Vendo::verification_answer(const http::Request& request) {
    std::map<std::string, std::string> form;
    std::string_view rest = request.body;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos) form[std::string(pair.substr(0, equals))] = std::string(pair.substr(equals + 1));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto number = Value::number(form["transaction_id"]).as_int().value_or(0);
    if (!crypto::equal_constant_time(form["systemsignature"], system_signature(number))) return html("<h1>Invalid link</h1>", 403);
    std::string target;
    std::string postback;
    {
        const std::lock_guard lock(mutex_);
        const auto it = transactions_.find(number);
        if (it == transactions_.end()) return html("<h1>Unknown transaction</h1>", 404);
        auto& t = it->second;
        const bool accepted = form["answer"] == "accept" && (form["otp"].empty() || form["otp"] == "1234");
        if (t.state == "pending") {
            t.state = accepted ? "verified" : "rejected";
            save(t);
        }
        target =
            replace_all(replace_all(replace_all(t.success_url, "{TRANSACTION_ID}", std::to_string(t.id)), "{REF}", encode(t.reference)),
                        "{EMAIL}", encode(t.email));
        postback = fmt::format("callback=verification&transaction_id={}&merchant_reference={}&status={}&is_test={}", t.id,
                               encode(t.reference), t.state == "verified" ? 1 : 0, t.test ? 1 : 0);
    }
    if (verification_postback_) queue_postback(std::move(postback), "verification");
    if (target.empty()) return html("<h1>Thank you</h1><p>You can close this page.</p>");
    return redirect(std::move(target));
}

http::Response Vendo::hosted_page(const http::Request& request) {
    // Signed over the path as the real host serves it, without our prefix.
    std::string_view target = request.target;
    if (target.starts_with("/vendo")) target.remove_prefix(6);
    const auto at = target.rfind("&signature=");
    if (at == std::string_view::npos ||
        !crypto::equal_constant_time(target.substr(at + 11),
                                     crypto::base64url(crypto::hmac_sha1(options_.shared_secret, target.substr(0, at)))))
        return html("<h1>Signature is incorrect</h1>", 403);
    const auto value = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
    if (value("site") != std::to_string(options_.site_id)) return html("<h1>Unknown site</h1>", 400);
    const auto refuse = [](std::string_view parameter) { return html("<h1>Invalid " + std::string(parameter) + "</h1>", 400); };
    if (const auto expires = request.query_value("expires")) {
        const auto until = Value::number(std::string(*expires)).as_int();
        if (!until || *until < std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count())
            return html("<h1>This link has expired</h1>", 403);
    }
    if (request.path.ends_with("/custom-offer")) {
        const std::string type = value("type");
        if (type != "normal" && type != "oneclick") return refuse("type");
        if (type == "oneclick" && value("subscription").empty()) return refuse("subscription");
        const std::string schedule = value("billing_schedule_type");
        if (schedule != "token" && schedule != "trial" && schedule != "membership" && schedule != "lifetime")
            return refuse("billing_schedule_type");
        if (schedule == "token") {
            const auto amount = Money::parse_decimal(value("token_amount"), Currency::of("USD"));
            if (!amount || amount->minor() <= 0) return refuse("token_amount");
            if (Value::number(value("token_quantity")).as_int().value_or(0) < 1) return refuse("token_quantity");
        }
    }
    const std::string billing = value("billing_currency");
    if (!billing.empty() && !billed(Money(100, Currency::of("USD")), billing, options_.usd_rates)) return refuse("billing_currency");
    std::string hidden;
    for (const auto& [name, content] : request.query) {
        if (name == "ref" || name == "success_url" || name == "decline_url" || name == "token_amount" || name == "billing_currency" ||
            name == "email")
            hidden += "<input type=hidden name='" + escape_html(name) + "' value='" + escape_html(content) + "'>";
    }
    const std::string seal = crypto::hex(crypto::hmac_sha256(server_key_, value("ref") + value("token_amount") + billing));
    const auto dollars = Money::parse_decimal(value("token_amount"), Currency::of("USD")).value_or(Money::zero(Currency::of("USD")));
    const auto shown = billed(dollars, billing.empty() ? "USD" : billing, options_.usd_rates).value_or(dollars);
    return html("<h1>Pay " + escape_html(shown.to_decimal()) + " " + std::string(shown.currency().code()) +
                "</h1><form method=post action='" + escape_html(options_.own_url) + "/v/hosted'>" + hidden +
                "<input type=hidden name=seal value=" + seal +
                "><p><label>Card number <input name=card value=4111111111111111></label></p><p><button name=answer value=pay>Pay</button> "
                "<button class=no name=answer value=cancel>Cancel</button></p></form>");
}

http::Response Vendo::hosted_answer(const http::Request& request) {
    http::Request as_query = request;
    std::map<std::string, std::string> form;
    for (std::string_view rest = request.body; !rest.empty();) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos) {
            std::string decoded;
            for (std::size_t i = equals + 1; i < pair.size(); ++i) {
                if (pair[i] == '%' && i + 2 < pair.size()) {
                    decoded += static_cast<char>(std::strtol(std::string(pair.substr(i + 1, 2)).c_str(), nullptr, 16));
                    i += 2;
                } else
                    decoded += pair[i] == '+' ? ' ' : pair[i];
            }
            form[std::string(pair.substr(0, equals))] = decoded;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (form["seal"] != crypto::hex(crypto::hmac_sha256(server_key_, form["ref"] + form["token_amount"] + form["billing_currency"])))
        return html("<h1>Invalid form</h1>", 403);
    const auto back = [&](const std::string& url, std::int64_t transaction) {
        return redirect(replace_all(replace_all(replace_all(url, "{TRANSACTION_ID}", transaction == 0 ? "" : std::to_string(transaction)),
                                                "{REF}", encode(form["ref"])),
                                    "{EMAIL}", encode(form["email"])));
    };
    if (form["answer"] != "pay" || form["card"] == "4000000000000002") return back(form["decline_url"], 0);
    const auto dollars = Money::parse_decimal(form["token_amount"], Currency::of("USD"));
    const std::string billing = form["billing_currency"].empty() ? "USD" : form["billing_currency"];
    const auto amount = dollars ? billed(*dollars, billing, options_.usd_rates) : std::nullopt;
    if (!amount) return html("<h1>Invalid amount</h1>", 400);
    std::string postback;
    std::int64_t id = 0;
    {
        const std::lock_guard lock(mutex_);
        Transaction t;
        t.type = 11;
        t.minor = amount->minor();
        t.currency = amount->currency().code();
        t.reference = form["ref"];
        t.email = form["email"];
        t.method = "card";
        t.state = "paid";
        const auto& stored = add(std::move(t));
        id = stored.id;
        postback = fmt::format("callback=transaction&transaction_id={}&transaction_type=11&merchant_reference={}&is_test=1", stored.id,
                               encode(stored.reference));
    }
    queue_postback(std::move(postback), "transaction");
    return back(form["success_url"], id);
}

// ---- reconciliation --------------------------------------------------------------------------------------------------------------
http::Response Vendo::reconciliation(const http::Request& request) {
    std::string_view target = request.target;
    if (target.starts_with("/vendo")) target.remove_prefix(6);
    const auto at = target.rfind("&signature=");
    if (at == std::string_view::npos ||
        !crypto::equal_constant_time(target.substr(at + 11),
                                     crypto::base64url(crypto::hmac_sha1(options_.shared_secret, target.substr(0, at)))))
        return xml("<reconciliation><error code=\"0006\">AuthToken or Signature is incorrect</error></reconciliation>\n");
    const auto value = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
    if (value("merchantID") != std::to_string(options_.merchant_id))
        return xml("<reconciliation><error code=\"2003\">Transaction id not authorised for this merchant</error></reconciliation>\n");
    const std::string single = value("transactionId");
    if (!single.empty() && Value::number(single).as_int().value_or(0) <= kFirstId)
        return xml("<reconciliation><error code=\"2003\">Transaction id not authorised for this merchant</error></reconciliation>\n");
    const std::string sites = "," + value("siteIDs") + ",";
    const bool our_site = sites == ",," || sites == ",*," || sites.find("," + std::to_string(options_.site_id) + ",") != std::string::npos;
    const std::string start = value("startDate");
    const std::string end = value("endDate").empty() ? start : value("endDate");
    const std::string today = to_iso_date(date_of(now()));
    if (single.empty()) {
        const auto from = parse_iso_date(start);
        const auto to = parse_iso_date(end);
        if (!from || !to || start.size() != 10 || end.size() != 10 || end > today ||
            std::chrono::sys_days(*to) - std::chrono::sys_days(*from) > std::chrono::days{31} || end < start)
            return xml("<reconciliation><error code=\"0004\">Invalid date range</error></reconciliation>\n");
    }
    std::string rows;
    std::string csv = "transaction_id,date,type,is_negative,reference,amount,currency,original\n";
    int count = 0;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, t] : transactions_) {
            if (!single.empty() ? std::to_string(id) != single : t.at.substr(0, 10) < start || t.at.substr(0, 10) > end) continue;
            if (!our_site || t.state == "declined" || t.state == "pending" || t.state == "rejected")
                continue;  // unsuccessful ones are not listed
            const bool negative = t.type == 30 || t.type == 31 || t.type == 20 || t.type == 32;
            std::string moment = t.at.substr(0, 19);
            moment[10] = ' ';
            csv += fmt::format("{},{},{},{},\"{}\",{},{},{}\n", t.id, moment, t.type, negative ? 1 : 0,
                               replace_all(t.reference, "\"", "\"\""), decimal(t.minor, t.currency), t.currency, t.original);
            rows += fmt::format(
                "<row id=\"{}\"><transaction "
                "id=\"{}\"><dateTime>{}</dateTime><type>{}</type><isNegative>{}</isNegative><isTest>{}</isTest><siteID>{}</siteID>"
                "<paymentMethodID>2</paymentMethodID><bin>{}</bin><lastFour>{}</lastFour><merchantReference>{}</"
                "merchantReference><sellerAffiliateCode/>"
                "<originalTransactionID>{}</originalTransactionID><status>1</status><invoice><amount>{}</amount><currency>{}</currency></"
                "invoice>"
                "<displayed><amount>{}</amount><currency>{}</currency></displayed></transaction><customer "
                "id=\"{}\"><email>{}</email></customer></row>",
                count, t.id, moment, t.type, negative ? 1 : 0, t.test ? 1 : 0, options_.site_id, t.bin, t.last_four,
                escape_html(t.reference), t.original, decimal(t.minor, t.currency), t.currency, decimal(t.minor, t.currency), t.currency,
                t.id, escape_html(t.email));
            ++count;
        }
    }
    if (value("format") == "0") {
        http::Response response;
        response.header("content-type", "text/csv; charset=utf-8");
        response.body = std::move(csv);
        return response;
    }
    return xml(
        fmt::format("<reconciliation><header><siteIDs>{}</siteIDs><startDate>{}</startDate><endDate>{}</endDate><transactionCount>{}</"
                    "transactionCount></header><body>{}</body></reconciliation>\n",
                    escape_html(value("siteIDs").empty() ? "*" : value("siteIDs")), escape_html(start), escape_html(end), count, rows));
}

// ---- postbacks -------------------------------------------------------------------------------------------------------------------
void Vendo::queue_postback(std::string body, std::string element) {
    {
        const std::lock_guard lock(postback_mutex_);
        if (options_.postback_url.empty()) return;
        postbacks_.push_back({std::move(body), std::move(element), 0, std::chrono::steady_clock::now() + options_.first_postback});
    }
    postback_wake_.notify_one();
}

void Vendo::deliver() {
    static constexpr int kMinutes[] = {1, 5, 15, 60, 240};
    std::unique_lock lock(postback_mutex_);
    while (!stopping_) {
        const auto now_at = std::chrono::steady_clock::now();
        const auto due = std::find_if(postbacks_.begin(), postbacks_.end(), [&](const Postback& p) { return p.due <= now_at; });
        if (due == postbacks_.end()) {
            postback_wake_.wait_for(lock, std::chrono::milliseconds{100});
            lock.unlock();
            confirm_waiting_pix();
            lock.lock();
            continue;
        }
        Postback postback = std::move(*due);
        postbacks_.erase(due);
        const std::string url = options_.postback_url;
        lock.unlock();
        http_client::Call call;
        call.method = "POST";
        call.url = url;
        call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        call.body = postback.body;
        call.timeout = std::chrono::seconds{30};
        const auto answer = client_.send(call);
        std::string heard = answer ? answer->body : "";
        std::erase_if(heard, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
        const bool accepted = answer && answer->status == 200 &&
                              heard.find("<postbackResponse><" + postback.element + "><code>1</code>") != std::string::npos;
        control_.record({to_rfc3339(SystemClock().now()), "vendo", "POSTBACK", postback.element, answer ? answer->status : 0,
                         accepted ? "accepted" : "will be tried again"});
        lock.lock();
        // Ten more times at most.
        if (!accepted && ++postback.tries <= 10) {
            const double minutes = kMinutes[std::min(postback.tries - 1, 4)] * options_.retry_factor;
            postback.due = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(minutes * 60000));
            postbacks_.push_back(std::move(postback));
        }
    }
}

http::Response Vendo::resend_postback(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object())
        return http::problem({ErrorKind::malformed, "http.malformed_json", "Expected an object.", {}, {}, {}, 0});
    const std::string reference = body->text_or("reference");
    const auto times = std::clamp<std::int64_t>(body->int_or("times", 1), 1, 20);
    std::string found;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, t] : transactions_) {
            if (t.reference == reference && t.type == 3)
                found = fmt::format("callback=transaction&transaction_id={}&transaction_type=3&merchant_reference={}&is_test={}", t.id,
                                    encode(t.reference), t.test ? 1 : 0);
        }
    }
    if (found.empty())
        return http::problem(
            {ErrorKind::not_found, "sandbox.no_such_transaction", "No paid transaction has this reference.", {}, {}, {}, 0});
    // Repeats differ in one field, as a resend from the back office does, so that they are not recognised by their bytes alone.
    for (std::int64_t i = 0; i < times; ++i) queue_postback(found + "&resend=" + std::to_string(i), "transaction");
    return http::no_content();
}

// The payer's bank takes a payment back (20), or its network does (32).
http::Response Vendo::charge_back(const http::Request& request) {
    const auto body = json::parse(request.body);
    const auto type = body ? body->int_or("type", 20) : 0;
    if (!body || !body->is_object() || (type != 20 && type != 32))
        return http::problem({ErrorKind::malformed, "http.malformed_json", "Expected {reference, type: 20 or 32}.", {}, {}, {}, 0});
    Transaction row;
    {
        const std::lock_guard lock(mutex_);
        Transaction* payment = nullptr;
        for (auto& [id, t] : transactions_) {
            if (t.reference == body->text_or("reference") && (t.type == 3 || t.type == 11) && (t.state == "paid" || t.state == "captured"))
                payment = &t;
        }
        if (!payment || payment->refunded == payment->minor)
            return http::problem(
                {ErrorKind::not_found, "sandbox.no_such_transaction", "No paid transaction has this reference.", {}, {}, {}, 0});
        Transaction back = *payment;
        back.type = static_cast<int>(type);
        back.original = payment->id;
        back.minor = payment->minor - payment->refunded;
        back.state = "paid";
        back.at.clear();
        payment->refunded = payment->minor;
        save(*payment);
        row = add(std::move(back));
    }
    queue_transaction_postback(row);
    json::Writer out;
    out.begin_object();
    out.member("transaction_id", row.id);
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Vendo::settings(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object())
        return http::problem({ErrorKind::malformed, "http.malformed_json", "Expected an object.", {}, {}, {}, 0});
    const std::scoped_lock lock(mutex_, postback_mutex_);
    http_errors_ = body->bool_or("http_errors", http_errors_);
    verification_postback_ = body->bool_or("verification_postback", verification_postback_);
    transaction_postback_ = body->bool_or("transaction_postback", transaction_postback_);
    second_step_once_ = body->bool_or("second_step_once", second_step_once_);
    refuse_next_ = static_cast<int>(body->int_or("refuse_next", refuse_next_));
    if (const auto* url = body->find("postback_url"); url && url->is_string()) options_.postback_url = url->text();
    if (const auto* factor = body->find("retry_factor"); factor && factor->is_number())
        options_.retry_factor = std::max(0.0, std::strtod(factor->text().c_str(), nullptr));
    return http::no_content();
}

http::Response Vendo::list(const http::Request&) {
    json::Writer out;
    out.begin_object();
    out.key("items");
    out.begin_array();
    const std::lock_guard lock(mutex_);
    for (const auto& [id, t] : transactions_) {
        out.begin_object();
        out.member("id", t.id);
        out.member("type", t.type);
        out.member("state", t.state);
        out.member("reference", t.reference);
        out.member("amount", t.minor);
        out.member("currency", t.currency);
        out.member("refunded", t.refunded);
        out.member("original", t.original);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return http::json_text(200, out.take());
}

void Vendo::add_routes(http::Routes& routes) {
    const auto api = [&](std::string path, std::string id, http::Handler handler) {
        routes.post("/vendo" + path, std::move(id))
            .on(http::Pool::outbound)
            .without_origin_check()
            .within(std::chrono::seconds{90})
            .handle(with_faults(control_, "vendo", std::move(handler)));
    };
    api("/api/gateway/payment", "vendo_payment", [this](const http::Request& r) { return payment(r, false); });
    api("/api/gateway/register-payment-method", "vendo_register", [this](const http::Request& r) { return payment(r, true); });
    api("/api/gateway/capture", "vendo_capture", [this](const http::Request& r) { return capture(r); });
    api("/api/gateway/refund", "vendo_refund", [this](const http::Request& r) { return refund(r); });
    api("/api/gateway/change-subscription", "vendo_change_subscription", [this](const http::Request& r) { return subscription(r); });
    api("/api/gateway/update-payment-method", "vendo_update_method", [this](const http::Request& r) { return subscription(r); });
    api("/api/gateway/cancel-subscription", "vendo_cancel_subscription", [this](const http::Request& r) { return subscription(r); });
    const auto reconcile = with_faults(control_, "vendo", [this](const http::Request& r) { return reconciliation(r); });
    routes.get("/vendo/api/reconciliation", "vendo_reconciliation").open_query().on(http::Pool::outbound).handle(reconcile);
    routes.post("/vendo/api/reconciliation", "vendo_reconciliation_post")
        .open_query()
        .on(http::Pool::outbound)
        .without_origin_check()
        .handle(reconcile);
    routes.get("/vendo/v/verification", "vendo_verification").open_query().handle([this](const http::Request& r) {
        return verification_page(r);
    });
    routes.post("/vendo/v/verification", "vendo_verification_answer").without_origin_check().handle([this](const http::Request& r) {
        return verification_answer(r);
    });
    for (const auto* page : {"custom-offer", "signup", "oneclick"})
        routes
            .get("/vendo/v/" + std::string(page), "vendo_" + std::string(page == std::string_view("custom-offer") ? "custom_offer" : page))
            .open_query()
            .handle([this](const http::Request& r) { return hosted_page(r); });
    routes.post("/vendo/v/hosted", "vendo_hosted_answer").without_origin_check().handle([this](const http::Request& r) {
        return hosted_answer(r);
    });
    routes.get("/vendo", "vendo_root").handle([](const http::Request&) { return http::json_text(200, R"({"service":"vendo sandbox"})"); });
    routes.post("/__sandbox/postbacks", "resend_postback").without_origin_check().handle([this](const http::Request& r) {
        return resend_postback(r);
    });
    routes.post("/__sandbox/vendo/chargeback", "vendo_chargeback").without_origin_check().handle([this](const http::Request& r) {
        return charge_back(r);
    });
    routes.post("/__sandbox/vendo", "vendo_settings").without_origin_check().handle([this](const http::Request& r) { return settings(r); });
    routes.get("/__sandbox/vendo/transactions", "vendo_transactions").handle([this](const http::Request& r) { return list(r); });
}

}  // namespace stoa::sandbox
