#pragma once
// Content on the wire, and as it is stored: what is described here is parsed strictly when it is written.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::content {

// A picture inside a text; the same members as an Image of the catalogue.
struct PictureDto {
    std::string id;
    std::string src;
    std::string alt;
    int width = 0;
    int height = 0;
    int focal_x = 500;
    int focal_y = 500;
    std::optional<std::string> background;
    std::optional<std::string> placeholder;
};
inline void describe(json::Struct<PictureDto>& d) {
    d.name("Picture").doc("Like an Image: replace {w} in src.");
    d.field<&PictureDto::id>("id");
    d.field<&PictureDto::src>("src").pattern("/media/[0-9a-f]{64}/\\{w\\}/[A-Za-z0-9._-]{1,120}");
    d.field<&PictureDto::alt>("alt");
    d.field<&PictureDto::width>("width").min(1);
    d.field<&PictureDto::height>("height").min(1);
    d.field<&PictureDto::focal_x>("focal_x", "Per mille from the left.").min(0).max(1000);
    d.field<&PictureDto::focal_y>("focal_y", "Per mille from the top.").min(0).max(1000);
    d.field<&PictureDto::background>("background", "CSS colour.").max_length(32);
    d.field<&PictureDto::placeholder>("placeholder", "Tiny data URI.").max_length(4000);
}

struct PageSeoDto {
    std::string title;
    std::string description;
};
inline void describe(json::Struct<PageSeoDto>& d) {
    d.name("PageSeo");
    d.field<&PageSeoDto::title>("title").max_length(200);
    d.field<&PageSeoDto::description>("description").max_length(500);
}

enum class PageKind { page, story };
inline json::EnumNames<PageKind> enum_names(PageKind) {
    static constexpr std::pair<PageKind, std::string_view> kNames[] = {{PageKind::page, "page"}, {PageKind::story, "story"}};
    return kNames;
}
struct PageDto {
    std::string slug;
    std::string title;
    std::string body_html;
    PageSeoDto seo;
    std::map<std::string, std::string> alternates;
    Timestamp updated_at{};
    PageKind kind = PageKind::page;
};
inline void describe(json::Struct<PageDto>& d) {
    d.name("Page");
    d.field<&PageDto::slug>("slug", "Differs from the one asked for when that is another language's: redirect.");
    d.field<&PageDto::title>("title");
    d.field<&PageDto::body_html>("body_html", "HTML from a fixed list of tags.");
    d.field<&PageDto::seo>("seo");
    d.field<&PageDto::alternates>("alternates", "Slug by locale.");
    d.field<&PageDto::updated_at>("updated_at");
    d.field<&PageDto::kind>("kind");
}
struct PageItemDto {
    std::string slug;
    std::string title;
    PageKind kind = PageKind::page;
    Timestamp updated_at{};
};
inline void describe(json::Struct<PageItemDto>& d) {
    d.name("PageItem");
    d.field<&PageItemDto::slug>("slug");
    d.field<&PageItemDto::title>("title");
    d.field<&PageItemDto::kind>("kind");
    d.field<&PageItemDto::updated_at>("updated_at");
}
struct PagesDto {
    std::vector<PageItemDto> items;
};
inline void describe(json::Struct<PagesDto>& d) {
    d.name("Pages");
    d.field<&PagesDto::items>("items");
}

struct FaqItemDto {
    std::string question;
    std::string answer_html;
};
inline void describe(json::Struct<FaqItemDto>& d) {
    d.name("FaqItem");
    d.field<&FaqItemDto::question>("question");
    d.field<&FaqItemDto::answer_html>("answer_html", "HTML from a fixed list of tags.");
}
struct FaqGroupDto {
    std::string title;
    std::vector<FaqItemDto> items;
};
inline void describe(json::Struct<FaqGroupDto>& d) {
    d.name("FaqGroup");
    d.field<&FaqGroupDto::title>("title");
    d.field<&FaqGroupDto::items>("items");
}
struct FaqDto {
    std::vector<FaqGroupDto> groups;
};
inline void describe(json::Struct<FaqDto>& d) {
    d.name("Faq");
    d.field<&FaqDto::groups>("groups");
}

// Three levels, which is as deep as a menu should go.
struct MenuLeafDto {
    std::string label;
    std::string href;
};
inline void describe(json::Struct<MenuLeafDto>& d) {
    d.name("MenuLeaf");
    d.field<&MenuLeafDto::label>("label").not_blank().max_length(80);
    d.field<&MenuLeafDto::href>("href", "A path of this site without a language.").pattern("/[A-Za-z0-9/_.?=&%#-]{0,200}");
}
struct MenuGroupDto {
    std::string label;
    std::string href;
    std::vector<MenuLeafDto> children;
};
inline void describe(json::Struct<MenuGroupDto>& d) {
    d.name("MenuGroup");
    d.field<&MenuGroupDto::label>("label").not_blank().max_length(80);
    d.field<&MenuGroupDto::href>("href", "A path of this site without a language.").pattern("/[A-Za-z0-9/_.?=&%#-]{0,200}");
    d.field<&MenuGroupDto::children>("children").optional();
}
struct MenuItemDto {
    std::string label;
    std::string href;
    std::vector<MenuGroupDto> children;
};
inline void describe(json::Struct<MenuItemDto>& d) {
    d.name("MenuItem");
    d.field<&MenuItemDto::label>("label").not_blank().max_length(80);
    d.field<&MenuItemDto::href>("href", "A path of this site without a language; empty for a heading.")
        .pattern("(/[A-Za-z0-9/_.?=&%#-]{0,200})?");
    d.field<&MenuItemDto::children>("children").optional();
}
struct MenuDto {
    std::vector<MenuItemDto> items;
};
inline void describe(json::Struct<MenuDto>& d) {
    d.name("Menu");
    d.field<&MenuDto::items>("items");
}

