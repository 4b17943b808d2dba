#include <gtest/gtest.h>
#include <vips/vips.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stoa/crypto/crypto.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::storage {
namespace {

namespace fs = std::filesystem;

class StorageTest : public ::testing::Test {
protected:
    StorageTest()
        : directory_(fs::temp_directory_path() / ("stoa-store-" + crypto::random_token(8))), store_(local_store(directory_.string())) {
        init_images("storage_test");
    }
    ~StorageTest() override { fs::remove_all(directory_); }
    std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(directory_)) count += entry.is_regular_file() ? 1 : 0;
        return count;
    }
    fs::path directory_;
    std::unique_ptr<ObjectStore> store_;
};

TEST_F(StorageTest, WritesReadsErases) {
    EXPECT_FALSE(store_->get("a/b"));
    EXPECT_FALSE(store_->local_path("a/b"));
    store_->put("a/b", std::string("one\0two", 7), "text/plain");
    EXPECT_EQ(store_->get("a/b"), std::string("one\0two", 7));
    ASSERT_TRUE(store_->local_path("a/b"));
    EXPECT_TRUE(store_->local_path("a/b")->starts_with(directory_.string()));
    store_->put("a/b", "three", "text/plain");
    EXPECT_EQ(store_->get("a/b"), "three");
    store_->erase("a/b");
    EXPECT_FALSE(store_->get("a/b"));
    store_->erase("a/b");
    EXPECT_FALSE(store_->get("a"));  // a directory is not an object
    EXPECT_EQ(files(), 0U);
}

TEST_F(StorageTest, SameBytesAgainIsANoOp) {
    store_->put("k", "same", "text/plain");
    const auto before = fs::last_write_time(*store_->local_path("k"));
    fs::last_write_time(*store_->local_path("k"), before - std::chrono::hours(1));
    store_->put("k", "same", "text/plain");
    EXPECT_EQ(fs::last_write_time(*store_->local_path("k")), before - std::chrono::hours(1));
    store_->put("k", "diff", "text/plain");
    EXPECT_EQ(store_->get("k"), "diff");
}

TEST_F(StorageTest, HashesFanOut) {
    const auto sha = put_original(*store_, "bytes", "image/png");
    EXPECT_EQ(sha, crypto::hex(crypto::sha256("bytes")));
    EXPECT_EQ(*store_->local_path(original_key(sha)), directory_.string() + "/o/" + sha.substr(0, 2) + "/" + sha.substr(2, 2) + "/" + sha);
}

TEST_F(StorageTest, RefusesKeysThatCouldLeaveTheDirectory) {
    for (const std::string& key :
         {std::string(""), std::string("/etc/passwd"), std::string("../x"), std::string("a/../../x"), std::string("a/./b"),
          std::string("a//b"), std::string("a/"), std::string(".hidden"), std::string("a/.b"), std::string("a\\b"), std::string("a b"),
          std::string("a\0b", 3), std::string("ä"), std::string(600, 'a'), std::string(300, 'a')}) {
        EXPECT_THROW(store_->put(key, "x", "text/plain"), std::invalid_argument) << key;
        EXPECT_THROW((void)store_->get(key), std::invalid_argument) << key;
        EXPECT_THROW((void)store_->local_path(key), std::invalid_argument) << key;
        EXPECT_THROW(store_->erase(key), std::invalid_argument) << key;
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(StorageTest, ReadersNeverSeeHalfAFile) {
    const std::string first(300'000, 'a');
    const std::string second(300'000, 'b');
    store_->put("big", first, "text/plain");
    std::atomic<bool> done = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const auto seen = store_->get("big");
                if (seen != first && seen != second) ++wrong;
            }
        });
    }
    std::vector<std::thread> writers;
    for (int i = 0; i < 2; ++i) {
        writers.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round) store_->put("big", (round + i) % 2 ? first : second, "text/plain");
        });
    }
    for (auto& thread : writers) thread.join();
    done = true;
    for (auto& thread : readers) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(files(), 1U);
}

// A picture with a gradient, optionally transparent in its left half.
std::string picture(int width, int height, bool alpha, const char* suffix) {
    VipsImage* grey = nullptr;
    EXPECT_EQ(vips_grey(&grey, width, height, "uchar", TRUE, nullptr), 0);
    VipsImage* bands[4] = {grey, grey, grey, grey};
    VipsImage* joined = nullptr;
    EXPECT_EQ(vips_bandjoin(bands, &joined, alpha ? 4 : 3, nullptr), 0);
    VipsImage* typed = nullptr;
    EXPECT_EQ(vips_copy(joined, &typed, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr), 0);
    vips_image_set_string(typed, "exif-ifd0-Artist", "Somebody Private (Somebody Private, ASCII, 17 components, 17 bytes)");
    void* data = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(vips_image_write_to_buffer(typed, suffix, &data, &size, nullptr), 0) << vips_error_buffer();
    std::string out(static_cast<const char*>(data), size);
    g_free(data);
    g_object_unref(typed);
    g_object_unref(joined);
    g_object_unref(grey);
    return out;
}

