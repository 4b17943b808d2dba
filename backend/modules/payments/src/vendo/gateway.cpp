#include "vendo/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"

namespace stoa::payments::vendo {
namespace {

std::string two_letters(std::string_view locale) { return std::string(locale.substr(0, 2)); }

Outcome untouched(Decline decline, std::string log) {
    Outcome out;
    out.kind = AttemptState::failed;
    out.decline = decline;
    out.log = std::move(log);
    out.untouched = true;
    return out;
}
Outcome unknown(std::string log) {
    Outcome out;
    out.kind = AttemptState::unknown;
    out.log = std::move(log);
    return out;
}

std::optional<std::int64_t> lenient_int(const json::Value* value) { return value ? value->as_int(true) : std::nullopt; }

// Same amount, whatever the number of decimals written: 54.9, "54.90".
bool same_amount(const json::Value* value, const Money& asked) {
    if (!value || (!value->is_number() && !value->is_string())) return false;
    const auto amount = Money::parse_decimal(value->text(), asked.currency());
    return amount && *amount == asked;
}

// IPv4 as the SDK demands; an IPv4-mapped or IPv6 address of the shopper becomes the documentation address.
std::string ipv4(std::string_view address) {
    if (address.starts_with("::ffff:")) address.remove_prefix(7);
    if (address.empty() || address.find(':') != std::string_view::npos) return "192.0.2.1";
    return std::string(address);
}

}  // namespace

std::string signature(std::string_view shared_secret, std::string_view path_and_query) {
    return crypto::base64url(crypto::hmac_sha1(shared_secret, path_and_query));
}

std::string form_encode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')
            out += c;
        else if (c == ' ')
            out += '+';
        else {
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body) {
    const auto decode = [](std::string_view text) {
        const auto nibble = [](char c) {
            return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        };
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '+')
                out += ' ';
            else if (text[i] == '%' && i + 2 < text.size() && nibble(text[i + 1]) >= 0 && nibble(text[i + 2]) >= 0) {
                out += static_cast<char>(nibble(text[i + 1]) * 16 + nibble(text[i + 2]));
                i += 2;
            } else
                out += text[i];
        }
        return out;
    };
    std::vector<std::pair<std::string, std::string>> out;
    while (!body.empty() && out.size() < 200) {
        const auto end = std::min(body.find('&'), body.size());
        const auto pair = body.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        if (!pair.empty()) out.emplace_back(decode(pair.substr(0, equals)), equals < pair.size() ? decode(pair.substr(equals + 1)) : "");
        body.remove_prefix(std::min(end + 1, body.size()));
    }
    return out;
}

Outcome classify_error(std::int64_t code, bool has_processor_status) {
    Outcome out;
    out.kind = AttemptState::declined;
    out.provider_code = std::to_string(code);
    switch (code) {
        case 101:
        case 500:
            // Turned away before the payment was looked at.
            out.decline = Decline::try_later;
            out.untouched = true;
            return out;
        case 102:
            out.decline = Decline::other_method;
            return out;
        case 300:
        case 301:
        case 501:
        case 502:
        case 503:
        case 504:
        case 505:
        case 506:
        case 507:
        case 1313:
        case 1314:
            out.decline = Decline::suspected_fraud;
            return out;
        case 1101:
            out.decline = Decline::other_method;
            return out;
        case 1303:
        case 1304:
        case 1305:
            out.decline = Decline::wrong_data;
            return out;
        case 1306:
        case 1311:
        case 1316:
            out.decline = Decline::declined;
            return out;
        case 1307:
            out.decline = Decline::insufficient_funds;
            return out;
        case 1312:
            out.decline = Decline::authentication_failed;
            return out;
        case 1308:
        case 1309:
        case 1310:
            out.kind = AttemptState::failed;
            out.decline = Decline::try_later;
            return out;
        case 1300:
        case 1301:
            // The processor broke in the middle: whether money moved is not known.
            out.kind = AttemptState::unknown;
            return out;
        default:
            break;
    }
    if (has_processor_status) {
        out.decline = Decline::declined;
        return out;
    }
    out.kind = AttemptState::failed;
    out.decline = Decline::technical;
    return out;
}

void Gateway::begin(json::Writer& out) const {
    out.begin_object();
    out.member("api_secret", config_.api_secret);
    out.member("is_test", config_.test ? 1 : 0);
    out.member("merchant_id", config_.merchant_id);
}

