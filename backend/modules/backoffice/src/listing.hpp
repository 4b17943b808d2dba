#pragma once
// Lists of any resource: from query parameters to one statement, and from its rows to JSON or to cells.
#include <string>
#include <string_view>
#include <vector>

#include "stoa/backoffice/registry.hpp"

namespace stoa::backoffice {

struct ListRequest {
    std::string q;
    std::vector<std::pair<std::string, std::string>> filters;  // name, value
    std::string sort;                                          // "name" or "-name"; empty: the newest first
    std::string cursor;
    int limit = 50;
    bool has_many = false;  // a page before this one had a total that is capped, so that need not be found out again
};
// q, filter[…], sort, cursor, limit of the address; anything else is refused.
[[nodiscard]] Result<ListRequest> list_request(const Resource& resource, const http::Request& request, bool paged);

struct Cell {
    bool null = false;
    std::string text;  // plain, for files
    std::string json;  // for answers
};
struct ListRow {
    std::string id;  // outside form
    std::vector<Cell> cells;
};
struct Page {
    std::vector<ListRow> rows;
    std::optional<std::string> next_cursor;
    std::int64_t total = 0;
    bool total_is_capped = false;
};
inline constexpr std::int64_t kMostCounted = 10'000;
// The total is there when it is asked for, and where filters or words are given.
[[nodiscard]] Page list_page(db::Session& session, const Resource& resource, const ListRequest& request, bool with_total);
[[nodiscard]] std::string page_json(const Resource& resource, const Page& page);

// Between the outside form of an id and what the source's column holds.
[[nodiscard]] std::optional<std::string> inner_id(std::string_view prefix, std::string_view outside);
[[nodiscard]] std::string outer_id(std::string_view prefix, std::string_view inner);

}  // namespace stoa::backoffice
