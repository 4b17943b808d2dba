#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "stoa/clock/clock.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

bool is_ascii_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// RFC 2047 words in base64, each line at most 76 characters, cut between code points. `column` is where the value starts.
std::string encoded_words(std::string_view text, std::size_t column) {
    constexpr std::size_t kFrame = 12;  // "=?UTF-8?B?" and "?="
    std::string out;
    while (!text.empty()) {
        const std::size_t room = std::max<std::size_t>(76 - std::min<std::size_t>(column, 40) - kFrame, 16);
        std::size_t take = std::min(text.size(), room / 4 * 3);
        while (take > 0 && take < text.size() && is_continuation(text[take])) --take;
        if (take == 0) take = std::min<std::size_t>(text.size(), 4);  // not UTF-8: cut anywhere
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + crypto::base64(text.substr(0, take)) + "?=";
        text.remove_prefix(take);
        column = 1;
    }
    return out;
}

// ASCII text folded before words so that lines stay below 78 characters where words allow it.
std::string folded(std::string_view text, std::size_t column) {
    std::string out;
    while (!text.empty()) {
        const std::size_t space = text.find(' ', 1);
        const auto word = text.substr(0, space == std::string_view::npos ? text.size() : space);
        if (!out.empty() && column + word.size() > 76 && word.front() == ' ') {
            out += "\r\n";
            column = 0;
        }
        out += word;
        column += word.size();
        text.remove_prefix(word.size());
    }
    return out;
}

std::string header_text(std::string_view name, std::string_view text) {
    if (has_control(text)) throw std::invalid_argument(fmt::format("mail: header {} carries a control character", name));
    // A single word that fills the line, or text that looks like an encoded word, is encoded too.
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        longest = std::max(longest, end - at);
        at = end + 1;
    }
    const bool plain = is_ascii_printable(text) && text.find("=?") == std::string_view::npos && longest <= 70 &&
                       (text.empty() || (text.front() != ' ' && text.back() != ' '));
    return plain ? folded(text, name.size() + 2) : encoded_words(text, name.size() + 2);
}

