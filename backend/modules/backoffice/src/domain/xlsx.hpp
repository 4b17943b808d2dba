#pragma once
// A workbook of one sheet (ECMA-376), written row by row: memory stays flat whatever the number of rows.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::backoffice {

class XlsxFile {
public:
    // `write` takes the bytes in their order, here and below. Throws std::runtime_error when they would be more than four gigabytes.
    XlsxFile(std::function<void(std::string_view)> write, std::string_view sheet);
    ~XlsxFile();
    XlsxFile(const XlsxFile&) = delete;
    XlsxFile& operator=(const XlsxFile&) = delete;
    struct Value {
        std::string text;
        bool number = false;
    };
    void row(const std::vector<Value>& cells);
    void finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::backoffice
