#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <vips/vips.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::storage {
namespace {

constexpr std::int64_t kMaxPixels = 50'000'000;
constexpr int kMaxSide = 20'000;
constexpr std::size_t kMaxBytes = 64U << 20;

struct Unref {
    void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

struct Free {
    void operator()(void* memory) const { g_free(memory); }
};

// libvips keeps its error text per process; it must be cleared or it grows.
[[noreturn]] void throw_vips(std::string_view what) {
    std::string text = vips_error_buffer();
    vips_error_clear();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    throw std::runtime_error(fmt::format("image: {}: {}", what, text));
}

// Only these decoders ever see bytes from outside; the rest is switched off in init_images.
bool is_accepted(std::string_view bytes) {
    if (bytes.size() < 16 || bytes.size() > kMaxBytes) return false;
    if (bytes.starts_with("\xFF\xD8\xFF") || bytes.starts_with("\x89PNG\r\n\x1a\n")) return true;
    if (bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return true;
    const auto brand = bytes.substr(8, 4);
    return bytes.substr(4, 4) == "ftyp" && (brand == "avif" || brand == "avis" || brand == "mif1");
}

Image load(std::string_view bytes) {
    Image image(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr));
    if (!image) vips_error_clear();
    return image;
}

bool is_within_limits(const VipsImage* image) {
    const auto width = static_cast<std::int64_t>(vips_image_get_width(image));
    const auto height = static_cast<std::int64_t>(vips_image_get_height(image));
    return width > 0 && height > 0 && width <= kMaxSide && height <= kMaxSide && width * height <= kMaxPixels;
}

void require_usable(std::string_view bytes) {
    if (!is_accepted(bytes)) throw std::runtime_error("image: not a JPEG, PNG, WebP or AVIF picture, or too large");
    const auto image = load(bytes);
    if (!image) throw std::runtime_error("image: cannot be read");
    if (!is_within_limits(image.get())) throw std::runtime_error("image: has too many pixels");
}

Image thumbnail(std::string_view bytes, int width, int height) {
    VipsImage* out = nullptr;
    // sRGB whatever the source was.
    if (vips_thumbnail_buffer(const_cast<char*>(bytes.data()), bytes.size(), &out, width, "height", height, "size", VIPS_SIZE_DOWN,
                              "export_profile", "srgb", "option_string", "[fail_on=truncated]", nullptr) != 0) {
        throw_vips("cannot be scaled");
    }
    const Image scaled(out);
    if (vips_copy(scaled.get(), &out, nullptr) != 0) throw_vips("cannot be copied");
    Image clean(out);
    // The savers' "strip" keeps the profile, which is larger than a small picture, and in WebP the camera's notes.
    const std::unique_ptr<char*, decltype([](char** names) { g_strfreev(names); })> names(vips_image_get_fields(clean.get()));
    for (char** name = names.get(); name && *name; ++name) {
        const std::string_view field(*name);
        if (field.starts_with("exif-") || field.starts_with("png-") || field.ends_with("-data")) vips_image_remove(clean.get(), *name);
    }
    return clean;
}

std::uint32_t little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    return value;
}

// libvips 8.14 writes an EXIF chunk of its own into every WebP: 190 bytes that say nothing.
std::string without_notes(std::string_view webp) {
    std::string out(webp.substr(0, 12));
    for (std::size_t at = 12; at + 8 <= webp.size();) {
        const auto name = webp.substr(at, 4);
        const auto size = std::min<std::size_t>(8 + little_endian(webp.substr(at + 4, 4)), webp.size() - at);
        const auto padded = std::min(size + size % 2, webp.size() - at);
        if (name != "EXIF" && name != "XMP " && name != "ICCP") {
            out += webp.substr(at, padded);
            // The header's flags say which chunks follow.
            if (name == "VP8X" && padded > 8) out[out.size() - padded + 8] &= static_cast<char>(~0x2C);
        }
        at += padded;
    }
    const auto size = static_cast<std::uint32_t>(out.size() - 8);
    for (std::size_t i = 0; i < 4; ++i) out[4 + i] = static_cast<char>(size >> (8 * i));
    return out;
}

Image flattened(const Image& image, std::string_view background) {
    double rgb[3] = {255, 255, 255};
    if (background.size() == 7 && background.front() == '#') {
        for (int i = 0; i < 3; ++i) {
            unsigned value = 255;
            const auto* from = background.data() + 1 + 2 * i;
            if (std::from_chars(from, from + 2, value, 16).ec == std::errc{}) rgb[i] = value;
        }
    }
    const std::unique_ptr<VipsArrayDouble, decltype([](VipsArrayDouble* array) { vips_area_unref(VIPS_AREA(array)); })> colour(
        vips_array_double_new(rgb, 3));
    VipsImage* out = nullptr;
    if (vips_flatten(image.get(), &out, "background", colour.get(), nullptr) != 0) throw_vips("cannot be flattened");
    return Image(out);
}

}  // namespace

