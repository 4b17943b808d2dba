#include <atomic>
#include <mutex>
#include <thread>

#include "codes.hpp"
#include "sql/content.hpp"
#include "stoa/content/make.hpp"
#include "stoa/content/redirects.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/message.hpp"
#include "stoa/log/log.hpp"
#include "stoa/text/text.hpp"
#include "stored.hpp"

namespace stoa::content {
namespace {

constexpr std::array<std::string_view, 4> kLocales{"en", "de", "nl", "fr"};
constexpr auto kPoll = std::chrono::milliseconds(1000);

std::size_t index_of(std::string_view locale) {
    for (std::size_t i = 0; i < kLocales.size(); ++i) {
        if (kLocales[i] == locale) return i;
    }
    return 0;
}

Content::Document document(std::string json) {
    Content::Document out;
    out.etag = '"' + crypto::base64url(crypto::sha256(json)).substr(0, 22) + '"';
    out.json = std::make_shared<const std::string>(std::move(json));
    return out;
}

struct Shelf {
    std::int64_t revision = 0;
    std::array<std::map<std::string, std::size_t, std::less<>>, 4> by_slug;  // → pages
    std::array<std::map<std::string, std::size_t, std::less<>>, 4> moved;    // addresses beside these: likewise
    std::array<std::vector<Content::Document>, 4> pages;
    std::array<Content::Document, 4> page_list;
    std::array<Content::Document, 4> faq;
    std::array<std::map<std::string, Content::Document, std::less<>>, 4> menus;
    std::array<std::optional<HomeDto>, 4> homes;
    std::vector<SitePage> site_pages;
};

const PageText& text_of(const Page& page, std::size_t locale) {
    const auto own = page.texts.find(std::string(kLocales[locale]));
    return own != page.texts.end() ? own->second : page.texts.at("en");
}

template <class T>
std::optional<T> parse_block(const std::string& text, std::string_view kind) {
    auto parsed = json::parse_as<T>(text);
    if (parsed) return std::move(*parsed);
    log::error("content: a stored block cannot be read and is left out", {{"kind", kind}, {"error", parsed.error().message}});
    return std::nullopt;
}

std::shared_ptr<const Shelf> load(db::Database& database) {
    auto shelf = std::make_shared<Shelf>();
    std::vector<Page> pages;
    std::vector<Redirect> redirects;
    std::map<std::tuple<std::string, std::string, std::size_t>, std::string> blocks;
    database.in_tx(
        [&](db::Tx& tx) {
            pages.clear();
            blocks.clear();
            const std::vector<db::Call> calls{db::call(sql::revision), db::call(sql::all_pages), db::call(sql::all_page_texts),
                                              db::call(sql::all_blocks), db::call(sql::all_redirects)};
            const auto answers = tx.pipeline(calls);
            shelf->revision = answers[0].front().get<std::int64_t>("number");
            std::map<std::string, std::size_t> index;
            for (const auto row : answers[1]) {
                Page page;
                page.code = row.get<std::string>("code");
                page.kind = *json::from_name<PageKind>(row.get<std::string_view>("kind"));
                page.position = row.get<int>("position");
                page.updated_at = row.get<Timestamp>("updated_at");
                index.emplace(page.code, pages.size());
                pages.push_back(std::move(page));
            }
            for (const auto row : answers[2]) {
                const auto shown = index.find(row.get<std::string>("code"));
                if (shown == index.end()) continue;
                pages[shown->second].texts.emplace(
                    row.get<std::string>("locale"),
                    PageText{row.get<std::string>("slug"), row.get<std::string>("title"), row.get<std::string>("body"),
                             row.get<std::string>("seo_title"), row.get<std::string>("seo_description")});
            }
            redirects.clear();
            for (const auto row : answers[4])
                redirects.push_back({row.get<std::string>("locale"), row.get<std::string>("slug"), row.get<std::string>("code")});
            for (const auto row : answers[3]) {
                blocks.emplace(
                    std::tuple(row.get<std::string>("kind"), row.get<std::string>("code"), index_of(row.get<std::string_view>("locale"))),
                    row.get<std::string>("data"));
            }
        },
        db::Isolation::repeatable_read);
    std::erase_if(pages, [](const Page& page) { return !page.texts.contains("en"); });

    for (const auto& redirect : redirects) {
        const auto page = std::ranges::find(pages, redirect.page, &Page::code);
        if (page != pages.end())
            shelf->moved[index_of(redirect.locale)].emplace(redirect.slug, static_cast<std::size_t>(page - pages.begin()));
    }
    for (std::size_t locale = 0; locale < kLocales.size(); ++locale) {
        PagesDto list;
        std::vector<std::pair<std::string, std::size_t>> borrowed;  // English addresses of pages without this language
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const auto& page = pages[i];
            const auto& text = text_of(page, locale);
            PageDto dto;
            dto.slug = text.slug;
            dto.title = text.title;
            dto.body_html = text::markdown_to_html(text.body);
            dto.seo = {text.seo_title.empty() ? text.title : text.seo_title,
                       text.seo_description.empty() ? text::markdown_to_text(text.body, 155) : text.seo_description};
            for (std::size_t other = 0; other < kLocales.size(); ++other)
                dto.alternates.emplace(kLocales[other], text_of(page, other).slug);
            dto.updated_at = page.updated_at;
            dto.kind = page.kind;
            if (page.texts.contains(std::string(kLocales[locale])))
                shelf->by_slug[locale].insert_or_assign(dto.slug, i);
            else
                borrowed.emplace_back(dto.slug, i);
            shelf->pages[locale].push_back(document(json::render(dto)));
            list.items.push_back({dto.slug, dto.title, dto.kind, dto.updated_at});
            if (locale == 0) shelf->site_pages.push_back({dto.alternates, dto.updated_at});
        }
        // A page's own address goes before one that another page only borrows.
        for (auto& [slug, page] : borrowed) shelf->by_slug[locale].emplace(std::move(slug), page);
        shelf->page_list[locale] = document(json::render(list));

        // Blocks fall back to English as a whole.
        const auto block = [&](const std::string& kind, const std::string& code) -> const std::string* {
            for (const std::size_t wanted : {locale, std::size_t{0}}) {
                if (const auto found = blocks.find({kind, code, wanted}); found != blocks.end()) return &found->second;
            }
            return nullptr;
        };
        FaqDto faq;
        if (const auto* text = block("faq", "faq")) {
            if (const auto stored = parse_block<StoredFaq>(*text, "faq")) {
                for (const auto& group : stored->groups) {
                    auto& shown = faq.groups.emplace_back();
                    shown.title = group.title;
                    for (const auto& item : group.items) shown.items.push_back({item.question, text::markdown_to_html(item.answer)});
                }
            }
        }
        shelf->faq[locale] = document(json::render(faq));
        for (const auto& [key, unused] : blocks) {
            const auto& [kind, code, of_locale] = key;
            if (kind != "menu" || shelf->menus[locale].contains(code)) continue;
            const auto* text = block("menu", code);
            if (!text) continue;
            if (const auto menu = parse_block<MenuDto>(*text, "menu")) shelf->menus[locale].emplace(code, document(json::render(*menu)));
        }
        if (const auto* text = block("home", "home")) {
            if (const auto stored = parse_block<StoredHome>(*text, "home")) {
                HomeDto home;
                home.hero = stored->hero;
                home.rooms = stored->rooms;
                home.story = {stored->story_title, text::markdown_to_html(stored->story_body), stored->story_image, stored->story_href};
                shelf->homes[locale] = std::move(home);
            }
        }
    }
    return shelf;
}

class MemoryContent final : public Content {
public:
    explicit MemoryContent(db::Database& database) : database_(database) {}
    ~MemoryContent() override { stop(); }

