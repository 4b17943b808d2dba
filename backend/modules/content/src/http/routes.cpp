#include <algorithm>
#include <array>

#include "codes.hpp"
#include "stoa/content/make.hpp"

namespace stoa::content {
namespace {

constexpr int kSeconds = 60;
constexpr std::array<std::string_view, 4> kLocales{"en", "de", "nl", "fr"};

enum class LocaleName { en, de, nl, fr };
json::EnumNames<LocaleName> enum_names(LocaleName) {
    static constexpr std::pair<LocaleName, std::string_view> kNames[] = {
        {LocaleName::en, "en"}, {LocaleName::de, "de"}, {LocaleName::nl, "nl"}, {LocaleName::fr, "fr"}};
    return kNames;
}
struct PublicQuery {
    std::optional<LocaleName> locale;
    std::optional<std::string> currency;
    std::optional<std::string> country;
};
void describe(json::Struct<PublicQuery>& d) {
    d.field<&PublicQuery::locale>("locale", "Language; en unless given.");
    d.field<&PublicQuery::currency>("currency", "ISO 4217; EUR unless given.").pattern("[A-Z]{3}");
    d.field<&PublicQuery::country>("country", "Destination, ISO 3166-1 alpha-2; DE unless given.").pattern("[A-Z]{2}");
}

struct Asked {
    std::string_view locale;
    std::string currency;
    std::string country;
};

class Handlers {
public:
    Handlers(const Content& content, HomeFeed feed, StoreFacts store)
        : content_(content), feed_(std::move(feed)), store_(std::move(store)) {
        for (const auto locale : kLocales) countries_.push_back(named_in(locale, store_.countries));
    }

    http::Response store(const http::Request& request, const Asked& asked) const {
        StoreDto out;
        out.name = store_.name;
        out.locales.assign(kLocales.begin(), kLocales.end());
        out.default_locale = kLocales[0];
        out.currencies = store_.currencies;
        out.default_currency = store_.default_currency;
        out.default_country = store_.default_country;
        out.countries = countries_[static_cast<std::size_t>(std::ranges::find(kLocales, asked.locale) - kLocales.begin())];
        out.contact = store_.contact;
        if (store_.free_shipping_threshold) out.free_shipping_threshold = store_.free_shipping_threshold(asked.currency, asked.country);
        out.return_days = store_.return_days;
        return http::cacheable(request, http::ok(out), kSeconds);
    }
    http::Response home(const http::Request& request, const Asked& asked) const {
        auto home = content_.home(asked.locale);
        if (!home)
            return http::problem(
                fail(ErrorKind::not_found, std::string(codes::kHomeMissing), "The home page has not been written yet.").error());
        if (feed_.new_arrivals) home->new_arrivals = feed_.new_arrivals(asked.locale, asked.currency);
        if (feed_.best_sellers) home->best_sellers = feed_.best_sellers(asked.locale, asked.currency);
        if (feed_.reviews) home->reviews = feed_.reviews(asked.locale, asked.currency);
        return http::cacheable(request, http::ok(*home), kSeconds);
    }
    http::Response page(const http::Request& request, const Asked& asked) const {
        return document(request, content_.page(asked.locale, request.param("slug")), codes::kPageNotFound, "There is no such page.");
    }
    http::Response pages(const http::Request& request, const Asked& asked) const {
        return document(request, content_.pages(asked.locale), {}, {});
    }
    http::Response faq(const http::Request& request, const Asked& asked) const {
        return document(request, content_.faq(asked.locale), {}, {});
    }
    http::Response menu(const http::Request& request, const Asked& asked) const {
        return document(request, content_.menu(asked.locale, request.param("code")), codes::kMenuNotFound, "There is no such menu.");
    }

    using Handle = http::Response (Handlers::*)(const http::Request&, const Asked&) const;
    http::Response answer(const http::Request& request, Handle handle) const {
        const auto query = http::query_as<PublicQuery>(request);
        if (!query) return http::problem(query.error());
        Asked asked;
        asked.locale = query->locale ? json::to_name(*query->locale) : kLocales[0];
        asked.currency = query->currency.value_or(store_.default_currency);
        asked.country = query->country.value_or(store_.default_country);
        if (std::ranges::find(store_.currencies, asked.currency) == store_.currencies.end()) {
            return http::problem(fail_field("?currency", "not_one_of", "The shop does not sell in this currency.").error());
        }
        return (this->*handle)(request, asked);
    }

private:
    static http::Response document(const http::Request& request, const std::optional<Content::Document>& found, std::string_view code,
                                   std::string_view message) {
        if (!found) return http::problem(fail(ErrorKind::not_found, std::string(code), std::string(message)).error());
        http::Response response = http::json_text(200, {});
        response.shared_body = found->json;
        response.header("etag", found->etag);
        return http::cacheable(request, std::move(response), kSeconds);
    }

    const Content& content_;
    HomeFeed feed_;
    StoreFacts store_;
    std::vector<std::vector<CountryDto>> countries_;  // by locale
};

}  // namespace

void add_content_routes(http::Routes& routes, const Content& content, HomeFeed feed, StoreFacts store) {
    const auto* card = feed.card;
    const auto pool = feed.is_in_memory ? http::Pool::memory : http::Pool::shop;
    const auto handlers = std::make_shared<const Handlers>(content, std::move(feed), std::move(store));
    const auto add = [&](std::string path, std::string operation, std::string summary, Handlers::Handle handle) -> http::Route& {
        return routes.get("/api/v1" + path, std::move(operation))
            .summary(std::move(summary))
            .tag("content")
            .on(pool)
            .query<PublicQuery>()
            .fails({codes::kNotReady})
            .handle([handlers, handle](const http::Request& request) { return handlers->answer(request, handle); });
    };
    add("/store", "get_store", "What the shop is, speaks and delivers to", &Handlers::store).returns<StoreDto>();
    auto& home = add("/content/home", "get_home", "The home page", &Handlers::home).returns<HomeDto>().fails({codes::kHomeMissing});
    if (card) {
        // The cards are rendered by another module; the document shows what they look like.
        static json::TypeInfo cards;
        static json::StructInfo described;
        static json::TypeInfo described_type;
        cards.type = "array";
        cards.item = card;
        described = json::info_of<HomeDto>();
        for (auto& field : described.fields) {
            if (field.name == "new_arrivals" || field.name == "best_sellers") field.type = &cards;
        }
        described_type.type = "object";
        described_type.structure = &described;
        home.answers.back().type = &described_type;
    }
    add("/content/pages", "list_pages", "All pages and stories", &Handlers::pages).returns<PagesDto>();
    add("/content/pages/{slug}", "get_page", "One page or story", &Handlers::page).returns<PageDto>().fails({codes::kPageNotFound});
    add("/content/faq", "get_faq", "Questions and answers", &Handlers::faq).returns<FaqDto>();
    add("/content/menus/{code}", "get_menu", "The main menu or the footer", &Handlers::menu)
        .returns<MenuDto>()
        .fails({codes::kMenuNotFound});
}

}  // namespace stoa::content