Outcome Gateway::post(std::string_view path, const std::string& body, const Attempt& attempt, bool expects_payment) {
    if (may_call_ && !may_call_()) return untouched(Decline::try_later, "rate limit of the gateway reached");
    http_client::Call call;
    call.method = "POST";
    call.url = config_.url + std::string(path);
    call.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    call.body = body;
    call.timeout = std::chrono::seconds(config_.timeout_seconds);
    const auto answer = client_.send(call);
    if (!answer) {
        if (answer.error().failure == http_client::Failure::not_sent)
            return untouched(Decline::technical, "not sent: " + answer.error().message);
        return unknown("no answer: " + answer.error().message);
    }
    // A 4xx carries a JSON body like a 200 does; only a 5xx says nothing about the payment.
    if (answer->status >= 500 || answer->status < 200) return unknown("HTTP " + std::to_string(answer->status));
    const auto value = json::parse(answer->body);
    if (!value || !value->is_object()) return unknown("the answer is not JSON (HTTP " + std::to_string(answer->status) + ")");

    const auto status = lenient_int(value->find("status"));
    const json::Value* request_id = value->find("request_id");
    const std::string request = request_id && (request_id->is_string() || request_id->is_number()) ? request_id->text() : "";
    const auto transaction = lenient_int(value->at("transaction", "id"));
    Outcome out;
    if (status == 1) {
        out.kind = AttemptState::paid;
        out.transaction_id = transaction ? transaction : lenient_int(value->find("transaction_id"));
        out.token = value->text_or("payment_details_token");
        if (const auto* code = value->at("card_details", "auth_code"); code && code->is_string()) out.auth_code = code->text();
        if (const auto* mandate = value->at("sepa_details", "mandate_id"); mandate && mandate->is_string())
            out.mandate_id = mandate->text();
        if (expects_payment) {
            const auto* reference = value->at("external_references", "transaction_reference");
            const auto* currency = value->at("transaction", "currency");
            if (!out.transaction_id || !same_amount(value->at("transaction", "amount"), attempt.amount) || !currency ||
                currency->text() != attempt.amount.currency().code() || (reference && reference->text() != attempt.reference)) {
                log::error("vendo: the answer does not match what was asked", {{"reference", attempt.reference}, {"request_id", request}});
                out = unknown("amount, currency or reference of the answer differ from the request");
            } else if (attempt.preauthorise) {
                out.kind = AttemptState::preauthorised;
            } else if (attempt.method == Method::sepa) {
                out.kind = AttemptState::tentative;
            }
        }
    } else if (status == 2) {
        out.kind = AttemptState::verification_pending;
        out.verification_id = lenient_int(value->at("result", "verification_id"));
        if (const auto* url = value->at("result", "verification_url"); url && url->is_string()) out.redirect_url = url->text();
        out.token = value->text_or("payment_details_token");
        if (out.redirect_url.empty()) out = unknown("verification without an address");
    } else if (status == 0) {
        auto code = lenient_int(value->at("error", "code"));
        if (!code) code = lenient_int(value->find("error_code"));
        const auto* processor = value->at("error", "processor_status");
        const bool has_processor = processor && !processor->is_null() && !processor->text().empty();
        out = classify_error(code.value_or(0), has_processor);
        if (has_processor) out.processor_status = processor->text();
        const auto* message = value->at("error", "message");
        out.log = message && message->is_string() ? message->text() : value->text_or("error_message");
        if (out.decline == Decline::technical)
            log::error("vendo: request refused",
                       {{"reference", attempt.reference}, {"code", out.provider_code}, {"reason", out.log}, {"request_id", request}});
    } else {
        out = unknown("the answer has no known status");
    }
    out.request_id = request;
    return out;
}

namespace {

// The list informs whoever looks at the payment at the provider, and may be empty. A large order must not become a request that
// the provider's server refuses to read: what exceeds a hundred is one item.
constexpr std::size_t kMostItems = 100;

std::vector<Item> listed(const std::vector<Item>& items) {
    if (items.size() <= kMostItems) return items;
    std::vector<Item> out(items.begin(), items.begin() + kMostItems - 1);
    Item rest{"MORE", std::to_string(items.size() - out.size()) + " more articles", Money::zero(items.front().price.currency()), 1};
    for (std::size_t i = out.size(); i < items.size(); ++i) rest.price += items[i].price.times(items[i].quantity);
    out.push_back(std::move(rest));
    return out;
}

}  // namespace

