#pragma once
// A workbook of one sheet (ECMA-376), written row by row: memory stays flat whatever the number of rows.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::backoffice {

class XlsxFile {
public:
    // Throws std::runtime_error when the file cannot be made or written, here and below.
    XlsxFile(const std::string& path, std::string_view sheet);
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