std::string_view content_type_of(ImageFormat format) {
    switch (format) {
        case ImageFormat::avif:
            return "image/avif";
        case ImageFormat::webp:
            return "image/webp";
        case ImageFormat::jpeg:
            return "image/jpeg";
        case ImageFormat::png:
            return "image/png";
    }
    return "application/octet-stream";
}

void init_images(const char* program) {
    static std::once_flag once;
    std::call_once(once, [program] {
        if (VIPS_INIT(program) != 0) throw_vips("libvips does not start");
        vips_concurrency_set(1);  // requests are the unit of concurrency, see the media route
        vips_cache_set_max(0);
        // A damaged picture from outside is an outcome, reported by the caller, not a line per broken row on stderr.
        g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, [](const char*, GLogLevelFlags, const char*, void*) {}, nullptr);
        vips_operation_block_set("VipsForeignLoad", TRUE);
        for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadHeif"}) {
            vips_operation_block_set(loader, FALSE);
        }
    });
}

std::optional<ImageInfo> probe_image(std::string_view bytes) {
    init_images("stoa");
    if (!is_accepted(bytes)) return std::nullopt;
    const auto image = load(bytes);
    if (!image || !is_within_limits(image.get())) return std::nullopt;
    ImageInfo info{vips_image_get_width(image.get()), vips_image_get_height(image.get()), vips_image_hasalpha(image.get()) != 0};
    // Cameras note a quarter turn instead of turning.
    if (vips_image_get_orientation(image.get()) >= 5) std::swap(info.width, info.height);
    return info;
}

std::string transform_image(std::string_view bytes, int width, ImageFormat format, std::string_view background) {
    if (width < 1 || width > 4096) throw std::invalid_argument("image: width out of range");
    init_images("stoa");
    require_usable(bytes);
    auto image = thumbnail(bytes, width, width * 4);
    if (format == ImageFormat::jpeg && vips_image_hasalpha(image.get())) image = flattened(image, background);

    void* data = nullptr;
    std::size_t size = 0;
    int failed = 0;
    switch (format) {
        case ImageFormat::avif:
            failed = vips_heifsave_buffer(image.get(), &data, &size, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", 58, "effort", 1,
                                          "strip", TRUE, nullptr);
            break;
        case ImageFormat::webp:
            failed = vips_webpsave_buffer(image.get(), &data, &size, "Q", 76, "effort", 3, "alpha_q", 90, "strip", TRUE, nullptr);
            break;
        case ImageFormat::jpeg:
            failed = vips_jpegsave_buffer(image.get(), &data, &size, "Q", 82, "optimize_coding", TRUE, "interlace", TRUE, "strip", TRUE,
                                          nullptr);
            break;
        case ImageFormat::png:
            failed = vips_pngsave_buffer(image.get(), &data, &size, "compression", 6, "strip", TRUE, nullptr);
            break;
    }
    const std::unique_ptr<void, Free> owner(data);
    if (failed != 0) throw_vips("cannot be written");
    if (format == ImageFormat::webp) return without_notes({static_cast<const char*>(data), size});
    return {static_cast<const char*>(data), size};
}

std::string placeholder_uri(std::string_view bytes) {
    init_images("stoa");
    require_usable(bytes);
    std::string best;
    for (const int side : {16, 12, 8, 6}) {
        auto image = thumbnail(bytes, side, side);
        VipsImage* blurred = nullptr;
        if (vips_gaussblur(image.get(), &blurred, 0.6, nullptr) != 0) throw_vips("cannot be blurred");
        image.reset(blurred);
        void* data = nullptr;
        std::size_t size = 0;
        if (vips_webpsave_buffer(image.get(), &data, &size, "Q", 20, "effort", 6, "alpha_q", 10, "strip", TRUE, nullptr) != 0) {
            throw_vips("cannot be written");
        }
        const std::unique_ptr<void, Free> owner(data);
        best = "data:image/webp;base64," + crypto::base64(without_notes({static_cast<const char*>(data), size}));
        if (best.size() < 400) break;
    }
    return best;
}

}  // namespace stoa::storage