    bool refresh() override {
        const std::lock_guard lock(refreshing_);
        const auto now = get();
        if (now) {
            const auto revision =
                database_.read([](db::Session& session) { return session.query(sql::revision).front().get<std::int64_t>("number"); });
            if (revision == now->revision) return false;
        }
        auto next = load(database_);
        const std::lock_guard publish(mutex_);
        shelf_ = std::move(next);
        return true;
    }
    bool ready() const override { return get() != nullptr; }

    void start() override {
        if (thread_.joinable()) return;
        stopping_ = false;
        thread_ = std::thread([this] {
            bool failing = false;
            while (!stopping_) {
                try {
                    refresh();
                    failing = false;
                } catch (const std::exception& error) {
                    if (!failing) log::warning("content: changes cannot be read; answering from what is loaded", {{"error", error.what()}});
                    failing = true;
                }
                for (int i = 0; i < 10 && !stopping_; ++i) std::this_thread::sleep_for(kPoll / 10);
            }
        });
    }
    void stop() override {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::optional<Document> page(std::string_view locale, std::string_view slug) const override {
        const auto shelf = current();
        const auto wanted = index_of(locale);
        for (const auto* addresses : {&shelf->by_slug, &shelf->moved}) {
            for (std::size_t i = 0; i < kLocales.size(); ++i) {
                const auto& slugs = (*addresses)[(wanted + i) % kLocales.size()];
                if (const auto found = slugs.find(slug); found != slugs.end()) return shelf->pages[wanted][found->second];
            }
        }
        return std::nullopt;
    }
    Document pages(std::string_view locale) const override { return current()->page_list[index_of(locale)]; }
    Document faq(std::string_view locale) const override { return current()->faq[index_of(locale)]; }
    std::optional<Document> menu(std::string_view locale, std::string_view code) const override {
        const auto shelf = current();
        const auto& menus = shelf->menus[index_of(locale)];
        const auto found = menus.find(code);
        if (found == menus.end()) return std::nullopt;
        return found->second;
    }
    std::optional<HomeDto> home(std::string_view locale) const override { return current()->homes[index_of(locale)]; }
    std::vector<SitePage> site_pages() const override { return current()->site_pages; }

private:
    std::shared_ptr<const Shelf> get() const {
        const std::lock_guard lock(mutex_);
        return shelf_;
    }
    std::shared_ptr<const Shelf> current() const {
        auto shelf = get();
        if (!shelf)
            throw http::ProblemException({ErrorKind::unavailable,
                                          std::string(codes::kNotReady),
                                          "The content is being loaded. Try again in a moment.",
                                          {},
                                          {},
                                          {},
                                          2});
        return shelf;
    }

    db::Database& database_;
    mutable std::mutex mutex_;  // guards shelf_, for the copy of a pointer
    std::shared_ptr<const Shelf> shelf_;
    std::mutex refreshing_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Content> make_content(db::Database& database) { return std::make_unique<MemoryContent>(database); }

}  // namespace stoa::content