std::string noise(int width, int height) {
    VipsImage* image = nullptr;
    EXPECT_EQ(vips_gaussnoise(&image, width, height, "seed", 7, nullptr), 0);
    void* data = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(vips_image_write_to_buffer(image, ".png", &data, &size, nullptr), 0) << vips_error_buffer();
    std::string out(static_cast<const char*>(data), size);
    g_free(data);
    g_object_unref(image);
    return out;
}

TEST_F(StorageTest, ProbesAcceptedTypesOnly) {
    for (const char* suffix : {".png", ".jpg", ".webp", ".avif"}) {
        const auto info = probe_image(picture(90, 60, false, suffix));
        ASSERT_TRUE(info) << suffix;
        EXPECT_EQ(info->width, 90);
        EXPECT_EQ(info->height, 60);
        EXPECT_FALSE(info->has_alpha);
    }
    EXPECT_TRUE(probe_image(picture(90, 60, true, ".png"))->has_alpha);
    EXPECT_FALSE(probe_image(""));
    EXPECT_FALSE(probe_image("not a picture at all, really not"));
    EXPECT_FALSE(probe_image("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"></svg>"));
    EXPECT_FALSE(probe_image("GIF89a\x01\x01\x01\x01\x80\x01\x01\xff\xff\xff\x01\x01\x01!"));
    EXPECT_FALSE(probe_image(std::string("\x89PNG\r\n\x1a\n") + std::string(200, 'x')));
    EXPECT_FALSE(probe_image(picture(90, 60, false, ".png").substr(0, 20)));
}

TEST_F(StorageTest, RefusesBombs) {
    // 60 megapixels of black are a few kilobytes of PNG.
    VipsImage* black = nullptr;
    ASSERT_EQ(vips_black(&black, 10'000, 6'000, nullptr), 0);
    void* data = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(vips_pngsave_buffer(black, &data, &size, nullptr), 0);
    const std::string bomb(static_cast<const char*>(data), size);
    g_free(data);
    g_object_unref(black);
    EXPECT_LT(bomb.size(), 500'000U);
    EXPECT_FALSE(probe_image(bomb));
    EXPECT_THROW((void)transform_image(bomb, 80, ImageFormat::webp), std::runtime_error);
    EXPECT_THROW((void)placeholder_uri(bomb), std::runtime_error);
}

TEST_F(StorageTest, TransformsToEveryFormat) {
    const auto source = picture(400, 500, true, ".png");
    for (const auto format : {ImageFormat::avif, ImageFormat::webp, ImageFormat::jpeg, ImageFormat::png}) {
        const auto out = transform_image(source, 160, format, "#f4f1ec");
        const auto info = probe_image(out);
        ASSERT_TRUE(info) << content_type_of(format);
        EXPECT_EQ(info->width, 160);
        EXPECT_EQ(info->height, 200);
        EXPECT_EQ(info->has_alpha, format != ImageFormat::jpeg);
        for (const char* note : {"Somebody", "EXIF", "Exif", "ICCP", "ICC_PROFILE"})
            EXPECT_EQ(out.find(note), std::string::npos) << note << ' ' << content_type_of(format);
    }
    EXPECT_EQ(probe_image(transform_image(source, 1600, ImageFormat::webp))->width, 400);  // never enlarged
    EXPECT_THROW((void)transform_image("rubbish", 160, ImageFormat::webp), std::runtime_error);
    const auto detailed = noise(400, 300);
    EXPECT_EQ(probe_image(transform_image(detailed, 160, ImageFormat::webp))->height, 120);
    EXPECT_THROW((void)transform_image(detailed.substr(0, detailed.size() / 2), 160, ImageFormat::webp), std::runtime_error);
    EXPECT_THROW((void)transform_image(source, 0, ImageFormat::webp), std::invalid_argument);
    EXPECT_THROW((void)transform_image(source, 100'000, ImageFormat::webp), std::invalid_argument);
}

TEST_F(StorageTest, JpegShowsTheBackgroundThroughTransparency) {
    const auto jpeg = transform_image(picture(64, 64, true, ".png"), 64, ImageFormat::jpeg, "#00ff00");
    VipsImage* image = vips_image_new_from_buffer(jpeg.data(), jpeg.size(), "", nullptr);
    ASSERT_NE(image, nullptr);
    double* pixel = nullptr;
    int count = 0;
    ASSERT_EQ(vips_getpoint(image, &pixel, &count, 1, 32, nullptr), 0);
    ASSERT_EQ(count, 3);
    EXPECT_LT(pixel[0], 40);
    EXPECT_GT(pixel[1], 215);
    EXPECT_LT(pixel[2], 40);
    g_free(pixel);
    g_object_unref(image);
}

TEST_F(StorageTest, PlaceholdersAreTinyDataUris) {
    for (const bool alpha : {false, true}) {
        const auto uri = placeholder_uri(picture(400, 500, alpha, ".png"));
        EXPECT_TRUE(uri.starts_with("data:image/webp;base64,"));
        EXPECT_LT(uri.size(), 400U);
    }
}

}  // namespace
}  // namespace stoa::storage
