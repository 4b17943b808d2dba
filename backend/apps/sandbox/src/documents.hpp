#pragma once
// Small papers made from nothing but text and a bar code: shipping labels, vouchers. A6, one page.
#include <string>
#include <string_view>
#include <vector>

namespace stoa::sandbox {

struct Paper {
    std::string title;
    std::vector<std::string> lines;  // Latin-1 at most in the PDF; other characters become '?'
    std::string code;                // digits and capital letters: bar code (Code 39) and readable text
};

[[nodiscard]] std::string pdf_of(const Paper& paper);
// 298 × 420 points at `dpi`. The readable code uses digits and S only; other letters are left to the bar code.
[[nodiscard]] std::string png_of(const Paper& paper, int dpi = 72);
[[nodiscard]] std::string zpl_of(const Paper& paper);
[[nodiscard]] std::string gzip(std::string_view data);

}  // namespace stoa::sandbox
