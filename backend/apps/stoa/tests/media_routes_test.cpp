#include "media_routes.hpp"

#include <gtest/gtest.h>
#include <vips/vips.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"

namespace stoa::app {
namespace {

namespace fs = std::filesystem;

std::string picture(int width, int height) {
    storage::init_images("media_routes_test");
    VipsImage* image = nullptr;
    EXPECT_EQ(vips_gaussnoise(&image, width, height, "seed", 3, nullptr), 0);
    void* data = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(vips_image_write_to_buffer(image, ".png", &data, &size, nullptr), 0);
    std::string out(static_cast<const char*>(data), size);
    g_free(data);
    g_object_unref(image);
    return out;
}

// Counts what is written and can hold writers up.
class WatchedStore final : public storage::ObjectStore {
public:
    explicit WatchedStore(std::string directory) : store_(storage::local_store(std::move(directory))) {}
    void put(std::string_view key, std::string_view bytes, std::string_view type) override {
        if (key.starts_with("t/")) {
            ++made;
            std::unique_lock lock(mutex_);
            ++at_once_;
            most_at_once = std::max(most_at_once.load(), at_once_);
            reached_.notify_all();
            gate_.wait(lock, [&] { return open_; });
            --at_once_;
        }
        store_->put(key, bytes, type);
    }
    std::optional<std::string> get(std::string_view key) override { return store_->get(key); }
    std::optional<std::string> local_path(std::string_view key) override { return store_->local_path(key); }
    void erase(std::string_view key) override { store_->erase(key); }

    void close() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        gate_.notify_all();
    }
    void wait_for_writers(int count) {
        std::unique_lock lock(mutex_);
        reached_.wait(lock, [&] { return at_once_ >= count; });
    }
    std::atomic<int> made{0};
    std::atomic<int> most_at_once{0};

private:
    std::unique_ptr<storage::ObjectStore> store_;
    std::mutex mutex_;
    std::condition_variable gate_, reached_;
    bool open_ = true;
    int at_once_ = 0;
};

class MediaTest : public ::testing::Test {
protected:
    MediaTest() : directory_(fs::temp_directory_path() / ("stoa-media-" + crypto::random_token(8))), store_(directory_.string()) {
        sha_ = storage::put_original(store_, picture(200, 250), "image/png");
        add_media_routes(routes_, store_, {2, 6});
        routes_.freeze();
    }
    ~MediaTest() override { fs::remove_all(directory_); }

    http::Response get(std::string target, std::string accept = "image/avif,image/webp,image/apng,*/*;q=0.8") {
        http::Request request;
        request.target = target;
        request.path = target;
        request.headers.emplace_back("accept", std::move(accept));
        request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        return http::dispatch(routes_, request, {});
    }
    static std::string header(const http::Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (std::equal(key.begin(), key.end(), name.begin(), name.end(),
                           [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; }))
                return value;
        }
        return {};
    }
    std::string address(std::string_view width = "160", std::string_view name = "chair.jpg") const {
        return fmt::format("/media/{}/{}/{}", sha_, width, name);
    }

    fs::path directory_;
    WatchedStore store_;
    std::string sha_;
    http::Routes routes_;
};

