#pragma once
// What lies in the index: its template, and a product as a document.
//
// Strings that are compared lie in keyword fields, prices and numbers in long ones: minor units and thousandths are whole, and scaled_float
// would take them through a double (https://docs.opensearch.org/latest/mappings/supported-field-types/numeric/). Facets are one keyword
// field of "attribute=value": flat_object answers no aggregations over all its values, and a nested object for each value costs a
// document of Lucene's each. Prices of contract lists are nested, because which of them holds depends on several of their fields together.
#include <optional>
#include <string>

#include "../snapshot.hpp"
#include "stoa/search/opensearch.hpp"

namespace stoa::search::opensearch {

// Part of what the index is judged by: another program may need another one.
inline constexpr std::string_view kDocumentVersion = "2";
// A product whose prices depend on more customer groups than this is not shown to buyers with prices of their own: each group doubles the
// prices it may have. A line in the log names it.
inline constexpr std::size_t kMostGroups = 8;
inline constexpr std::size_t kLongestName = 400;  // bytes of a name that sorting looks at

[[nodiscard]] std::string index_template(const OpenSearchOptions& options, const std::vector<std::string>& currencies);
// For the time of a rebuild: no copies and no periodic refresh.
[[nodiscard]] std::string building_settings();
[[nodiscard]] std::string serving_settings(const OpenSearchOptions& options);
// Position, lease; not of products.
[[nodiscard]] std::string state_index();

[[nodiscard]] std::string document_of(const Entry& entry, const Structure& structure, const std::vector<pricing::ContractList>& lists,
                                      Timestamp now);

// "colour=red"
[[nodiscard]] std::string facet_term(std::string_view attribute, std::string_view value);

}  // namespace stoa::search::opensearch
