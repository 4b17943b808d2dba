#pragma once
// What the program writes to stderr while this object lives, as lines.
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "stoa/json/value.hpp"

namespace stoa::testing {

class CapturedLog {
public:
    CapturedLog() : file_(std::tmpfile()), before_(::dup(STDERR_FILENO)) {
        if (!file_ || before_ < 0 || ::dup2(::fileno(file_), STDERR_FILENO) < 0) throw std::runtime_error("stderr cannot be caught");
    }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;
    ~CapturedLog() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
        std::fclose(file_);
    }
    [[nodiscard]] std::string text() const {
        std::string out;
        char piece[4096];
        for (ssize_t got = 0; (got = ::pread(::fileno(file_), piece, sizeof piece, static_cast<off_t>(out.size()))) > 0;)
            out.append(piece, static_cast<std::size_t>(got));
        return out;
    }
    // Throws when a line is no JSON object.
    [[nodiscard]] std::vector<json::Value> lines() const {
        std::vector<json::Value> out;
        const std::string all = text();
        for (std::size_t at = 0; at < all.size();) {
            const auto end = all.find('\n', at);
            if (end == std::string::npos) throw std::runtime_error("a line without an end: " + all.substr(at));
            auto value = json::parse(std::string_view(all).substr(at, end - at));
            if (!value || !value->is_object()) throw std::runtime_error("not a JSON object: " + all.substr(at, end - at));
            out.push_back(std::move(*value));
            at = end + 1;
        }
        return out;
    }

private:
    std::FILE* file_;
    int before_;
};

}  // namespace stoa::testing
