#pragma once
// What events say of the catalogue, for both engines.
#include <optional>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/events/events.hpp"
#include "stoa/json/value.hpp"

namespace stoa::search {

inline std::optional<Uuid> stream_uuid(std::string_view stream) {
    const auto colon = stream.find(':');
    return colon == std::string_view::npos ? std::nullopt : Uuid::parse(stream.substr(colon + 1));
}

// Variants whose price or stock changed; none for other events.
inline std::vector<Uuid> changed_variants(const events::Event& event) {
    std::vector<Uuid> out;
    if (event.type == "price.changed" || event.type == "stock.changed") {
        if (const auto id = stream_uuid(event.stream)) out.push_back(*id);
    } else if (event.type == "price.many_changed") {
        const auto data = json::parse(event.data);
        const auto* ids = data ? data->find("variant_ids") : nullptr;
        for (const auto& text : ids ? ids->items() : std::vector<json::Value>{}) {
            if (const auto id = catalog::VariantId::parse(text.text())) out.push_back(id->uuid());
        }
    }
    return out;
}

}  // namespace stoa::search
