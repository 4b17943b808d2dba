#include <gtest/gtest.h>

#include "stoa/text/text.hpp"

namespace stoa::text {
namespace {

TEST(Fold, RemovesAccentsAndCase) {
    EXPECT_EQ(fold("Ärmel ÉCLAIR Straße Œuvre IJsselmeer Łódź"), "armel eclair strasse oeuvre ijsselmeer lodz");
    EXPECT_EQ(fold("e\xCC\x81t\xC3\xA9"), "ete");  // combining and composed
    EXPECT_EQ(fold("東京"), "東京");
}

TEST(Fold, ReplacesBrokenUtf8) {
    EXPECT_EQ(fold("a\xFF"
                   "b"),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(fold("\xC3"), "\xEF\xBF\xBD");
    EXPECT_EQ(fold("\xED\xA0\x80").find('\xED'), std::string::npos);  // a surrogate is not a character
}

TEST(Lower, KeepsAccents) { EXPECT_EQ(lower("ÄÖÜ Čapek ŸÈ"), "äöü čapek ÿè"); }

TEST(Slug, IsPlainAsciiWithHyphens) {
    EXPECT_EQ(slugify("Côte d'Azur No. 5"), "cote-d-azur-no-5");
    EXPECT_EQ(slugify("Tisch & Stühle für Größe XL", "de"), "tisch-stuehle-fuer-groesse-xl");
    EXPECT_EQ(slugify("Stühle"), "stuhle");
    EXPECT_EQ(slugify("  --  "), "item");
    EXPECT_EQ(slugify("../../etc/passwd"), "etc-passwd");
    const auto cut = slugify(std::string(50, 'a') + " " + std::string(60, 'b'));
    EXPECT_EQ(cut, std::string(50, 'a'));
    EXPECT_LE(slugify(std::string(500, 'x')).size(), 80U);
}

TEST(Markdown, RendersTheSubset) {
    EXPECT_EQ(markdown_to_html("Plain *soft* **strong** `code`."),
              "<p>Plain <em>soft</em> <strong>strong</strong> <code>code</code>.</p>\n");
    EXPECT_EQ(markdown_to_html("# A\n\n### B"), "<h2>A</h2>\n<h3>B</h3>\n");
    EXPECT_EQ(markdown_to_html("- one\n- two\n  more\n\n1. a\n2. b"),
              "<ul>\n<li>one</li>\n<li>two more</li>\n</ul>\n<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n");
    EXPECT_EQ(markdown_to_html("> quoted\n> lines"), "<blockquote>\n<p>quoted lines</p>\n</blockquote>\n");
    EXPECT_EQ(markdown_to_html("[in](/p/a) [out](https://x.test/a?b=1&c=2)"),
              "<p><a href=\"/p/a\">in</a> <a href=\"https://x.test/a?b=1&amp;c=2\" rel=\"noopener nofollow\">out</a></p>\n");
    EXPECT_EQ(markdown_to_html("| A | B |\n|---|---|\n| 1 | 2 |"),
              "<table>\n<thead>\n<tr><th>A</th><th>B</th></tr>\n</thead>\n<tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody>\n</table>\n");
    EXPECT_EQ(markdown_to_html("2 * 3 * 4 and \\*not\\*"), "<p>2 * 3 * 4 and *not*</p>\n");
}

// Whatever the input, the only tags are those of the list and every attribute is one that the renderer wrote.
bool is_safe(const std::string& html) {
    static constexpr std::string_view kTags[] = {"p",  "h2",         "h3",    "h4",    "em",    "strong", "code", "ul", "ol",
                                                 "li", "blockquote", "table", "thead", "tbody", "tr",     "th",   "td", "hr"};
    for (std::size_t i = 0; i < html.size(); ++i) {
        if (html[i] != '<') continue;
        const auto end = html.find('>', i);
        if (end == std::string::npos) return false;
        std::string tag = html.substr(i + 1, end - i - 1);
        if (tag.starts_with("/")) tag.erase(0, 1);
        if (tag == "a") continue;
        if (tag.starts_with("a href=\"")) {
            const auto href = tag.substr(8, tag.find('"', 8) - 8);
            const auto rest = tag.substr(8 + href.size());
            if (rest != "\"" && rest != "\" rel=\"noopener nofollow\"") return false;
            if (!(href.starts_with("#") || (href.starts_with("/") && !href.starts_with("//")) || fold(href).starts_with("https://") ||
                  fold(href).starts_with("http://") || fold(href).starts_with("mailto:") || fold(href).starts_with("tel:")))
                return false;
            continue;
        }
        if (tag.starts_with("img src=\"/media/") && tag.ends_with("\" loading=\"lazy\"")) continue;
        bool known = false;
        for (const auto name : kTags) known = known || tag == name;
        if (!known) return false;
    }
    return true;
}

TEST(Markdown, HostileInputStaysText) {
    const std::string hostile[] = {"<script>alert(1)</script>",
                                   "<img src=x onerror=alert(1)>",
                                   "[x](javascript:alert(1))",
                                   "[x](JaVaScRiPt:alert(1))",
                                   "[x](java\nscript:alert(1))",
                                   "[x](data:text/html;base64,PHN2Zz4=)",
                                   "[x](//evil.test)",
                                   "[x](/\\evil.test)",
                                   "[x](https://a.test/\" onmouseover=\"alert(1))",
                                   "[x](vbscript:a)",
                                   "![x](https://evil.test/a.png)",
                                   "![\" onerror=\"alert(1)](/media/a.png)",
                                   "![x](/media/../../etc)",
                                   "**<b onclick=1>**",
                                   "`</code><script>`",
                                   "# <svg/onload=alert(1)>",
                                   "- <iframe>",
                                   "> <style>",
                                   "| <td onclick=1> |\n|---|\n| <x> |",
                                   "[[a](/b)](/c)",
                                   "[<b>](/a)",
                                   "*[*](/x)*",
                                   std::string("a\0b<script>", 11),
                                   "\xE2\x80\xAE"
                                   "evil",
                                   "&lt;script&gt;",
                                   "[x](&#106;avascript:alert(1))"};
    for (const auto& text : hostile) {
        const auto html = markdown_to_html(text);
        EXPECT_TRUE(is_safe(html)) << text << "\n→ " << html;
        EXPECT_EQ(html.find("<script"), std::string::npos) << html;
    }
    EXPECT_EQ(markdown_to_html("<script>alert(1)</script>"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
    EXPECT_EQ(markdown_to_html("[x](javascript:alert(1))"), "<p>x)</p>\n");
}

TEST(Markdown, RandomInputStaysSafeAndTerminates) {
    std::uint64_t state = 0x9E3779B97F4A7C15ULL;
    static constexpr std::string_view kParts[] = {
        "<",  ">", "\"",    "'",  "[",    "]", "(", ")",           "*",         "**",      "`",  "!",  "#", "# ",       "- ",  "1. ",
        "> ", "|", "|---|", "\n", "\n\n", " ", "a", "javascript:", "https://x", "/media/", "/p", "\\", "&", "\xC3\xA9", "\xFF"};
    for (int round = 0; round < 4000; ++round) {
        std::string text;
        for (int i = 0; i < 40; ++i) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text += kParts[state % std::size(kParts)];
        }
        EXPECT_TRUE(is_safe(markdown_to_html(text))) << text;
    }
    (void)markdown_to_html(std::string(200000, '['));
    (void)markdown_to_html(std::string(20000, '>'));
}

TEST(Markdown, ToTextDropsMarkupAndCutsAtWords) {
    EXPECT_EQ(markdown_to_text("# Title\n\nSome **bold** [link](/x).\n- a\n- b"), "Title Some bold link. a b");
    EXPECT_EQ(markdown_to_text("one two three", 8), "one two…");
    EXPECT_EQ(markdown_to_text("short", 80), "short");
}

}  // namespace
}  // namespace stoa::text
