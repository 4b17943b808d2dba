#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <curl/curl.h>
#include <fmt/format.h>

#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

struct CurlDelete {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Source {
    std::string_view rest;
};
std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& source = *static_cast<Source*>(user);
    const auto take = std::min(size * count, source.rest.size());
    std::memcpy(buffer, source.rest.data(), take);
    source.rest.remove_prefix(take);
    return take;
}
// The server's replies come line by line; the last negative one explains a refusal (a polite "221 bye" follows it).
std::size_t keep_reply(char* data, std::size_t size, std::size_t count, void* user) {
    std::string_view line(data, size * count);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (!line.empty() && (line.front() == '4' || line.front() == '5')) *static_cast<std::string*>(user) = line.substr(0, 300);
    return size * count;
}
std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

bool is_this_machine(std::string_view url) {
    auto host = url.substr(std::min(url.find("://"), url.size() - std::min<std::size_t>(url.size(), 3)) + 3);
    host = host.substr(0, host.find('/'));
    if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    if (host.starts_with("[")) return host.starts_with("[::1]");
    host = host.substr(0, host.find(':'));
    return host == "localhost" || host.starts_with("127.");
}

// "5.1.1" of "550 5.1.1 No such user".
std::string_view enhanced_code(std::string_view reply) {
    if (reply.size() < 9) return {};
    const auto code = reply.substr(4, reply.find(' ', 4) - 4);
    const bool shaped = code.size() >= 5 && code[1] == '.' &&
                        std::all_of(code.begin(), code.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
    return shaped ? code : std::string_view{};
}

Failure later(std::string log) {
    Error error;
    error.kind = ErrorKind::unavailable;
    error.code = "mail.unavailable";
    error.message = "The mail server did not take the mail.";
    error.log = std::move(log);
    return fail(std::move(error));
}

Failure refused(std::string code, std::string log) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = std::move(code);
    error.message = "The mail server refused the mail for good.";
    error.log = std::move(log);
    return fail(std::move(error));
}

class SmtpMailer final : public Mailer {
public:
    explicit SmtpMailer(std::string url) : url_(std::move(url)) {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        while (url_.ends_with('/')) url_.pop_back();
    }

    Result<void> send(const Message& message) override {
        const auto from = parse_address(message.from);
        const auto to = parse_address(message.to);
        if (!from || !to) return refused("mail.malformed", "sender or recipient is not a mail address");
        std::string mime;
        try {
            mime = to_mime(message);
        } catch (const std::invalid_argument& error) {
            return refused("mail.malformed", error.what());
        }

        const std::unique_ptr<CURL, CurlDelete> handle(curl_easy_init());
        if (!handle) return later("curl_easy_init failed");
        // The path of an SMTP URL is the name used in EHLO.
        const auto url = url_ + "/" + from->email.substr(from->email.rfind('@') + 1);
        const std::unique_ptr<curl_slist, CurlDelete> recipients(curl_slist_append(nullptr, ("<" + to->email + ">").c_str()));
        const auto sender = "<" + from->email + ">";
        Source source{mime};
        std::string reply;
        char reason[CURL_ERROR_SIZE] = "";
        CURL* curl = handle.get();
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(is_this_machine(url_) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender.c_str());
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, &source);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mime.size()));
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &keep_reply);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &drop_body);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
        curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, 30L);
        // Giving up after the final dot makes duplicates, so the whole may take longer than its parts.
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 100000L);

        const CURLcode code = curl_easy_perform(curl);
        if (code == CURLE_OK) return {};
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        const std::string_view why(reason);
        auto log = fmt::format("curl {}: {}; reply {}: {}", static_cast<int>(code), why, status, reply);
        // A refusal counts only when the server spoke about this mail: not its greeting, not our credentials.
        const bool at_recipient = why.starts_with("RCPT failed");
        const bool at_mail =
            why.starts_with("MAIL failed") || why.starts_with("DATA failed") || (code == CURLE_WEIRD_SERVER_REPLY && source.rest.empty());
        if (status >= 500 && status < 600 && (at_recipient || at_mail)) {
            const auto enhanced = enhanced_code(reply);
            const bool mailbox = enhanced.starts_with("5.1.") || enhanced == "5.2.1" || (enhanced.empty() && at_recipient);
            if (enhanced.starts_with("5.2.2")) return later(std::move(log));  // mailbox full: it may be emptied
            return refused(at_recipient && mailbox ? "mail.recipient_refused" : "mail.refused", std::move(log));
        }
        return later(std::move(log));
    }

private:
    std::string url_;
};

}  // namespace

std::unique_ptr<Mailer> smtp_mailer(std::string smtp_url) { return std::make_unique<SmtpMailer>(std::move(smtp_url)); }

}  // namespace stoa::mail
