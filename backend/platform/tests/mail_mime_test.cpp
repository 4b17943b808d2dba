#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "stoa/crypto/crypto.hpp"
#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

Message simple() {
    Message message;
    message.message_id = "<1.a@shop.example>";
    message.from = "Stoa Home <shop@shop.example>";
    message.to = "ada@example.net";
    message.subject = "Order 1001";
    message.text = "Hello";
    message.date = parse_timestamp("2023-11-14T22:13:20Z");
    return message;
}

std::string header(const std::string& mime, std::string_view name) {
    const auto head = mime.substr(0, mime.find("\r\n\r\n") + 2);
    const auto at = ("\r\n" + head).find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 2;
    auto end = head.find("\r\n", begin);
    while (end + 2 < head.size() && head[end + 2] == ' ') end = head.find("\r\n", end + 2);
    return head.substr(begin, end - begin);
}

// Undoes RFC 2047, checking the line limits on the way.
std::string decoded(std::string value, std::size_t name_width) {
    std::string out;
    std::size_t column = name_width;
    for (std::size_t at = 0; at < value.size();) {
        if (value.compare(at, 3, "\r\n ") == 0) {
            EXPECT_LE(column, 76U);
            column = 1;
            at += 3;
        } else if (value.compare(at, 10, "=?UTF-8?B?") == 0) {
            const auto end = value.find("?=", at + 10);
            std::string raw;
            EXPECT_TRUE(crypto::base64_decode(value.substr(at + 10, end - at - 10), raw));
            EXPECT_LE(end + 2 - at, 75U);
            // Each word is whole UTF-8 by itself.
            EXPECT_NE(static_cast<unsigned char>(raw.front()) & 0xC0, 0x80);
            column += end + 2 - at;
            out += raw;
            at = end + 2;
        } else {
            out += value[at++];
            ++column;
        }
    }
    EXPECT_LE(column, 76U);
    return out;
}

TEST(Mime, Golden) {
    auto message = simple();
    message.subject = "Bestellung #1001 – Bestätigung";
    message.text = "Grüße = 1 €  \nzweite Zeile\n.Punkt";
    message.html = "<p class=\"x\">Grüße</p>\n";
    message.headers = {{"X-Shop-Msg", "msg_1"}, {"Auto-Submitted", "auto-generated"}};
    EXPECT_EQ(to_mime(message),
              "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "From: Stoa Home <shop@shop.example>\r\n"
              "To: ada@example.net\r\n"
              "Subject: =?UTF-8?B?QmVzdGVsbHVuZyAjMTAwMSDigJMgQmVzdMOkdGlndW5n?=\r\n"
              "Message-ID: <1.a@shop.example>\r\n"
              "MIME-Version: 1.0\r\n"
              "X-Shop-Msg: msg_1\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "Content-Type: multipart/alternative;\r\n"
              " boundary=\"=_3d121ddc59415a89fc5374e7f6c10f2e\"\r\n"
              "\r\n"
              "--=_3d121ddc59415a89fc5374e7f6c10f2e\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Gr=C3=BC=C3=9Fe =3D 1 =E2=82=AC =20\r\n"
              "zweite Zeile\r\n"
              ".Punkt\r\n"
              "--=_3d121ddc59415a89fc5374e7f6c10f2e\r\n"
              "Content-Type: text/html; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "<p class=3D\"x\">Gr=C3=BC=C3=9Fe</p>\r\n"
              "\r\n"
              "--=_3d121ddc59415a89fc5374e7f6c10f2e--\r\n");
}

TEST(Mime, SameMessageSameBytes) {
    auto message = simple();
    message.html = "<p>x</p>";
    message.attachments.push_back({"a.pdf", "application/pdf", std::string(1000, '\x01')});
    EXPECT_EQ(to_mime(message), to_mime(message));
}

