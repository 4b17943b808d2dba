#include "index.hpp"

#include <fmt/format.h>

#include "page.hpp"

namespace stoa::sandbox {
namespace {

std::string card(std::string_view href, std::string_view name, std::string_view text) {
    return fmt::format("<li><a href='{}'><strong>{}</strong>{}</a></li>", href, name, text);
}

constexpr std::string_view kCards = R"html(<h2>Cards that decide the outcome</h2>
<p>Any expiry date to come, any three digits, any name. More in <code>docs/reference/sandbox.md</code>.</p>
<div class=scroll><table><tr><th>Number<th>What happens
<tr><td><code>4111 1111 1111 1111</code><td>Paid
<tr><td><code>4000 0128 9268 8323</code><td>3-D Secure: a page asks for the code <code>1234</code>
<tr><td><code>4000 0000 0000 0002</code><td>Declined by the bank
<tr><td><code>4000 0000 0000 9995</code><td>Declined, no funds
<tr><td><code>4000 0000 0000 0069</code><td>Refused, bad card data
<tr><td><code>4100 0000 0000 0019</code><td>Refused, suspected fraud</table></div>
<h2>Addresses that decide the outcome</h2>
<div class=scroll><table><tr><th>Where<th>What<th>What happens
<tr><td>Parcel, postal code<td>ends in <code>99</code><td>The carrier refuses the parcel
<tr><td>Parcel, city<td><code>Slow</code> or <code>Drop</code><td>The answer takes 20 seconds, or never comes
<tr><td>Mail address<td><code>bounce…@</code> or <code>later…@</code><td>Refused for good, or for now</table></div>
<h2>Make it fail</h2>
<pre>curl -d '{"provider":"vendo","kind":"down","count":2}' -H 'Content-Type: application/json' %ORIGIN%/__sandbox/fail-next
curl -d '{"hours":24}' -H 'Content-Type: application/json' %ORIGIN%/__sandbox/advance
curl -X POST %ORIGIN%/__sandbox/reset</pre>
<p class=quiet>The first lets the next two payment calls fail, the second moves parcels on by a day, the third forgets everything.</p>)html";

}  // namespace

void add_index(http::Routes& routes, const Control& control, const MailServer& mail) {
    routes.get("/", "index").handle([&control, &mail](const http::Request& request) {
        const auto mails = mail.mails().size();
        const auto ahead = control.seconds_ahead.load() / 3600;
        std::string examples(kCards);
        const std::string origin = "http://" + escape_html(request.header("host").empty() ? "localhost" : request.header("host"));
        for (auto at = examples.find("%ORIGIN%"); at != std::string::npos; at = examples.find("%ORIGIN%", at))
            examples.replace(at, 8, origin);
        return page(
            "Outside services",
            "<p class=lead>What this development machine has instead of the real ones. Nothing here costs money or reaches anybody.</p>"
            "<ul class=cards>" +
                card("/mail", "Inbox",
                     mails == 0   ? "No mail yet."
                     : mails == 1 ? "One mail that the shop has sent."
                                  : fmt::format("{} mails that the shop has sent.", mails)) +
                card("/__sandbox/vendo/transactions", "Payments", "What Vendo has booked, as JSON.") +
                card("/__sandbox/sendcloud/parcels", "Parcels", "What Sendcloud carries, as JSON.") +
                card("/__sandbox/webhooks", "Notifications", "What Sendcloud told the shop, as JSON.") +
                card("/__sandbox/opensearch/indexes", "Search indexes", "What OpenSearch would hold, when the shop uses it, as JSON.") +
                card("/__sandbox/calls", "Calls", "The last thousand calls and the planned faults, as JSON.") + "</ul>" +
                (ahead > 0 ? fmt::format("<p class=quiet>The sandbox's clock is {} hours ahead.</p>", ahead) : "") + examples);
    });
}

}  // namespace stoa::sandbox
