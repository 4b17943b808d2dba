// Labels of many parcels in one file.
#define POINTERHOLDER_TRANSITION 4  // qpdf: std::shared_ptr everywhere
#include "documents/merge.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>

#include <vector>

namespace stoa::orders {
namespace {

// Pages are told apart by their width.
std::string label(const std::vector<int>& widths) {
    QPDF pdf;
    pdf.emptyPDF();
    for (const auto width : widths)
        pdf.addPage(pdf.makeIndirectObject(
                        QPDFObjectHandle::parse(fmt::format("<< /Type /Page /MediaBox [0 0 {} 600] /Resources << >> >>", width))),
                    false);
    QPDFWriter writer(pdf);
    writer.setOutputMemory();
    writer.write();
    const auto bytes = writer.getBufferSharedPointer();
    return {reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize()};
}

std::vector<int> widths_of(const std::string& bytes) {
    QPDF pdf;
    pdf.processMemoryFile("merged", bytes.data(), bytes.size());
    std::vector<int> out;
    for (auto page : pdf.getAllPages()) out.push_back(static_cast<int>(page.getKey("/MediaBox").getArrayItem(2).getIntValue()));
    EXPECT_TRUE(pdf.getWarnings().empty());
    return out;
}

TEST(Merge, keeps_every_page_in_the_order_of_the_files) {
    const std::string files[] = {label({300}), label({200, 201}), label({100}), label({300})};
    const auto merged = merge_pdf(files);
    ASSERT_TRUE(merged);
    EXPECT_EQ(widths_of(*merged), (std::vector{300, 200, 201, 100, 300}));
}

TEST(Merge, of_what_is_no_pdf_is_refused) {
    const auto whole = label({300});
    for (const std::string& broken : {std::string("not a label"), std::string(), whole.substr(0, 40)}) {
        const std::string files[] = {whole, broken};
        const auto merged = merge_pdf(files);
        ASSERT_FALSE(merged) << broken.size();
        EXPECT_EQ(merged.error().code, "shipping.unavailable");
    }
}

}  // namespace
}  // namespace stoa::orders
