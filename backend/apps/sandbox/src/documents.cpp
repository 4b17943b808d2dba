#include "documents.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace stoa::sandbox {
namespace {

constexpr int kWidth = 298;  // A6 in points
constexpr int kHeight = 420;

struct Bars {
    char letter;
    const char* pattern;
};
// ISO/IEC 16388: five bars and four spaces, n narrow, w wide (three modules).
constexpr Bars kCode39[] = {{'0', "nnnwwnwnn"}, {'1', "wnnwnnnnw"}, {'2', "nnwwnnnnw"}, {'3', "wnwwnnnnn"}, {'4', "nnnwwnnnw"},
                            {'5', "wnnwwnnnn"}, {'6', "nnwwwnnnn"}, {'7', "nnnwnnwnw"}, {'8', "wnnwnnwnn"}, {'9', "nnwwnnwnn"},
                            {'A', "wnnnnwnnw"}, {'B', "nnwnnwnnw"}, {'C', "wnwnnwnnn"}, {'D', "nnnnwwnnw"}, {'E', "wnnnwwnnn"},
                            {'F', "nnwnwwnnn"}, {'G', "nnnnnwwnw"}, {'H', "wnnnnwwnn"}, {'I', "nnwnnwwnn"}, {'J', "nnnnwwwnn"},
                            {'K', "wnnnnnnww"}, {'L', "nnwnnnnww"}, {'M', "wnwnnnnwn"}, {'N', "nnnnwnnww"}, {'O', "wnnnwnnwn"},
                            {'P', "nnwnwnnwn"}, {'Q', "nnnnnnwww"}, {'R', "wnnnnnwwn"}, {'S', "nnwnnnwwn"}, {'T', "nnnnwnwwn"},
                            {'U', "wwnnnnnnw"}, {'V', "nwwnnnnnw"}, {'W', "wwwnnnnnn"}, {'X', "nwnnwnnnw"}, {'Y', "wwnnwnnnn"},
                            {'Z', "nwwnwnnnn"}, {'*', "nwnnwnwnn"}};

// One entry per module: true is black. The code stands between two start/stop signs.
std::vector<bool> modules_of(std::string_view code) {
    std::vector<bool> out;
    for (const char c : "*" + std::string(code) + "*") {
        const auto* found = std::find_if(std::begin(kCode39), std::end(kCode39), [&](const Bars& bars) { return bars.letter == c; });
        if (found == std::end(kCode39)) throw std::invalid_argument("no bar code for this letter");
        for (int i = 0; i < 9; ++i) out.insert(out.end(), found->pattern[i] == 'w' ? 3 : 1, i % 2 == 0);
        out.push_back(false);
    }
    return out;
}

// Five rows of three dots.
constexpr std::uint16_t kDigits[] = {0b111101101101111, 0b010110010010111, 0b111001111100111, 0b111001111001111, 0b101101111001001,
                                     0b111100111001111, 0b111100111101111, 0b111001001001001, 0b111101111101111, 0b111101111001111};
constexpr std::uint16_t kLetterS = 0b011100010001110;

std::string big_endian(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string png_chunk(std::string_view type, std::string_view data) {
    const std::string content = std::string(type) + std::string(data);
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
    return big_endian(static_cast<std::uint32_t>(data.size())) + content + big_endian(static_cast<std::uint32_t>(sum));
}

std::string deflated(std::string_view data, int window_bits) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib does not start");
    std::string out(deflateBound(&stream, static_cast<uLong>(data.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib does not finish");
    return out;
}

// A PDF string in WinAnsi: what Latin-1 has is kept, the rest becomes '?'.
std::string pdf_text(std::string_view utf8) {
    std::string out = "(";
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (c == '(' || c == ')' || c == '\\') out += '\\';
        if (c >= 0x20 && c < 0x7F)
            out += static_cast<char>(c);
        else if ((c == 0xC2 || c == 0xC3) && i + 1 < utf8.size())
            out += fmt::format("\\{:03o}", ((c & 3) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3F));
        else if (c >= 0xC0)
            out += '?';
    }
    return out + ")";
}

}  // namespace

std::string pdf_of(const Paper& paper) {
    std::string page = "BT /F1 15 Tf 24 382 Td " + pdf_text(paper.title) + " Tj ET\n";
    int y = 352;
    for (const auto& line : paper.lines) {
        page += fmt::format("BT /F1 11 Tf 24 {} Td {} Tj ET\n", y, pdf_text(line));
        y -= 15;
    }
    const auto modules = modules_of(paper.code);
    const double wide = 250.0 / static_cast<double>(modules.size());
    for (std::size_t i = 0; i < modules.size();) {
        std::size_t end = i;
        while (end < modules.size() && modules[end] == modules[i]) ++end;
        if (modules[i])
            page += fmt::format("{:.3f} 60 {:.3f} 70 re f\n", 24 + wide * static_cast<double>(i), wide * static_cast<double>(end - i));
        i = end;
    }
    page += "BT /F1 14 Tf 24 36 Td " + pdf_text(paper.code) + " Tj ET\n";

    const std::string objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>", kWidth,
                    kHeight),
        fmt::format("<< /Length {} >>\nstream\n{}endstream", page.size(), page),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    };
    std::string out = "%PDF-1.4\n";
    std::string offsets = "0000000000 65535 f \n";
    int number = 0;
    for (const auto& object : objects) {
        offsets += fmt::format("{:010} 00000 n \n", out.size());
        out += fmt::format("{} 0 obj\n{}\nendobj\n", ++number, object);
    }
    const auto table = out.size();
    out += fmt::format("xref\n0 {}\n{}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", number + 1, offsets, number + 1, table);
    return out;
}

