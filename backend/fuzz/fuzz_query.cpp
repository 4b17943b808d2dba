// Query strings into a described struct, and the small header parsers.
#include <cstdlib>
#include <map>

#include "http/text.hpp"
#include "stoa/http/message.hpp"

namespace {

struct Search {
    std::optional<std::string> q;
    std::int64_t limit = 24;
    std::optional<bool> available;
    std::vector<std::int64_t> sizes;
    std::vector<std::string> tags;
    std::optional<stoa::Id<"prod">> product;
    std::optional<stoa::Timestamp> since;
    std::map<std::string, std::string> rest;
};
void describe(stoa::json::Struct<Search>& d) {
    d.name("Search");
    d.field<&Search::q>("q").max_length(50).trim();
    d.field<&Search::limit>("limit").min(1).max(100).optional();
    d.field<&Search::available>("available");
    d.field<&Search::sizes>("sizes").optional();
    d.field<&Search::tags>("tags").max_length(5).optional();
    d.field<&Search::product>("product");
    d.field<&Search::since>("since");
    d.field<&Search::rest>("*").optional();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    stoa::http::Request request;
    if (stoa::http::set_target(request, "/x?" + std::string(text))) {
        for (const auto& [name, value] : request.query) {
            if (!stoa::http::is_utf8(name) || !stoa::http::is_utf8(value) || value.find('\0') != std::string::npos) std::abort();
        }
        const auto search = stoa::http::query_as<Search>(request);
        if (search && (search->limit < 1 || search->limit > 100 || search->tags.size() > 5)) std::abort();
        if (!search && search.error().fields.empty()) std::abort();
    }
    stoa::http::ByteRange range;
    if (stoa::http::choose_range(text, 1000, range) == stoa::http::RangeOutcome::partial) {
        if (range.length == 0 || range.first >= 1000 || range.first + range.length > 1000) std::abort();
    }
    (void)stoa::http::choose_encoding(text);
    (void)stoa::http::media_type(text);
    request.headers = {{"cookie", std::string(text)}, {"if-none-match", std::string(text)}};
    (void)request.cookie("a");
    const auto cached = stoa::http::cacheable(request, stoa::http::json_text(200, "{}"), 1);
    if (cached.status != 200 && cached.status != 304) std::abort();
    return 0;
}
