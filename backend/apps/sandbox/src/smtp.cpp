#include "smtp.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "page.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {

void describe(json::Struct<Mail>& d);
void describe(json::Struct<Mail>& d) {
    d.name("Mail");
    d.field<&Mail::id>("id");
    d.field<&Mail::from>("from");
    d.field<&Mail::to>("to");
    d.field<&Mail::subject>("subject");
    d.field<&Mail::text>("text");
    d.field<&Mail::html>("html");
    d.field<&Mail::message_id>("message_id");
    d.field<&Mail::received_at>("received_at");
}

namespace {

struct MailsDto {
    std::vector<Mail> items;
};
void describe(json::Struct<MailsDto>& d) {
    d.name("Mails");
    d.field<&MailsDto::items>("items");
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

int hex_value(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string quoted_printable(std::string_view text, bool header) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (header && text[i] == '_')
            out += ' ';
        else if (text[i] == '=' && i + 2 < text.size() && text[i + 1] == '\r' && text[i + 2] == '\n')
            i += 2;
        else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else
            out += text[i];
    }
    return out;
}

std::string base64_text(std::string_view text) {
    std::string packed;
    for (const char c : text) {
        if (c != '\r' && c != '\n' && c != ' ') packed += c;
    }
    std::string out;
    return crypto::base64_decode(packed, out) ? out : std::string();
}

// RFC 2047: =?utf-8?B?...?= and =?utf-8?Q?...?=
std::string decode_words(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto start = text.find("=?", at);
        if (start == std::string_view::npos) break;
        const auto charset_end = text.find('?', start + 2);
        const auto end = charset_end == std::string_view::npos ? charset_end : text.find("?=", charset_end + 3);
        if (end == std::string_view::npos) break;
        const auto between = text.substr(at, start - at);
        if (at == 0 || between.find_first_not_of(" \t\r\n") != std::string_view::npos) out += between;
        const auto content = text.substr(charset_end + 3, end - charset_end - 3);
        out += text[charset_end + 1] == 'B' || text[charset_end + 1] == 'b' ? base64_text(content) : quoted_printable(content, true);
        at = end + 2;
    }
    return out + std::string(text.substr(at));
}

struct Part {
    std::map<std::string, std::string> headers;
    std::string_view body;
};
Part split(std::string_view raw) {
    Part part;
    std::string name;
    while (!raw.empty()) {
        const auto end = std::min(raw.find("\r\n"), raw.size());
        const auto line = raw.substr(0, end);
        raw.remove_prefix(std::min(end + 2, raw.size()));
        if (line.empty()) break;
        if ((line[0] == ' ' || line[0] == '\t') && !name.empty()) {
            part.headers[name] += std::string(line);
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        name = lower(line.substr(0, colon));
        auto value = line.substr(colon + 1);
        while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
        part.headers[name] = std::string(value);
    }
    part.body = raw;
    return part;
}

std::string parameter(const std::string& header, std::string_view name) {
    const auto at = lower(header).find(std::string(name) + "=");
    if (at == std::string::npos) return {};
    std::string value = header.substr(at + name.size() + 1);
    if (!value.empty() && value.front() == '"') return value.substr(1, value.find('"', 1) - 1);
    return value.substr(0, value.find_first_of("; \t"));
}

void read_part(const Part& part, Mail& mail, int depth) {
    const auto header = [&](const char* name) {
        const auto it = part.headers.find(name);
        return it == part.headers.end() ? std::string() : it->second;
    };
    const std::string type = lower(header("content-type"));
    if (type.starts_with("multipart/") && depth < 5) {
        const std::string boundary = "--" + parameter(header("content-type"), "boundary");
        std::string_view rest = part.body;
        auto at = rest.find(boundary);
        while (at != std::string_view::npos) {
            rest.remove_prefix(at + boundary.size());
            if (rest.starts_with("--")) break;
            if (rest.starts_with("\r\n")) rest.remove_prefix(2);
            at = rest.find("\r\n" + boundary);
            if (at == std::string_view::npos) break;
            read_part(split(rest.substr(0, at)), mail, depth + 1);
            rest.remove_prefix(at + 2);
            at = 0;
        }
        return;
    }
    if (lower(header("content-disposition")).starts_with("attachment")) return;
    const std::string encoding = lower(header("content-transfer-encoding"));
    std::string body = encoding == "base64"             ? base64_text(part.body)
                       : encoding == "quoted-printable" ? quoted_printable(part.body, false)
                                                        : std::string(part.body);
    if (type.starts_with("text/html"))
        mail.html = std::move(body);
    else
        mail.text = std::move(body);
}

}  // namespace

