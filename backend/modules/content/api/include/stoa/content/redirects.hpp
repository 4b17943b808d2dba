#pragma once
// Addresses of pages beside the one they have. A page that gets another slug keeps the old one as such by itself.
#include <string>
#include <string_view>

#include "stoa/db/db.hpp"
#include "stoa/result/result.hpp"

namespace stoa::content {

struct Redirect {
    std::string locale, slug;
    std::string page;  // its code
};
// Makes it, or lets it lead to another page. 422 content.invalid_page with the field; content.slug_taken while a page has this address.
[[nodiscard]] Result<void> put_redirect(db::Tx& tx, const Redirect& redirect);
void remove_redirect(db::Tx& tx, std::string_view locale, std::string_view slug);

}  // namespace stoa::content
