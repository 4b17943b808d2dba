#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::storage {
namespace {

namespace fs = std::filesystem;

void check_key(std::string_view key) {
    const auto refuse = [&] { throw std::invalid_argument("storage: this key is not allowed"); };
    if (key.empty() || key.size() > 512) refuse();
    for (std::size_t begin = 0; begin <= key.size();) {
        const auto end = std::min(key.find('/', begin), key.size());
        const auto segment = key.substr(begin, end - begin);
        if (segment.empty() || segment.size() > 200 || segment.front() == '.') refuse();
        for (const char c : segment) {
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')) refuse();
        }
        begin = end + 1;
    }
}

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return value_; }
    int release() { return std::exchange(value_, -1); }

private:
    int value_;
};

[[noreturn]] void throw_errno(std::string_view what, const std::string& path) {
    throw std::system_error(errno, std::generic_category(), fmt::format("storage: {} {}", what, path));
}

std::optional<std::string> read_all(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw_errno("cannot open", path);
    }
    struct stat info{};
    if (::fstat(file.get(), &info) != 0) throw_errno("cannot stat", path);
    if (!S_ISREG(info.st_mode)) return std::nullopt;
    std::string out(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t at = 0;
    while (at < out.size()) {
        const auto got = ::read(file.get(), out.data() + at, out.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_errno("cannot read", path);
        if (got == 0) break;
        at += static_cast<std::size_t>(got);
    }
    out.resize(at);
    return out;
}

class LocalStore final : public ObjectStore {
public:
    explicit LocalStore(std::string directory) : directory_(std::move(directory)) {
        while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
        fs::create_directories(directory_);
    }

    void put(std::string_view key, std::string_view bytes, std::string_view) override {
        const auto path = path_of(key);
        if (std::error_code none; fs::file_size(path, none) == bytes.size() && !none) {
            if (read_all(path) == bytes) return;
        }
        const auto directory = fs::path(path).parent_path();
        fs::create_directories(directory);
        const auto temporary = fmt::format("{}/.{}.part", directory.string(), crypto::hex(crypto::random_bytes(12)));
        Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (file.get() < 0) throw_errno("cannot create", temporary);
        try {
            while (!bytes.empty()) {
                const auto written = ::write(file.get(), bytes.data(), bytes.size());
                if (written < 0 && errno == EINTR) continue;
                if (written < 0) throw_errno("cannot write", temporary);
                bytes.remove_prefix(static_cast<std::size_t>(written));
            }
            // Without this a crash of the machine may leave the new name with no content behind it.
            if (::fdatasync(file.get()) != 0) throw_errno("cannot sync", temporary);
            if (::close(file.release()) != 0) throw_errno("cannot close", temporary);
            if (::rename(temporary.c_str(), path.c_str()) != 0) throw_errno("cannot rename", temporary);
        } catch (...) {
            ::unlink(temporary.c_str());
            throw;
        }
    }

    std::optional<std::string> get(std::string_view key) override { return read_all(path_of(key)); }

    std::optional<std::string> local_path(std::string_view key) override {
        auto path = path_of(key);
        std::error_code none;
        if (!fs::is_regular_file(path, none)) return std::nullopt;
        return path;
    }

    void erase(std::string_view key) override {
        std::error_code none;
        fs::remove(path_of(key), none);
    }

private:
    // Segments that are hashes get two levels of directories in front, so that no directory grows without bound.
    std::string path_of(std::string_view key) const {
        check_key(key);
        std::string path = directory_;
        for (std::size_t begin = 0; begin <= key.size();) {
            const auto end = std::min(key.find('/', begin), key.size());
            const auto segment = key.substr(begin, end - begin);
            if (segment.size() >= 32) path += fmt::format("/{}/{}", segment.substr(0, 2), segment.substr(2, 2));
            path += '/';
            path += segment;
            begin = end + 1;
        }
        return path;
    }

    std::string directory_;
};

}  // namespace

std::unique_ptr<ObjectStore> local_store(std::string directory) { return std::make_unique<LocalStore>(std::move(directory)); }

std::string original_key(std::string_view sha256_hex) { return "o/" + std::string(sha256_hex); }

std::string put_original(ObjectStore& store, std::string_view bytes, std::string_view content_type) {
    auto sha = crypto::hex(crypto::sha256(bytes));
    store.put(original_key(sha), bytes, content_type);
    return sha;
}

}  // namespace stoa::storage