Mail parse_mail(std::string raw) {
    Mail mail;
    const Part part = split(raw);
    const auto header = [&](const char* name) {
        const auto it = part.headers.find(name);
        return it == part.headers.end() ? std::string() : decode_words(it->second);
    };
    mail.from = header("from");
    mail.to = header("to");
    mail.subject = header("subject");
    mail.message_id = header("message-id");
    read_part(part, mail, 0);
    mail.raw = std::move(raw);
    return mail;
}

MailServer::MailServer(Control& control, std::uint16_t port) : control_(control) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0) {
        ::close(listener_);
        throw std::runtime_error("the mail server cannot listen on port " + std::to_string(port) + "; is another one running?");
    }
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_loop(); });
}

MailServer::~MailServer() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
    while (talking_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds{20});
}

void MailServer::accept_loop() {
    while (!stopping_) {
        pollfd poll_on{listener_, POLLIN, 0};
        if (::poll(&poll_on, 1, 200) <= 0) continue;
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        if (talking_ >= 64) {
            ::close(socket);
            continue;
        }
        ++talking_;
        std::thread([this, socket] {
            talk(socket);
            ::close(socket);
            --talking_;
        }).detach();
    }
}

void MailServer::talk(int socket) {
    const timeval timeout{10, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    const auto say = [&](std::string_view line) {
        const std::string text = std::string(line) + "\r\n";
        return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    };
    std::string buffer;
    const auto read_more = [&] {
        char chunk[16384];
        const auto count = ::recv(socket, chunk, sizeof chunk, 0);
        if (count <= 0) return false;
        buffer.append(chunk, static_cast<std::size_t>(count));
        return true;
    };
    const auto record = [&](const std::string& to, int status, std::string note) {
        control_.record({to_rfc3339(SystemClock().now()), "smtp", "MAIL", to, status, std::move(note)});
    };
    std::optional<Fault> fault;
    const auto take_fault = [&] {
        fault = control_.next_fault("smtp", "session");
        if (fault && fault->delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
    };
    take_fault();
    if (fault && fault->kind == "down") {
        record("", 421, "down");
        say("421 no service at the moment");
        return;
    }
    say("220 stoa-sandbox ESMTP");
    bool greeted = false;
    std::string from;
    std::vector<std::string> recipients;
    const auto forget = [&] {
        from.clear();
        recipients.clear();
    };
    while (!stopping_) {
        std::size_t end;
        while ((end = buffer.find("\r\n")) == std::string::npos) {
            if (buffer.size() > 4096 || !read_more()) return;
        }
        const std::string line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        const std::string command = lower(line.substr(0, 4));
        if (command == "ehlo") {
            greeted = true;
            say("250-stoa-sandbox");
            say("250-SIZE 26214400");
            say("250 8BITMIME");
        } else if (command == "helo") {
            greeted = true;
            say("250 stoa-sandbox");
        } else if (command == "quit") {
            say("221 bye");
            return;
        } else if (command == "noop") {
            say("250 ok");
        } else if (command == "rset") {
            forget();
            say("250 ok");
        } else if (!greeted) {
            say("503 say EHLO first");
        } else if (lower(line).starts_with("mail from:<")) {
            from = line.substr(11, line.find('>') - 11);
            recipients.clear();
            say(from.find('@') == std::string::npos ? "553 a sender address is needed" : "250 ok");
        } else if (lower(line).starts_with("rcpt to:<")) {
            const std::string to = line.substr(9, line.find('>') - 9);
            if (from.empty())
                say("503 MAIL comes first");
            else if (to.find('@') == std::string::npos)
                say("501 no mail address");
            else if (to.starts_with("bounce"))
                say("550 no such mailbox");
            else if (to.starts_with("later"))
                say("451 try again later");
            else {
                recipients.push_back(to);
                say("250 ok");
            }
        } else if (command == "data") {
            if (recipients.empty()) {
                say("503 RCPT comes first");
                continue;
            }
            say("354 end with <CRLF>.<CRLF>");
            std::size_t stop;
            while ((stop = buffer.starts_with(".\r\n") ? 0 : buffer.find("\r\n.\r\n")) == std::string::npos) {
                if (buffer.size() > 26214400 || !read_more()) return;
            }
            const bool empty = stop == 0 && buffer.starts_with(".\r\n");
            std::string raw = empty ? "" : buffer.substr(0, stop + 2);
            buffer.erase(0, empty ? 3 : stop + 5);
            for (auto at = raw.find("\r\n.."); at != std::string::npos; at = raw.find("\r\n..", at + 3))
                raw.erase(at + 2, 1);  // dot-stuffing
            // A fault counts for one mail; a second one on this connection takes the next.
            if (!fault) take_fault();
            const std::string kind = fault ? fault->kind : "";
            fault.reset();
            if (kind == "error_before" || kind == "down") {
                record(recipients.front(), 451, kind);
                say("451 local error");
                forget();
                continue;
            }
            Mail mail = parse_mail(std::move(raw));
            if (mail.from.empty() || mail.message_id.empty()) {
                record(recipients.front(), 554, "From or Message-ID is missing");
                say("554 From and Message-ID are needed");
                forget();
                continue;
            }
            mail.to = recipients.front();
            mail.received_at = to_rfc3339(SystemClock().now());
            {
                const std::lock_guard lock(mutex_);
                mail.id = ++next_id_;
                mails_.push_back(std::move(mail));
                if (mails_.size() > 2000) mails_.pop_front();
            }
            record(recipients.front(), kind == "error_after" ? 451 : kind == "drop" || kind == "garbage" ? 0 : 250, kind);
            // Taken, but the sender does not learn it.
            if (kind == "drop") return;
            if (kind == "garbage") {
                say("<html>maintenance</html>");
                return;
            }
            say(kind == "error_after" ? "451 local error" : "250 queued");
            forget();
        } else {
            say("502 not known here");
        }
    }
}

std::vector<Mail> MailServer::mails() const {
    const std::lock_guard lock(mutex_);
    return {mails_.begin(), mails_.end()};
}

void MailServer::reset() {
    const std::lock_guard lock(mutex_);
    mails_.clear();
}

void MailServer::add_routes(http::Routes& routes) {
    routes.get("/__sandbox/mails", "mails").handle([this](const http::Request&) { return http::ok(MailsDto{mails()}); });
    routes.del("/__sandbox/mails", "forget_mails").without_origin_check().handle([this](const http::Request&) {
        reset();
        return http::no_content();
    });
    routes.get("/mail", "inbox").handle([this](const http::Request&) {
        std::string rows;
        const auto all = mails();
        for (auto it = all.rbegin(); it != all.rend(); ++it) {
            const auto at = parse_timestamp(it->received_at);
            rows += "<li><a href='/mail/" + std::to_string(it->id) + "'><strong>" +
                    escape_html(it->subject.empty() ? "(no subject)" : it->subject) + "</strong><span>" + escape_html(it->to) +
                    "</span><time>" + (at ? people_time(*at) : "") + "</time></a></li>";
        }
        if (all.empty())
            return page("Inbox",
                        "<p class=lead>No mail yet.</p><p>Every mail that the shop sends arrives here, whoever it is for. Register "
                        "an account or place an order, and look again.</p>");
        return page("Inbox",
                    "<div class=top><span class=quiet>Every mail that the shop has sent, newest first.</span><form method=post "
                    "action='/mail/empty'><button>Empty the inbox</button></form></div><ul class=rows>" +
                        rows + "</ul>");
    });
    routes.post("/mail/empty", "empty_inbox").handle([this](const http::Request&) {
        reset();
        http::Response response;
        response.status = 303;
        response.header("location", "/mail");
        return response;
    });
    const auto find = [this](const http::Request& request) -> std::optional<Mail> {
        const auto id = json::Value::number(std::string(request.param("id"))).as_int();
        for (auto& mail : mails()) {
            if (mail.id == id) return mail;
        }
        return std::nullopt;
    };
    routes.get("/mail/{id}", "mail").handle([find](const http::Request& request) {
        const auto mail = find(request);
        if (!mail) return page("No such mail", "<p><a href='/mail'>To the inbox</a></p>", 404);
        const auto at = parse_timestamp(mail->received_at);
        return page(mail->subject.empty() ? "(no subject)" : mail->subject,
                    "<dl><dt>From<dd>" + escape_html(mail->from) + "<dt>To<dd>" + escape_html(mail->to) + "<dt>Received<dd>" +
                        (at ? people_time(*at) : "") +
                        "</dl><iframe title='The mail' sandbox='allow-popups allow-top-navigation-by-user-activation' src='/mail/" +
                        std::to_string(mail->id) + "/html'></iframe><details><summary>As plain text</summary><pre>" +
                        escape_html(mail->text) + "</pre></details>");
    });
    routes.get("/mail/{id}/html", "mail_html").handle([find](const http::Request& request) {
        const auto mail = find(request);
        if (!mail) return page("No such mail", "<p><a href='/mail'>To the inbox</a></p>", 404);
        http::Response response;
        response.header("content-type", "text/html; charset=utf-8");
        // What a mail contains is not to be trusted with this origin, also when it is opened by itself.
        response.header("content-security-policy", "sandbox allow-popups allow-top-navigation-by-user-activation");
        response.body = mail->html.empty() ? "<!doctype html><meta charset=utf-8><title>Mail</title><pre style='white-space:pre-wrap'>" +
                                                 escape_html(mail->text) + "</pre>"
                                           : "<base target=_top>" + mail->html;
        return response;
    });
}

}  // namespace stoa::sandbox
