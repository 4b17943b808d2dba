#include "stoa/metrics/metrics.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

namespace stoa::metrics {
namespace {

enum class Kind { counter, gauge, histogram };

constexpr std::array<double, 14> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60};

// Counter: total. Gauge: total holds the bits of a double. Histogram: buckets (not cumulative), total = sum in nanoseconds.
struct Cell {
    std::atomic<std::uint64_t> total{0};
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
};

struct Family {
    Kind kind = Kind::counter;
    std::map<std::string, std::unique_ptr<Cell>, std::less<>> cells;  // by labels
};

struct Registry {
    std::mutex mutex;
    std::map<std::string, Family, std::less<>> families;
};

Registry& registry() {
    static Registry* instance = new Registry;  // never destroyed: threads may count until the very end
    return *instance;
}

// A label that grows without bound is a bug; past this many the extra ones share one cell.
constexpr std::size_t kMaxCells = 5000;

Cell& slow_find(std::string_view name, std::string_view labels, Kind kind) {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    auto family = all.families.find(name);
    if (family == all.families.end()) family = all.families.emplace(std::string(name), Family{kind, {}}).first;
    if (family->second.kind != kind) throw std::logic_error("metric " + std::string(name) + " is used as two kinds");
    auto& cells = family->second.cells;
    if (const auto found = cells.find(labels); found != cells.end()) return *found->second;
    if (cells.size() >= kMaxCells) labels = "overflow=\"true\"";
    auto& cell = cells[std::string(labels)];
    if (!cell) cell = std::make_unique<Cell>();
    return *cell;
}

// Each thread remembers where its cells are, so that only the first use of a label takes the lock.
Cell& find(std::string_view name, std::string_view labels, Kind kind) {
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    thread_local std::unordered_map<std::string, Cell*, Hash, std::equal_to<>> known;
    thread_local std::string key;
    key.assign(1, static_cast<char>('0' + static_cast<int>(kind))).append(name).append(1, '{').append(labels);
    if (const auto found = known.find(key); found != known.end()) return *found->second;
    Cell& cell = slow_find(name, labels, kind);
    if (known.size() < kMaxCells) known.emplace(key, &cell);
    return cell;
}

std::string series(std::string_view name, std::string_view suffix, std::string_view labels, std::string_view more = {}) {
    std::string out = fmt::format("stoa_{}{}", name, suffix);
    if (labels.empty() && more.empty()) return out;
    return fmt::format("{}{{{}{}{}}}", out, labels, !labels.empty() && !more.empty() ? "," : "", more);
}

}  // namespace

void count(std::string_view name, std::string_view labels, std::uint64_t by) {
    find(name, labels, Kind::counter).total.fetch_add(by, std::memory_order_relaxed);
}

void set(std::string_view name, std::string_view labels, double value) {
    find(name, labels, Kind::gauge).total.store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
}

void observe(std::string_view name, std::string_view labels, double seconds) {
    Cell& cell = find(name, labels, Kind::histogram);
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    cell.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
    if (seconds > 0) cell.total.fetch_add(static_cast<std::uint64_t>(seconds * 1e9), std::memory_order_relaxed);
}

std::string exposition() {
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    std::string out;
    for (const auto& [name, family] : all.families) {
        constexpr std::array<std::string_view, 3> kKinds{"counter", "gauge", "histogram"};
        out += fmt::format("# TYPE stoa_{} {}\n", name, kKinds[static_cast<std::size_t>(family.kind)]);
        for (const auto& [labels, cell] : family.cells) {
            const std::uint64_t total = cell->total.load(std::memory_order_relaxed);
            if (family.kind == Kind::counter) {
                out += fmt::format("{} {}\n", series(name, "", labels), total);
            } else if (family.kind == Kind::gauge) {
                out += fmt::format("{} {}\n", series(name, "", labels), std::bit_cast<double>(total));
            } else {
                std::uint64_t sum = 0;
                for (std::size_t i = 0; i <= kBounds.size(); ++i) {
                    sum += cell->buckets[i].load(std::memory_order_relaxed);
                    const std::string bound = i < kBounds.size() ? fmt::format("le=\"{}\"", kBounds[i]) : "le=\"+Inf\"";
                    out += fmt::format("{} {}\n", series(name, "_bucket", labels, bound), sum);
                }
                out += fmt::format("{} {}\n", series(name, "_sum", labels), static_cast<double>(total) / 1e9);
                out += fmt::format("{} {}\n", series(name, "_count", labels), sum);
            }
        }
    }
    return out;
}

}  // namespace stoa::metrics
