#include "vendo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "documents.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/money/money.hpp"
#include "vendo_parts.hpp"

namespace stoa::sandbox {

using namespace vendo;
using json::Value;

namespace {

constexpr std::string_view kApproved = "4111111111111111";
constexpr std::string_view kBehaving[] = {kThreeDSecure, "4000000000000002", "4000000000009995", "4000000000000069", "4100000000000019"};
constexpr std::chrono::seconds kPixConfirms{3};

}  // namespace

Vendo::Vendo(Control& control, http_client::Client& client, VendoOptions options)
    : control_(control),
      options_(std::move(options)),
      server_key_(crypto::random_bytes(32)),
      postbacks_(control, client,
                 {options_.postback_url, options_.retry_factor, options_.first_postback,
                  options_.state_file.empty() ? "" : options_.state_file + ".postbacks"}) {
    load();
    control_.on_advance([this] { confirm_waiting_pix(); });
    postbacks_.start([this] { confirm_waiting_pix(); });
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
    postbacks_.reset();
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

void Vendo::queue_transaction_postback(const Transaction& t) {
    if (!transaction_postback_) return;
    postbacks_.queue(
        fmt::format("callback=transaction&transaction_id={}&transaction_type={}&merchant_reference={}&email={}&is_test={}&"
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

// ---- control ----------------------------------------------------------------------------------------------------------------------
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
    for (std::int64_t i = 0; i < times; ++i) postbacks_.queue(found + "&resend=" + std::to_string(i), "transaction");
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
        // A bank may take back the whole charge, also what was refunded of it.
        back.minor = body->bool_or("whole", false) ? payment->minor : payment->minor - payment->refunded;
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
    const std::lock_guard lock(mutex_);
    http_errors_ = body->bool_or("http_errors", http_errors_);
    verification_postback_ = body->bool_or("verification_postback", verification_postback_);
    transaction_postback_ = body->bool_or("transaction_postback", transaction_postback_);
    second_step_once_ = body->bool_or("second_step_once", second_step_once_);
    refuse_next_ = static_cast<int>(body->int_or("refuse_next", refuse_next_));
    if (const auto* url = body->find("postback_url"); url && url->is_string()) postbacks_.set_url(url->text());
    if (const auto* factor = body->find("retry_factor"); factor && factor->is_number())
        postbacks_.set_retry_factor(std::max(0.0, std::strtod(factor->text().c_str(), nullptr)));
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
