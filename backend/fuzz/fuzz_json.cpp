// JSON: what is accepted is valid UTF-8, survives being written and read again, and never crashes a described struct.
#include <cstdlib>
#include <map>

#include "http/text.hpp"
#include "stoa/json/describe.hpp"

namespace {

struct Item {
    std::string name;
    std::optional<stoa::Money> price;
};
void describe(stoa::json::Struct<Item>& d) {
    d.name("Item");
    d.field<&Item::name>("name").max_length(20).not_blank();
    d.field<&Item::price>("price");
}
struct Order {
    std::int64_t quantity = 0;
    std::vector<Item> items;
    std::map<std::string, std::string> notes;
    std::optional<std::string> mail;
    std::optional<stoa::Date> day;
    std::optional<stoa::Id<"ord">> id;
};
void describe(stoa::json::Struct<Order>& d) {
    d.name("Order");
    d.field<&Order::quantity>("q").min(0).max(1000);
    d.field<&Order::items>("items").max_length(10).optional();
    d.field<&Order::notes>("notes").optional();
    d.field<&Order::mail>("mail").pattern("[^@ ]+@[^@ ]+").max_length(254);
    d.field<&Order::day>("day");
    d.field<&Order::id>("id");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = stoa::json::parse(text);
    if (!value) return 0;
    if (!stoa::http::is_utf8(text)) std::abort();
    const std::string written = stoa::json::to_text(*value);
    const auto again = stoa::json::parse(written);
    if (!again || stoa::json::to_text(*again) != written) std::abort();
    const auto order = stoa::json::from_value<Order>(*value);
    if (order) {
        if (order->quantity < 0 || order->quantity > 1000 || order->items.size() > 10) std::abort();
        if (!stoa::json::parse(stoa::json::render(*order))) std::abort();
    } else if (order.error().fields.empty()) {
        std::abort();
    }
    return 0;
}