TEST(Mime, PlainTextAlone) {
    const auto mime = to_mime(simple());
    EXPECT_EQ(header(mime, "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(mime.ends_with("\r\n\r\nHello\r\n"));
}

TEST(Mime, NoLineIsTooLongAndNoneEndsInASpace) {
    auto message = simple();
    message.text = std::string(5000, 'x') + " \n" + std::string(300, '=') + "\n" + [] {
        std::string out;
        for (int i = 0; i < 200; ++i) out += "Größe ";
        return out;
    }();
    message.html = "<p>" + std::string(2000, '"') + "</p>";
    message.attachments.push_back({"x.bin", "application/octet-stream", std::string(9000, '\xff')});
    const auto mime = to_mime(message);
    std::size_t begin = 0;
    while (begin < mime.size()) {
        const auto end = mime.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 76U);
        EXPECT_EQ(mime.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
        if (end > begin) {
            EXPECT_NE(mime[end - 1], ' ');
        }
        begin = end + 2;
    }
}

TEST(Mime, LongSubjectsFoldAndComeBackWhole) {
    for (const std::string& subject : {std::string("Übergröße ÄÖÜ ") +
                                           [] {
                                               std::string out;
                                               for (int i = 0; i < 60; ++i) out += "Möbelstück ";
                                               return out + "Ende";
                                           }(),
                                       std::string("🪑") + std::string(3, 'x') + "🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑🪑",
                                       std::string(300, 'w'), std::string("=?UTF-8?B?eHg=?= is not a word of ours")}) {
        auto message = simple();
        message.subject = subject;
        EXPECT_EQ(decoded(header(to_mime(message), "Subject"), 9), subject);
    }
    auto message = simple();
    message.subject = "Your order of two chairs and a rather long list of other things for the home is on its way to you";
    const auto folded = header(to_mime(message), "Subject");
    EXPECT_NE(folded.find("\r\n "), std::string::npos);
    std::string unfolded = folded;
    for (std::size_t at = 0; (at = unfolded.find("\r\n")) != std::string::npos;) unfolded.erase(at, 2);
    EXPECT_EQ(unfolded, message.subject);
}

TEST(Mime, DisplayNames) {
    auto message = simple();
    message.from = "Jörg Möller <j@example.net>";
    EXPECT_EQ(decoded(header(to_mime(message), "From"), 6), "Jörg Möller <j@example.net>");
    message.from = "Stoa, Home \"shop\" <j@example.net>";
    EXPECT_EQ(header(to_mime(message), "From"), "\"Stoa, Home \\\"shop\\\"\" <j@example.net>");
    message.from = R"("Quoted, Name" <j@example.net>)";
    EXPECT_EQ(header(to_mime(message), "From"), "\"Quoted, Name\" <j@example.net>");
}

TEST(Mime, RefusesHeaderInjection) {
    const auto refused = [](auto&& change) {
        auto message = simple();
        change(message);
        EXPECT_THROW((void)to_mime(message), std::invalid_argument);
    };
    for (const std::string& evil :
         {std::string("x\r\nBcc: all@example.net"), std::string("x\nBcc: y@example.net"), std::string("x\ry"), std::string("x\0y", 3)}) {
        refused([&](Message& m) { m.subject = evil; });
        refused([&](Message& m) { m.from = evil + " <a@example.net>"; });
        refused([&](Message& m) { m.to = "a@example.net" + evil; });
        refused([&](Message& m) { m.message_id = "<a" + evil + "@b>"; });
        refused([&](Message& m) { m.headers = {{"X-A", evil}}; });
        refused([&](Message& m) { m.headers = {{evil, "a"}}; });
        refused([&](Message& m) { m.attachments = {{evil, "text/plain", "a"}}; });
        refused([&](Message& m) { m.attachments = {{"a", evil, "a"}}; });
    }
    refused([](Message& m) { m.headers = {{"Bcc", "x@example.net"}}; });
    refused([](Message& m) { m.headers = {{"subject", "x"}}; });
    refused([](Message& m) { m.message_id = "no-brackets@x"; });
}

TEST(Mime, Attachments) {
    auto message = simple();
    message.html = "<p>x</p>";
    message.attachments.push_back({"Rechnung 1001 ä.pdf", "application/pdf", "%PDF"});
    const auto mime = to_mime(message);
    EXPECT_TRUE(header(mime, "Content-Type").starts_with("multipart/mixed;"));
    EXPECT_NE(mime.find("filename=\"Rechnung 1001 _.pdf\";\r\n filename*=UTF-8''Rechnung%201001%20%C3%A4.pdf\r\n"), std::string::npos);
    EXPECT_NE(mime.find("\r\n\r\nJVBERg==\r\n--"), std::string::npos);
}

TEST(MailAddress, AcceptsAndRefuses) {
    for (const char* good :
         {"a@b.example", "first.last+tag@sub.domain.example", "o'brien@x-y.example", "x@localhost", "X@XN--BCHER-KVA.example"}) {
        EXPECT_TRUE(is_mail_address(good)) << good;
    }
    for (const char* bad : {"", "@", "a@", "@b.example", "a b@c.example", "a@b", "a@@b.example", "a@b..example", "a@-b.example",
                            ".a@b.example", "a.@b.example", "a..b@c.example", "a@b.example>", "<a@b.example", "a@b.example,c@d.example",
                            "jörg@example.net", "a@bücher.example", "a\"b@c.example", "a@b.exam ple"}) {
        EXPECT_FALSE(is_mail_address(bad)) << bad;
    }
    EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b.example"));
    EXPECT_FALSE(is_mail_address("a@" + std::string(64, 'b') + ".example"));
    const auto parsed = parse_address("\"A \\\"B\\\" C\" <a@b.example>");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->name, "A \"B\" C");
    EXPECT_EQ(parsed->email, "a@b.example");
    EXPECT_FALSE(parse_address("A <a@b.example> x"));
}

TEST(MailTemplates, FallsBackToEnglishAndKeepsSubjectsOnOneLine) {
    const auto directory = std::filesystem::temp_directory_path() / ("stoa-templates-" + crypto::random_token(8));
    std::filesystem::create_directories(directory);
    const auto write = [&](const char* name, std::string_view text) { std::ofstream(directory / name, std::ios::binary) << text; };
    write("hello.en.subject", "Hello {{name}}\n");
    write("hello.en.html", "<p>{{name}}</p>");
    write("hello.en.text", "Hi {{name}}");
    write("hello.de.subject", "Hallo {{name}}");
    write("hello.de.html", "<p>Hallo</p>");
    write("hello.de.text", "Hallo");
    const Templates templates(directory.string());
    const auto data = json::Value::object({{"name", json::Value::string("<A>\r\nBcc: x")}});
    EXPECT_EQ(templates.render("hello", "de", data).html, "<p>Hallo</p>");
    const auto english = templates.render("hello", "fr", data);
    EXPECT_EQ(english.subject, "Hello <A>  Bcc: x");
    EXPECT_EQ(english.html, "<p>&lt;A&gt;\r\nBcc: x</p>");
    EXPECT_EQ(english.text, "Hi <A>\r\nBcc: x");
    EXPECT_THROW((void)templates.render("none", "en", data), std::runtime_error);
    EXPECT_THROW((void)templates.render("../hello", "en", data), std::runtime_error);
    EXPECT_EQ(templates.render("hello", "../de", data).text, english.text);
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace stoa::mail
