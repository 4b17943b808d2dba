#pragma once
// Blocks as they are stored: Markdown instead of HTML.
#include "stoa/content/content.hpp"

namespace stoa::content {

struct StoredFaqItem {
    std::string question;
    std::string answer;
};
inline void describe(json::Struct<StoredFaqItem>& d) {
    d.field<&StoredFaqItem::question>("question").not_blank().max_length(300);
    d.field<&StoredFaqItem::answer>("answer").not_blank().max_length(10000);
}
struct StoredFaqGroup {
    std::string title;
    std::vector<StoredFaqItem> items;
};
inline void describe(json::Struct<StoredFaqGroup>& d) {
    d.field<&StoredFaqGroup::title>("title").not_blank().max_length(200);
    d.field<&StoredFaqGroup::items>("items");
}
struct StoredFaq {
    std::vector<StoredFaqGroup> groups;
};
inline void describe(json::Struct<StoredFaq>& d) { d.field<&StoredFaq::groups>("groups"); }

struct StoredHome {
    HeroDto hero;
    std::vector<RoomDto> rooms;
    std::string story_title;
    std::string story_body;
    std::optional<PictureDto> story_image;
    std::optional<std::string> story_href;
};
inline void describe(json::Struct<StoredHome>& d) {
    d.field<&StoredHome::hero>("hero");
    d.field<&StoredHome::rooms>("rooms").max_length(12);
    d.field<&StoredHome::story_title>("story_title").max_length(200);
    d.field<&StoredHome::story_body>("story_body").max_length(20000);
    d.field<&StoredHome::story_image>("story_image");
    d.field<&StoredHome::story_href>("story_href").pattern("/[A-Za-z0-9/_.?=&%#-]{0,200}");
}

}  // namespace stoa::content
