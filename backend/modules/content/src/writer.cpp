#include <algorithm>

#include "codes.hpp"
#include "sql/content.hpp"
#include "stoa/content/make.hpp"
#include "stoa/content/redirects.hpp"
#include "stoa/events/events.hpp"
#include "stored.hpp"

namespace stoa::content {
namespace {

constexpr std::string_view kLocales[] = {"en", "de", "nl", "fr"};

bool is_slug(std::string_view text) {
    return !text.empty() && text.size() <= 120 && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}
bool is_locale(std::string_view text) { return std::ranges::find(kLocales, text) != std::end(kLocales); }

void changed(db::Tx& tx, std::string_view slug) {
    tx.exec(sql::bump_revision);
    events::append(tx, {"content.changed", "content:" + std::string(slug), "{\"slug\":" + json::quote(slug) + "}"});
}

// What is rendered can be read back: the descriptions hold the rules.
template <class T>
Result<void> put(db::Tx& tx, std::string_view kind, std::string_view code, std::string_view locale, const T& document) {
    if (!is_locale(locale)) return fail(ErrorKind::invalid, std::string(codes::kInvalidBlock), "Languages are en, de, nl and fr.");
    auto text = json::render(document);
    if (const auto parsed = json::parse_as<T>(text); !parsed) {
        Error error = parsed.error();
        error.code = codes::kInvalidBlock;
        return fail(std::move(error));
    }
    tx.exec(sql::put_block, kind, code, locale, text);
    changed(tx, code);
    return {};
}

class PostgresWriter final : public Writer {
public:
    Result<void> upsert_page(db::Tx& tx, const Page& page) override {
        Error error;
        error.kind = ErrorKind::invalid;
        error.code = codes::kInvalidPage;
        error.message = "Some fields are not acceptable.";
        const auto refuse = [&](std::string pointer, std::string code, std::string message) {
            error.fields.push_back({std::move(pointer), std::move(code), std::move(message)});
        };
        if (page.published_from && page.published_until && *page.published_from >= *page.published_until)
            refuse("/published_until", "window", "It ends before it begins.");
        if (!is_slug(page.code) || page.code.size() > 80) refuse("/code", "invalid", "Use a to z, 0 to 9 and hyphens, at most 80.");
        if (!page.texts.contains("en")) refuse("/texts/en", "required", "English is needed: other languages fall back to it.");
        std::vector<std::string> locales, slugs, titles, bodies, seo_titles, seo_descriptions;
        for (const auto& [locale, text] : page.texts) {
            if (!is_locale(locale)) refuse("/texts/" + locale, "unknown_locale", "Languages are en, de, nl and fr.");
            if (!is_slug(text.slug)) refuse("/texts/" + locale + "/slug", "invalid", "Use a to z, 0 to 9 and hyphens, at most 120.");
            if (text.title.empty() || text.title.size() > 200)
                refuse("/texts/" + locale + "/title", "invalid", "A title of at most 200 characters.");
            if (text.body.size() > 200000) refuse("/texts/" + locale + "/body", "too_long", "At most 200,000 characters.");
            locales.push_back(locale);
            slugs.push_back(text.slug);
            titles.push_back(text.title);
            bodies.push_back(text.body);
            seo_titles.push_back(text.seo_title);
            seo_descriptions.push_back(text.seo_description);
        }
        if (!error.fields.empty()) return fail(std::move(error));
        if (const auto rows = tx.query(sql::page_slugs_elsewhere, page.code, locales, slugs); !rows.empty()) {
            error.code = codes::kSlugTaken;
            error.message = "Another page has this address.";
            refuse("/texts/" + rows.front().get<std::string>("locale") + "/slug", "taken", "Another page has this address.");
            return fail(std::move(error));
        }
        tx.exec(sql::upsert_page, page.code, json::to_name(page.kind), page.published, page.position, page.published_from,
                page.published_until);
        // Who has the old address in a cache is told under it.
        for (const auto row : tx.query(sql::keep_page_slugs, page.code, locales, slugs)) changed(tx, row.get<std::string>("slug"));
        tx.exec(sql::drop_taken_redirects, locales, slugs);
        tx.exec(sql::remove_page_texts, page.code);
        tx.exec(sql::add_page_texts, page.code, locales, slugs, titles, bodies, seo_titles, seo_descriptions);
        changed(tx, page.texts.at("en").slug);
        return {};
    }

    void remove_page(db::Tx& tx, std::string_view code) override {
        if (tx.exec(sql::remove_page, code) > 0) changed(tx, code);
    }

    std::int64_t announce_windows(db::Tx& tx) override {
        std::int64_t told = 0;
        for (const auto row : tx.query(sql::tell_page_windows)) {
            changed(tx, row.get<std::string>("slug"));
            ++told;
        }
        return told;
    }

    Result<void> put_faq(db::Tx& tx, std::string_view locale, const std::vector<FaqGroup>& groups) override {
        StoredFaq faq;
        for (const auto& group : groups) {
            auto& stored = faq.groups.emplace_back();
            stored.title = group.title;
            for (const auto& item : group.items) stored.items.push_back({item.question, item.answer});
        }
        return put(tx, "faq", "faq", locale, faq);
    }
    Result<void> put_menu(db::Tx& tx, std::string_view code, std::string_view locale, const MenuDto& menu) override {
        return put(tx, "menu", code, locale, menu);
    }
    Result<void> put_home(db::Tx& tx, std::string_view locale, const Home& home) override {
        return put(tx, "home", "home", locale,
                   StoredHome{home.hero, home.rooms, home.story_title, home.story_body, home.story_image, home.story_href});
    }
};

}  // namespace

Result<void> put_redirect(db::Tx& tx, const Redirect& redirect) {
    const auto refuse = [](std::string_view code, std::string field, std::string why, std::string message) {
        Error error;
        error.kind = ErrorKind::invalid;
        error.code = code;
        error.message = message;
        error.fields.push_back({std::move(field), std::move(why), std::move(message)});
        return fail(std::move(error));
    };
    if (!is_locale(redirect.locale)) return refuse(codes::kInvalidPage, "/locale", "unknown_locale", "Languages are en, de, nl and fr.");
    if (!is_slug(redirect.slug)) return refuse(codes::kInvalidPage, "/slug", "invalid", "Use a to z, 0 to 9 and hyphens, at most 120.");
    if (tx.query(sql::page_exists, redirect.page).empty()) return refuse(codes::kInvalidPage, "/page", "unknown", "There is no such page.");
    if (tx.exec(sql::put_redirect, redirect.locale, redirect.slug, redirect.page) == 0)
        return refuse(codes::kSlugTaken, "/slug", "taken", "A page has this address.");
    changed(tx, redirect.slug);
    return {};
}

void remove_redirect(db::Tx& tx, std::string_view locale, std::string_view slug) {
    if (tx.exec(sql::remove_redirect, locale, slug) > 0) changed(tx, slug);
}

std::unique_ptr<Writer> make_writer() { return std::make_unique<PostgresWriter>(); }

}  // namespace stoa::content
