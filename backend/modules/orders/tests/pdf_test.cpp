// The PDF as a reader of PDF sees it: qpdf reads what was written.
#define POINTERHOLDER_TRANSITION 4  // qpdf: std::shared_ptr everywhere

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFEFStreamObjectHelper.hh>
#include <qpdf/QPDFEmbeddedFileDocumentHelper.hh>
#include <qpdf/QPDFFileSpecObjectHelper.hh>

#include "documents/pdf.hpp"
#include "documents/rules.hpp"
#include "documents/xml.hpp"
#include "sold.hpp"

namespace stoa::orders {
namespace {

const Timestamp kNow = *parse_timestamp("2026-11-23T09:00:00Z");

Document document_of(std::uint64_t seed, std::int64_t lines, const std::string& locale) {
    auto sold = testing::sold_by_chance(seed, lines);
    sold.locale = locale;
    auto document = invoice_of(sold, testing::demo_entity(), kNow, false);
    document.number = "INV-100001";
    return document;
}

struct Read {
    std::size_t pages = 0;
    std::string xml, metadata;
    QPDFObjectHandle root;
};
Read read_pdf(QPDF& pdf, const std::string& bytes) {
    pdf.processMemoryFile("made", bytes.data(), bytes.size());
    Read out;
    EXPECT_TRUE(pdf.getWarnings().empty());
    out.root = pdf.getRoot();
    out.pages = pdf.getAllPages().size();
    const auto text_of = [](QPDFObjectHandle stream) {
        const auto data = stream.getStreamData();
        return std::string(reinterpret_cast<const char*>(data->getBuffer()), data->getSize());
    };
    const auto file = QPDFEmbeddedFileDocumentHelper(pdf).getEmbeddedFile("factur-x.xml");
    EXPECT_TRUE(file);
    if (file) out.xml = text_of(file->getEmbeddedFileStream());
    out.metadata = text_of(out.root.getKey("/Metadata"));
    return out;
}

TEST(Pdf, holds_the_xml_and_what_an_archive_needs) {
    for (const auto* locale : {"en", "de", "nl", "fr"}) {
        SCOPED_TRACE(locale);
        const auto document = document_of(5, 4, locale);
        const auto xml = to_cii(document);
        QPDF pdf;
        const auto read = read_pdf(pdf, to_pdf(document, xml));
        auto root = read.root;
        EXPECT_EQ(read.xml, xml);
        EXPECT_EQ(read.pages, 1U);
        EXPECT_NE(read.metadata.find("<pdfaid:part>3</pdfaid:part>"), std::string::npos);
        EXPECT_NE(read.metadata.find("<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"), std::string::npos);
        EXPECT_EQ(root.getKey("/AF").getArrayItem(0).getKey("/AFRelationship").getName(), "/Alternative");
        EXPECT_EQ(root.getKey("/OutputIntents").getArrayItem(0).getKey("/S").getName(), "/GTS_PDFA1");
        EXPECT_EQ(root.getKey("/Lang").getUTF8Value(), locale);
        EXPECT_FALSE(pdf.getTrailer().hasKey("/Encrypt"));
        // Every font is inside.
        for (auto page : pdf.getAllPages()) {
            auto fonts = page.getKey("/Resources").getKey("/Font");
            ASSERT_TRUE(fonts.isDictionary());
            for (const auto& name : fonts.getKeys()) {
                auto font = fonts.getKey(name);
                if (font.getKey("/Subtype").getName() == "/Type0") font = font.getKey("/DescendantFonts").getArrayItem(0);
                auto about = font.getKey("/FontDescriptor");
                EXPECT_TRUE(about.hasKey("/FontFile") || about.hasKey("/FontFile2") || about.hasKey("/FontFile3"));
            }
        }
    }
}

TEST(Pdf, many_lines_take_many_pages) {
    const auto document = document_of(9, 400, "de");
    QPDF pdf;
    const auto read = read_pdf(pdf, to_pdf(document, to_cii(document)));
    EXPECT_GT(read.pages, 10U);
    EXPECT_EQ(read.xml, to_cii(document));
}

TEST(Pdf, is_the_same_file_when_it_is_made_again_later) {
    const auto document = document_of(7, 3, "nl");
    const auto first = to_pdf(document, to_cii(document));
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // libraries write seconds into what they make
    EXPECT_TRUE(to_pdf(document, to_cii(document)) == first);
}

TEST(Pdf, is_drawn_by_several_threads_at_once) {
    const auto document = document_of(11, 20, "fr");
    const auto wanted = draw_pages(document).size();
    std::vector<std::thread> threads;
    std::vector<std::size_t> sizes(4);
    for (std::size_t i = 0; i < sizes.size(); ++i) threads.emplace_back([&, i] { sizes[i] = draw_pages(document).size(); });
    for (auto& thread : threads) thread.join();
    for (const auto size : sizes) EXPECT_NEAR(static_cast<double>(size), static_cast<double>(wanted), 16);
}

// STOA_PDF_DIR=… keeps what is drawn, to be looked at.
TEST(Pdf, can_be_looked_at) {
    const char* directory = std::getenv("STOA_PDF_DIR");
    if (!directory) GTEST_SKIP() << "STOA_PDF_DIR names no directory";
    for (const auto* locale : {"en", "de", "nl", "fr"}) {
        for (const auto& [seed, lines] : {std::pair(4, 3), std::pair(18, 6), std::pair(9, 60), std::pair(22, 2)}) {
            const auto document = document_of(static_cast<std::uint64_t>(seed), lines, locale);
            std::ofstream(fmt::format("{}/{}-{}.pdf", directory, locale, seed), std::ios::binary) << to_pdf(document, to_cii(document));
        }
    }
}

}  // namespace
}  // namespace stoa::orders
