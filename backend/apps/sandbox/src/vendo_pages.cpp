// The pages that the shopper sees: the bank's question and the hosted payment page.
#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/money/money.hpp"
#include "vendo.hpp"
#include "vendo_parts.hpp"

namespace stoa::sandbox {

using namespace vendo;
using json::Value;

namespace {

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

}  // namespace

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
    if (verification_postback_) postbacks_.queue(std::move(postback), "verification");
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
    postbacks_.queue(std::move(postback), "transaction");
    return back(form["success_url"], id);
}

}  // namespace stoa::sandbox
