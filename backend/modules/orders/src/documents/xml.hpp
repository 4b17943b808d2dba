#pragma once
// Writes XML: names are ours, text is anybody's. Characters that XML 1.0 does not know are left out.
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::orders {

class Xml {
public:
    using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    Xml() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}
    void open(std::string_view name, Attributes attributes = {});
    void close();
    void leaf(std::string_view name, std::string_view text, Attributes attributes = {});
    // Nothing for an empty text.
    void leaf_if(std::string_view name, std::string_view text, Attributes attributes = {}) {
        if (!text.empty()) leaf(name, text, attributes);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void start(std::string_view name, Attributes attributes);
    void escape(std::string_view text, bool attribute);
    std::string out_;
    std::vector<std::string> open_;
};

// Universal Business Language 2.1, Invoice or CreditNote.
struct Document;
[[nodiscard]] std::string to_ubl(const Document& document);
// Cross Industry Invoice D16B, as it is embedded in the PDF (Factur-X, profile EN 16931).
[[nodiscard]] std::string to_cii(const Document& document);

}  // namespace stoa::orders
