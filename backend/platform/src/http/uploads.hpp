#pragma once
// Writes the files of a multipart body to temporary files as they arrive. Used on a helper thread: it does file I/O.
#include <cstdio>
#include <string>
#include <vector>

#include "http/multipart.hpp"
#include "stoa/http/message.hpp"

namespace stoa::http {

// Removes temporary files when it goes.
class TempFiles {
public:
    TempFiles() = default;
    TempFiles(TempFiles&&) = default;
    TempFiles& operator=(TempFiles&&) = delete;
    ~TempFiles();
    void add(std::string path) { paths_.push_back(std::move(path)); }

private:
    std::vector<std::string> paths_;
};

class UploadWriter final : public PartSink {
public:
    UploadWriter(std::string_view boundary, std::string directory) : reader_(boundary, *this), directory_(std::move(directory)) {}
    ~UploadWriter() override;
    // False once the body is not acceptable.
    [[nodiscard]] bool feed(std::string_view text) { return reader_.feed(text); }
    [[nodiscard]] bool complete() const { return reader_.complete(); }
    // Uploads and form fields go to the request, the duty to remove the files to the caller.
    [[nodiscard]] TempFiles finish(Request& request);

    bool begin(const PartHead& head) override;
    bool data(std::string_view text) override;
    bool end() override;

private:
    MultipartReader reader_;
    std::string directory_;
    TempFiles files_;
    std::vector<Upload> uploads_;
    std::vector<std::pair<std::string, std::string>> form_;
    std::size_t form_bytes_ = 0;
    std::FILE* open_ = nullptr;
};

}  // namespace stoa::http
