#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"
#include "vendo.hpp"
#include "vendo_parts.hpp"

namespace stoa::sandbox {

using namespace vendo;
using json::Value;

namespace {

http::Response xml(std::string body) {
    http::Response response;
    response.header("content-type", "text/xml; charset=utf-8");
    response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + std::move(body);
    return response;
}

}  // namespace

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

}  // namespace stoa::sandbox
