#include "media_routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::app {
namespace {

using storage::ImageFormat;

constexpr std::array<int, 8> kWidths{80, 160, 320, 480, 640, 800, 1080, 1600};
// Behind cut-out pictures where the format knows no transparency: the tint of the shop's tiles.
constexpr std::string_view kPaper = "#f1eee7";
constexpr std::size_t kLargestSentAsItIs = 512 * 1024;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

// Named with a weight above zero. Wildcards do not count: what sends only "*/*" may be too old for the newer formats.
bool accepts(std::string_view accept, std::string_view type) {
    while (!accept.empty()) {
        const auto comma = std::min(accept.find(','), accept.size());
        auto item = accept.substr(0, comma);
        accept.remove_prefix(std::min(comma + 1, accept.size()));
        const auto semicolon = std::min(item.find(';'), item.size());
        if (!same(trimmed(item.substr(0, semicolon)), type)) continue;
        auto parameters = item.substr(semicolon);
        while (!parameters.empty()) {
            parameters.remove_prefix(1);
            const auto end = std::min(parameters.find(';'), parameters.size());
            const auto parameter = trimmed(parameters.substr(0, end));
            if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=' &&
                parameter.substr(2).find_first_not_of("0.") == std::string_view::npos) {
                return false;
            }
            parameters.remove_prefix(end);
        }
        return true;
    }
    return false;
}

ImageFormat choose_format(std::string_view accept) {
    if (accepts(accept, "image/avif")) return ImageFormat::avif;
    if (accepts(accept, "image/webp")) return ImageFormat::webp;
    return ImageFormat::jpeg;
}

std::string_view extension(ImageFormat format) {
    switch (format) {
        case ImageFormat::avif:
            return "avif";
        case ImageFormat::webp:
            return "webp";
        case ImageFormat::jpeg:
            return "jpg";
        case ImageFormat::png:
            return "png";
    }
    return "bin";
}

bool is_hash(std::string_view text) { return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

std::optional<int> width_of(std::string_view text) {
    int width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('0')) return std::nullopt;
    if (std::find(kWidths.begin(), kWidths.end(), width) == kWidths.end()) return std::nullopt;
    return width;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 200 && text.front() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

std::string_view sniffed_type(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
    if (bytes.starts_with("\x89PNG")) return "image/png";
    if (bytes.starts_with("RIFF")) return "image/webp";
    return {};
}

class Media {
public:
    Media(storage::ObjectStore& store, MediaLimits limits) : store_(store), limits_(limits) { storage::init_images("stoa"); }

    http::Response answer(const http::Request& request) {
        const auto sha = request.param("sha");
        const auto width = width_of(request.param("width"));
        if (!is_hash(sha) || !width || !is_name(request.param("name"))) return not_found();
        const auto format = choose_format(request.header("accept"));
        const auto key = fmt::format("t/{}/{}.{}", sha, *width, extension(format));
        switch (ensure(key, sha, *width, format, request.deadline)) {
            case Outcome::ready:
                return picture(key, format);
            case Outcome::missing:
                return not_found();
            case Outcome::busy:
                break;
        }
        return original_or_later(sha);
    }

private:
    enum class Outcome { ready, missing, busy };

    static http::Response not_found() {
        return http::problem({ErrorKind::not_found, "http.not_found", "There is nothing here.", {}, {}, {}, 0});
    }

    http::Response picture(const std::string& key, ImageFormat format) {
        http::Response response;
        if (auto path = store_.local_path(key)) {
            response.file = std::move(*path);
        } else if (auto bytes = store_.get(key)) {
            response.body = std::move(*bytes);
        } else {
            return not_found();
        }
        response.header("content-type", storage::content_type_of(format));
        response.header("cache-control", "public, max-age=31536000, immutable");
        response.header("vary", "Accept");
        return response;
    }

    // Too many are being made at once. A browser does not ask again for a picture, so a small original is better than none.
    http::Response original_or_later(std::string_view sha) {
        metrics::count("media_busy_total");
        if (auto bytes = store_.get(storage::original_key(sha)); bytes && bytes->size() <= kLargestSentAsItIs) {
            if (const auto type = sniffed_type(*bytes); !type.empty()) {
                http::Response response;
                response.body = std::move(*bytes);
                response.header("content-type", type);
                response.header("cache-control", "public, max-age=60");
                response.header("vary", "Accept");
                return response;
            }
        }
        return http::problem(
            {ErrorKind::unavailable, "media.busy", "Too many pictures are being prepared. Please try again.", {}, {}, {}, 1});
    }

    // Makes the picture unless it is there. Requests for one that is being made wait for it.
    Outcome ensure(const std::string& key, std::string_view sha, int width, ImageFormat format,
                   std::chrono::steady_clock::time_point deadline) {
        if (deadline == std::chrono::steady_clock::time_point{}) deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        if (store_.local_path(key)) return Outcome::ready;
        std::unique_lock lock(mutex_);
        while (true) {
            if (!running_.contains(key) && static_cast<int>(running_.size()) < limits_.transforms_at_once) break;
            if (waiting_ >= limits_.waiting) return Outcome::busy;
            ++waiting_;
            const bool in_time = changed_.wait_until(lock, deadline) != std::cv_status::timeout;
            --waiting_;
            if (!in_time) return Outcome::busy;
            if (!running_.contains(key)) {
                lock.unlock();
                if (store_.local_path(key)) return Outcome::ready;
                lock.lock();
            }
        }
        running_.insert(key);
        lock.unlock();
        const auto outcome = make(key, sha, width, format);
        lock.lock();
        running_.erase(key);
        lock.unlock();
        changed_.notify_all();
        return outcome;
    }

    Outcome make(const std::string& key, std::string_view sha, int width, ImageFormat format) {
        try {
            // A twin may have finished between our look and our turn.
            if (store_.local_path(key)) return Outcome::ready;
            const auto original = store_.get(storage::original_key(sha));
            if (!original) return Outcome::missing;
            const auto start = std::chrono::steady_clock::now();
            store_.put(key, storage::transform_image(*original, width, format, kPaper), storage::content_type_of(format));
            metrics::observe("media_transform_seconds", fmt::format("format=\"{}\"", extension(format)),
                             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            return Outcome::ready;
        } catch (const std::exception& error) {
            log::error("picture cannot be made", {{"key", key}, {"cause", error.what()}});
            return Outcome::missing;
        }
    }

    storage::ObjectStore& store_;
    MediaLimits limits_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> running_;
    int waiting_ = 0;
};

}  // namespace

void add_media_routes(http::Routes& routes, storage::ObjectStore& store, MediaLimits limits) {
    auto media = std::make_shared<Media>(store, limits);
    routes.get("/media/{sha}/{width}/{name*}", "get_picture")
        .summary("A picture in the size and format the browser takes")
        .tag("media")
        .on(http::Pool::outbound)
        .undocumented()
        .handle([media](const http::Request& request) { return media->answer(request); });
}

}  // namespace stoa::app
