#pragma once
// Pages, stories, FAQ, menus and the home page in four languages. Reads are answered from memory; writes go to the database
// and append content.changed in the caller's transaction.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/content/dto.hpp"
#include "stoa/db/db.hpp"
#include "stoa/result/result.hpp"

namespace stoa::content {

struct PageText {
    std::string slug;
    std::string title;
    std::string body;  // Markdown
    std::string seo_title;
    std::string seo_description;
    bool operator==(const PageText&) const = default;
};
struct Page {
    std::string code;  // "imprint": stable, not shown
    PageKind kind = PageKind::page;
    bool published = true;  // false: a draft
    std::optional<Timestamp> published_from, published_until;
    int position = 0;
    std::map<std::string, PageText> texts;  // by locale; en is the fallback
    Timestamp updated_at{};                 // read only
    bool operator==(const Page&) const = default;
};
struct FaqEntry {
    std::string question;
    std::string answer;  // Markdown
};
struct FaqGroup {
    std::string title;
    std::vector<FaqEntry> items;
};
struct Home {
    HeroDto hero;
    std::vector<RoomDto> rooms;
    std::string story_title;
    std::string story_body;  // Markdown
    std::optional<PictureDto> story_image;
    std::optional<std::string> story_href;
};

class Writer {
public:
    virtual ~Writer() = default;
    // By code. content.slug_taken, content.invalid_page.
    [[nodiscard]] virtual Result<void> upsert_page(db::Tx& tx, const Page& page) = 0;
    virtual void remove_page(db::Tx& tx, std::string_view code) = 0;
    // Emits content.changed when a page's time of being shown has begun or ended since the last call; how many. For a schedule of about
    // 30 s.
    virtual std::int64_t announce_windows(db::Tx& tx) = 0;
    [[nodiscard]] virtual Result<void> put_faq(db::Tx& tx, std::string_view locale, const std::vector<FaqGroup>& groups) = 0;
    // Codes: main, footer.
    [[nodiscard]] virtual Result<void> put_menu(db::Tx& tx, std::string_view code, std::string_view locale, const MenuDto& menu) = 0;
    [[nodiscard]] virtual Result<void> put_home(db::Tx& tx, std::string_view locale, const Home& home) = 0;
};

struct SitePage {
    std::map<std::string, std::string> slugs;
    Timestamp updated_at{};
};

// The read side. Thread-safe; nothing but refresh() touches the database.
class Content {
public:
    virtual ~Content() = default;
    // Reads everything again when something changed since the last time (one small statement when not). True when it did.
    virtual bool refresh() = 0;
    [[nodiscard]] virtual bool ready() const = 0;
    // Follows changes on a thread of its own, within about a second.
    virtual void start() = 0;
    virtual void stop() = 0;

    // Rendered answers; nullopt when there is no such thing. `slug` may be any language's.
    struct Document {
        std::shared_ptr<const std::string> json;
        std::string etag;
    };
    [[nodiscard]] virtual std::optional<Document> page(std::string_view locale, std::string_view slug) const = 0;
    [[nodiscard]] virtual Document pages(std::string_view locale) const = 0;
    [[nodiscard]] virtual Document faq(std::string_view locale) const = 0;
    [[nodiscard]] virtual std::optional<Document> menu(std::string_view locale, std::string_view code) const = 0;
    // Without cards and reviews.
    [[nodiscard]] virtual std::optional<HomeDto> home(std::string_view locale) const = 0;
    [[nodiscard]] virtual std::vector<SitePage> site_pages() const = 0;
};

}  // namespace stoa::content