bool is_atom_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-/=?^_`{|}~ ").find(c) != std::string_view::npos;
    });
}

std::string header_address(std::string_view name, std::string_view text) {
    const auto address = parse_address(text);
    if (!address) throw std::invalid_argument(fmt::format("mail: the address in {} is not usable", name));
    if (address->name.empty()) return address->email;
    std::string shown;
    if (!is_ascii_printable(address->name) || address->name.find("=?") != std::string::npos) {
        shown = encoded_words(address->name, name.size() + 2);
    } else if (is_atom_text(address->name)) {
        shown = address->name;
    } else {
        shown = "\"";
        for (const char c : address->name) {
            if (c == '"' || c == '\\') shown += '\\';
            shown += c;
        }
        shown += '"';
    }
    const bool fold = name.size() + 2 + shown.size() + address->email.size() > 72;
    return shown + (fold ? "\r\n <" : " <") + address->email + ">";
}

std::string quoted_printable(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\n') {
            if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool last_of_line = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
        const auto byte = static_cast<unsigned char>(c);
        const bool literal = c == '\t' || c == ' ' ? !last_of_line : byte > 32 && byte < 127 && c != '=';
        const std::size_t width = literal ? 1 : 3;
        // Room for the "=" of a soft break unless the line ends here.
        if (column + width > (last_of_line ? 76U : 75U)) {
            out += "=\r\n";
            column = 0;
        }
        if (literal) {
            out += c;
        } else {
            out += '=';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
        column += width;
    }
    return out;
}

std::string base64_lines(std::string_view bytes) {
    const auto encoded = crypto::base64(bytes);
    std::string out;
    out.reserve(encoded.size() + encoded.size() / 38);
    for (std::size_t at = 0; at < encoded.size(); at += 76) {
        if (at > 0) out += "\r\n";
        out += std::string_view(encoded).substr(at, 76);
    }
    return out;
}

std::string text_part(std::string_view type, std::string_view body) {
    return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}", type,
                       quoted_printable(body));
}

std::string attachment_part(const Attachment& attachment) {
    if (has_control(attachment.file_name) || has_control(attachment.content_type) || attachment.content_type.empty()) {
        throw std::invalid_argument("mail: an attachment's name or type is not usable");
    }
    std::string plain;
    std::string extended;
    for (const char c : attachment.file_name) {
        const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!is_continuation(c)) plain += safe || c == ' ' ? c : '_';
        if (safe)
            extended += c;
        else
            extended += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return fmt::format(
        "Content-Type: {}\r\nContent-Disposition: attachment; filename=\"{}\";\r\n filename*=UTF-8''{}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}",
        attachment.content_type, plain, extended, base64_lines(attachment.bytes));
}

std::string multipart(std::string_view subtype, std::string_view seed, const std::vector<std::string>& parts) {
    std::string boundary;
    for (int round = 0;; ++round) {
        boundary = "=_" + crypto::hex(crypto::sha256(fmt::format("{}/{}/{}", subtype, round, seed))).substr(0, 32);
        const bool taken =
            std::any_of(parts.begin(), parts.end(), [&](const std::string& part) { return part.find(boundary) != std::string::npos; });
        if (!taken) break;
    }
    std::string out = fmt::format("Content-Type: multipart/{};\r\n boundary=\"{}\"\r\n\r\n", subtype, boundary);
    for (const auto& part : parts) out += fmt::format("--{}\r\n{}\r\n", boundary, part);
    return out + fmt::format("--{}--\r\n", boundary);
}

// "Tue, 14 Nov 2023 22:13:20 +0000"
std::string mail_date(Timestamp at) {
    static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

bool is_header_name(std::string_view name) {
    return !name.empty() && name.size() < 60 &&
           std::all_of(
               name.begin(), name.end(),
               [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_own_header(std::string_view name) {
    static constexpr std::array<std::string_view, 12> kOwn{"date",
                                                           "from",
                                                           "to",
                                                           "cc",
                                                           "bcc",
                                                           "sender",
                                                           "subject",
                                                           "message-id",
                                                           "mime-version",
                                                           "content-type",
                                                           "content-transfer-encoding",
                                                           "return-path"};
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::find(kOwn.begin(), kOwn.end(), lower) != kOwn.end();
}

}  // namespace

bool is_mail_address(std::string_view email) {
    if (email.size() > 254) return false;
    const auto at = email.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64) return false;
    const auto local = email.substr(0, at);
    const auto domain = email.substr(at + 1);
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) return false;
    for (const char c : local) {
        const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
        if (!ok) return false;
    }
    if (domain.empty() || domain.size() > 253) return false;
    std::size_t labels = 0;
    for (std::size_t begin = 0; begin <= domain.size(); ++labels) {
        const auto end = std::min(domain.find('.', begin), domain.size());
        const auto label = domain.substr(begin, end - begin);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        for (const char c : label) {
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) return false;
        }
        begin = end + 1;
    }
    return labels >= 2 || domain == "localhost";
}

std::optional<Address> parse_address(std::string_view text) {
    if (has_control(text)) return std::nullopt;
    Address out;
    if (const auto open = text.rfind('<'); open != std::string_view::npos) {
        if (text.back() != '>') return std::nullopt;
        out.email = text.substr(open + 1, text.size() - open - 2);
        auto name = text.substr(0, open);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
            name = name.substr(1, name.size() - 2);
            for (std::size_t i = 0; i < name.size(); ++i) {
                if (name[i] == '\\' && i + 1 < name.size()) ++i;
                out.name += name[i];
            }
        } else {
            out.name = name;
        }
    } else {
        out.email = text;
    }
    if (!is_mail_address(out.email)) return std::nullopt;
    return out;
}

std::string to_mime(const Message& message) {
    const auto& id = message.message_id;
    if (id.size() < 5 || id.size() > 250 || id.front() != '<' || id.back() != '>' || !is_ascii_printable(id) ||
        id.find(' ') != std::string::npos || id.find('@') == std::string::npos) {
        throw std::invalid_argument("mail: the message id must look like <unique@domain>");
    }
    std::string out;
    out += "Date: " + mail_date(message.date ? *message.date : SystemClock{}.now()) + "\r\n";
    out += "From: " + header_address("From", message.from) + "\r\n";
    out += "To: " + header_address("To", message.to) + "\r\n";
    out += "Subject: " + header_text("Subject", message.subject) + "\r\n";
    out += "Message-ID: " + id + "\r\n";
    out += "MIME-Version: 1.0\r\n";
    for (const auto& [name, value] : message.headers) {
        if (!is_header_name(name) || is_own_header(name)) throw std::invalid_argument("mail: a header's name is not usable");
        out += name + ": " + header_text(name, value) + "\r\n";
    }
    std::string body = message.html.empty()
                           ? text_part("text/plain", message.text)
                           : multipart("alternative", id, {text_part("text/plain", message.text), text_part("text/html", message.html)});
    if (!message.attachments.empty()) {
        std::vector<std::string> parts{std::move(body)};
        for (const auto& attachment : message.attachments) parts.push_back(attachment_part(attachment));
        body = multipart("mixed", id, parts);
    }
    out += body;
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out;
}

}  // namespace stoa::mail
