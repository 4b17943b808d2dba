#include "domain/xlsx.hpp"

#include <zlib.h>

#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>

#include "stoa/text/text.hpp"

namespace stoa::backoffice {
namespace {

struct Entry {
    std::string name;
    std::uint32_t crc = 0, packed = 0, size = 0, offset = 0;
};

void put16(std::string& out, unsigned value) {
    out += static_cast<char>(value & 0xFF);
    out += static_cast<char>(value >> 8 & 0xFF);
}
void put32(std::string& out, std::uint32_t value) {
    put16(out, value & 0xFFFF);
    put16(out, value >> 16);
}

constexpr unsigned kTime = 0, kDate = 0x21;  // 1 January 1980: one content, one file

// XML 1.0 has no other control characters.
std::string escaped(std::string_view given) {
    std::string clean;
    clean.reserve(given.size());
    for (const char c : given) {
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') clean += c;
    }
    return text::escape_html(clean);
}

}  // namespace

struct XlsxFile::Impl {
    std::function<void(std::string_view)> sink;
    std::vector<Entry> entries;
    z_stream stream{};
    bool open_stream = false;
    std::string buffer;
    std::uint64_t written = 0;

    ~Impl() {
        if (open_stream) deflateEnd(&stream);
    }
    void write(std::string_view data) {
        written += data.size();
        if (written > 0xFFFF0000ULL) throw std::runtime_error("xlsx: more than four gigabytes");
        sink(data);
    }
    void begin(std::string name) {
        Entry& entry = entries.emplace_back();
        entry.name = std::move(name);
        entry.offset = static_cast<std::uint32_t>(written);
        std::string head;
        put32(head, 0x04034b50);
        put16(head, 20);
        put16(head, 0x0808);  // sizes follow the content; names are UTF-8
        put16(head, 8);
        put16(head, kTime);
        put16(head, kDate);
        put32(head, 0);
        put32(head, 0);
        put32(head, 0);
        put16(head, static_cast<unsigned>(entry.name.size()));
        put16(head, 0);
        write(head + entry.name);
        stream = {};
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::runtime_error("xlsx: zlib");
        open_stream = true;
    }
    void pack(std::string_view data, int flush) {
        Entry& entry = entries.back();
        entry.crc =
            static_cast<std::uint32_t>(crc32(entry.crc, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
        entry.size += static_cast<std::uint32_t>(data.size());
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));  // NOLINT: zlib does not write there
        stream.avail_in = static_cast<uInt>(data.size());
        char out[16384];
        do {
            stream.next_out = reinterpret_cast<Bytef*>(out);
            stream.avail_out = sizeof out;
            if (deflate(&stream, flush) == Z_STREAM_ERROR) throw std::runtime_error("xlsx: zlib");
            const auto count = sizeof out - stream.avail_out;
            entry.packed += static_cast<std::uint32_t>(count);
            write({out, count});
        } while (stream.avail_out == 0);
    }
    void add(std::string_view data) {
        buffer += data;
        if (buffer.size() < 65536) return;
        pack(buffer, Z_NO_FLUSH);
        buffer.clear();
    }
    void end() {
        pack(buffer, Z_FINISH);
        buffer.clear();
        deflateEnd(&stream);
        open_stream = false;
        std::string tail;
        put32(tail, 0x08074b50);
        put32(tail, entries.back().crc);
        put32(tail, entries.back().packed);
        put32(tail, entries.back().size);
        write(tail);
    }
    void whole(std::string name, std::string_view content) {
        begin(std::move(name));
        add(content);
        end();
    }
};

XlsxFile::XlsxFile(std::function<void(std::string_view)> write, std::string_view sheet) : impl_(std::make_unique<Impl>()) {
    impl_->sink = std::move(write);
    constexpr std::string_view kHead = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
    impl_->whole(
        "[Content_Types].xml",
        std::string(kHead) +
            R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)");
    impl_->whole(
        "_rels/.rels",
        std::string(kHead) +
            R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>)");
    impl_->whole(
        "xl/workbook.xml",
        fmt::format(
            R"({}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="{}" sheetId="1" r:id="rId1"/></sheets></workbook>)",
            kHead, escaped(sheet.substr(0, 31))));
    impl_->whole(
        "xl/_rels/workbook.xml.rels",
        std::string(kHead) +
            R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>)");
    impl_->begin("xl/worksheets/sheet1.xml");
    impl_->add(std::string(kHead) + R"(<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>)");
}

XlsxFile::~XlsxFile() = default;

void XlsxFile::row(const std::vector<Value>& cells) {
    std::string out = "<row>";
    for (const auto& cell : cells) {
        if (cell.text.empty())
            out += "<c/>";
        else if (cell.number)
            out += "<c><v>" + escaped(cell.text) + "</v></c>";
        else
            out += R"(<c t="inlineStr"><is><t xml:space="preserve">)" + escaped(std::string_view(cell.text).substr(0, 32767)) +
                   "</t></is></c>";
    }
    impl_->add(out + "</row>");
}

void XlsxFile::finish() {
    impl_->add("</sheetData></worksheet>");
    impl_->end();
    const auto start = static_cast<std::uint32_t>(impl_->written);
    std::string directory;
    for (const Entry& entry : impl_->entries) {
        put32(directory, 0x02014b50);
        put16(directory, 20);
        put16(directory, 20);
        put16(directory, 0x0808);
        put16(directory, 8);
        put16(directory, kTime);
        put16(directory, kDate);
        put32(directory, entry.crc);
        put32(directory, entry.packed);
        put32(directory, entry.size);
        put16(directory, static_cast<unsigned>(entry.name.size()));
        for (int i = 0; i < 4; ++i) put16(directory, 0);
        put32(directory, 0);
        put32(directory, entry.offset);
        directory += entry.name;
    }
    const auto size = static_cast<std::uint32_t>(directory.size());
    put32(directory, 0x06054b50);
    put16(directory, 0);
    put16(directory, 0);
    put16(directory, static_cast<unsigned>(impl_->entries.size()));
    put16(directory, static_cast<unsigned>(impl_->entries.size()));
    put32(directory, size);
    put32(directory, start);
    put16(directory, 0);
    impl_->write(directory);
}

}  // namespace stoa::backoffice