Outcome Gateway::pay(const Attempt& attempt, const SendData& data, const std::string& token) {
    json::Writer out;
    begin(out);
    out.member("site_id", config_.site_id);
    out.key("amount");
    out.raw(attempt.amount.to_decimal());
    out.member("currency", attempt.amount.currency().code());
    out.key("external_references");
    out.begin_object();
    out.member("transaction_reference", attempt.reference);
    out.end_object();
    out.key("items");
    out.begin_array();
    for (const auto& item : listed(data.items)) {
        out.begin_object();
        out.member("item_id", item.id);
        out.member("item_description", item.description);
        out.key("item_price");
        out.raw(item.price.to_decimal());
        out.member("item_quantity", item.quantity);
        out.end_object();
    }
    out.end_array();
    out.key("payment_details");
    out.begin_object();
    switch (attempt.method) {
        case Method::card:
            out.member("payment_method", "card");
            out.member("card_number", data.card.value().number);
            out.member("expiration_month", data.card->expiry_month);
            out.member("expiration_year", data.card->expiry_year);
            out.member("cvv", data.card->cvv);
            out.member("name_on_card", data.card->holder);
            break;
        case Method::stored_card:
            out.member("token", token);
            break;
        case Method::sepa:
            out.member("payment_method", "sepa");
            if (!data.iban.empty()) {
                std::string iban;
                for (const char c : data.iban) {
                    if (c != ' ') iban += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                }
                out.member("iban", iban);
            }
            break;
        case Method::hosted:
        case Method::invoice:
        case Method::gift_card:
        case Method::store_credit:
            break;
    }
    out.end_object();
    if (attempt.method == Method::stored_card) {
        out.key("customer_details");
        out.null();
    } else {
        out.key("customer_details");
        out.begin_object();
        out.member("first_name", data.payer.first_name);
        out.member("last_name", data.payer.last_name);
        out.member("email", data.payer.email);
        out.member("language", two_letters(data.payer.locale));
        out.member("country", data.payer.country);
        if (!data.payer.address.empty()) out.member("address", data.payer.address);
        if (!data.payer.city.empty()) out.member("city", data.payer.city);
        if (!data.payer.state.empty()) out.member("state", data.payer.state);
        if (!data.payer.postal_code.empty()) out.member("postal_code", data.payer.postal_code);
        if (!data.payer.phone.empty()) out.member("phone", data.payer.phone);
        out.end_object();
    }
    out.key("request_details");
    out.begin_object();
    out.member("ip_address", ipv4(data.ip_address));
    out.member("browser_user_agent", data.user_agent);
    out.end_object();
    out.member("preauth_only", attempt.preauthorise);
    out.member("non_recurring", !attempt.save_method && !attempt.merchant_initiated);
    out.member("mit", attempt.merchant_initiated);
    out.member("success_url", data.return_url);
    out.end_object();
    return post("/api/gateway/payment", out.text(), attempt, true);
}

Outcome Gateway::complete_verification(const Attempt& attempt) {
    json::Writer out;
    begin(out);
    out.member("site_id", config_.site_id);
    out.key("amount");
    out.raw(attempt.amount.to_decimal());
    out.member("currency", attempt.amount.currency().code());
    out.key("external_references");
    out.begin_object();
    out.member("transaction_reference", attempt.reference);
    out.end_object();
    out.key("items");
    out.begin_array();
    out.end_array();
    out.key("payment_details");
    out.begin_object();
    out.member("verification_id", *attempt.verification_id);
    out.end_object();
    out.key("customer_details");
    out.null();
    out.key("request_details");
    out.begin_object();
    out.member("ip_address", "192.0.2.1");
    out.end_object();
    out.member("preauth_only", attempt.preauthorise);
    out.member("non_recurring", !attempt.save_method);
    out.end_object();
    return post("/api/gateway/payment", out.text(), attempt, true);
}

Outcome Gateway::capture(const Attempt& attempt) {
    json::Writer out;
    begin(out);
    out.member("transaction_id", attempt.transaction_id.value());
    out.end_object();
    return post("/api/gateway/capture", out.text(), attempt, false);
}

Outcome Gateway::refund(const Attempt& attempt, std::optional<Money> partial) {
    json::Writer out;
    begin(out);
    out.member("transaction_id", attempt.transaction_id.value());
    if (partial) {
        out.key("partial_amount");
        out.raw(partial->to_decimal());
        out.member("currency", partial->currency().code());
    }
    out.end_object();
    return post("/api/gateway/refund", out.text(), attempt, false);
}

