#include "announce.hpp"

#include <algorithm>

#include "stoa/events/events.hpp"
#include "stoa/json/value.hpp"

namespace stoa::inventory {

void announce(db::Tx& tx, const std::vector<catalog::VariantId>& variants) {
    std::vector<events::NewEvent> events;
    for (const auto& variant : variants) {
        json::Writer data;
        data.begin_object();
        data.member("variant_id", variant.to_string());
        data.end_object();
        events.push_back({"stock.changed", "stock:" + variant.uuid().to_string(), data.take()});
    }
    // Stream counters are locked in one order, like the stock rows.
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.stream < b.stream; });
    if (!events.empty()) events::append(tx, events);
}

}  // namespace stoa::inventory
