#pragma once
// Object storage shaped like S3/GCS: immutable objects under keys. Local directory now.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::storage {

class ObjectStore {
public:
    virtual ~ObjectStore() = default;
    // Atomic; writing the same key again with the same bytes is a no-op.
    virtual void put(std::string_view key, std::string_view bytes, std::string_view content_type) = 0;
    [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) = 0;
    // A path on this machine when the object is a local file (lets the front send it without copying).
    [[nodiscard]] virtual std::optional<std::string> local_path(std::string_view key) = 0;
    virtual void erase(std::string_view key) = 0;
};
[[nodiscard]] std::unique_ptr<ObjectStore> local_store(std::string directory);

// ---- images (libvips) ------------------------------------------------------------------------------------------------
enum class ImageFormat { avif, webp, jpeg, png };
struct ImageInfo { int width = 0; int height = 0; bool has_alpha = false; };
// Header only; nullopt when it is not an image of an accepted type (JPEG, PNG, WebP, AVIF) or larger than 50 megapixels.
[[nodiscard]] std::optional<ImageInfo> probe_image(std::string_view bytes);
// Longest side becomes `width` wide (never enlarged), metadata stripped. JPEG output of transparent input is flattened on `background` ("#f4f1ec").
[[nodiscard]] std::string transform_image(std::string_view bytes, int width, ImageFormat format, std::string_view background = "#ffffff");
// Tiny blurred preview as data URI, below 400 bytes if possible.
[[nodiscard]] std::string placeholder_uri(std::string_view bytes);
void init_images(const char* program);  // once, before threads

}  // namespace stoa::storage