TEST_F(MediaTest, AcceptDecidesTheFormat) {
    const std::vector<std::pair<const char*, const char*>> matrix{
        {"image/avif,image/webp,*/*", "image/avif"},
        {"image/webp,image/avif", "image/avif"},
        {"image/webp,*/*", "image/webp"},
        {"IMAGE/WebP", "image/webp"},
        {"image/avif;q=0,image/webp", "image/webp"},
        {"image/avif; q=0.0 , image/webp;q=0.9", "image/webp"},
        {"image/avif;q=0.001", "image/avif"},
        {"image/avif;q=0,image/webp;q=0", "image/jpeg"},
        {"image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "image/jpeg"},
        {"image/png", "image/jpeg"},
        {"*/*", "image/jpeg"},
        {"", "image/jpeg"},
        {"image/avifx,ximage/webp", "image/jpeg"},
        {";;;,,,;q=,image/avif;q", "image/avif"},
    };
    for (const auto& [accept, type] : matrix) {
        const auto response = get(address(), accept);
        EXPECT_EQ(response.status, 200) << accept;
        EXPECT_EQ(header(response, "content-type"), type) << accept;
        EXPECT_EQ(header(response, "vary"), "Accept") << accept;
        EXPECT_EQ(header(response, "cache-control"), "public, max-age=31536000, immutable") << accept;
        std::ifstream file(response.file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const auto info = storage::probe_image(bytes);
        ASSERT_TRUE(info) << accept;
        EXPECT_EQ(info->width, 160);
        EXPECT_EQ(info->height, 200);
    }
    EXPECT_EQ(store_.made, 3);  // each format once
}

TEST_F(MediaTest, OnlyTheLadderAndOnlyWhatIsThere) {
    for (const char* width : {"80", "160", "320", "480", "640", "800", "1080", "1600"}) EXPECT_EQ(get(address(width)).status, 200) << width;
    const auto made = store_.made.load();
    for (const char* width :
         {"0", "1", "81", "161", "3200", "-160", "+160", "0160", "160.0", "160px", "1e2", "99999999999999999999", "abc", "%31%36%30x"}) {
        const auto response = get(address(width));
        EXPECT_EQ(response.status, 404) << width;
        EXPECT_EQ(header(response, "content-type").substr(0, 24), "application/problem+json");
    }
    for (const std::string& path :
         {"/media/" + std::string(64, 'a') + "/160/x.jpg", "/media/" + std::string(63, 'a') + "/160/x.jpg",
          "/media/" + std::string(64, 'A') + "/160/x.jpg", "/media/" + std::string(64, 'g') + "/160/x.jpg",
          std::string("/media/x/160/x.jpg"), "/media/" + sha_ + "/160", "/media/" + sha_, std::string("/media")}) {
        EXPECT_EQ(get(path).status, 404) << path;
    }
    EXPECT_EQ(store_.made, made);
}

TEST_F(MediaTest, NoWayOutOfTheStore) {
    std::ofstream(directory_ / "secret") << "secret";
    const auto made = store_.made.load();
    for (const std::string& path : {address("160", "../../../../etc/passwd"), address("160", "..%2f..%2fsecret"), address("160", "a/b.jpg"),
                                    address("160", ".hidden"), address("160", "a%00.jpg"), address("160", "a b.jpg"),
                                    std::string("/media/../secret/160/x.jpg"), std::string("/media/..%2f..%2fsecret/160/x.jpg"),
                                    "/media/" + sha_ + "/160/" + std::string(500, 'a'), "/media/" + sha_ + "/../secret/160/x.jpg"}) {
        const auto response = get(path);
        EXPECT_NE(response.status, 200) << path;
        EXPECT_TRUE(response.file.empty()) << path;
    }
    EXPECT_EQ(store_.made, made);
}

TEST_F(MediaTest, OriginalsThatAreNoPicturesAreNotThere) {
    const auto sha =
        storage::put_original(store_, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml");
    EXPECT_EQ(get("/media/" + sha + "/160/x.svg").status, 404);
    EXPECT_EQ(store_.made, 0);
}

TEST_F(MediaTest, TwinsWaitForTheFirst) {
    store_.close();
    std::atomic<int> ok{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 5; ++i) {
        threads.emplace_back([&] {
            const auto response = get(address("320"));
            if (response.status == 200 && !response.file.empty()) ++ok;
        });
    }
    store_.wait_for_writers(1);
    store_.open();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(ok, 5);
    EXPECT_EQ(store_.made, 1);
}

TEST_F(MediaTest, TwoAtOnceAFewWaitTheRestGetTheOriginal) {
    const auto large = storage::put_original(store_, picture(1200, 1200), "image/png");  // noise: over the limit for sending as it is
    store_.close();
    std::atomic<int> made_ok{0};
    std::vector<std::thread> threads;
    const std::vector<std::string> widths{"80", "160", "320", "480", "640", "800", "1080", "1600"};
    for (const auto& width : widths) {  // two are made, six wait
        threads.emplace_back([&, width] {
            if (!get(address(width), "image/webp").file.empty()) ++made_ok;
        });
    }
    store_.wait_for_writers(2);
    // The queue fills while the two are held up; from then on the answer is immediate.
    http::Response overflow;
    for (int i = 0; i < 2000; ++i) {
        http::Request request;
        request.target = request.path = address("80");
        request.headers.emplace_back("accept", "image/avif");
        request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
        overflow = http::dispatch(routes_, request, {});
        if (!overflow.body.empty()) break;
    }
    EXPECT_EQ(overflow.status, 200);
    EXPECT_EQ(header(overflow, "content-type"), "image/png");
    EXPECT_EQ(header(overflow, "cache-control"), "public, max-age=60");
    http::Request request;
    request.target = request.path = "/media/" + large + "/80/x.png";
    request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    const auto busy = http::dispatch(routes_, request, {});
    EXPECT_EQ(busy.status, 503);
    EXPECT_NE(header(busy, "retry-after"), "");
    store_.open();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made_ok, 8);
    EXPECT_EQ(store_.most_at_once, 2);
}

}  // namespace
}  // namespace stoa::app