struct HeroDto {
    std::string title;
    std::string text;
    std::optional<PictureDto> image;
    std::string cta_label;
    std::string cta_href;
};
inline void describe(json::Struct<HeroDto>& d) {
    d.name("Hero");
    d.field<&HeroDto::title>("title").not_blank().max_length(120);
    d.field<&HeroDto::text>("text").max_length(500);
    d.field<&HeroDto::image>("image");
    d.field<&HeroDto::cta_label>("cta_label").not_blank().max_length(60);
    d.field<&HeroDto::cta_href>("cta_href").pattern("/[A-Za-z0-9/_.?=&%#-]{0,200}");
}
struct RoomDto {
    std::string title;
    std::string text;
    std::string href;
    std::optional<PictureDto> image;
};
inline void describe(json::Struct<RoomDto>& d) {
    d.name("Room");
    d.field<&RoomDto::title>("title").not_blank().max_length(120);
    d.field<&RoomDto::text>("text").max_length(500);
    d.field<&RoomDto::href>("href").pattern("/[A-Za-z0-9/_.?=&%#-]{0,200}");
    d.field<&RoomDto::image>("image");
}
struct StoryDto {
    std::string title;
    std::string body_html;
    std::optional<PictureDto> image;
    std::optional<std::string> href;
};
inline void describe(json::Struct<StoryDto>& d) {
    d.name("HomeStory");
    d.field<&StoryDto::title>("title");
    d.field<&StoryDto::body_html>("body_html", "HTML from a fixed list of tags.");
    d.field<&StoryDto::image>("image");
    d.field<&StoryDto::href>("href");
}
struct HomeReviewDto {
    std::int64_t rating = 5;
    std::string title;
    std::string body;
    std::string author;
    std::string product_name;
    std::string product_slug;
};
inline void describe(json::Struct<HomeReviewDto>& d) {
    d.name("HomeReview");
    d.field<&HomeReviewDto::rating>("rating");
    d.field<&HomeReviewDto::title>("title");
    d.field<&HomeReviewDto::body>("body");
    d.field<&HomeReviewDto::author>("author");
    d.field<&HomeReviewDto::product_name>("product_name");
    d.field<&HomeReviewDto::product_slug>("product_slug");
}
struct HomeDto {
    HeroDto hero;
    std::vector<RoomDto> rooms;
    StoryDto story;
    std::vector<json::Raw> new_arrivals;  // ProductCards, made by search
    std::vector<json::Raw> best_sellers;
    std::vector<HomeReviewDto> reviews;
};
inline void describe(json::Struct<HomeDto>& d) {
    d.name("Home");
    d.field<&HomeDto::hero>("hero");
    d.field<&HomeDto::rooms>("rooms");
    d.field<&HomeDto::story>("story");
    d.field<&HomeDto::new_arrivals>("new_arrivals");
    d.field<&HomeDto::best_sellers>("best_sellers");
    d.field<&HomeDto::reviews>("reviews");
}

struct CountryDto {
    std::string code;
    std::string name;
    bool eu = false;
    std::optional<std::string> postal_code_pattern;
    std::optional<std::string> postal_code_example;
    bool state_required = false;
};
inline void describe(json::Struct<CountryDto>& d) {
    d.name("Country");
    d.field<&CountryDto::code>("code", "ISO 3166-1 alpha-2.");
    d.field<&CountryDto::name>("name", "In the language asked for.");
    d.field<&CountryDto::eu>("eu");
    d.field<&CountryDto::postal_code_pattern>("postal_code_pattern",
                                              "Regular expression for the whole code in capitals; only where a code is required.");
    d.field<&CountryDto::postal_code_example>("postal_code_example");
    d.field<&CountryDto::state_required>("state_required", "Letters there must carry the province.");
}
struct ContactDto {
    std::string email;
    std::string phone;
    std::string address;
};
inline void describe(json::Struct<ContactDto>& d) {
    d.name("Contact");
    d.field<&ContactDto::email>("email");
    d.field<&ContactDto::phone>("phone");
    d.field<&ContactDto::address>("address");
}
struct StoreDto {
    std::string name;
    std::vector<std::string> locales;
    std::string default_locale;
    std::vector<std::string> currencies;
    std::string default_currency;
    std::string default_country;
    std::vector<CountryDto> countries;
    ContactDto contact;
    std::optional<Money> free_shipping_threshold;
    std::int64_t return_days = 30;
};
inline void describe(json::Struct<StoreDto>& d) {
    d.name("Store");
    d.field<&StoreDto::name>("name");
    d.field<&StoreDto::locales>("locales");
    d.field<&StoreDto::default_locale>("default_locale");
    d.field<&StoreDto::currencies>("currencies");
    d.field<&StoreDto::default_currency>("default_currency");
    d.field<&StoreDto::default_country>("default_country");
    d.field<&StoreDto::countries>("countries", "Where the shop delivers, by name.");
    d.field<&StoreDto::contact>("contact");
    d.field<&StoreDto::free_shipping_threshold>("free_shipping_threshold");
    d.field<&StoreDto::return_days>("return_days");
}

}  // namespace stoa::content