std::string png_of(const Paper& paper, int dpi) {
    const int scale = std::max(1, (dpi + 36) / 72);
    const int width = kWidth * scale;
    const int height = kHeight * scale;
    const int row_bytes = (width + 7) / 8;
    std::string pixels(static_cast<std::size_t>(height) * static_cast<std::size_t>(row_bytes + 1), '\xFF');
    for (int y = 0; y < height; ++y) pixels[static_cast<std::size_t>(y * (row_bytes + 1))] = 0;  // filter: none
    const auto fill = [&](int left, int top, int wide, int high) {
        for (int y = top * scale; y < (top + high) * scale; ++y) {
            for (int x = left * scale; x < (left + wide) * scale; ++x) {
                auto& byte = pixels[static_cast<std::size_t>(y * (row_bytes + 1) + 1 + x / 8)];
                byte = static_cast<char>(byte & ~(0x80 >> (x % 8)));
            }
        }
    };
    const auto modules = modules_of(paper.code);
    const int left = std::max(0, (kWidth - static_cast<int>(modules.size())) / 2);
    for (std::size_t i = 0; i < modules.size(); ++i) {
        if (modules[i] && left + static_cast<int>(i) < kWidth) fill(left + static_cast<int>(i), 290, 1, 70);
    }
    int x = 40;
    for (const char c : paper.code) {
        const std::uint16_t dots = c >= '0' && c <= '9' ? kDigits[c - '0'] : c == 'S' ? kLetterS : 0;
        for (int i = 0; i < 15; ++i) {
            if (dots & (1 << (14 - i))) fill(x + i % 3 * 4, 372 + i / 3 * 4, 4, 4);
        }
        x += 16;
    }
    const auto dots_per_metre = static_cast<std::uint32_t>(dpi * 10000 / 254);
    return std::string("\x89PNG\r\n\x1a\n", 8) +
           png_chunk("IHDR", big_endian(static_cast<std::uint32_t>(width)) + big_endian(static_cast<std::uint32_t>(height)) +
                                 std::string("\x01\x00\x00\x00\x00", 5)) +
           png_chunk("pHYs", big_endian(dots_per_metre) + big_endian(dots_per_metre) + "\x01") +
           png_chunk("tEXt", std::string("Title\0", 6) + paper.code) + png_chunk("IDAT", deflated(pixels, 15)) + png_chunk("IEND", "");
}

std::string zpl_of(const Paper& paper) {
    const auto plain = [](std::string_view text) {
        std::string out;
        for (const char c : text) out += c == '^' || c == '~' ? ' ' : c;
        return out;
    };
    std::string out = "^XA\n^CI28\n^PW840\n^LL1184\n^FO60,60^A0N,44,44^FD" + plain(paper.title) + "^FS\n";
    int y = 150;
    for (const auto& line : paper.lines) {
        out += fmt::format("^FO60,{}^A0N,32,32^FD{}^FS\n", y, plain(line));
        y += 44;
    }
    return out + "^FO60,820^BY3^BCN,200,Y,N,N^FD" + plain(paper.code) + "^FS\n^XZ\n";
}

std::string gzip(std::string_view data) { return deflated(data, 15 + 16); }

}  // namespace stoa::sandbox
