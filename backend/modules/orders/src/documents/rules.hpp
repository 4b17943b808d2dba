#pragma once
// The business rules of EN 16931-1, as far as a document of this shop can meet them. Written from the standard's published list.
#include <string>
#include <vector>

#include "documents/document.hpp"

namespace stoa::orders {

struct Violation {
    std::string rule;  // "BR-CO-10"
    std::string text;
};
// Empty for a document that may be issued. Pure; does not stop at the first.
[[nodiscard]] std::vector<Violation> check(const Document& document);
// "BR-16 …; BR-CO-10 …"
[[nodiscard]] std::string to_text(const std::vector<Violation>& violations);

}  // namespace stoa::orders