std::optional<std::vector<Transaction>> Gateway::reconciliation(Date from, Date to) {
    constexpr std::chrono::days kMost{27};
    std::vector<Transaction> out;
    for (std::chrono::sys_days start(from); start <= std::chrono::sys_days(to); start += kMost + std::chrono::days{1}) {
        auto part = reconciliation_of(Date(start), Date(std::min(start + kMost, std::chrono::sys_days(to))));
        if (!part) return std::nullopt;
        std::move(part->begin(), part->end(), std::back_inserter(out));
    }
    // A test payment is no money, and a live one is none of a test shop's.
    const auto foreign = std::erase_if(out, [&](const Transaction& transaction) { return transaction.is_test != config_.test; });
    if (foreign > 0) log::warning("vendo: the list has transactions of the other mode", {{"transactions", foreign}});
    return out;
}

std::optional<std::vector<Transaction>> Gateway::reconciliation_of(Date from, Date to) {
    if (may_call_ && !may_call_()) return std::nullopt;
    const std::string query = "/api/reconciliation?merchantID=" + std::to_string(config_.merchant_id) + "&startDate=" + to_iso_date(from) +
                              "&endDate=" + to_iso_date(to) + "&format=1";
    http_client::Call call;
    call.url = config_.url + query + "&signature=" + signature(config_.shared_secret, query);
    call.timeout = std::chrono::seconds(config_.timeout_seconds);
    call.max_answer_bytes = 64 * 1024 * 1024;
    const auto answer = client_.send(call);
    if (!answer || answer->status != 200) return std::nullopt;
    std::string error;
    auto transactions = parse_reconciliation(answer->body, error);
    if (!transactions) log::error("vendo: reconciliation refused", {{"reason", error}});
    return transactions;
}

std::optional<Money> in_dollars(const Money& amount, std::string_view rates) {
    const auto code = amount.currency().code();
    if (code == "USD") return amount;
    if (code != "EUR" && code != "GBP") return std::nullopt;
    std::optional<Money> out;
    while (!rates.empty()) {
        const auto end = std::min(rates.find(','), rates.size());
        auto pair = rates.substr(0, end);
        rates.remove_prefix(std::min(end + 1, rates.size()));
        while (pair.starts_with(' ')) pair.remove_prefix(1);
        // A rate that cannot be read (a comma in it) must not become another one.
        if (pair.size() < 5 || pair[3] != '=') return std::nullopt;
        // "1.0842" as 10842 of 10000.
        std::int64_t numerator = 0;
        std::int64_t denominator = 1;
        bool fraction = false;
        for (const char c : pair.substr(4)) {
            if (c == '.' && !fraction) {
                fraction = true;
            } else if (c >= '0' && c <= '9' && denominator < 1'000'000 && numerator < 1'000'000'000) {
                numerator = numerator * 10 + (c - '0');
                if (fraction) denominator *= 10;
            } else {
                return std::nullopt;
            }
        }
        if (numerator == 0) return std::nullopt;
        if (pair.substr(0, 3) == code) out = Money(amount.scaled(numerator, denominator, Rounding::half_up).minor(), Currency::of("USD"));
    }
    return out;
}

std::string Gateway::hosted_url(const Attempt& attempt, const SendData& data, std::optional<Timestamp> until) const {
    const auto add = [](std::string& query, std::string_view name, std::string_view value) {
        query += (query.empty() ? "" : "&") + std::string(name) + "=" + form_encode(value);
    };
    std::string query;
    add(query, "site", std::to_string(config_.site_id));
    add(query, "type", "normal");
    add(query, "billing_schedule_type", "token");
    add(query, "token_amount", in_dollars(attempt.amount, config_.usd_rates).value().to_decimal());
    add(query, "token_quantity", "1");
    add(query, "billing_currency", attempt.amount.currency().code());
    add(query, "email", data.payer.email);
    add(query, "firstname", data.payer.first_name);
    add(query, "lastname", data.payer.last_name);
    add(query, "country", data.payer.country);
    add(query, "language", two_letters(data.payer.locale));
    add(query, "ref", attempt.reference);
    // Who has paid comes back with the number of the payment: nobody asks them to pay in another way before it is listed.
    add(query, "success_url", data.return_url + (data.return_url.find('?') == std::string::npos ? "?" : "&") + "tx={TRANSACTION_ID}");
    add(query, "decline_url", data.return_url);
    // As long as the goods are held, or as long as we wait for it ourselves.
    const auto expires = until.value_or(attempt.created_at + kVerificationLife);
    add(query, "expires", std::to_string(std::chrono::floor<std::chrono::seconds>(expires.time_since_epoch()).count()));
    const std::string path = "/v/custom-offer?" + query;
    return config_.url + path + "&signature=" + signature(config_.shared_secret, path);
}

}  // namespace stoa::payments::vendo
