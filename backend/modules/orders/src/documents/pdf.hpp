#pragma once
// The document for people: A4, in the buyer's language, PDF/A-3 with the CII inside (Factur-X, profile EN 16931).
#include <string>

#include "documents/document.hpp"

namespace stoa::orders {

// Pages only, by cairo and Pango. Thread-safe.
[[nodiscard]] std::string draw_pages(const Document& document);
// Makes a PDF of cairo's an archive: metadata, colour profile, and `xml` as its embedded file "factur-x.xml". Thread-safe.
[[nodiscard]] std::string embed_in_pdf(const Document& document, const std::string& pages, const std::string& xml);
[[nodiscard]] inline std::string to_pdf(const Document& document, const std::string& xml) {
    return embed_in_pdf(document, draw_pages(document), xml);
}

}  // namespace stoa::orders
