#pragma once
// Object storage shaped like S3/GCS: immutable objects under keys. Local directory now.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::storage {

// Thread-safe. A key is 1 to 512 characters of [A-Za-z0-9._-/], without empty, "." or ".." segments; anything else throws
// std::invalid_argument.
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

// Where the original of a picture lies: "o/<sha>" with the SHA-256 of its bytes in lower-case hex. The media route reads it there.
[[nodiscard]] std::string original_key(std::string_view sha256_hex);
// Stores the original and returns its hash.
std::string put_original(ObjectStore& store, std::string_view bytes, std::string_view content_type);

// ---- images (libvips) ------------------------------------------------------------------------------------------------
enum class ImageFormat { avif, webp, jpeg, png };
[[nodiscard]] std::string_view content_type_of(ImageFormat format);
struct ImageInfo {
    int width = 0;
    int height = 0;
    bool has_alpha = false;
};
// Header only; nullopt when it is not an image of an accepted type (JPEG, PNG, WebP, AVIF) or larger than 50 megapixels.
[[nodiscard]] std::optional<ImageInfo> probe_image(std::string_view bytes);
// Becomes `width` wide (never enlarged, never higher than four times that), turned as its camera says, metadata stripped.
// JPEG output of transparent input is flattened on `background` ("#f4f1ec"). Throws std::runtime_error when the bytes are not
// a usable picture.
[[nodiscard]] std::string transform_image(std::string_view bytes, int width, ImageFormat format, std::string_view background = "#ffffff");
// Tiny blurred preview as data URI, below 400 bytes if possible.
[[nodiscard]] std::string placeholder_uri(std::string_view bytes);
// Once, before threads. Later calls do nothing.
void init_images(const char* program);

}  // namespace stoa::storage
