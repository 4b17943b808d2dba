#pragma once
// Prometheus counters, gauges and histograms, process-wide; lock-free on the hot path.
#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::metrics {
// labels: `method="GET",route="add_cart_line"` (already escaped), may be empty. Metric names get the prefix "stoa_".
void count(std::string_view name, std::string_view labels = {}, std::uint64_t by = 1);
void set(std::string_view name, std::string_view labels, double value);
// Seconds; buckets 1 ms .. 60 s.
void observe(std::string_view name, std::string_view labels, double seconds);
[[nodiscard]] std::string exposition();  // text format 0.0.4
}  // namespace stoa::metrics
