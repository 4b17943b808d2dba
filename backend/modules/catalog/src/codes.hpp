#pragma once
#include <string_view>

namespace stoa::catalog::codes {

inline constexpr std::string_view kSlugTaken = "catalog.slug_taken";
inline constexpr std::string_view kSkuTaken = "catalog.sku_taken";
inline constexpr std::string_view kCategoryUnknown = "catalog.category_unknown";
inline constexpr std::string_view kCategoryCycle = "catalog.category_cycle";
inline constexpr std::string_view kInvalidCategory = "catalog.invalid_category";
inline constexpr std::string_view kInvalidCollection = "catalog.invalid_collection";
inline constexpr std::string_view kInvalidAttribute = "catalog.invalid_attribute";
inline constexpr std::string_view kInvalidProduct = "catalog.invalid_product";
inline constexpr std::string_view kInvalidPartNumber = "catalog.invalid_part_number";
inline constexpr std::string_view kInvalidReview = "catalog.invalid_review";
inline constexpr std::string_view kAttributeUnknown = "catalog.attribute_unknown";
inline constexpr std::string_view kAttributeValueUnknown = "catalog.attribute_value_unknown";
inline constexpr std::string_view kAttributeValueInUse = "catalog.attribute_value_in_use";
inline constexpr std::string_view kAttributeKindFixed = "catalog.attribute_kind_fixed";
inline constexpr std::string_view kProductNotFound = "catalog.product_not_found";
inline constexpr std::string_view kReviewNotFound = "catalog.review_not_found";
inline constexpr std::string_view kReviewExists = "catalog.review_exists";
inline constexpr std::string_view kReviewNotABuyer = "catalog.review_not_a_buyer";

}  // namespace stoa::catalog::codes
