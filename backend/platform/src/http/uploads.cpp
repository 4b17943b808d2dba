#include "http/uploads.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "http/text.hpp"

namespace stoa::http {
namespace {

constexpr std::size_t kMaxFormBytes = 256 * 1024;  // all fields that are no files, together

}  // namespace

TempFiles::~TempFiles() {
    for (const std::string& path : paths_) ::unlink(path.c_str());
}

UploadWriter::~UploadWriter() {
    if (open_) std::fclose(open_);
}

bool UploadWriter::begin(const PartHead& head) {
    if (!head.is_file) {
        form_.emplace_back(head.name, std::string());
        return true;
    }
    std::string path = directory_ + "/stoa-upload-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) throw std::runtime_error("no temporary file could be made in " + directory_);
    files_.add(path);
    open_ = ::fdopen(descriptor, "wb");
    if (!open_) {
        ::close(descriptor);
        throw std::runtime_error("fdopen failed");
    }
    Upload upload;
    upload.field = head.name;
    upload.file_name = head.file_name;
    upload.content_type = head.content_type;
    upload.path = std::move(path);
    uploads_.push_back(std::move(upload));
    return true;
}

bool UploadWriter::data(std::string_view text) {
    if (!open_) {
        form_bytes_ += text.size();
        if (form_bytes_ > kMaxFormBytes) return false;
        form_.back().second.append(text);
        return true;
    }
    if (std::fwrite(text.data(), 1, text.size(), open_) != text.size()) throw std::runtime_error("writing an upload failed");
    uploads_.back().size += text.size();
    return true;
}

bool UploadWriter::end() {
    if (!open_) {
        const std::string& value = form_.back().second;
        return is_utf8(value) && !has_control_characters(value);
    }
    const bool failed = std::fclose(open_) != 0;
    open_ = nullptr;
    if (failed) throw std::runtime_error("writing an upload failed");
    return true;
}

TempFiles UploadWriter::finish(Request& request) {
    request.uploads = std::move(uploads_);
    request.form = std::move(form_);
    return std::move(files_);
}

}  // namespace stoa::http
